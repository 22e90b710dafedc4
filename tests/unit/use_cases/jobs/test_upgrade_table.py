"""The job that upgrades a table of an earlier version: in slices, and each document once."""

from __future__ import annotations

import pytest

from countersign.errors import ConflictError
from countersign.model.actor import user
from countersign.model.job import Job
from countersign.model.upgrade import UpgradeProgress
from countersign.simulation.world import World
from countersign.use_cases import upgrade
from countersign.use_cases.jobs.kinds import upgrade_table as kind
from countersign.use_cases.jobs.kinds.upgrade_table import UpgradeTable
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.operations.jobs import show_job
from tests.builders import ANNA
from tests.unit.use_cases.jobs.lost_slices import Dying, work
from tests.unit.use_cases.queries.scene import task
from tests.unit.use_cases.test_upgrade import found, world

ENDED = UpgradeProgress(word_index=1, pipeline="leases", documents=250, indexed=250, tasks=5)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> World:
    """250 documents and five open tasks of an earlier version."""
    monkeypatch.setattr(upgrade, "TASKS_AT_ONCE", 2)
    here = world(250)
    for number in range(5):
        task(here, f"d{number:03}", "call", number)
    return here


def start(here: World, job_id: str = "j-1") -> Job:
    return start_job(here.jobs, job_id, UpgradeTable(), user(ANNA), now=here.now)


def state_of(here: World) -> tuple[str, int, int]:
    job = show_job(here.jobs, "j-1")
    return job.state, job.matched, job.done


def versions(here: World) -> set[int]:
    return {document.version for document in here.state.documents.values()}


def test_every_document_is_found_afterwards(old: World) -> None:
    start(old)
    old.settle()
    assert state_of(old) == ("done", 250, 250)
    assert old.upgrades.progress() == ENDED
    assert found(old, "number123") == ["d123"]
    assert versions(old) == {2}


@pytest.mark.parametrize("pages", [1, 2, 3, 7])
def test_a_slice_goes_through_a_few_pages(
    old: World, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(kind, "PAGES", pages)
    start(old)
    seen = list[int]()
    slices = work(old, lambda: seen.append(state_of(old)[2]))
    assert slices == {1: 6, 2: 3, 3: 2, 7: 1}[pages]
    assert (
        seen
        == {
            1: [100, 166, 250, 250, 250, 250],
            2: [166, 250, 250],
            3: [250, 250],
            7: [250],
        }[pages]
    )
    assert old.upgrades.progress() == ENDED


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_slice_whose_end_is_lost_loses_nothing(
    old: World, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(kind, "PAGES", pages)
    old.jobs = Dying()
    start(old)
    work(old)
    assert state_of(old) == ("done", 250, 250)
    assert old.upgrades.progress() == ENDED
    assert versions(old) == {2}


def test_an_aborted_upgrade_goes_on_with_the_next(
    old: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "PAGES", 1)
    start(old)
    (message,) = old.jobs.take_written()
    work_on_job(old.job_services, message)
    abort_job(old.jobs, "j-1", user(ANNA), now=old.now, audit=old.audit)
    old.settle()
    assert state_of(old) == ("aborted", 100, 100)
    assert old.upgrades.progress().documents == 100
    start(old, "j-2")
    old.settle()
    assert show_job(old.jobs, "j-2").state == "done"
    assert old.upgrades.progress() == ENDED
    assert versions(old) == {2}


def test_an_upgraded_table_is_left_as_it_is(old: World) -> None:
    old.upgrades.note(ENDED)
    start(old)
    old.settle()
    assert show_job(old.jobs, "j-1").state == "done"
    assert versions(old) == {1}


def test_two_do_not_upgrade_at_once(old: World) -> None:
    start(old)
    with pytest.raises(ConflictError, match="the job j-1 of anna"):
        start(old, "j-2")
    assert start(old).id == "j-1"
