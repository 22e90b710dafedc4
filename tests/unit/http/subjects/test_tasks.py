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
