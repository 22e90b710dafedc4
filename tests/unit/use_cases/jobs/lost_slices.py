"""Working on jobs where functions end in the middle of a slice, and its message comes again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from countersign.adapters.memory.tables.operations.jobs import MemoryJobs
from countersign.errors import UnavailableError
from countersign.model.job import Job
from countersign.simulation.world import World
from countersign.use_cases.jobs.work import work_on_job


class Dying(MemoryJobs):
    """A slice's end is lost with its function the first time that it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: set[tuple[str, int]] = set()

    def put(self, job: Job, part: Any = None) -> None:
        slice_ = (job.id, job.version)
        if slice_ not in self.tried:
            self.tried.add(slice_)
            raise UnavailableError("the function ended")
        super().put(job, part)


def work(world: World, then: Callable[[], None] = lambda: None, *, most: int = 500) -> int:
    """Work on all jobs until they have ended; a message whose slice failed comes again. ``then`` is
    called after each slice. How many slices it took."""
    slices, waiting = 0, list(world.jobs.take_written())
    while waiting:
        slices += 1
        assert slices < most, "the job never ends"
        message = waiting[0]
        world.now += timedelta(seconds=message.delay)
        with suppress(UnavailableError):
            work_on_job(world.job_services, message)
            waiting.pop(0)
        then()
        waiting += world.jobs.take_written()
    return slices
