"""The job that moves documents to a stage: found first, then moved one by one."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.use_cases.documents.move import (
    DocumentMove,
    JobMove,
    move_for_job,
    named_documents,
    searched_documents,
    target_of,
)
from countersign.use_cases.jobs.kinds._shared.select_first import (
    JobItem,
    JobPart,
    OneByOne,
)
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.queries.pages.documents import DocumentReader, DocumentSearch


class MoveDocuments(OneByOne):
    """Moves documents that are named, or that a search finds at the start, to a stage.

    One that has been moved since it was found is refused, so that none is moved twice.
    """

    private: ClassVar[bool] = True  # what is searched for, and the comment, may name a person

    kind: Literal["move_documents"] = "move_documents"
    pipeline: str
    stage: str
    documents: tuple[str, ...] = ()
    search: DocumentSearch | None = None
    comment: str | None = None

    def find(self, services: JobServices, job: Job, after: str | None) -> JobPart:
        """Documents that are to be moved, each in its stage entry."""
        store = services.store
        reader = DocumentReader(
            pages=services.pages, pipelines=services.pipelines, programs=store.programs
        )
        target_of(reader, self.move)
        if self.search is None:
            page = named_documents(store.documents, self.move)
        else:
            # The same moment in each slice: the age in stage is counted from the start.
            page = searched_documents(reader, self.move, after, now=job.created_at)
        return JobPart(
            items=tuple(str(JobItem(document.id, str(document.entry))) for document in page.found),
            next=page.next,
            refusals=tuple(
                JobRefusal(item=document_id, reason=why)
                for document_id, why in page.refusals.items()
            ),
        )

    def carry_out(self, services: JobServices, job: Job, item: JobItem) -> None:
        """Move one document; its timeline says which job it was."""
        wanted = JobMove(
            document=item.id,
            entry=int(item.state),
            stage=self.stage,
            comment=self.comment,
            by=user(job.by),
            job=job.id,
        )
        move_for_job(services.store, services.pages, wanted)

    @classmethod
    def of(cls, move: DocumentMove, comment: str | None) -> MoveDocuments:
        """The job that carries the move out."""
        return cls(
            pipeline=move.pipeline,
            stage=move.stage,
            documents=move.documents,
            search=move.search,
            comment=comment,
        )

    @property
    def move(self) -> DocumentMove:
        """Which documents, and where to."""
        return DocumentMove(
            pipeline=self.pipeline,
            stage=self.stage,
            documents=self.documents,
            search=self.search,
        )
