"""What administrators have done in the background: removal, rebuilt statistics, the upgrade."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.http.application import routes_of
from countersign.model.upgrade import UpgradeProgress
from countersign.simulation.world import World
from tests.builders import pipeline, stage
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ADA, CONTEXT, ApiClient, event_of

REMOVAL, REBUILDS, UPGRADE = "/pipelines/leases/removal", "/statistics/rebuilds", "/upgrade"
STARTS: dict[str, Any] = {REMOVAL: None, REBUILDS: {}, UPGRADE: None}


@pytest.fixture
def world(desk: Desk) -> World:
    """Three leases, besides the contract that messages go to."""
    desk.world.publish(pipeline(stage("draft"), pipeline="leases"))
    for number in range(3):
        assert desk("documents", "create", "leases", f"title=Lease {number}").exit_code == 0
    desk.world.settle()
    return desk.world


def without_settling(api: ApiClient, path: str, body: Any = None) -> int:
    """The status of a POST whose job nobody has worked on yet."""
    text = None if body is None else "{}"
    event = event_of("POST", f"/api/v1{path}", text)
    return int(api.application.respond(event, CONTEXT)["statusCode"])


def test_a_pipeline_is_removed_with_its_documents(world: World) -> None:
    api = ApiClient(world)
    lost = api("GET", REMOVAL)
    assert (lost.status, lost.body) == (
        200,
        {"pipeline": "leases", "version": 1, "documents": 3, "connections": []},
    )

    started = api("POST", REMOVAL, headers={"idempotency-key": "k"})

    assert (started.status, started.body["kind"]) == (202, "remove_pipeline")
    assert started.headers["location"] == f"/api/v1/jobs/{started.body['id']}"
    job = api("GET", f"/jobs/{started.body['id']}").body
    assert (job["state"], job["matched"], job["done"], job["by"]) == ("done", 3, 3, ADA)
    assert api("GET", "/pipelines/leases").status == 404
    assert {document.pipeline for document in world.state.documents.values()} == {"contracts"}
    (entry,) = api("GET", "/audit", query={"action": "pipeline.removed"}).body["items"]
    assert (entry["outcome"], entry["subject"]["id"], entry["actor"]["id"]) == (
        "done",
        "leases",
        ADA,
    )
    assert entry["before"] == {"version": 1, "documents": 3}
    again = api("POST", REMOVAL, headers={"idempotency-key": "k"})
    assert (again.status, again.headers["idempotent-replayed"]) == (202, "true")
    assert again.body["id"] == job["id"]
    assert api("POST", REMOVAL).status == 404


def test_a_pipeline_that_messages_go_to_is_not_removed(world: World) -> None:
    api = ApiClient(world)
    assert api("GET", "/pipelines/contracts/removal").body["connections"] == ["docusign"]

    refused = api("POST", "/pipelines/contracts/removal")

    assert (refused.status, refused.body["type"]) == (422, "urn:countersign:problem:not-possible")
    assert "messages of docusign still go to contracts" in refused.body["detail"]
    assert api("GET", "/audit", query={"action": "pipeline.removed"}).body["items"] == []
    assert api("GET", "/jobs").body["items"] == []


def test_the_pool_is_asked_about_who_removes_documents() -> None:
    confirmed = {
        (one.method, one.path): one.confirmed
        for one in routes_of("pipelines").endpoints
        if one.path.endswith("/removal")
    }
    assert confirmed == {
        ("GET", "/pipelines/<pipeline>/removal"): False,
        ("POST", "/pipelines/<pipeline>/removal"): True,
    }


@pytest.mark.parametrize("path", STARTS)
def test_what_goes_on_already_is_not_started_again(world: World, path: str) -> None:
    api = ApiClient(world)
    assert without_settling(api, path, STARTS[path]) == 202

    refused = api("POST", path, STARTS[path], headers={"accept-language": "de"})

    assert (refused.status, refused.body["type"]) == (409, "urn:countersign:problem:conflict")
    (job,) = api("GET", "/jobs").body["items"]
    text = f"das tut schon der Auftrag {job['id']} von {ADA}; sein Ende abwarten oder ihn abbrechen"
    assert refused.body["detail"] == text


@pytest.mark.parametrize("path", STARTS)
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_administrators_start_and_abort_it(world: World, path: str, role: Any) -> None:
    assert without_settling(ApiClient(world), path, STARTS[path]) == 202
    (job,) = world.jobs.jobs
    other = ApiClient(world, role)
    assert without_settling(other, f"/jobs/{job}/abort") == 403
    assert without_settling(other, path, STARTS[path]) == 403

    assert without_settling(ApiClient(world), f"/jobs/{job}/abort") == 200
    assert world.jobs.jobs[job].state == "aborted"
    assert len(world.state.documents) == 4


def test_an_aborted_removal_is_in_the_audit_log(world: World) -> None:
    api = ApiClient(world)
    assert without_settling(api, REMOVAL) == 202
    (job,) = world.jobs.jobs
    assert without_settling(api, f"/jobs/{job}/abort") == 200
    (entry,) = api("GET", "/audit", query={"action": "pipeline.removed"}).body["items"]
    assert (entry["outcome"], entry["reason"]) == ("failed", f"aborted by {ADA}")


def test_statistics_are_rebuilt_and_what_differed_is_listed(world: World) -> None:
    api = ApiClient(world)
    world.advance(timedelta(hours=1))
    started = api("POST", REBUILDS, {"pipeline": "leases", "replace": True})
    assert (started.status, started.body["kind"]) == (202, "rebuild_statistics")
    path = f"{REBUILDS}/{started.body['id']}/differences"

    first = api("GET", path, query={"limit": "2"}, headers={"accept-language": "de"}).body
    world.advance(timedelta(minutes=3))
    query = {"limit": "2", "cursor": first["next"]}
    last = api("GET", path, query=query).body

    assert {one["text"] for one in first["items"]} == {"es ist nicht gezählt"}
    assert [(one["pipeline"], one["what"], one["text"]) for one in last["items"]] == [
        ("leases", "document", "it is not counted")
    ]
    assert (len(first["items"]), last["next"]) == (2, None)
    job = api("GET", f"/jobs/{started.body['id']}").body
    assert (job["state"], job["done"]) == ("done", 3)
    present = api("GET", "/statistics/leases").body["stages"][0]["present"]
    assert present == 3
    assert ApiClient(world, "viewer")("GET", path).status == 403
    assert ApiClient(world, "operator")("GET", path).status == 200


def test_what_cannot_be_rebuilt_is_refused(world: World) -> None:
    api = ApiClient(world)
    assert api("POST", REBUILDS, {"pipeline": "nothing"}).status == 404
    assert api("POST", REBUILDS, {"pipelines": "leases"}).status == 422
    assert api("POST", REBUILDS, {"replace": "much"}).status == 422
    assert api("GET", f"{REBUILDS}/j-9/differences").status == 404
    upgrade = api("POST", UPGRADE).body["id"]
    other = api("GET", f"{REBUILDS}/{upgrade}/differences")
    assert (other.status, other.body["detail"]) == (
        404,
        f"the job {upgrade} does not rebuild statistics",
    )
    assert [one["kind"] for one in api("GET", "/jobs").body["items"]] == ["upgrade_table"]


def test_a_new_table_needs_no_upgrade(world: World) -> None:
    api = ApiClient(world)
    assert api("GET", UPGRADE).body["due"] is False
    world.upgrades.note(UpgradeProgress(pipeline="leases", place="x", documents=1))
    assert api("GET", UPGRADE).body["due"] is True


def test_a_table_of_an_earlier_version_is_upgraded(world: World) -> None:
    state = world.state
    for name, document in state.documents.items():
        state.documents[name] = document.model_copy(update={"word_index": 0})
    state.words.clear()
    api = ApiClient(world)
    nothing = {"word_index": 0, "pipeline": None, "place": None}
    assert api("GET", UPGRADE).body == {
        **nothing,
        **{"documents": 0, "indexed": 0, "tasks": 0, "due": True},
    }

    started = api("POST", UPGRADE)

    assert (started.status, started.body["kind"]) == (202, "upgrade_table")
    assert api("GET", f"/jobs/{started.body['id']}").body["done"] == 4
    assert api("GET", UPGRADE).body == {
        **{"word_index": 1, "pipeline": "leases", "place": None},
        **{"documents": 4, "indexed": 4, "tasks": 0, "due": False},
    }
    assert ApiClient(world, "operator")("GET", UPGRADE).status == 403
