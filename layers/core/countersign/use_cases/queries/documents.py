"""Documents: listed by stage, and found by what people know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.explain import stage_name
from countersign.errors import NotFoundError
from countersign.model.document import Document, DocumentCard
from countersign.model.pipeline import Pipeline
from countersign.ports import Documents, Pipelines
from countersign.text.folding import domain_of, fold, fold_address, fold_domain, same
from countersign.text.suggestions import close_or_all
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.pipelines import list_pipelines, list_programs

MOST_READ = 10_000
"""Documents that one search reads; it has no index of its own."""
MOST_CARDS = 20_000
"""Cards that are read for those whose ids begin with a text: some 6 MB in as many queries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which documents are listed; all of them where nothing is given."""

    pipeline: str | None = None
    stage: str | None = None
    """A stage's id or its name."""
    text: str | None = None
    """What ``matches`` looks for."""
    most: int = MOST_READ
    """Documents that are read at most where a text is looked for."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of a list."""

    document: Document
    stage_name: str
    """What people call its stage."""


@dataclass(frozen=True, slots=True)
class DocumentList:
    """The documents that a filter matches."""

    rows: tuple[DocumentRow, ...]
    read: int
    """How many documents were read for it."""
    cut: bool
    """Whether there are more than a search reads."""


def list_documents(
    documents: Documents,
    pipelines: Pipelines,
    programs: CompiledPipelines,
    wanted: DocumentFilter,
) -> DocumentList:
    """The documents that the filter matches, longest in their stage first, then by id.

    Eventually consistent. NotFoundError for a pipeline that is not published, and for a stage that
    none of the pipelines has.
    """
    compiled = list_programs(pipelines, programs, wanted.pipeline)
    stages: Mapping[str, str | None] = dict.fromkeys(
        program.pipeline.pipeline for program in compiled
    )
    if wanted.stage is not None:
        stages = stage_of((program.pipeline for program in compiled), wanted.stage)
    each = _each(documents, compiled, stages)
    rows: list[DocumentRow] = []
    read = 0
    for program, document in islice(each, None if wanted.text is None else wanted.most):
        read += 1
        if wanted.text is None or matches(document, wanted.text):
            rows.append(DocumentRow(document, stage_name(program, document.stage)))
    rows.sort(key=lambda row: _age(row.document))
    return DocumentList(tuple(rows), read, cut=next(each, None) is not None)


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

    Cards alone are read, ``MOST_CARDS`` at most, and no more once there are enough; which they
    are, where there are more, is not promised.
    """
    each = (
        (head.pipeline, card)
        for head in list_pipelines(pipelines)
        for card in documents.cards(head.pipeline)
    )
    matching = (
        (pipeline, card) for pipeline, card in islice(each, MOST_CARDS) if card.id.startswith(begun)
    )
    by_place = sorted(islice(matching, most), key=lambda place: (place[0], *place[1][:3]))
    return tuple(card for _, card in by_place)


def _age(document: Document) -> tuple[datetime, str]:
    return document.since, document.id


def matches(document: Document, text: str) -> bool:
    """Whether the text is part of the document's id, number, title or envelope id, or of a signer's
    name or address, as people read them. A blank text matches everything."""
    wanted = fold(text)
    plain = (document.id, document.number, document.title, document.envelope)
    names = (signer.name for signer in document.signers)
    if any(wanted in fold(value) for value in (*plain, *names) if value):
        return True
    addresses = [signer.email for signer in document.signers if signer.email]
    return any(_is_address(address, text, wanted) for address in addresses)


def _is_address(address: str, text: str, wanted: str) -> bool:
    if wanted in fold(address) or wanted in fold_address(address):
        return True
    if "@" in text:
        return fold_address(text) == fold_address(address)
    return "." in text and fold_domain(text) == domain_of(address)


def stage_of(pipelines: Iterable[Pipeline], wanted: str) -> dict[str, str]:
    """The stage of that id or name, in each of the pipelines that has it.

    NotFoundError, with the names that are close, where none has it.
    """
    pipelines = tuple(pipelines)
    by_pipeline = {
        pipeline.pipeline: stage for pipeline in pipelines if (stage := _stage(pipeline, wanted))
    }
    if by_pipeline:
        return by_pipeline
    stages = [stage for pipeline in pipelines for stage in pipeline.stages]
    ids = dict.fromkeys(stage.id for stage in stages)
    names = dict.fromkeys(stage.name for stage in stages if stage.name)
    hint = close_or_all(wanted, (*ids, *names))
    if not hint.startswith("did you mean"):
        hint = close_or_all(wanted, ids)
    where = ", ".join(pipeline.pipeline for pipeline in pipelines) or "any pipeline"
    raise NotFoundError(f'there is no stage "{wanted}" in {where}; {hint}')


def _stage(pipeline: Pipeline, wanted: str) -> str | None:
    if pipeline.stage(wanted) is not None:
        return wanted
    named = [stage.id for stage in pipeline.stages if same(stage.name, wanted)]
    return named.pop() if len(named) == 1 else None
