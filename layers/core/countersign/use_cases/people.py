"""People who may sign in: invited, given roles, removed; and asked for before what hurts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from countersign.errors import (
    ExistsError,
    NotAllowedError,
    NotFoundError,
    PermanentError,
    UnavailableError,
)
from countersign.model.audit import AuditSubject
from countersign.model.person import ROLES, Language, PeoplePage, Person, Role, includes, ranked
from countersign.ports import Heartbeats, People
from countersign.text.addresses import AddressError, outgoing
from countersign.text.folding import fold_address
from countersign.text.lists import listed
from countersign.text.suggestions import close_or_all
from countersign.use_cases.auditor import Auditor, Change, recorded

KEPT_FOR = timedelta(minutes=15)
"""How long an address is remembered: as long as an access token lives."""


def invite(
    people: People,
    email: str,
    roles: Iterable[str],
    language: Language = "en",
    auditor: Auditor | None = None,
) -> Person:
    """Make a person with these roles; the pool mails an invitation.

    ``auditor`` records who does; nobody does for None. PermanentError for what is not an address
    or a role, ExistsError for somebody who is there.
    """
    wanted = known_roles(roles)
    address = _address(email)
    change = Change(
        action="person.invited",
        subject=_subject(address),
        after={"roles": [*wanted], "language": language},
    )
    with recorded(auditor, change):
        person = _invited(people, address, language)
        people.set_roles(person.id, wanted)
    return replace(person, roles=wanted)


def _invited(people: People, address: str, language: Language) -> Person:
    try:
        return people.invite(address, language)
    except ExistsError as error:
        known = people.get(address)
        has = listed(known.roles) if known and known.roles else "no role"
        msg = (
            f"{address} was invited before and has {has}; change the roles with `countersign "
            "people roles`, or send another invitation with `countersign people invite-again`"
        )
        raise ExistsError(msg) from error


def invite_again(people: People, who: str) -> Person:
    """Mail another invitation to somebody who has not signed in yet.

    NotFoundError for nobody, PermanentError for somebody who has signed in.
    """
    person = existing_person(people, who)
    if person.status != "invited":
        msg = f"{person.email} has signed in before; an invitation is for who has not"
        raise PermanentError(msg)
    people.invite_again(person.id)
    return person


def change_roles(
    people: People, who: str, roles: Iterable[str], auditor: Auditor | None = None
) -> Person:
    """Give these roles and no others, from the next token on: within 15 minutes.

    ``auditor`` records who does; nobody does for None. NotFoundError for nobody; PermanentError
    for a role that is none, and for what would leave the deployment without an administrator.
    """
    wanted = known_roles(roles)
    person = existing_person(people, who)
    if "administrator" not in wanted:
        _keep_an_administrator(people, person, "take the role from")
    change = Change(
        action="person.roles_changed",
        subject=_subject(person.email, person.id),
        before={"roles": [*person.roles]},
        after={"roles": [*wanted]},
    )
    # What is set as it was finishes what was interrupted, and changes nothing that is recorded.
    with recorded(auditor if wanted != person.roles else None, change):
        people.set_roles(person.id, wanted)
    return replace(person, roles=wanted)


def remove(people: People, who: str, auditor: Auditor | None = None) -> Person:
    """Forget a person. Tokens that were given out end within 15 minutes.

    ``auditor`` records who does; nobody does for None. NotFoundError for nobody, PermanentError
    for the last administrator.
    """
    person = existing_person(people, who)
    _keep_an_administrator(people, person, "remove")
    change = Change(
        action="person.removed",
        subject=_subject(person.email, person.id),
        before={"roles": [*person.roles]},
    )
    with recorded(auditor, change):
        people.remove(person.id)
    return person


def confirm(people: People, person_id: str, needed: Role) -> Person:
    """The person as the pool knows it now, for calls that must not go by a token's memory.

    NotAllowedError where somebody was removed, cannot sign in, or has lost the role meanwhile.
    """
    person = people.get(person_id)
    if person is None or person.status == "disabled":
        raise NotAllowedError("you were removed from this deployment; ask an administrator")
    if not includes(next(iter(person.roles), None), needed):
        msg = f"{person.email} no longer has the role {needed}; ask an administrator for it"
        raise NotAllowedError(msg)
    return person


def existing_person(people: People, who: str) -> Person:
    """Somebody by id or address. NotFoundError for nobody, PermanentError for an address that two
    have: the text has their ids."""
    wanted = who.strip()
    matches = {person.id: person for person in people.named(wanted)} if "@" in wanted else {}
    by_id = people.get(wanted)
    if by_id is not None and by_id.id == wanted:
        return by_id
    if by_id is not None:
        matches.setdefault(by_id.id, by_id)
    if not matches:
        raise NotFoundError(f'there is nobody "{wanted}"; `countersign people list` has everybody')
    if len(matches) > 1:
        ids = listed(tuple(matches))
        msg = f"{wanted} signs in here and at the company; name one of them by its id: {ids}"
        raise PermanentError(msg)
    return next(iter(matches.values()))


def known_roles(roles: Iterable[str]) -> tuple[Role, ...]:
    """The roles, from the most to the least; PermanentError for what is none."""
    given = tuple(roles)
    for role in given:
        if role not in ROLES:
            raise PermanentError(f'there is no role "{role}"; {close_or_all(role, ROLES)}')
    return ranked(given)


def people_page(
    people: People, heartbeats: Heartbeats, limit: int, cursor: str | None = None
) -> PeoplePage:
    """Some of the people, with when they last signed in."""
    page = people.page(limit, cursor)
    return replace(page, items=tuple(_with_sign_in(heartbeats, person) for person in page.items))


def all_people(people: People, heartbeats: Heartbeats) -> Iterator[Person]:
    """Everybody, with when they last signed in, in the pool's own order."""
    cursor = None
    while True:
        page = people_page(people, heartbeats, 60, cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def note_sign_in(heartbeats: Heartbeats, caller_id: str, at: int | None) -> None:
    """Note that a person or a program signed in then, in seconds since 1970; an older moment than
    the known one changes nothing. Neither waited for nor failed by."""
    if at is not None:
        heartbeats.beat(_sign_in(caller_id), datetime.fromtimestamp(at, UTC))


def last_sign_in(heartbeats: Heartbeats, caller_id: str) -> datetime | None:
    """When a person or a program last signed in; None where that is not known."""
    return heartbeats.last(_sign_in(caller_id))


class PeopleNames:
    """The addresses of people by their ids, each remembered for 15 minutes.

    Access tokens have ids alone; timelines, tasks and the audit have addresses.
    """

    def __init__(self, people: People, clock: Callable[[], datetime]) -> None:
        self._people = people
        self._clock = clock
        self._kept: dict[str, tuple[datetime, str]] = {}

    def email(self, person_id: str) -> str:
        """The person's address; the id where the pool has no address, or cannot answer now."""
        now = self._clock()
        kept = self._kept.get(person_id)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        try:
            person = self._people.get(person_id)
        except UnavailableError:
            return kept[1] if kept is not None else person_id
        email = person.email if person is not None and person.email else person_id
        self._kept[person_id] = now, email
        return email


def _with_sign_in(heartbeats: Heartbeats, person: Person) -> Person:
    return replace(person, last_sign_in=last_sign_in(heartbeats, person.id))


def _subject(address: str, person: str = "") -> AuditSubject:
    """Somebody by the address, which is known before the pool knows the person; by the id where
    there is none."""
    return AuditSubject(kind="person", id=fold_address(address) or person)


def _sign_in(caller_id: str) -> str:
    return f"sign-in {caller_id}"


def _address(text: str) -> str:
    try:
        return outgoing(text.strip())
    except AddressError as error:
        raise PermanentError(f'"{text.strip()}" is not a valid e-mail address: {error}') from error


def _keep_an_administrator(people: People, person: Person, doing: str) -> None:
    """PermanentError where nobody would be left who can manage people."""
    if "administrator" not in person.roles:
        return
    others = [
        other
        for other in people.with_role("administrator")
        if other.id != person.id and other.status != "disabled"
    ]
    if person.status == "active":  # who has never signed in may never do so
        others = [other for other in others if other.status != "invited"]
    if not others:
        msg = (
            f"cannot {doing} {person.email}, the last administrator; give the role to somebody "
            "else first, who has to sign in once"
        )
        raise PermanentError(msg)
