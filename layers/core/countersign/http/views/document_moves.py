"""Moving many documents, as the API has it."""

from __future__ import annotations

from pydantic import Field

from countersign.http.callers import Caller
from countersign.http.views.base import Body, Comment, Id, View
from countersign.http.views.message import Message
from countersign.model.page import MAX_PAGE_SIZE
from countersign.use_cases.documents.move import DocumentMove, MovePreview
from countersign.use_cases.queries.pages.documents import DocumentSearch


class DocumentFilterBody(Body):
    """Which documents of the pipeline are meant, as a list of documents is filtered; all of them
    where nothing is given."""

    stage: Id | None = None
    responsible: Id | None = None
    person: Id | None = None
    """A user who is responsible or observes; `me` for the caller."""
    party: Id | None = None
    text: Id | None = None
    days_in_stage: int | None = Field(default=None, ge=0, le=36_500)


class DocumentMoveBody(Body):
    """Which documents are to be moved: those that are named, or all that a filter matches."""

    pipeline: Id
    """All of them belong to it."""
    stage: Id
    """Where to."""
    documents: tuple[Id, ...] = Field(default=(), max_length=MAX_PAGE_SIZE)
    filter: DocumentFilterBody | None = None
    """In place of ``documents``."""


class MovePreviewBody(DocumentMoveBody):
    """A page of what the move would do."""

    cursor: str | None = Field(default=None, max_length=2000)
    """The ``next`` of the page before."""


class NewMoveBody(DocumentMoveBody):
    """A move that is to be carried out."""

    comment: Comment | None = None
    """For the timeline of each document."""


class StartedRuleView(View):
    """A rule that begins for every document that arrives in the stage, at once or at its time."""

    rule: str
    name: str
    """Empty where it has none of its own."""
    kind: str


class MoveRefusalView(View):
    """A document that is named and cannot be moved, and why."""

    document: str
    reason: Message


class MovePreviewView(View):
    """What a move would do; the numbers of its pages add up."""

    documents: int
    """How many would be moved."""
    there_already: int
    """How many that the filter matches are in the stage already; they are left out."""
    leaving_final: int
    """How many of those that would be moved leave a final stage."""
    refusals: tuple[MoveRefusalView, ...]
    rules: tuple[StartedRuleView, ...]
    final: bool
    """Whether the stage ends the process."""
    paused: bool
    """Whether rules start only when the pipeline is resumed."""
    automation: bool
    """Whether the deployment's plan includes automation; without it no rule is planned."""
    next: str | None
    """The ``cursor`` of the next page; null on the last one."""


def move_of(body: DocumentMoveBody, caller: Caller) -> DocumentMove:
    """The move that a request of this caller asks for."""
    search = None
    if body.filter is not None:
        person = caller.named(body.filter.person)
        search = DocumentSearch(**{**body.filter.model_dump(), "person": person})
    return DocumentMove(
        pipeline=body.pipeline, stage=body.stage, documents=body.documents, search=search
    )


def move_preview_view(preview: MovePreview) -> MovePreviewView:
    """What a move would do, as the API has it."""
    refusals = tuple(
        MoveRefusalView(document=document, reason=reason)
        for document, reason in preview.refusals.items()
    )
    plain = {name: getattr(preview, name) for name in MovePreviewView.model_fields}
    return MovePreviewView.model_validate({**plain, "refusals": refusals})
