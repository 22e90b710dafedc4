"""Moving many documents to one stage: which are meant, what that starts, and moving one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decide import edit
from countersign.engine.decisions.decision import Decision
from countersign.errors import InvalidCursorError, PermanentError
from countersign.model.actor import Actor, Origin
from countersign.model.document import Document
from countersign.model.page import PageRequest
from countersign.model.pipeline import Head, Stage
from countersign.ports import Documents, Pages
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import decided
from countersign.use_cases.queries.pages.documents import (
    DocumentReader,
    DocumentSearch,
    looked_up,
    page_documents,
    stages_of,
)
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.store import Store

PAGES_AT_ONCE = 5
"""Pages of documents that are looked at for one page of a preview."""


class MovedMeanwhileError(PermanentError):
    """The document is in another stage entry than the one it was found in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMove:
    """Which documents are to be moved where: those that are named, or all that a search finds."""

    pipeline: str
    """All of them belong to it."""
    stage: str
    """Where to; the stage's id."""
    documents: tuple[str, ...] = ()
    search: DocumentSearch | None = None
    """In its place; within the pipeline."""

    @property
    def wanted(self) -> DocumentSearch:
        """The search, in the pipeline of the move."""
        return replace(self.search or DocumentSearch(), pipeline=self.pipeline)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePage:
    """Some of the documents of a move."""

    found: tuple[Document, ...]
    """Those that can be moved as they are now."""
    there_already: int = 0
    """How many of those that were searched for are in the stage."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Why documents that are named cannot be moved, by their ids."""
    next: str | None = None
    """The cursor of the next page; None on the last one."""


class MoveTarget(NamedTuple):
    """Where a move leads to, by what is published now."""

    head: Head
    program: CompiledPipeline
    stage: Stage


def target_of(reader: DocumentReader, move: DocumentMove) -> MoveTarget:
    """Where a move leads to that can be carried out.

    NotFoundError for a pipeline that is not published and a searched stage that there is not;
    PermanentError for a target that the pipeline does not have, for a search that looks for
    nothing, and unless documents are either named or searched for.
    """
    if bool(move.documents) == (move.search is not None):
        raise PermanentError("a move takes either `documents` or a `filter`")
    head = published_head(reader.pipelines, move.pipeline)
    program = reader.programs.published(head)
    stage = program.pipeline.stage(move.stage)
    if stage is None:
        there = ", ".join(known.id for known in program.pipeline.stages)
        msg = f'the stage "{move.stage}" does not exist; this pipeline has {there}'
        raise PermanentError(msg)
    if move.search is not None:
        looked_up(move.wanted)
        stages_of(reader, move.wanted)
    return MoveTarget(head, program, stage)


def named_documents(documents: Documents, move: DocumentMove) -> MovePage:
    """The documents that are named, each once. Strongly consistent."""
    to_move, refusals = list[Document](), dict[str, str]()
    for document_id in dict.fromkeys(move.documents):
        document = documents.get(document_id)
        reason = _refusal(move, document_id, document)
        if document is not None and reason is None:
            to_move.append(document)
        else:
            refusals[document_id] = reason or ""
    return MovePage(found=tuple(to_move), refusals=refusals)


def searched_documents(
    reader: DocumentReader, move: DocumentMove, cursor: str | None, *, now: datetime
) -> MovePage:
    """A page of the documents that are searched for; raises what ``page_documents`` raises."""
    page = page_documents(reader, move.wanted, cursor, now=now)
    documents = tuple(row.document for row in page.items if row.document.stage != move.stage)
    return MovePage(found=documents, there_already=len(page.items) - len(documents), next=page.next)


