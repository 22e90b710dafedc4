"""Pages of tasks: open ones by deadline, concluded ones by pipeline, and only those wanted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.page import PageRequest
from countersign.simulation.world import START, World
from countersign.use_cases.queries.pages.tasks import TaskSearch, page_tasks
from tests.unit.use_cases.queries.scene import BEN, task, two_pipelines

CARLA = "carla@acme.example"


@pytest.fixture
def here() -> World:
    """Tasks with deadlines after so many minutes, of Ben unless their names say otherwise."""
    made = two_pipelines()
    task(made, "d-1", "late", 10)
    task(made, "d-1", "soon", 30)
    task(made, "d-1", "someday")
    task(made, "d-1", "carlas", 20, assignee=CARLA)
    task(made, "d-2", "lease", 40, pipeline="leases")
    over = {"concluded_at": START, "concluded_by": BEN}
    task(made, "d-1", "did", 30, state="done", **over)
    task(made, "d-1", "carla-did", 10, state="done", assignee=CARLA, **over)
    task(made, "d-1", "no-more", 30, state="withdrawn", **over)
    task(made, "d-2", "lease-did", 30, state="done", pipeline="leases", **over)
    return made


def found(here: World, minute: int = 20, **wanted: Any) -> list[str]:
    now = START + timedelta(minutes=minute)
    page = page_tasks(here.pages, here.pipelines, TaskSearch(**wanted), PageRequest(), now=now)
    return [listed.rule for listed in page.items]


def at(minute: int) -> Any:
    return START + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        ({}, ["late", "carlas", "soon", "lease", "someday"]),
        ({"assignees": (BEN,)}, ["late", "soon", "lease", "someday"]),
        ({"assignees": (CARLA.upper(),)}, ["carlas"]),
        ({"assignees": (BEN, CARLA), "pipeline": "contracts"},
         ["late", "carlas", "soon", "someday"]),
        ({"pipeline": "leases"}, ["lease"]),
        ({"state": "overdue"}, ["late", "carlas"]),
        ({"state": "overdue", "assignees": (BEN,)}, ["late"]),
        ({"due_after": at(20), "due_before": at(40)}, ["carlas", "soon"]),
        ({"due_after": at(30)}, ["soon", "lease"]),
        ({"due_before": at(20)}, ["late"]),
        ({"without_deadline": True}, ["someday"]),
        ({"without_deadline": True, "pipeline": "leases"}, []),
    ],
    ids=str,
)  # fmt: skip
def test_open_tasks_stand_by_deadline(
    here: World, wanted: dict[str, Any], rules: list[str]
) -> None:
    assert found(here, **wanted) == rules


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        ({"state": "done"}, ["carla-did", "did"]),
        ({"state": "withdrawn"}, ["no-more"]),
        ({"state": "done", "assignees": (CARLA.upper(),)}, ["carla-did"]),
        ({"state": "done", "assignees": ("nobody@acme.example",)}, []),
        ({"state": "done", "due_after": at(30)}, ["did"]),
        ({"state": "done", "due_before": at(30)}, ["carla-did"]),
        ({"state": "done", "without_deadline": True}, []),
    ],
    ids=str,
)
def test_concluded_tasks_are_those_of_their_pipeline(
    here: World, wanted: dict[str, Any], rules: list[str]
) -> None:
    assert sorted(found(here, pipeline="contracts", **wanted)) == rules


@pytest.mark.parametrize("state", ["done", "withdrawn"])
def test_concluded_tasks_are_listed_by_pipeline_alone(here: World, state: Any) -> None:
    with pytest.raises(PermanentError) as refused:
        found(here, state=state)
    assert str(refused.value) == (
        f"tasks in the state {state} are listed by pipeline; give a pipeline"
    )


@pytest.mark.parametrize("state", ["open", "overdue", "done"])
def test_the_tasks_of_an_unknown_pipeline_are_not_found(here: World, state: Any) -> None:
    with pytest.raises(NotFoundError, match='there is no pipeline "nda"'):
        found(here, state=state, pipeline="nda")
