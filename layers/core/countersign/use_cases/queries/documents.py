"""Documents: listed by stage, and found by what people know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.explain import stage_name
from countersign.model.document import Document, DocumentCard
from countersign.ports import Documents, Pipelines
from countersign.use_cases.queries.pages.documents import (
    DocumentReader,
    DocumentRow,
    DocumentSearch,
    filter_of,
    looked_up,
    page_documents,
    stages_of,
)
from countersign.use_cases.queries.pipelines import list_pipelines, list_programs

MAX_DOCUMENTS = 1_000
"""Documents that one search lists."""
MAX_CARDS = 20_000
"""Cards that are read for those whose ids begin with a text: some 6 MB in as many queries."""


@dataclass(frozen=True, slots=True)
class DocumentList:
    """The documents that a search finds."""

    rows: tuple[DocumentRow, ...]
    cut: bool
    """Whether there may be more than one search lists."""


def list_documents(
    reader: DocumentReader, documents: Documents, wanted: DocumentSearch, *, now: datetime
) -> DocumentList:
    """The documents that are wanted, longest in their stage first, then by id.

    Of those that a text or a signer's address finds, ``MAX_DOCUMENTS`` at most. Eventually
    consistent. Raises what ``page_documents`` raises.
    """
    if looked_up(wanted) is not None:
        return _search(reader, wanted, now=now)
    matches, stages = filter_of(reader, wanted, now=now), stages_of(reader, wanted)
    programs = list_programs(reader.pipelines, reader.programs, wanted.pipeline)
    rows = [
        DocumentRow(document, stage_name(program, document.stage))
        for program, document in _each(documents, programs, stages)
        if matches(document)
    ]
    rows.sort(key=lambda row: _age(row.document))
    return DocumentList(tuple(rows), cut=False)


def _search(reader: DocumentReader, wanted: DocumentSearch, *, now: datetime) -> DocumentList:
    rows: list[DocumentRow] = []
    cursor = None
    while len(rows) < MAX_DOCUMENTS:
        page = page_documents(reader, wanted, cursor, now=now)
        rows += page.items
        cursor = page.next
        if cursor is None:
            break
    rows.sort(key=lambda row: _age(row.document))
    return DocumentList(tuple(rows), cut=cursor is not None)


def _each(
    documents: Documents,
    compiled: Iterable[CompiledPipeline],
    stages: Mapping[str, str | None],
) -> Iterator[tuple[CompiledPipeline, Document]]:
    """The documents of these stages, as they are read; None is every stage of a pipeline."""
    for program in compiled:
        pipeline = program.pipeline.pipeline
        if pipeline in stages:
            for document in documents.in_stage(pipeline, stages[pipeline]):
                yield program, document


def some_documents(
    documents: Documents, pipelines: Pipelines, begun: str, most: int
) -> tuple[DocumentCard, ...]:
    """At most so many documents whose ids begin so, by pipeline and stage, longest there first.

    Cards alone are read, ``MAX_CARDS`` at most, and no more once there are enough; which they
    are, where there are more, is not promised.
    """
    each = (
        (head.pipeline, card)
        for head in list_pipelines(pipelines)
        for card in documents.cards(head.pipeline)
    )
    matching = (
        (pipeline, card) for pipeline, card in islice(each, MAX_CARDS) if card.id.startswith(begun)
    )
    by_place = sorted(islice(matching, most), key=lambda place: (place[0], *place[1][:3]))
    return tuple(card for _, card in by_place)


def _age(document: Document) -> tuple[datetime, str]:
    return document.since, document.id
