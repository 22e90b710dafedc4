"""A person is named by the address, and every sign-in is noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.adapters.memory.services.people import MemoryPeople
from countersign.errors import NotSignedInError
from countersign.http.callers import Clients
from countersign.http.identify import identifier
from countersign.simulation.world import World
from countersign.use_cases.people import last_sign_in
from countersign.use_cases.services import Services
from tests.unit.cli.desk import cloud_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = "ada@acme.example"
CLIENTS = Clients(console="console", programs=frozenset({"viewer-program"}))
PERSON = {
    "token_use": "access",
    "client_id": "console",
    "username": "person-1",
    "cognito:groups": "[operator]",
    "auth_time": "1772441400",
}
PROGRAM = {
    "token_use": "access",
    "client_id": "viewer-program",
    "scope": "countersign/viewer",
    "iat": "1772441400",
}


def event(claims: dict[str, str]) -> dict[str, Any]:
    return {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def people() -> MemoryPeople:
    made = MemoryPeople(lambda: NOON)
    made.invite(ADA, "en")
    return made


def services(world: World, people: MemoryPeople | None) -> Services:
    return Services(
        open_cloud=lambda: cloud_of(world, people=people),
        now=lambda: NOON,
        token=lambda: "t",
        salt=lambda: "5a17",
        new_id=lambda: "id",
    )


def test_a_person_is_named_by_the_address(world: World, people: MemoryPeople) -> None:
    caller = identifier(services(world, people), CLIENTS)(event(PERSON))
    assert (caller.id, caller.name, caller.role) == ("person-1", ADA, "operator")


def test_the_address_is_the_same_for_all_calls_of_fifteen_minutes(
    world: World, people: MemoryPeople
) -> None:
    identify = identifier(services(world, people), CLIENTS)
    identify(event(PERSON))
    known = people.get("person-1")
    assert known is not None
    people.put(replace(known, email="new@acme.example"))
    assert identify(event(PERSON)).name == ADA


def test_somebody_whom_the_pool_does_not_know_is_named_by_the_id(
    world: World, people: MemoryPeople
) -> None:
    people.remove("person-1")
    assert identifier(services(world, people), CLIENTS)(event(PERSON)).name == "person-1"
    assert identifier(services(world, None), CLIENTS)(event(PERSON)).name == "person-1"


def test_a_program_keeps_its_name(world: World, people: MemoryPeople) -> None:
    caller = identifier(services(world, people), CLIENTS)(event(PROGRAM))
    assert (caller.id, caller.name) == ("viewer-program", "program:viewer")


@pytest.mark.parametrize(("claims", "who"), [(PERSON, "person-1"), (PROGRAM, "viewer-program")])
def test_a_sign_in_is_noted(
    world: World, people: MemoryPeople, claims: dict[str, str], who: str
) -> None:
    identifier(services(world, people), CLIENTS)(event(claims))
    assert last_sign_in(world.heartbeats, who) == datetime(2026, 3, 2, 8, 50, tzinfo=UTC)


def test_whoever_is_refused_is_not_noted(world: World, people: MemoryPeople) -> None:
    identify = identifier(services(world, people), CLIENTS)
    with pytest.raises(NotSignedInError):
        identify(event({**PERSON, "token_use": "id"}))
    assert last_sign_in(world.heartbeats, "person-1") is None
