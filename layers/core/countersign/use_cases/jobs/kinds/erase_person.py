"""The job that erases a person from all documents: found first, then erased one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import ClassVar, Literal, NamedTuple

from countersign.errors import ConflictError, NotFoundError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.model.page import PageRequest
from countersign.model.person import Role
from countersign.model.stored_file import FileKind
from countersign.use_cases.jobs.kinds._shared.select_first import (
    JobPart,
    SelectFirst,
    place_after,
)
from countersign.use_cases.jobs.kinds.base import JobServices, JobStep
from countersign.use_cases.personal_data.erase import DataEraser, Erasure, Subject, erase_person
from countersign.use_cases.personal_data.find import PersonFinder, page_of_person

PAGE_SIZE = 100
"""Documents that are found in one slice; 500 are read for them at most."""
ERASED_AT_ONCE = 10
"""Documents that a person is erased from in one slice."""
AGAIN_AFTER = timedelta(seconds=30)
"""How long a document is left alone of which a run was being performed."""
MAX_TRIES = 10
"""How often such a document is gone through; a run is performed for two minutes at most."""


class ErasePerson(SelectFirst):
    """Erases the person with an address from every document that names the person.

    A document of which a run was being performed is gone through again later, since what the run
    writes at its end may name the person.
    """

    role: ClassVar[Role] = "administrator"
    private: ClassVar[bool] = True

    kind: Literal["erase_person"] = "erase_person"
    address: str
    names: tuple[str, ...] = ()
    """Further names, addresses and phone numbers of the same person."""
    keep_files: tuple[FileKind, ...] = ()
    key: str
    """``DataEraser.key``: the same pseudonym in all documents, and in slices that are repeated."""

    def find(self, services: JobServices, job: Job, after: str | None) -> JobPart:
        """Documents that name the person."""
        finder = PersonFinder(pages=services.pages, pipelines=services.pipelines)
        page = page_of_person(finder, self.subject, PageRequest(after, PAGE_SIZE))
        return JobPart(
            tuple(str(_Entry(document=document.id)) for document in page.items), page.next
        )

    def work(self, services: JobServices, job: Job, part: int, number: int) -> JobStep:
        """Erase from some documents; what must wait stands in a further part."""
        lines = services.jobs.part(job.id, part)
        end = min(number + ERASED_AT_ONCE, len(lines))
        again, done, refusals, delay = list[str](), 0, list[JobRefusal](), 0
        for place in range(number, end):
            entry, now = _Entry.read(lines[place]), services.store.clock()
            too_early = entry.not_before is not None and entry.not_before > now
            if too_early or (place > number and services.time_is_up()):
                end, delay = place, _seconds(entry, now) if too_early else 0
                break
            try:
                erased = self._erase_from(services, job, entry.document)
            except NotFoundError:  # it was removed, or names nobody any more
                done += 1
            except (PermanentError, ConflictError) as error:
                refusals.append(JobRefusal(item=entry.document, reason=str(error)))
            except TransientError:
                if place == number:
                    raise
                end = place
                break
            else:
                if not erased.running:
                    done += 1
                elif entry.tries + 1 < MAX_TRIES:
                    again.append(str(entry.once_more(now)))
                else:
                    refusals.append(JobRefusal(item=entry.document, reason=_still_running(erased)))
        is_last = end == len(lines) and part + 1 >= job.parts + bool(again)
        return JobStep(
            place=None if is_last else place_after(part, end, of=len(lines)),
            part=tuple(again) or None,
            done=done,
            refusals=tuple(refusals),
            delay=delay,
        )

    def _erase_from(self, services: JobServices, job: Job, document: str) -> Erasure:
        eraser = DataEraser(
            store=services.store,
            files=services.files,
            key=self.key,
            keep_files=frozenset(self.keep_files),
        )
        return erase_person(eraser, document, self.subject, user(job.by))

    @property
    def subject(self) -> Subject:
        """Whom it is about."""
        return Subject(address=self.address, names=self.names)


class _Entry(NamedTuple):
    """A document that names the person, as the job keeps it."""

    document: str
    tries: int = 0
    not_before: datetime | None = None

    def once_more(self, now: datetime) -> _Entry:
        """It is to be gone through again, after a while."""
        return _Entry(self.document, self.tries + 1, now + AGAIN_AFTER)

    def __str__(self) -> str:
        at = self.not_before.isoformat() if self.not_before else "now"
        return f"{self.tries} {at} {self.document}"

    @classmethod
    def read(cls, text: str) -> _Entry:
        tries, at, document = text.split(" ", 2)
        return cls(document, int(tries), None if at == "now" else datetime.fromisoformat(at))


def _seconds(entry: _Entry, now: datetime) -> int:
    return ceil((entry.not_before - now).total_seconds()) if entry.not_before else 0


def _still_running(erased: Erasure) -> str:
    runs = ", ".join(erased.running)
    return f"{runs}: still being performed, and may write of the person; erase once more later"
