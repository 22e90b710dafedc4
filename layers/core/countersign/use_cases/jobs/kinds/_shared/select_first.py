"""Jobs that find what they work on first, part by part, and then work on each of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from countersign.errors import ConflictError, PermanentError, TransientError
from countersign.model.job import Job, JobRefusal
from countersign.use_cases.jobs.kinds.base import JobKind, JobServices, JobStep


class JobItem(NamedTuple):
    """One of the items that a job works on."""

    id: str
    """What people know it by."""
    state: str
    """What of it must still be the same when its turn comes; no spaces."""

    def __str__(self) -> str:
        """As the job keeps it."""
        return f"{self.state} {self.id}"

    @classmethod
    def read(cls, text: str) -> JobItem:
        """What ``str`` has written."""
        state, _, item_id = text.partition(" ")
        return cls(item_id, state)


class JobPart(NamedTuple):
    """What one slice has found."""

    items: tuple[str, ...]
    """As the job keeps them."""
    next: str | None
    """Where the next slice goes on to find; None where all is found."""
    refusals: tuple[JobRefusal, ...] = ()
    """What is meant, and takes no change as it is."""


class SelectFirst(JobKind, ABC):
    """Base of the kinds that find all first, so that what they do to it changes nothing of what
    they find."""

    @abstractmethod
    def find(self, services: JobServices, job: Job, after: str | None) -> JobPart:
        """A part of what the job is about, from a place on; PermanentError where nothing can be."""
        ...

    @abstractmethod
    def work(self, services: JobServices, job: Job, part: int, number: int) -> JobStep:
        """Work on some of a part, from the item of that number on."""
        ...

    def step(self, services: JobServices, job: Job) -> JobStep:
        """Find a part, or work on some of what was found."""
        word, _, rest = (job.place or "find:").partition(":")
        if word == "find":
            return self._find(services, job, rest or None)
        part, _, number = rest.partition(":")
        return self.work(services, job, int(part), int(number))

    def _find(self, services: JobServices, job: Job, after: str | None) -> JobStep:
        part = self.find(services, job, after)
        parts = job.parts + bool(part.items)
        if part.next is not None:
            place: str | None = f"find:{part.next}"
        else:
            place = place_after(0, 0) if parts else None
        return JobStep(
            place=place,
            part=part.items or None,
            matched=len(part.items) + len(part.refusals),
            refusals=part.refusals,
        )


class OneByOne(SelectFirst, ABC):
    """Base of those that do the same to each item, whatever became of the others."""

    at_once: ClassVar[int] = 25
    """Items that are worked on in one slice."""

    @abstractmethod
    def carry_out(self, services: JobServices, job: Job, item: JobItem) -> None:
        """Work on one item; nothing where the job has done so before.

        PermanentError and ConflictError refuse it; TransientError has it tried again later.
        """
        ...

    def work(self, services: JobServices, job: Job, part: int, number: int) -> JobStep:
        """Carry out one item after the other, as many as a slice may."""
        ids = services.jobs.part(job.id, part)
        done, refusals = 0, list[JobRefusal]()
        end = min(number + self.at_once, len(ids))
        for place in range(number, end):
            if place > number and services.time_is_up():
                end = place
                break
            item = JobItem.read(ids[place])
            try:
                self.carry_out(services, job, item)
            except (PermanentError, ConflictError) as error:
                refusals.append(JobRefusal(item=item.id, reason=str(error)))
            except TransientError:
                if place == number:
                    raise
                end = place
                break
            else:
                done += 1
        is_last = end == len(ids) and part + 1 >= job.parts
        place_then = place_after(part, end, of=len(ids))
        return JobStep(place=None if is_last else place_then, done=done, refusals=tuple(refusals))


def place_after(part: int, end: int, *, of: int = 1) -> str:
    """Where a job goes on that has worked on a part up to there: in it, or in the next one."""
    return f"work:{part}:{end}" if end < of else f"work:{part + 1}:0"
