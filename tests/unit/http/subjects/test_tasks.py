"""Tasks over the API."""

from __future__ import annotations

import pytest

from countersign.simulation.world import World
from tests.builders import envelope, event, mail, pipeline, stage, states, world
from tests.unit.http.client import ApiClient

BEN, CARLA = "ben@acme.example", "carla@acme.example"
CHECK = {
    "id": "check",
    "kind": "create_task",
    "settings": {
        "title": "Check {{ document.title }}",
        "assignee": BEN,
        "checklist": ["Read", "Call {{ client.name }}"],
        "wait": True,
    },
}


class Board:
    """A world with one document whose first rule waits for Ben's task."""

    def __init__(self) -> None:
        self.world: World = world(
            pipeline(stage("draft", CHECK, mail("below")), senders=["contracts@acme.example"])
        )
        self.document = self.world.tell("docusign", [event("document.sent", state=envelope())]).id
        self.path = f"/tasks/{self.document}.1.check"

    def as_(self, name: str) -> ApiClient:
        return ApiClient(self.world, "operator", name=name)


@pytest.fixture
def board() -> Board:
    return Board()


def test_who_has_a_task_checks_its_points_and_completes_it(board: Board) -> None:
    ben = board.as_(BEN)
    for point in (1, 2):
        checked = ben("POST", f"{board.path}/check", {"point": point, "done": True})
        assert checked.status == 200

    done = ben("POST", f"{board.path}/complete", {})

    assert done.status == 200
    assert (done.body["state"], done.body["concluded_by"]) == ("done", BEN)
    assert [point["done"] for point in done.body["checklist"]] == [True, True]
    assert states(board.world, board.document)["below"] == "done"


def test_a_task_of_somebody_else_is_completed_as_an_operator_alone(board: Board) -> None:
    carla = board.as_(CARLA)

    refused = carla("POST", f"{board.path}/complete", {})
    assert refused.status == 403
    assert BEN in refused.body["detail"]
    assert carla("POST", f"{board.path}/complete", {"as_operator": True}).status == 200
    last = board.world.documents.timeline(board.document)
    assert any(f"{CARLA} completed as an operator" in entry.text for entry in last)


def test_a_task_is_given_to_somebody_else(board: Board) -> None:
    before = board.as_(BEN)("GET", board.path)

    given = board.as_(BEN)("POST", f"{board.path}/assign", {"assignee": CARLA})

    assert (before.body["assignee"], given.body["assignee"]) == (BEN, CARLA)
    assert given.etag != before.etag


def test_a_withdrawn_task_lets_the_rules_go_on(board: Board) -> None:
    withdrawn = board.as_(BEN)("POST", f"{board.path}/withdraw", {"reason": "Not needed"})

    assert withdrawn.body["state"] == "withdrawn"
    assert states(board.world, board.document)["below"] == "done"


@pytest.mark.parametrize("task", ["d-1", "d-1.check", "d-1.1.check", ".1.check", "d-1..check"])
def test_a_task_that_is_not_there_is_answered_404(board: Board, task: str) -> None:
    assert board.as_(BEN)("GET", f"/tasks/{task}").status == 404


@pytest.mark.parametrize("point", [0, -1, 3, 10**30])
def test_a_point_that_is_not_there_changes_nothing(board: Board, point: int) -> None:
    refused = board.as_(BEN)("POST", f"{board.path}/check", {"point": point, "done": True})

    assert refused.status == 422
    checklist = board.as_(BEN)("GET", board.path).body["checklist"]
    assert [one["done"] for one in checklist] == [False, False]


def test_tasks_are_listed_by_assignee(board: Board) -> None:
    def listed(name: str, **query: str) -> list[str]:
        page = board.as_(name)("GET", "/tasks", query=query).body
        return [task["task"] for task in page["items"]]

    task = f"{board.document}.1.check"
    assert listed(BEN) == listed(BEN, assignee="me") == listed(CARLA, assignee=BEN) == [task]
    assert listed(CARLA, assignee="me") == []
    assert listed(BEN, overdue="true") == []
    of_document = board.as_(BEN)("GET", f"/documents/{board.document}/tasks").body["items"]
    assert [one["task"] for one in of_document] == [task]


@pytest.fixture
def both(board: Board) -> Board:
    """Two documents with a task each; the second one's is completed, with its deadline passed."""
    told = event("document.sent", state=envelope(), envelope="env-2", key="sent-2")
    second = board.world.tell("docusign", [told]).id
    board.as_(BEN)("POST", f"/tasks/{second}.1.check/complete", {})
    return board


def _listed(board: Board, **query: str) -> list[str]:
    page = board.as_(BEN)("GET", "/tasks", query=query)
    assert page.status == 200, page.body
    return [task["state"] for task in page.body["items"]]


def test_tasks_are_listed_by_state_and_pipeline(both: Board) -> None:
    assert _listed(both) == _listed(both, state="open") == ["open"]
    assert _listed(both, pipeline="contracts") == ["open"]
    assert _listed(both, state="done", pipeline="contracts") == ["done"]
    assert _listed(both, state="done", pipeline="contracts", assignee=CARLA) == []
    assert _listed(both, state="done", pipeline="contracts", assignee="me") == ["done"]
    assert _listed(both, state="withdrawn", pipeline="contracts") == []
    assert _listed(both, state="overdue") == _listed(both, overdue="true") == []
    assert _listed(both, without_deadline="true") == ["open"]
    assert _listed(both, due_before="2030-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"state": "done"}, 422),
        ({"state": "late"}, 422),
        ({"pipeline": "leases"}, 404),
        ({"due_before": "2026-03-02T09:00:00"}, 422),
        ({"due_after": "soon"}, 422),
    ],
)
def test_what_no_list_of_tasks_can_be_asked_for_is_refused(
    board: Board, query: dict[str, str], status: int
) -> None:
    assert board.as_(BEN)("GET", "/tasks", query=query).status == status


def test_a_cursor_of_tasks_belongs_to_their_filters(both: Board) -> None:
    ben, wanted = both.as_(BEN), {"state": "done", "pipeline": "contracts", "limit": "1"}
    cursor = ben("GET", "/tasks", query=wanted).body["next"]
    assert cursor is not None
    assert ben("GET", "/tasks", query={**wanted, "cursor": cursor}).status == 200
    other = {**wanted, "state": "withdrawn", "cursor": cursor}
    assert ben("GET", "/tasks", query=other).status == 400


def test_a_task_of_a_list_says_which_document_it_is_for(board: Board) -> None:
    ben = board.as_(BEN)
    (row,) = ben("GET", "/tasks").body["items"]
    names = ("document_title", "document_entry", "pipeline_name", "stage_name", "rule_name")
    assert [row[name] for name in names] == [
        "Service agreement",
        1,
        "contracts",
        "draft",
        "check",
    ]
    assert row["document_number"] is None
    assert "document_title" not in ben("GET", board.path).body
