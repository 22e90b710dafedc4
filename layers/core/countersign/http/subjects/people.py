"""People who may sign in: invited, given roles, removed."""

from __future__ import annotations

from countersign.errors import NotFoundError
from countersign.http.call import ApiCall, current
from countersign.http.once import once_noted
from countersign.http.routes import Routes
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.people import InvitationBody, PersonView, RolesBody
from countersign.model.page import Page
from countersign.model.person import Person
from countersign.ports import People
from countersign.use_cases import people as use_cases
from countersign.use_cases.queries.pages.cursors import PagedList

routes = Routes("people")


@routes.get("/people", role="administrator")
def list_people(cursor: Cursor = None, limit: Limit = 50) -> PageOf[PersonView]:
    """List everybody who may sign in, with roles and last sign-in."""
    call = current()
    listed = PagedList(subject="people")
    request = listed.request(cursor, limit)
    page = use_cases.people_page(
        _people(call), call.services.cloud.heartbeats, request.limit, request.after
    )
    return page_of(listed.page(Page(page.items, page.next)), PersonView.model_validate)


@routes.post("/people", role="administrator", status=201, confirmed=True)
def invite_person(body: InvitationBody) -> PersonView:
    """Invite somebody, who gets a mail with a temporary password."""
    call = current()

    def act() -> PersonView:
        made = use_cases.invite(_people(call), body.email, body.roles, body.language, call.auditor)
        return _located(call, made)

    def show(path: str) -> PersonView:
        return _located(call, use_cases.existing_person(_people(call), path.rpartition("/")[2]))

    return once_noted(call, f"/people/{body.email.strip()}", act, show)


@routes.get("/people/<person>", role="administrator")
def get_person(person: str) -> PersonView:
    """Show somebody, by id or address."""
    call = current()
    return _shown(call, use_cases.existing_person(_people(call), person))


@routes.patch("/people/<person>", role="administrator", versioned=True, confirmed=True)
def change_roles(person: str, body: RolesBody) -> PersonView:
    """Give somebody these roles and no others, within 15 minutes everywhere."""
    call = current()
    people = _people(call)
    known = use_cases.existing_person(people, person)
    call.expected_version(_tag(known))
    return _shown(call, use_cases.change_roles(people, known.id, body.roles, call.auditor))


@routes.delete("/people/<person>", role="administrator", status=204, confirmed=True)
def remove_person(person: str) -> None:
    """Remove somebody; tokens that were given out end within 15 minutes."""
    call = current()
    use_cases.remove(_people(call), person, call.auditor)


@routes.post("/people/<person>/invite-again", role="administrator", confirmed=True)
def invite_person_again(person: str) -> PersonView:
    """Mail another invitation to somebody who has not signed in yet."""
    call = current()
    return _shown(call, use_cases.invite_again(_people(call), person))


def _people(call: ApiCall) -> People:
    people = call.services.cloud.people
    if people is None:
        raise NotFoundError("this stack has no user pool; deploy it again")
    return people


def _tag(person: Person) -> str:
    return "-".join(person.roles) or "none"


def _located(call: ApiCall, person: Person) -> PersonView:
    call.locate(f"/people/{person.id}")
    return _shown(call, person)


def _shown(call: ApiCall, person: Person) -> PersonView:
    call.tag(_tag(person))
    return PersonView.model_validate(person)
