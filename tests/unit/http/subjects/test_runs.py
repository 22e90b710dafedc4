"""Runs and jobs over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.errors import PermanentError
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import envelope, event, mail, pipeline, stage, trigger, world
from tests.unit.http.client import ApiClient

LATER = {"after": {"days": 3}}


@pytest.fixture
def here() -> World:
    """Three documents, each with a mail that waits for three days, and one below it."""
    made = world(
        pipeline(
            stage("draft", mail("first", time=LATER), mail("second")),
            stage("done"),
            senders=["contracts@acme.example"],
        )
    )
    for number in range(3):
        told = event(
            "document.sent", state=envelope(), envelope=f"env-{number}", key=f"sent-{number}"
        )
        made.tell("docusign", [told])
    return made


@pytest.fixture
def api(here: World) -> ApiClient:
    return ApiClient(here, "operator")


def _runs(api: ApiClient, **query: str) -> list[str]:
    return [one["run"] for one in api("GET", "/runs", query=query).body["items"]]


def test_runs_are_listed_by_state_and_time(here: World, api: ApiClient) -> None:
    assert _runs(api) == []
    ready = _runs(api, state="ready")
    assert len(ready) == 3
    assert len(_runs(api, state="waiting", pipeline="contracts")) == 3
    soon = (here.now + timedelta(days=1)).isoformat()
    assert _runs(api, state="ready", due_before=soon) == []
    assert api("GET", "/runs", query={"state": "waiting"}).status == 422
    assert api("GET", "/runs", query={"state": "done", "pipeline": "contracts"}).status == 422
    assert api("GET", "/runs", query={"due_before": "2026-03-05T09:00:00"}).status == 422


def test_a_run_of_a_list_says_what_it_is_about() -> None:
    timer = trigger(
        "no_reaction", name="Nobody reacts", settings={"stage": "draft", "after": {"days": 2}}
    )
    here = world(
        pipeline(
            stage("draft", mail("first", time=LATER, name="First mail"), name="In preparation"),
            stage("late", triggers=[timer]),
            stage("done"),
            name="Contracts",
            senders=["contracts@acme.example"],
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(values={"number": "C-1"}), by="ben@acme.example")
    api = ApiClient(here, "viewer")
    rows = api("GET", "/runs", query={"state": "ready"}).body["items"]
    of_stage = ("pipeline_name", "stage_name")
    assert {tuple(row[name] for name in of_stage) for row in rows} == {
        ("Contracts", "In preparation")
    }
    of_document = ("document_title", "document_number", "document_entry")
    assert {tuple(row[name] for name in of_document) for row in rows} == {
        ("Service agreement", "C-1", 1)
    }
    assert {row["rule"]: row["rule_name"] for row in rows} == {
        "first": "First mail",
        "trigger.no-reaction": "Nobody reacts",
    }
    assert "document_title" not in api("GET", f"/runs/{document.id}.1.first").body


def test_runs_in_several_states_are_listed_together(api: ApiClient) -> None:
    query = {"state": "ready,waiting", "pipeline": "contracts"}
    first = api("GET", "/runs", query=query).body
    rest = api("GET", "/runs", query={**query, "cursor": first["next"]}).body
    both = [one["run"] for one in (*first["items"], *rest["items"])]
    ready, waiting = (_runs(api, state=one, pipeline="contracts") for one in ("ready", "waiting"))
    assert (len(ready), len(waiting)) == (3, 3)
    assert sorted(both) == sorted(ready + waiting)
    wrong = api("GET", "/runs", query={"state": "ready,never"})
    assert (wrong.status, wrong.body["errors"][0]["parameter"]) == (422, "state")


def test_a_run_whose_stage_was_left_is_retried_only_where_that_is_wanted(
    here: World, api: ApiClient
) -> None:
    here.mailbox = MemoryMailer(refusal=lambda _: PermanentError("no such mailbox"))
    run = _runs(api, state="ready")[0]
    api("POST", f"/runs/{run}/now")
    assert api("GET", f"/runs/{run}").body["state"] == "failed"
    here.edit(run.partition(".")[0], Edit(stage="done"), by="ben@acme.example")

    refused = api("POST", f"/runs/{run}/retry", query={"even_if_left": "false"})

    assert refused.status == 422
    assert "was passed over: the stage draft" in refused.body["detail"]
    assert api("POST", f"/runs/{run}/retry").body["after_leaving"] is True


def test_a_run_is_performed_now_and_those_below_go_on(here: World, api: ApiClient) -> None:
    run = _runs(api, state="ready")[0]

    changed = api("POST", f"/runs/{run}/now")

    assert changed.status == 200
    assert api("GET", f"/runs/{run}").body["state"] == "done"
    assert len(here.mailbox.sent) == 2


def test_a_run_is_shifted_and_skipped(here: World, api: ApiClient) -> None:
    first, second, _ = _runs(api, state="ready")
    to = (here.now + timedelta(days=10)).isoformat()

    assert api("POST", f"/runs/{first}/shift", {"to": to}).status == 200
    shifted = api("GET", f"/runs/{first}").body["due"]
    assert shifted.startswith("2026-03-12T09:00")
    assert api("POST", f"/runs/{second}/skip").body["run"]["state"] == "skipped"
    assert api("POST", f"/runs/{second}/skip").status == 422


@pytest.mark.parametrize(
    "body", [{}, {"to": "2026-03-12T09:00:00Z", "seconds": 60}, {"to": "2026-03-12T09:00:00"}]
)
def test_a_shift_says_when_in_one_way(api: ApiClient, body: dict[str, object]) -> None:
    run = _runs(api, state="ready")[0]

    assert api("POST", f"/runs/{run}/shift", body).status == 422


def test_a_run_under_a_key_is_changed_once(here: World, api: ApiClient) -> None:
    run = _runs(api, state="ready")[0]
    for _ in range(2):
        answer = api("POST", f"/runs/{run}/skip", headers={"idempotency-key": "k"})
        assert answer.status == 200
        assert answer.body["run"]["state"] == "skipped"


@pytest.mark.parametrize("run", ["d-9.1.first", "nothing", "d-1.x.first", "d-1.1."])
def test_a_run_that_is_not_there_is_answered_404(api: ApiClient, run: str) -> None:
    assert api("GET", f"/runs/{run}").status == 404
    assert api("POST", f"/runs/{run}/skip").status == 404


def test_the_calendar_counts_what_is_due_by_day(api: ApiClient) -> None:
    calendar = api("GET", "/runs/calendar", query={"first": "2026-03-01", "last": "2026-03-31"})

    assert calendar.body["items"] == [{"day": "2026-03-05", "runs": 3}]
    assert calendar.body["time_zone"] == "Europe/Berlin"
    wrong = {"first": "2026-03-31", "last": "2026-03-01"}
    assert api("GET", "/runs/calendar", query=wrong).status == 422
    assert api("GET", "/runs/calendar").status == 422


def test_a_job_changes_every_run_that_it_finds_and_tells_how_far_it_is(
    here: World, api: ApiClient
) -> None:
    body = {"action": "skip", "filter": {"states": ["ready"], "pipeline": "contracts"}}

    started = api("POST", "/jobs", body, headers={"idempotency-key": "k"})

    assert started.status == 202
    path = started.headers["location"].removeprefix("/api/v1")
    job = api("GET", path).body
    assert (job["state"], job["matched"], job["done"], job["refused"]) == ("done", 3, 3, 0)
    again = api("POST", "/jobs", body, headers={"idempotency-key": "k"})
    assert again.body["id"] == job["id"]
    assert [one["id"] for one in api("GET", "/jobs").body["items"]] == [job["id"]]
    assert api("POST", f"{path}/abort").status == 422
    assert api("GET", "/jobs/j-9").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"action": "shift", "filter": {}},
        {"action": "skip", "shift": {"seconds": 60}, "filter": {}},
        {"action": "repeat", "filter": {}},
        {"action": "skip"},
        {"action": "skip", "filter": {"state": "ready"}},
    ],
)
def test_a_job_that_cannot_be_is_not_started(api: ApiClient, body: dict[str, object]) -> None:
    assert api("POST", "/jobs", body).status == 422
    assert api("GET", "/jobs").body["items"] == []