def _refusal(move: DocumentMove, document_id: str, document: Document | None) -> str | None:
    if document is None:
        return f"there is no document {document_id}"
    if document.pipeline != move.pipeline:
        return f"the document belongs to the pipeline {document.pipeline}, not to {move.pipeline}"
    if document.stage == move.stage:
        return f"the document is in the stage {document.stage} already"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedRule:
    """A rule that begins for every document that arrives in the stage."""

    rule: str
    name: str
    """The name that people see; empty where it has none."""
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePreview:
    """What a move would do. The numbers of its pages add up; the rest is the same on each."""

    documents: int
    """How many would be moved."""
    there_already: int
    leaving_final: int
    """How many of them leave a final stage."""
    refusals: Mapping[str, str]
    rules: tuple[StartedRule, ...]
    """Nothing where automation is not included."""
    final: bool
    """Whether the stage ends the process."""
    paused: bool
    """Whether rules start once the pipeline is resumed."""
    automation: bool
    """Whether the deployment's plan includes automation."""
    next: str | None
    """The cursor of the next page; None on the last one."""


def preview_move(
    reader: DocumentReader,
    documents: Documents,
    move: DocumentMove,
    cursor: str | None = None,
    *,
    now: datetime,
) -> MovePreview:
    """A page of what a move would do; raises what ``target_of`` and ``page_documents`` raise."""
    head, program, stage = target_of(reader, move)
    pages = [_page(reader, documents, move, cursor, now=now)]
    while pages[-1].next is not None and len(pages) < PAGES_AT_ONCE:
        pages.append(_page(reader, documents, move, pages[-1].next, now=now))
    to_move = [document for page in pages for document in page.found]
    return MovePreview(
        documents=len(to_move),
        there_already=sum(page.there_already for page in pages),
        leaving_final=sum(_is_final(program, document.stage) for document in to_move),
        refusals=pages[0].refusals,
        rules=_started(program, stage),
        final=stage.is_final,
        paused=head.paused,
        automation=program.automation,
        next=pages[-1].next,
    )


def _page(
    reader: DocumentReader,
    documents: Documents,
    move: DocumentMove,
    cursor: str | None,
    *,
    now: datetime,
) -> MovePage:
    if move.search is None:
        if cursor is not None:
            raise InvalidCursorError("this is not a valid cursor; expected the `next` of a page")
        return named_documents(documents, move)
    return searched_documents(reader, move, cursor, now=now)


def _is_final(program: CompiledPipeline, stage_id: str) -> bool:
    stage = program.pipeline.stage(stage_id)
    return stage is not None and stage.is_final


def _started(program: CompiledPipeline, stage: Stage) -> tuple[StartedRule, ...]:
    if not program.automation:
        return ()
    return tuple(
        StartedRule(rule=rule.id, name=rule.name, kind=rule.kind)
        for rule in stage.rules
        if rule.enabled
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMove:
    """The move of one document, as a job has found it."""

    document: str
    entry: int
    """The stage entry that it was found in."""
    stage: str
    comment: str | None
    by: Actor
    job: str


def move_for_job(store: Store, pages: Pages, wanted: JobMove) -> None:
    """Move the document as a person does; nothing where the job has moved it before.

    The timeline says which job it was. Raises MovedMeanwhileError where the document is no longer
    in the stage entry it was found in, and what ``edit.save`` raises.
    """
    cause = f"job {wanted.job}"

    def decide(program: CompiledPipeline, before: Document) -> Decision:
        if before.entry != wanted.entry:
            msg = f"the document has been moved meanwhile; it is in the stage {before.stage}"
            raise MovedMeanwhileError(msg)
        origin = Origin(by=wanted.by, at=store.clock(), cause=cause)
        return edit(program, before, Edit(stage=wanted.stage, comment=wanted.comment), origin)

    try:
        decided(store, wanted.document, decide)
    except MovedMeanwhileError:
        if not _has_moved(pages, wanted, cause):
            raise


def _has_moved(pages: Pages, wanted: JobMove, cause: str) -> bool:
    """Whether the timeline says so; it is read back to the stage entry the document was found in.

    Strongly consistent, as the document is.
    """
    after: str | None = None
    while True:
        page = pages.timeline(wanted.document, PageRequest(after), newest_first=True)
        for line in page.items:
            if line.kind == "moved" and line.cause == cause:
                return True
            if line.entry <= wanted.entry:
                return False
        if page.next is None:
            return False
        after = page.next
