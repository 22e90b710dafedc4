"""Open tasks are listed by deadline; a document's tasks in the order in which they were made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.errors import NotFoundError
from countersign.model.task import TaskKey
from countersign.simulation.world import START, World
from countersign.use_cases.queries.tasks import document_tasks, open_tasks, show_task
from tests.builders import pipeline, stage
from tests.unit.use_cases.queries.scene import ANNA, BEN, disordered, put, task


def of(here: World, user: str | None = None) -> list[str]:
    tasks = open_tasks(here.documents, here.programs, here.pipelines, user)
    return [str(listed.key) for listed in tasks]


def test_open_tasks_stand_by_deadline_then_by_key_and_those_without_one_at_the_end() -> None:
    here = disordered()
    task(here, "d-2", "a", 20)
    task(here, "d-1", "a", 30)
    task(here, "d-1", "b", 20)
    task(here, "d-3", "a", 10, assignee=ANNA)
    task(here, "d-1", "0")
    task(here, "d-1", "c", 5, state="done")
    everybody = ["d-3.1.a", "d-1.1.b", "d-2.1.a", "d-1.1.a", "d-1.1.0"]
    assert of(here) == everybody
    assert (of(here, BEN), of(here, ANNA)) == (everybody[1:], ["d-3.1.a"])
    assert of(here, "BEN@ACME.example") == everybody[1:]
    assert of(here, "nobody@acme.example") == []


def test_a_group_s_tasks_stand_among_one_s_own_by_deadline() -> None:
    here = disordered()
    here.publish(pipeline(stage("draft"), groups={"legal": [BEN]}))
    task(here, "d-1", "own", 20)
    task(here, "d-1", "group", 10, assignee="group:legal")
    task(here, "d-1", "late", 30, assignee="group:legal")
    task(here, "d-2", "other", 1, assignee="group:legal", pipeline="leases")
    assert of(here, BEN) == ["d-1.1.group", "d-1.1.own", "d-1.1.late"]
    assert of(here, ANNA) == []


def test_where_there_are_no_tasks_none_are_listed() -> None:
    here = disordered()
    assert (of(here), of(here, BEN)) == ([], [])
    put(here, "d-1")
    assert document_tasks(here.documents, "d-1") == ()


def test_a_document_s_tasks_stand_as_they_were_made_concluded_ones_included() -> None:
    here = disordered()
    put(here, "d-1")
    put(here, "d-2")
    later = START + timedelta(minutes=1)
    task(here, "d-1", "b", 1, created_at=START)
    task(here, "d-1", "a", 2, created_at=later, state="done")
    task(here, "d-1", "c", 3, created_at=START)
    task(here, "d-1", "c", 3, id="1.c~2", repeat=2, created_at=START)
    task(here, "d-1", "0", 4, id="2.0", entry=2, created_at=START)
    task(here, "d-2", "other", 0)
    assert [made.id for made in document_tasks(here.documents, "d-1")] == [
        "1.b",
        "1.c",
        "1.c~2",
        "1.a",
        "2.0",
    ]


def test_tasks_of_a_document_that_is_not_there_are_an_error() -> None:
    with pytest.raises(NotFoundError, match=r"^there is no document d-7$"):
        document_tasks(disordered().documents, "d-7")


def test_a_task_is_shown_with_the_time_zone_of_the_version_that_asked_for_it() -> None:
    here = disordered()
    here.publish(pipeline(stage("draft"), time_zone="America/Lima"))
    task(here, "d-1", "a", pipeline_version=1)
    task(here, "d-1", "b", pipeline_version=2)

    def zone(task_id: str) -> str:
        key = TaskKey(document="d-1", id=task_id)
        return show_task(here.documents, here.programs, key).zone.key

    assert (zone("1.a"), zone("1.b")) == ("Europe/Berlin", "America/Lima")
    with pytest.raises(NotFoundError, match=r"there is no task d-1.1.z"):
        zone("1.z")
