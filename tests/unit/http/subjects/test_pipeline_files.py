"""Pipeline files over the API: planned and published as the command line publishes them."""

from __future__ import annotations

import json

import pytest

from countersign.adapters.memory.services.people import MemoryPeople
from countersign.model.person import Role
from tests.unit.cli.desk import CONTRACTS, Desk
from tests.unit.http.client import ADA, ApiClient

SOONER = CONTRACTS.read_text().replace("{days: 14}", "{days: 7}")
GIT = SOONER.replace("\nname:", "\nmanaged_by: git\nname:")


@pytest.fixture
def people(desk: Desk) -> MemoryPeople:
    made = MemoryPeople(lambda: desk.world.now)
    made.set_roles(made.invite(ADA, "en").id, ["administrator"])
    return made


def caller(desk: Desk, people: MemoryPeople, role: Role = "administrator") -> ApiClient:
    return ApiClient(desk.world, role, people=people)


def version(desk: Desk) -> int:
    head = desk.world.pipelines.head("contracts")
    assert head is not None
    return head.version


def test_a_file_is_planned_and_nothing_is_kept(desk: Desk, people: MemoryPeople) -> None:
    planned = caller(desk, people, "operator")("POST", "/pipelines/plan", {"yaml": SOONER})

    assert planned.status == 200
    assert (planned.body["pipeline"], planned.body["version"]) == ("contracts", 1)
    assert [(one["change"], one["id"]) for one in planned.body["diff"]] == [("changed", "archive")]
    assert planned.body["refusals"] == []
    assert version(desk) == 1
    assert desk.world.drafts.get("contracts") is None


def test_a_file_becomes_the_next_version(desk: Desk, people: MemoryPeople) -> None:
    desk.world.named_secrets.put("crm", "x")
    done = caller(desk, people)("POST", "/pipelines/publish", {"yaml": SOONER, "note": "Sooner"})

    assert done.status == 200
    assert (done.body["pipeline"], done.body["number"]) == ("contracts", 2)
    made = desk.world.pipelines.version("contracts", 2)
    assert (made.published_by, made.note) == (ADA, "Sooner")
    again = caller(desk, people)("POST", "/pipelines/publish", {"yaml": SOONER})
    assert (again.body["number"], again.body["diff"]) == (2, [])
    assert version(desk) == 2


def test_a_pipeline_managed_by_git_is_published_from_its_file_and_not_from_a_draft(
    desk: Desk, people: MemoryPeople
) -> None:
    api = caller(desk, people)
    assert api("POST", "/pipelines/publish", {"yaml": GIT}).body["number"] == 2
    draft = api("POST", "/drafts", {"yaml": GIT.replace("{days: 7}", "{days: 8}")})
    refused = api("POST", "/drafts/contracts/publish", {}, headers={"if-match": draft.etag})

    assert refused.status == 403
    assert "is managed by git" in refused.body["detail"]
    assert version(desk) == 2


@pytest.mark.parametrize(
    ("yaml", "pointer"),
    [
        (SOONER.replace("stage: archived", "stage: nowhere"), "/stages/"),
        (SOONER.replace("stages:", "stagse:"), ""),
        ("pipeline: [", ""),
        ("", ""),
        ("- 1", ""),
    ],
    ids=["wrong", "misspelled", "no yaml", "empty", "a list"],
)
@pytest.mark.parametrize("route", ["/pipelines/plan", "/pipelines/publish"])
def test_a_wrong_file_is_refused_with_its_places(
    desk: Desk, people: MemoryPeople, yaml: str, pointer: str, route: str
) -> None:
    refused = caller(desk, people)("POST", route, {"yaml": yaml})

    assert refused.status == 422
    text = json.dumps(refused.body)
    assert pointer in text
    assert version(desk) == 1


@pytest.mark.parametrize(
    "body", [{}, {"yaml": 1}, {"yaml": SOONER, "content": {}}, {"yaml": "x" * 1_500_001}]
)
def test_a_wrong_body_is_refused(desk: Desk, people: MemoryPeople, body: object) -> None:
    assert caller(desk, people)("POST", "/pipelines/publish", body).status == 422


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_administrators_publish(desk: Desk, people: MemoryPeople, role: Role) -> None:
    refused = caller(desk, people, role)("POST", "/pipelines/publish", {"yaml": SOONER})

    assert refused.status == 403
    assert version(desk) == 1


def test_somebody_who_was_removed_publishes_nothing(desk: Desk) -> None:
    nobody = MemoryPeople(lambda: desk.world.now)
    refused = caller(desk, nobody)("POST", "/pipelines/publish", {"yaml": SOONER})

    assert refused.status == 403
    assert version(desk) == 1


def test_a_migration_is_shown_before_it_is_made(desk: Desk, people: MemoryPeople) -> None:
    api = caller(desk, people)
    assert api("GET", "/pipelines/contracts/migrate-runs").body == {"items": [], "next": None}
    assert api("GET", "/pipelines/nothing/migrate-runs").status == 404
