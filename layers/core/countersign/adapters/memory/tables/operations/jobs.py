"""Jobs in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from countersign.adapters.instants import iso
from countersign.errors import ConflictError
from countersign.model.job import Job
from countersign.model.message import JobMessage
from countersign.model.page import Page, PageRequest


class MemoryJobs:
    """``ports.Jobs`` in memory."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self._parts: dict[tuple[str, int], tuple[str, ...]] = {}
        self._written: list[JobMessage] = []

    def take_written(self) -> tuple[JobMessage, ...]:
        """What asks for the open jobs that were written, in order: what the table's stream hands to
        dispatch."""
        taken, self._written = tuple(self._written), []
        return taken

    def add(self, job: Job) -> None:
        if job.id in self.jobs:
            raise ConflictError(f"job {job.id} was changed by somebody else")
        self._keep(job)

    def get(self, job: str) -> Job | None:
        return self.jobs.get(job)

    def put(self, job: Job, part: Sequence[str] | None = None) -> None:
        before = self.jobs.get(job.id)
        if before is None or before.version != job.version - 1:
            raise ConflictError(f"job {job.id} was changed by somebody else")
        if part is not None:
            self._parts[job.id, job.parts - 1] = tuple(part)
        self._keep(job)

    def part(self, job: str, number: int) -> tuple[str, ...]:
        return self._parts.get((job, number), ())

    def page(self, page: PageRequest) -> Page[Job]:
        there = {f"{iso(job.created_at)}#{job.id}": job for job in self.jobs.values()}
        rest = [
            place
            for place in sorted(there, reverse=True)
            if page.after is None or place < page.after
        ]
        shown = rest[: page.limit]
        after = shown[-1] if len(shown) == page.limit else None
        return Page(tuple(there[place] for place in shown), after)

    def untouched(self, since: datetime) -> Iterator[Job]:
        there = [job for job in self.jobs.values() if job.is_open and job.updated_at < since]
        yield from sorted(there, key=lambda job: (job.updated_at, job.id))

    def _keep(self, job: Job) -> None:
        self.jobs[job.id] = job
        if job.is_open:
            self._written.append(JobMessage(job=job.id, version=job.version, delay=job.delay))
