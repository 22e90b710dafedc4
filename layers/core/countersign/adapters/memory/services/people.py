"""People and programs in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from countersign.errors import ExistsError, NotFoundError, PermanentError
from countersign.model.person import (
    ROLES,
    Language,
    PeoplePage,
    Person,
    Program,
    Role,
    ranked,
)
from countersign.text.folding import same_address

MOST = 60


class MemoryPeople:
    """``ports.People`` in memory. Ids count up: ``person-1``."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._people: dict[str, Person] = {}
        self._made = 0
        self.invitations: list[str] = []
        """The address of each invitation that was sent, in order."""

    def put(self, person: Person) -> None:
        """Add or replace this person."""
        self._people[person.id] = person

    def page(self, limit: int, cursor: str | None = None) -> PeoplePage:
        ids = list(self._people)
        if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
            msg = "the cursor is not one of this list; begin at the first page"
            raise PermanentError(msg)
        first = int(cursor or 0)
        end = first + min(limit, MOST)
        people = tuple(self._people[person_id] for person_id in ids[first:end])
        return PeoplePage(items=people, next=str(end) if end < len(ids) else None)

    def get(self, person: str) -> Person | None:
        by_address = (
            candidate
            for candidate in self._people.values()
            if same_address(candidate.email, person) and not candidate.company
        )
        return self._people.get(person) or next(by_address, None)

    def named(self, email: str) -> tuple[Person, ...]:
        return tuple(
            person for person in self._people.values() if same_address(person.email, email)
        )

    def invite(self, email: str, language: Language) -> Person:
        if self.get(email) is not None:
            raise ExistsError(f"{email} was invited before")
        self._made += 1
        person = Person(
            id=f"person-{self._made}",
            email=email,
            roles=(),
            status="invited",
            language=language,
            created_at=self._now(),
        )
        self._people[person.id] = person
        self.invitations.append(email)
        return person

    def invite_again(self, person: str) -> None:
        self.invitations.append(self._existing(person).email)

    def set_roles(self, person: str, roles: Iterable[Role]) -> None:
        known = self._existing(person)
        self._people[known.id] = replace(known, roles=ranked(roles))

    def remove(self, person: str) -> None:
        known = self.get(person)
        if known is not None:
            del self._people[known.id]

    def with_role(self, role: Role) -> Iterator[Person]:
        yield from [person for person in self._people.values() if role in person.roles]

    def _existing(self, person: str) -> Person:
        known = self.get(person)
        if known is None:
            raise NotFoundError(f'there is nobody "{person}" in the user pool')
        return known


class MemoryPrograms:
    """``ports.Programs`` in memory."""

    def __init__(self, secrets: Mapping[Role, str]) -> None:
        """``secrets``: of each role's client, whose id is ``<role>-program``."""
        self._secrets = secrets

    def list(self) -> tuple[Program, ...]:
        return tuple(
            Program(role=role, client_id=f"{role}-program")
            for role in reversed(ROLES)
            if role in self._secrets
        )

    def secret(self, role: Role) -> str:
        if role not in self._secrets:
            raise NotFoundError(f"this deployment has no client for programs of the role {role}")
        return self._secrets[role]
