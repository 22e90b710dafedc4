"""Jobs slice by slice: how far one is, and instances that die in the middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from countersign.adapters.memory.tables.operations.jobs import MemoryJobs
from countersign.errors import UnavailableError
from countersign.model.job import Job
from countersign.model.transaction import Transaction
from countersign.simulation.world import World
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.operations.jobs import show_job


class Dying(World):
    """Its database takes so many changes more, and then is away."""

    left = 1_000_000

    @property
    def job_services(self) -> JobServices:
        made = super().job_services
        return replace(made, store=replace(made.store, documents=_Breaking(self)))


class _Breaking:
    def __init__(self, world: Dying) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.documents, name)

    def commit(self, change: Transaction) -> None:
        if self._world.left == 0:
            raise UnavailableError("the database is away")
        self._world.left -= 1
        self._world.documents.commit(change)


def dying(made: World) -> Dying:
    """The same world, whose database can go away."""
    here = Dying()
    here.__dict__.update(made.__dict__)
    return here


class Mute(MemoryJobs):
    """The instance dies once, when it has done a slice and before the job is written."""

    meanwhile: Callable[[], object] | None = None
    """What happens by then, if it is to die."""

    def put(self, job: Job, part: Sequence[str] | None = None) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
            raise UnavailableError("the instance is gone")
        super().put(job, part)


def job_of(here: World) -> Job:
    """The job j-1 as it is now."""
    return show_job(here.jobs, "j-1")


def counts(here: World) -> tuple[str, int, int, int]:
    """Its state, what it has found, done and refused."""
    job = job_of(here)
    return job.state, job.matched, job.done, job.refused


def slice_of(here: World) -> str:
    """Work on the one slice whose message is written; how that ended."""
    (message,) = here.jobs.take_written()
    return work_on_job(here.job_services, message).result


def die_in_the_middle(here: Dying) -> None:
    """Find, do seven, do none as the database is away, and then all that is left."""
    assert slice_of(here) == "went_on"
    (message,) = here.jobs.take_written()
    here.left = 7
    assert work_on_job(here.job_services, message).result == "went_on"
    assert counts(here)[2] == 7
    (message,) = here.jobs.take_written()
    here.left = 0
    with pytest.raises(UnavailableError):
        work_on_job(here.job_services, message)
    here.left = 1_000_000
    work_on_job(here.job_services, message)
    here.settle()
