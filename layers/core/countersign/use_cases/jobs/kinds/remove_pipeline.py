"""The job that removes a pipeline with all its documents: found, removed one by one, and looked for
once more; the pipeline goes last."""

from __future__ import annotations

from itertools import islice
from typing import ClassVar, Literal

from countersign.errors import ConflictError, NotFoundError, PermanentError, TransientError
from countersign.model.document import Document
from countersign.model.job import Job, JobRefusal
from countersign.model.page import PageRequest
from countersign.model.person import Role
from countersign.ports import AuditLog
from countersign.use_cases.auditor import RequestEnd, conclude_request
from countersign.use_cases.documents.remove import remove_document
from countersign.use_cases.jobs.kinds.base import JobKind, JobServices, JobStep
from countersign.use_cases.pipelines.remove import check_unconnected, leading_to, pipeline_subject

PAGE_SIZE = 100
"""Documents that are found in one slice."""
REMOVED_AT_ONCE = 10
"""Documents that are removed in one slice."""
DROPPED_AT_ONCE = 100
"""Held messages that are dropped in one slice."""
AGAIN_AFTER = 30
"""Seconds that a document is left alone which kept changing."""


class RemovePipeline(JobKind):
    """Removes a pipeline with its versions, its documents and the messages that wait for it.

    Documents that are made meanwhile are removed too. Where one cannot be removed, or a connection
    leads to the pipeline again, the job fails and the pipeline stays.
    """

    role: ClassVar[Role] = "administrator"

    kind: Literal["remove_pipeline"] = "remove_pipeline"
    pipeline: str
    entry: str | None = None
    """The entry of the audit log that says who asked for it."""

    def excludes(self, other: JobKind) -> bool:
        return isinstance(other, RemovePipeline) and other.pipeline == self.pipeline

    def record_end(self, audit: AuditLog, job: Job) -> None:
        if self.entry is not None:
            outcome: Literal["done", "failed"] = "done" if job.state == "done" else "failed"
            end = RequestEnd(outcome=outcome, reason=job.reason, at=job.ended_at or job.updated_at)
            conclude_request(audit, self.entry, pipeline_subject(self.pipeline), end)

    def step(self, services: JobServices, job: Job) -> JobStep:
        word, _, rest = (job.place or "find:0:").partition(":")
        try:
            if word == "drop":
                return self._finish(services, job)
            number, _, place = rest.partition(":")
            if word == "find":
                return self._find(services, job, int(number), place or None)
            return self._remove(services, job, int(number), int(place))
        except PermanentError as error:
            now = services.store.clock()
            self.record_end(services.audit, job.ended("failed", str(error), at=now))
            raise

    def _find(self, services: JobServices, job: Job, first: int, after: str | None) -> JobStep:
        """``first``: the first part of what is found this time."""
        self._check_unconnected(services)
        page = services.pages.cards(self.pipeline, PageRequest(after, PAGE_SIZE))
        ids = tuple(card.id for card in page.items if not first or _is_there(services, card.id))
        if page.next is not None:
            place = f"find:{first}:{page.next}"
        else:
            place = f"remove:{first}:0" if job.parts + bool(ids) > first else "drop:"
        return JobStep(place=place, part=ids or None, matched=len(ids))

    def _remove(self, services: JobServices, job: Job, part: int, number: int) -> JobStep:
        ids = services.jobs.part(job.id, part)
        documents = services.store.documents
        done, refusals, delay = 0, list[JobRefusal](), 0
        end = min(number + REMOVED_AT_ONCE, len(ids))
        for place in range(number, end):
            if place > number and services.time_is_up():
                end = place
                break
            try:
                remove_document(documents, services.files, ids[place], self._check_document)
            except NotFoundError:
                done += 1
            except PermanentError as error:
                refusals.append(JobRefusal(item=ids[place], reason=str(error)))
            except TransientError as error:
                if place == number and not isinstance(error, ConflictError):
                    raise
                end, delay = place, AGAIN_AFTER * isinstance(error, ConflictError)
                break
            else:
                done += 1
        following = f"remove:{part}:{end}" if end < len(ids) else f"remove:{part + 1}:0"
        if end == len(ids) and part + 1 >= job.parts:
            # What could not be removed would be found each time.
            following = "drop:" if job.refused or refusals else f"find:{job.parts}:"
        return JobStep(place=following, done=done, refusals=tuple(refusals), delay=delay)

    def _finish(self, services: JobServices, job: Job) -> JobStep:
        if job.refused:
            raise PermanentError(
                f"{job.refused} of the documents could not be removed, and {self.pipeline} stays"
            )
        held = services.held
        waiting = list(islice(held.list(self.pipeline), DROPPED_AT_ONCE))
        for message in waiting:
            held.remove(message)
        aside = list(islice(held.list_aside(self.pipeline), DROPPED_AT_ONCE))
        for entry in aside:
            held.remove_aside(entry.message)
        if DROPPED_AT_ONCE in (len(waiting), len(aside)):
            return JobStep(place="drop:")
        self._check_unconnected(services)
        if services.pipelines.head(self.pipeline) is not None:
            services.pipelines.remove(self.pipeline)
        self.record_end(services.audit, job.ended("done", None, at=services.store.clock()))
        return JobStep(place=None)

    def _check_unconnected(self, services: JobServices) -> None:
        """Whether no connection leads to the pipeline, so that nothing more is made by messages."""
        check_unconnected(self.pipeline, leading_to(services.connections, self.pipeline))

    def _check_document(self, document: Document) -> None:
        if document.pipeline != self.pipeline:
            raise NotFoundError(f"{document.id} is of the pipeline {document.pipeline} by now")


def _is_there(services: JobServices, document: str) -> bool:
    """Whether it is, though the list may not know yet that it was removed."""
    try:
        return services.store.documents.get(document) is not None
    except PermanentError:  # which removing it tells of
        return True
