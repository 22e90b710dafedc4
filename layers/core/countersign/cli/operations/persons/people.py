"""People who may sign in, and the clients of programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from countersign.cli.context import CliContext
from countersign.cli.operations.read import person_of
from countersign.cli.remote.session import ApiSession, path
from countersign.errors import PermanentError
from countersign.http.views.people import ProgramsView, ProgramView
from countersign.model.person import Language, Person
from countersign.use_cases import people as use_cases

if TYPE_CHECKING:
    from countersign.ports import People


class StackPeople:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def everybody(self) -> tuple[Person, ...]:
        """Everybody who may sign in, with when they last did, by address."""
        people = use_cases.all_people(self._people, self._context.cloud.heartbeats)
        return tuple(sorted(people, key=lambda person: person.email))

    def invite(self, email: str, roles: Sequence[str], language: Language) -> Person:
        """Somebody who was invited."""
        return use_cases.invite(self._people, email, roles, language, self._context.auditor)

    def invite_again(self, email: str) -> Person:
        """Somebody who was invited again."""
        return use_cases.invite_again(self._people, email)

    def change_roles(self, email: str, roles: Sequence[str]) -> Person:
        """Somebody who has these roles and no others."""
        return use_cases.change_roles(self._people, email, roles, self._context.auditor)

    def show(self, email: str) -> Person:
        """Somebody; NotFoundError."""
        return use_cases.existing_person(self._people, email)

    def remove(self, person_id: str) -> None:
        """Forget somebody."""
        use_cases.remove(self._people, person_id, self._context.auditor)

    def programs(self) -> ProgramsView:
        """The clients of programs, with when each was last used."""
        cloud = self._context.cloud
        if cloud.program_clients is None:
            raise PermanentError("the stack has no programs yet; deploy the version that you use")
        items = tuple(
            ProgramView(
                role=program.role,
                client_id=program.client_id,
                last_used=use_cases.last_sign_in(cloud.heartbeats, program.client_id),
            )
            for program in cloud.program_clients.list()
        )
        return ProgramsView(items=items, token_endpoint=cloud.token_endpoint)

    @property
    def _people(self) -> People:
        people = self._context.cloud.people
        if people is None:
            raise PermanentError("the stack has no people yet; deploy the version that you use")
        return people


class ApiPeople:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def everybody(self) -> tuple[Person, ...]:
        """Everybody who may sign in, with when they last did, by address."""
        people = map(person_of, self._api.items("/people"))
        return tuple(sorted(people, key=lambda person: person.email))

    def invite(self, email: str, roles: Sequence[str], language: Language) -> Person:
        """Somebody who was invited."""
        body = {"email": email, "roles": list(roles), "language": language}
        return person_of(self._api.post("/people", body))

    def invite_again(self, email: str) -> Person:
        """Somebody who was invited again."""
        return person_of(self._api.post(path("people", email, "invite-again")))

    def change_roles(self, email: str, roles: Sequence[str]) -> Person:
        """Somebody who has these roles and no others."""
        return person_of(self._api.patch(path("people", email), {"roles": list(roles)}))

    def show(self, email: str) -> Person:
        """Somebody; NotFoundError."""
        return person_of(self._api.get(path("people", email)))

    def remove(self, person_id: str) -> None:
        """Forget somebody."""
        self._api.delete(path("people", person_id))

    def programs(self) -> ProgramsView:
        """The clients of programs, with when each was last used."""
        return ProgramsView.model_validate(self._api.get("/programs"))


def people_of(context: CliContext) -> StackPeople | ApiPeople:
    """People, the way that commands go."""
    return StackPeople(context) if context.api is None else ApiPeople(context.api)
