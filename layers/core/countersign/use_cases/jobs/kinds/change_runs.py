"""The job that changes every run a filter matches: found first, then changed one by one."""

from __future__ import annotations

from typing import Literal, NamedTuple

from countersign.errors import ConflictError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.model.page import PageRequest
from countersign.model.run import Run, RunKey
from countersign.model.run_change import RunChange
from countersign.use_cases.jobs.kinds.base import JobKind, JobServices, JobStep
from countersign.use_cases.queries.runs import RunFilter, list_runs
from countersign.use_cases.runs.change_run import RunRequest, change_run

FOUND_AT_ONCE = 100
"""Runs that are found in one slice."""
CHANGED_AT_ONCE = 25
"""Runs that are changed in one slice."""


class ChangeRuns(JobKind):
    """Runs now, shifts, skips, retries or accepts every run that the filter matches at the start.

    A run that has changed since it was found is refused, so that nothing is done to it twice. What
    failed in a stage that was left since is not tried again.
    """

    kind: Literal["change_runs"] = "change_runs"
    change: RunChange
    filter: RunFilter

    def step(self, services: JobServices, job: Job) -> JobStep:
        place = _Place.read(job.place)
        if place.part is None:
            return self._find(services, job, place.found_up_to)
        return self._change(services, job, place.part, place.number)

    def _find(self, services: JobServices, job: Job, after: str | None) -> JobStep:
        page = list_runs(
            services.store.documents,
            services.pipelines,
            self.filter,
            PageRequest(after, FOUND_AT_ONCE),
        )
        found = tuple(map(_written, page.items))
        parts = job.parts + bool(found)
        if page.next is not None:
            place: str | None = f"find:{page.next}"
        else:
            place = "change:0:0" if parts else None
        return JobStep(place=place, part=found or None, matched=len(found))

    def _change(self, services: JobServices, job: Job, part: int, number: int) -> JobStep:
        found = services.jobs.part(job.id, part)
        done, refusals = 0, list[JobRefusal]()
        end = min(number + CHANGED_AT_ONCE, len(found))
        for place in range(number, end):
            if place > number and services.time_is_up():
                end = place
                break
            generation, _, key = found[place].partition(" ")
            try:
                self._change_one(services, job, key, int(generation))
            except (PermanentError, ConflictError) as error:
                refusals.append(JobRefusal(item=key, reason=str(error)))
            except TransientError:
                if place == number:
                    raise
                end = place
                break
            else:
                done += 1
        following = f"change:{part}:{end}" if end < len(found) else f"change:{part + 1}:0"
        is_last = end == len(found) and part + 1 >= job.parts
        return JobStep(place=None if is_last else following, done=done, refusals=tuple(refusals))

    def _change_one(self, services: JobServices, job: Job, text: str, generation: int) -> None:
        key = RunKey.read(text)
        if key is None:
            raise PermanentError(f'"{text}" is not a valid run')
        change_run(
            services.store,
            RunRequest(
                run=key,
                change=self.change,
                by=user(job.by),
                even_if_left=False,
                job=job.id,
                generation=generation,
            ),
        )


class _Place(NamedTuple):
    """Where the job goes on: in a list of runs, or in the parts of what it has found."""

    found_up_to: str | None = None
    part: int | None = None
    number: int = 0

    @classmethod
    def read(cls, place: str | None) -> _Place:
        word, _, rest = (place or "find:").partition(":")
        if word == "find":
            return cls(found_up_to=rest or None)
        part, _, number = rest.partition(":")
        return cls(part=int(part), number=int(number))


def _written(run: Run) -> str:
    return f"{run.generation} {run.key}"
