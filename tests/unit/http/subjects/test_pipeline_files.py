"""Pipeline files over the API: planned and published as the command line publishes them."""

from __future__ import annotations

import json
from datetime import timedelta

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
    assert api("GET", "/pipelines/contracts/migrate-runs").body == {
        "items": [],
        "rules": [],
        "next": None,
    }
    assert api("GET", "/pipelines/nothing/migrate-runs").status == 404


def without_triggers(api: ApiClient, stage: str) -> str:
    """The published pipeline as a file, with no trigger in this stage."""
    content = api("GET", "/pipelines/contracts").body["content"]
    for one in content["stages"]:
        if one["id"] == stage:
            one["triggers"] = []
    return json.dumps(content)  # which is YAML as well


def test_a_file_is_back_tested_without_a_draft(desk: Desk) -> None:
    api = ApiClient(desk.world, "operator")
    body = {"yaml": without_triggers(api, "sent"), "days": 30}

    found = api("POST", "/pipelines/backtest", body)

    assert (found.status, found.body["published"], found.body["next"]) == (200, 1, None)
    (item,) = found.body["items"]
    assert (item["document"], found.body["same"]) == (desk.document, 0)
    assert "removed" in [one["change"] for one in item["differences"]]
    assert desk.world.drafts.get("contracts") is None
    assert version(desk) == 1


def test_documents_that_go_the_same_are_told_where_they_are_asked_for(desk: Desk) -> None:
    api, body = ApiClient(desk.world, "operator"), {"yaml": CONTRACTS.read_text(), "days": 30}

    counted = api("POST", "/pipelines/backtest", body).body
    told = api("POST", "/pipelines/backtest", {**body, "include_same": True}).body

    assert (counted["items"], counted["same"]) == ([], 1)
    assert [one["document"] for one in told["items"]] == [desk.document]
    assert (told["items"][0]["differences"], told["same"]) == ([], 1)


def test_a_back_test_of_a_pipeline_that_does_not_fit_the_documents_says_why(desk: Desk) -> None:
    api = ApiClient(desk.world, "operator")
    desk.world.advance(timedelta(days=40))
    other = {"pipeline": "contracts", "name": "Leases", "stages": [{"id": "leased"}]}

    found = api("POST", "/pipelines/backtest", {"yaml": json.dumps(other), "days": 30})

    assert (found.status, found.body["same"]) == (200, 0)
    (item,) = found.body["items"]
    assert item["unfit"] == 'the document is in the stage "sent", which the draft lacks'
    assert (item["differences"], item["stage_draft"]) == ([], None)


def test_why_a_back_test_fits_no_document_is_told_in_german(desk: Desk) -> None:
    api = ApiClient(desk.world, "operator")
    desk.world.advance(timedelta(days=40))
    other = {"pipeline": "contracts", "name": "Leases", "stages": [{"id": "leased"}]}
    body, german = {"yaml": json.dumps(other), "days": 30}, {"accept-language": "de"}

    (item,) = api("POST", "/pipelines/backtest", body, headers=german).body["items"]
    assert item["unfit"] == 'das Dokument ist in der Stufe "sent", die dem Entwurf fehlt'

    unknown = {**body, "yaml": json.dumps({**other, "pipeline": "leases"})}
    refused = api("POST", "/pipelines/backtest", unknown, headers=german)
    assert refused.body["detail"] == (
        'es gibt keine Pipeline "leases"; veröffentlicht sind contracts'
    )


def test_a_back_test_of_another_pipeline_than_those_published_is_refused(desk: Desk) -> None:
    api = ApiClient(desk.world, "operator")
    leases = {"yaml": CONTRACTS.read_text().replace("pipeline: contracts", "pipeline: leases")}

    refused = api("POST", "/pipelines/backtest", {**leases, "days": 30})

    assert refused.status == 404
    assert refused.body["detail"] == 'there is no pipeline "leases"; published are contracts'


def test_a_back_test_without_documents_in_the_period_has_none(desk: Desk) -> None:
    api = ApiClient(desk.world, "operator")
    desk.world.documents.remove(desk.document)

    found = api("POST", "/pipelines/backtest", {"yaml": CONTRACTS.read_text(), "days": 7})

    assert found.status == 200
    assert found.body == {"published": 1, "items": [], "same": 0, "next": None}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"days": 0}, 422),
        ({"days": 366}, 422),
        ({"limit": 101}, 422),
        ({"cursor": "x"}, 400),
        ({"yaml": "pipeline: ["}, 422),
        ({"draft": True}, 422),
    ],
)
def test_a_back_test_that_is_asked_for_wrongly_is_refused(
    desk: Desk, more: dict[str, object], status: int
) -> None:
    body = {"yaml": CONTRACTS.read_text(), "days": 30, **more}

    assert ApiClient(desk.world, "operator")("POST", "/pipelines/backtest", body).status == status


def test_a_viewer_back_tests_nothing(desk: Desk) -> None:
    body = {"yaml": CONTRACTS.read_text(), "days": 30}

    assert ApiClient(desk.world, "viewer")("POST", "/pipelines/backtest", body).status == 403
