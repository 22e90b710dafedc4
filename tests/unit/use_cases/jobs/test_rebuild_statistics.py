"""The job that rebuilds statistics finds what a rebuild finds, and loses nothing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import ConflictError, NotFoundError
from countersign.model.actor import user
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.model.statistics import CounterKey
from countersign.simulation.world import World
from countersign.use_cases.jobs.kinds import rebuild_statistics as kind
from countersign.use_cases.jobs.kinds.rebuild_statistics import RebuildStatistics
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.operations.jobs import list_differences, show_job
from countersign.use_cases.statistics import rebuild as rebuilding
from tests.builders import ANNA, pipeline, stage
from tests.unit.use_cases.jobs.lost_slices import Dying, work
from tests.unit.use_cases.statistics.scene import Scene
from tests.unit.use_cases.statistics.test_rebuild import (
    DIFFERENCES,
    Refusing,
    damaged,
    many,
    of_documents,
)


def world_of(scene: Scene) -> World:
    """A world with the documents and the counters of a scene."""
    here = World()
    here.now = scene.now
    here.publish(pipeline(stage("draft"), stage("sent")))
    for kept in ("documents", "runs", "logs"):
        getattr(here.state, kept).update(getattr(scene.state, kept))
    here.state.spoiled.update(scene.state.spoiled)
    here.statistics = scene.statistics
    scene.state = here.state
    return here


def start(here: World, job_id: str = "j-1", **settings: Any) -> Job:
    wanted = RebuildStatistics(**settings)
    return start_job(here.jobs, job_id, wanted, user(ANNA), now=here.now)


def state_of(here: World, job_id: str = "j-1") -> tuple[str, int, int]:
    job = show_job(here.jobs, job_id)
    return job.state, job.matched, job.done


def found(here: World, job_id: str = "j-1", limit: int = 100) -> list[tuple[str, str]]:
    differences, after = list[tuple[str, str]](), None
    while True:
        page = list_differences(here.jobs, job_id, PageRequest(after, limit))
        differences += [(one.name, one.text) for one in page.items]
        assert len(page.items) <= limit
        after = page.next
        if after is None:
            return differences


@pytest.mark.parametrize("replace", [True, False])
def test_what_is_right_stays_as_it_is(replace: bool) -> None:
    scene = many()
    here, before = world_of(scene), scene.counted()
    start(here, replace=replace)
    begun = here.now
    work(here)
    assert state_of(here) == ("done", 45, 45)
    assert found(here) == []
    assert scene.counted() == before
    assert here.now - begun == timedelta(minutes=2)
    epochs = here.statistics.epochs("contracts")
    assert (epochs.newest, epochs.rebuilding) == (2, False)


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_what_is_wrong_is_found_and_corrected_whatever_ends_in_the_middle(
    monkeypatch: pytest.MonkeyPatch, dies: bool, limit: int
) -> None:
    monkeypatch.setattr(kind, "KEPT_AT_ONCE", limit)
    scene = damaged()
    here = world_of(scene)
    if dies:
        here.jobs = Dying()
    start(here, pipeline="contracts", replace=True)
    work(here)
    assert state_of(here) == ("done", 5, 5)
    differences = found(here, limit=limit)
    assert of_documents(differences) == DIFFERENCES
    assert ("2026-03-02 created", "it holds 7 that no document has counted") in differences
    assert len(differences) == len(set(differences))
    assert scene.counted() == {
        "03-02 arrived/draft": 5,
        "03-02 arrived/sent": 4,
        "03-02 cohort/reached/draft": 5,
        "03-02 cohort/reached/sent": 4,
        "03-02 created": 5,
        "03-02 left/draft": 4,
        "03-02 run/done/send_email/mail": 4,
        "03-02 run/failed/send_email/other": 1,
        "now present/draft": 1,
        "now present/sent": 4,
    }
    start(here, "j-2")
    work(here)
    assert (state_of(here, "j-2"), found(here, "j-2")) == (("done", 5, 5), [])


def test_without_being_told_to_it_corrects_nothing() -> None:
    scene = damaged()
    here, before = world_of(scene), scene.counted()
    start(here)
    work(here)
    assert of_documents(found(here)) == DIFFERENCES
    assert scene.counted()["03-02 arrived/sent"] == before["03-02 arrived/sent"]


def test_the_documents_are_compared_a_few_in_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "BATCHES", 1)
    scene = many()
    here = world_of(scene)
    start(here)
    done = list[int]()
    work(here, lambda: done.append(state_of(here)[2]))
    assert done[:5] == [0, 0, 20, 40, 45]
    assert done[-1] == 45


def test_a_document_that_cannot_be_read_is_left_as_it_was_counted() -> None:
    scene = many(2)
    here, before = world_of(scene), scene.counted()
    here.state.spoiled.add(next(iter(here.state.runs)))
    start(here, replace=True)
    work(here)
    [(name, text)] = found(here)
    assert name == "d-00"
    assert text.startswith("it is left as it was counted: ")
    assert scene.counted() == before


def test_all_pipelines_are_rebuilt_one_after_the_other() -> None:
    here = world_of(many(2))
    for name in ("archive", "leases"):
        here.publish(pipeline(stage("draft"), pipeline=name))
    start(here, replace=True)
    work(here)
    assert state_of(here) == ("done", 2, 2)
    newest = [here.statistics.epochs(one).newest for one in ("archive", "contracts", "leases")]
    assert newest == [2, 2, 2]


def test_where_there_is_no_pipeline_it_is_done() -> None:
    here = World()
    start(here)
    work(here)
    assert state_of(here) == ("done", 0, 0)


def test_a_pipeline_that_is_not_there_fails_the_job() -> None:
    here = World()
    start(here, pipeline="nothing")
    work(here)
    job = show_job(here.jobs, "j-1")
    assert (job.state, job.reason) == (
        "failed",
        'there is no pipeline "nothing"; published are none',
    )


def test_an_aborted_rebuild_goes_on_with_the_documents_that_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kind, "BATCHES", 1)
    scene = many()
    here, before = world_of(scene), scene.counted()
    start(here)
    for _ in range(3):
        (message,) = here.jobs.take_written()
        work_on_job(here.job_services, message)
    abort_job(here.jobs, "j-1", user(ANNA), now=here.now, audit=here.audit)
    work(here)
    assert state_of(here) == ("aborted", 20, 20)
    assert scene.counted() == before
    start(here, "j-2")
    work(here)
    assert state_of(here, "j-2") == ("done", 45, 45)
    assert here.statistics.epochs("contracts").newest == 2
    assert scene.counted() == before


def test_it_waits_where_others_counted_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = many(2)
    here = world_of(scene)
    waited: list[int] = []
    store = replace(here.store, backoff=waited.append)
    monkeypatch.setattr(World, "store", store)
    monkeypatch.setattr(here, "statistics", Refusing(here.statistics, 2))
    start(here)
    work(here)
    assert waited == [0, 0]


def test_documents_that_keep_coming_end_it_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kind, "PASSES", 2)
    monkeypatch.setattr(rebuilding, "PASSES", 2)
    scene = many(1)
    here = world_of(scene)
    numbers = iter(range(100))

    def come() -> None:
        name = f"new-{next(numbers)}"
        made = here.now - timedelta(minutes=5)
        update = {"id": name, "created_at": made}
        here.state.documents[name] = here.state.documents["d-00"].model_copy(update=update)

    start(here)
    work(here, come)
    job = show_job(here.jobs, "j-1")
    assert job.state == "failed"
    assert job.reason == (
        "the documents of contracts were listed 2 times, and there were more to compare each time; "
        "run the rebuild again when fewer documents change"
    )


def test_a_rebuild_that_another_one_ended_is_done() -> None:
    scene = many(2)
    here = world_of(scene)
    start(here)
    for _ in range(2):
        (message,) = here.jobs.take_written()
        work_on_job(here.job_services, message)
    here.statistics.end_rebuild("contracts", 2, drop=True)
    here.statistics.begin_epoch("contracts", here.now)
    waiting = here.jobs.take_written()
    while waiting:
        here.now += timedelta(seconds=waiting[0].delay)
        work_on_job(here.job_services, waiting[0])
        waiting = here.jobs.take_written()
    assert state_of(here)[0] == "done"
    epochs = here.statistics.epochs("contracts")
    assert (epochs.newest, epochs.rebuilding) == (3, True)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("contracts", "contracts", True),
        (None, "contracts", True),
        ("contracts", None, True),
        (None, None, True),
        ("contracts", "leases", False),
    ],
)
def test_two_do_not_rebuild_the_same_at_once(
    first: str | None, second: str | None, refused: bool
) -> None:
    here = World()
    start(here, pipeline=first)
    if refused:
        with pytest.raises(ConflictError, match="does that already; wait for its end"):
            start(here, "j-2", pipeline=second)
    else:
        assert start(here, "j-2", pipeline=second).state == "waiting"


def test_differences_are_listed_of_rebuilds_alone() -> None:
    here = World()
    with pytest.raises(NotFoundError, match="there is no job j-9"):
        list_differences(here.jobs, "j-9", PageRequest())
    other = start(here).model_copy(update={"id": "j-2", "kind": "upgrade_table"})
    here.jobs.add(other)
    with pytest.raises(NotFoundError, match="the job j-2 does not rebuild statistics"):
        list_differences(here.jobs, "j-2", PageRequest())
    key = CounterKey(1, None, "present/draft")
    assert key not in here.statistics.superseded("contracts")
