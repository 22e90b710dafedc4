"""Bulk work over the API: moving documents and running a rule for documents already here."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.actor import user
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import mail, pipeline, stage, world
from tests.unit.http.client import ApiClient

ANNA, BEN = "anna@acme.example", "ben@acme.example"
SENDERS = ["contracts@acme.example"]
LATER = mail("later", name="Remind later", time={"after": {"days": 3}})
MOVE: dict[str, Any] = {"pipeline": "contracts", "stage": "sent"}


@pytest.fixture
def here() -> World:
    """Six documents in the first stage, of two people; its rule came after them."""
    first = stage("new"), stage("sent", LATER), stage("won", kind="success")
    made = world(pipeline(*first, senders=SENDERS))
    made.publish(pipeline(stage("new"), pipeline="leases"))
    for number in range(6):
        values = {"responsible": ANNA if number % 2 else BEN}
        wanted = NewDocument(id=f"d-{number}", pipeline="contracts", values=values)
        make(made.store, wanted, user(BEN))
    make(made.store, NewDocument(id="l-1", pipeline="leases"), user(BEN))
    with_rule = stage("new", LATER), stage("sent", {**LATER, "id": "sent-later"}), first[2]
    made.publish(pipeline(*with_rule, senders=SENDERS))
    return made


@pytest.fixture
def api(here: World) -> ApiClient:
    return ApiClient(here)


def ended(api: ApiClient, path: str, body: object) -> dict[str, Any]:
    """The job that the request starts, once it has ended."""
    started = api("POST", path, body)
    assert started.status == 202
    assert started.body["state"] == "waiting"
    location = started.headers["location"].removeprefix("/api/v1")
    found: dict[str, Any] = api("GET", location).body
    return found


def counts(job: dict[str, Any]) -> tuple[str, int, int, int]:
    return job["state"], job["matched"], job["done"], job["refused"]


def test_named_documents_are_moved_by_a_job(here: World) -> None:
    api = ApiClient(here, "operator", name="ada@acme.example")
    body = {**MOVE, "documents": ["d-0", "d-1", "l-1"], "comment": "By hand"}

    job = ended(api, "/document-moves", body)

    assert counts(job) == ("done", 3, 2, 1)
    assert (job["kind"], job["by"], job["arguments"]) == ("move_documents", "ada@acme.example", "")
    assert job["refusals"] == [
        {
            "item": "l-1",
            "reason": "the document belongs to the pipeline leases, not to contracts",
        }
    ]
    assert [here.document(one).stage for one in ("d-0", "d-1", "d-2")] == ["sent", "sent", "new"]
    lines = api("GET", "/documents/d-0/timeline", query={"order": "oldest"}).body["items"]
    assert [(one["kind"], one["by"], one["cause"]) for one in lines[-2:]] == [
        ("commented", "ada@acme.example", f"job {job['id']}"),
        ("moved", "ada@acme.example", f"job {job['id']}"),
    ]


def test_all_that_a_filter_matches_are_moved(here: World, api: ApiClient) -> None:
    job = ended(api, "/document-moves", {**MOVE, "filter": {"responsible": ANNA}})

    assert counts(job) == ("done", 3, 3, 0)
    moved = [one.id for one in here.documents.in_stage("contracts", "sent")]
    assert sorted(moved) == ["d-1", "d-3", "d-5"]


def test_a_persons_own_documents_are_moved_and_no_others(here: World) -> None:
    api = ApiClient(here, "operator", name=BEN)
    own = {**MOVE, "filter": {"person": "me"}}

    assert api("POST", "/document-moves/preview", own).body["documents"] == 3
    job = ended(api, "/document-moves", own)

    assert counts(job) == ("done", 3, 3, 0)
    moved = [one.id for one in here.documents.in_stage("contracts", "sent")]
    assert sorted(moved) == ["d-0", "d-2", "d-4"]


def test_the_preview_says_how_many_and_which_rules_begin(here: World, api: ApiClient) -> None:
    here.edit("d-0", Edit(stage="won"), by=BEN)
    here.edit("d-1", Edit(stage="sent"), by=BEN)
    api("POST", "/pipelines/contracts/pause")

    found = api("POST", "/document-moves/preview", {**MOVE, "filter": {}})

    assert (found.status, found.body) == (
        200,
        {
            "documents": 5,
            "there_already": 1,
            "leaving_final": 1,
            "refusals": [],
            "rules": [{"rule": "sent-later", "name": "Remind later", "kind": "send_email"}],
            "final": False,
            "paused": True,
            "automation": True,
            "next": None,
        },
    )
    assert here.document("d-2").stage == "new"
    named = {**MOVE, "stage": "won", "documents": ["d-0", "d-2", "d-9"]}
    told = api("POST", "/document-moves/preview", named, headers={"accept-language": "de"}).body
    assert (told["documents"], told["final"], told["rules"]) == (1, True, [])
    assert told["refusals"] == [
        {"document": "d-0", "reason": "das Dokument ist schon in der Stufe won"},
        {"document": "d-9", "reason": "es gibt kein Dokument d-9"},
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**MOVE}, 422),
        ({**MOVE, "documents": ["d-0"], "filter": {}}, 422),
        ({**MOVE, "stage": "lost", "documents": ["d-0"]}, 422),
        ({**MOVE, "pipeline": "nothing", "documents": ["d-0"]}, 404),
        ({**MOVE, "filter": {"stage": "lost"}}, 404),
        ({**MOVE, "filter": {"text": "a"}}, 422),
        ({**MOVE, "filter": {"party": "anna"}}, 422),
        ({**MOVE, "filter": {"days_in_stage": -1}}, 422),
        ({**MOVE, "filter": {"pipeline": "leases"}}, 422),
        ({**MOVE, "documents": [f"d-{number}" for number in range(101)]}, 422),
        ({**MOVE, "documents": [""]}, 422),
        ({**MOVE, "documents": "d-0"}, 422),
        ({"stage": "sent", "documents": ["d-0"]}, 422),
    ],
)
def test_a_move_that_cannot_be_is_not_started(
    api: ApiClient, body: dict[str, Any], status: int
) -> None:
    for path in ("/document-moves", "/document-moves/preview"):
        assert api("POST", path, body).status == status
    assert api("GET", "/jobs").body["items"] == []


def test_a_hundred_documents_can_be_named(api: ApiClient) -> None:
    body = {**MOVE, "documents": [f"d-{number}" for number in range(100)]}

    job = ended(api, "/document-moves", body)

    assert counts(job) == ("done", 100, 6, 94)
    assert len(job["refusals"]) == 10


def test_a_cursor_of_another_filter_is_refused(here: World, api: ApiClient) -> None:
    for number in range(600):
        make(here.store, NewDocument(id=f"m-{number}", pipeline="contracts"), user(BEN))
    all_of_them = {**MOVE, "filter": {"stage": "new"}}
    first = api("POST", "/document-moves/preview", all_of_them).body
    rest = {**all_of_them, "cursor": first["next"]}
    assert (first["documents"], api("POST", "/document-moves/preview", rest).body["documents"]) == (
        500,
        106,
    )
    named = {**MOVE, "documents": ["d-0"], "cursor": first["next"]}
    for other in ({**rest, "filter": {}}, {**rest, "cursor": "x"}, named):
        assert api("POST", "/document-moves/preview", other).status == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/document-moves", {**MOVE, "documents": ["d-0"]}),
        ("/pipelines/contracts/backfills", {"rule": "later"}),
    ],
)
def test_a_job_is_started_once_for_a_key(api: ApiClient, path: str, body: object) -> None:
    key = {"idempotency-key": "k"}
    first, again = (api("POST", path, body, headers=key) for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    assert (again.body["id"], again.body["state"]) == (first.body["id"], "done")
    assert again.headers["location"] == first.headers["location"]
    assert len(api("GET", "/jobs").body["items"]) == 1


def test_a_rule_is_planned_for_documents_already_here_by_a_job(api: ApiClient) -> None:
    api("POST", "/documents/d-0/move", {"stage": "won"})
    before = api("GET", "/pipelines/contracts/backfill", query={"rule": "later"})
    assert (before.status, before.body) == (
        200,
        {"documents": 5, "have_it": 0, "refusals": [], "paused": False, "next": None},
    )

    job = ended(api, "/pipelines/contracts/backfills", {"rule": "later"})

    assert counts(job) == ("done", 5, 5, 0)
    assert (job["kind"], job["arguments"]) == (
        "backfill",
        '{"pipeline":"contracts","rule":"later"}',
    )
    after = api("GET", "/pipelines/contracts/backfill", query={"rule": "later"}).body
    assert (after["documents"], after["have_it"]) == (0, 5)


def test_the_pages_of_a_backfills_preview_add_up(here: World, api: ApiClient) -> None:
    for number in range(150):
        make(here.store, NewDocument(id=f"m-{number}", pipeline="contracts"), user(BEN))
    query = {"rule": "later"}
    first = api("GET", "/pipelines/contracts/backfill", query=query).body
    second = api(
        "GET", "/pipelines/contracts/backfill", query={**query, "cursor": first["next"]}
    ).body
    assert (first["documents"] + second["documents"], first["have_it"] + second["have_it"]) == (
        6,
        150,
    )
    assert second["next"] is None
    other = {"rule": "sent-later", "cursor": first["next"]}
    assert api("GET", "/pipelines/contracts/backfill", query=other).status == 400


@pytest.mark.parametrize(
    ("pipeline_id", "rule", "status"),
    [("contracts", "nothing", 422), ("nothing", "later", 404), ("contracts", "", 422)],
)
def test_a_backfill_that_cannot_be_is_not_started(
    api: ApiClient, pipeline_id: str, rule: str, status: int
) -> None:
    place = f"/pipelines/{pipeline_id}"
    assert api("POST", f"{place}/backfills", {"rule": rule}).status == status
    assert api("GET", f"{place}/backfill", query={"rule": rule}).status == status
    assert api("GET", "/jobs").body["items"] == []


def test_an_operator_may_abort_a_move_and_no_backfill(
    here: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = ApiClient(here, "operator", tokens=iter(["by-operator"]))
    settle = here.settle
    monkeypatch.setattr(here, "settle", lambda: None)  # nobody works on jobs yet
    move = operator("POST", "/document-moves", {**MOVE, "documents": ["d-0"]}).body["id"]
    plan = api("POST", "/pipelines/contracts/backfills", {"rule": "later"}).body["id"]
    assert operator("POST", f"/jobs/{plan}/abort").status == 403
    assert operator("POST", f"/jobs/{move}/abort").body["state"] == "aborted"
    settle()
    assert here.document("d-0").stage == "new"
    assert api("GET", f"/jobs/{plan}").body["done"] == 6
