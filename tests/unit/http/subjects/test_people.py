"""People and programs over the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from countersign.adapters.memory.services.people import MemoryPeople, MemoryPrograms
from countersign.model.person import Role
from countersign.simulation.world import World
from tests.unit.http.client import ApiClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA, BEN = "ada@acme.example", "ben@acme.example"


class Office:
    """A world with Ada, an administrator who has signed in."""

    def __init__(self) -> None:
        self.world = World()
        self.people = MemoryPeople(lambda: NOON)
        self.programs = MemoryPrograms({"viewer": "s-1", "administrator": "s-2", "operator": "s-3"})
        ada = self.people.invite(ADA, "en")
        self.people.set_roles(ada.id, ("administrator",))
        self.people.put(replace(self.people.named(ADA)[0], status="active"))
        self.ada = ada.id

    def as_(self, person: str, role: Role = "administrator") -> ApiClient:
        return ApiClient(
            self.world, role, name=person, people=self.people, program_clients=self.programs
        )


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def api(office: Office) -> ApiClient:
    return office.as_(office.ada)


def test_somebody_is_invited_once_and_shown_where_the_answer_says(
    office: Office, api: ApiClient
) -> None:
    body = {"email": BEN, "roles": ["operator"], "language": "de"}
    for _ in range(2):
        made = api("POST", "/people", body, headers={"idempotency-key": "k"})
        assert made.status == 201

    assert office.people.invitations.count(BEN) == 1
    shown = api("GET", made.headers["location"].removeprefix("/api/v1"))
    assert (shown.body["email"], shown.body["roles"], shown.body["status"]) == (
        BEN,
        ["operator"],
        "invited",
    )
    assert [one["email"] for one in api("GET", "/people").body["items"]] == [ADA, BEN]
    again = api("POST", "/people", body)
    assert (again.status, again.body["type"][-8:]) in ((409, "conflict"), (422, "possible"))


def test_roles_are_changed_as_they_were_read(api: ApiClient) -> None:
    made = api("POST", "/people", {"email": BEN, "roles": ["operator"]})
    path = f"/people/{made.body['id']}"

    changed = api("PATCH", path, {"roles": ["viewer"]}, headers={"if-match": made.etag})

    assert changed.body["roles"] == ["viewer"]
    assert api("PATCH", path, {"roles": []}, headers={"if-match": made.etag}).status == 412
    assert api("PATCH", path, {"roles": []}).status == 428
    assert api("DELETE", path).status == 204
    assert api("GET", path).status == 404


def test_the_last_administrator_stays(office: Office, api: ApiClient) -> None:
    refused = api("DELETE", f"/people/{office.ada}")

    assert refused.status == 422
    assert "last administrator" in refused.body["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ben", "roles": ["operator"]},
        {"email": BEN, "roles": ["operatr"]},
        {"email": BEN, "roles": []},
        {"email": BEN},
    ],
)
def test_an_invitation_that_cannot_be_sent_is_refused(
    office: Office, api: ApiClient, body: dict[str, object]
) -> None:
    assert api("POST", "/people", body).status == 422
    assert office.people.named(BEN) == ()


def test_what_hurts_asks_the_pool_whether_the_person_is_still_there(office: Office) -> None:
    ben = office.people.invite(BEN, "en")
    office.people.set_roles(ben.id, ("administrator",))
    api = office.as_(ben.id)
    office.people.set_roles(ben.id, ("viewer",))

    refused = api("POST", "/people", {"email": "eve@acme.example", "roles": ["viewer"]})
    assert refused.status == 403
    assert "no longer has the role administrator" in refused.body["detail"]
    office.people.remove(ben.id)
    gone = api("POST", "/people", {"email": "eve@acme.example", "roles": ["viewer"]})
    assert (gone.status, office.people.named("eve@acme.example")) == (403, ())


def test_programs_are_listed_without_their_secrets(api: ApiClient) -> None:
    programs = api("GET", "/programs")

    assert [one["role"] for one in programs.body["items"]] == [
        "administrator",
        "operator",
        "viewer",
    ]
    assert "s-2" not in str(programs.body)


def test_who_invites_changes_and_removes_somebody_is_recorded(
    office: Office, api: ApiClient
) -> None:
    made = api("POST", "/people", {"email": BEN, "roles": ["operator"], "language": "de"})
    api("PATCH", f"/people/{BEN}", {"roles": ["viewer"]}, headers={"if-match": made.etag})
    api("DELETE", f"/people/{BEN}")

    found = api("GET", "/audit", query={"subject": f"person:{BEN}"}).body["items"]

    assert {one["action"]: (one["outcome"], one["before"], one["after"]) for one in found} == {
        "person.invited": ("done", None, {"roles": ["operator"], "language": "de"}),
        "person.roles_changed": ("done", {"roles": ["operator"]}, {"roles": ["viewer"]}),
        "person.removed": ("done", {"roles": ["viewer"]}, None),
    }
    assert {one["actor"]["id"] for one in found} == {office.ada}
