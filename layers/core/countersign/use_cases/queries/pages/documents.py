"""Documents a page at a time, by stage or by what people know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.explain import stage_name
from countersign.errors import NotFoundError, PermanentError
from countersign.model.document import Document
from countersign.model.page import MAX_PAGE_SIZE, Page, PageRequest, StageQuery, WordQuery
from countersign.model.search_words import (
    SHORTEST,
    folded_address,
    matches_words,
    query_words,
)
from countersign.ports import Pages, Pipelines
from countersign.text.folding import same_address
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pages.stages import stage_of
from countersign.use_cases.queries.pipelines import list_pipelines, list_programs

PIPELINES_AT_ONCE = 4
"""Pipelines whose documents are looked at for one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReader:
    """What lists of documents are read from."""

    pages: Pages
    pipelines: Pipelines
    programs: CompiledPipelines


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSearch:
    """Which documents are wanted; all of them where nothing is given."""

    pipeline: str | None = None
    stage: str | None = None
    """A stage's id or its name."""
    responsible: str | None = None
    person: str | None = None
    """A user who is responsible for it or observes it."""
    party: str | None = None
    """The e-mail address of one of its signers."""
    text: str | None = None
    """Words, numbers, ids, addresses or domains, each of which begins a word of the document."""
    days_in_stage: int | None = None
    """Only those that have been in their stage for at least so many days."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of a list."""

    document: Document
    stage_name: str
    """What people call its stage."""


def page_documents(
    reader: DocumentReader,
    wanted: DocumentSearch,
    cursor: str | None = None,
    limit: int = MAX_PAGE_SIZE,
    *,
    now: datetime,
) -> Page[DocumentRow]:
    """A page of the documents that are wanted.

    By text or by a signer's address: those that were made last come first, of one word after the
    other where several words begin with what is looked for. Otherwise by pipeline and stage, the
    longest in it first. No index has observers: whose a document is, is judged on what a page
    reads, as further words are. A page may be short, or empty, and yet have a ``next``, where much
    of what was read is not wanted. Eventually consistent.

    NotFoundError for a pipeline that is not published and a stage that there is not,
    InvalidCursorError for a cursor that is not of this list, PermanentError for a text without a
    word of two letters, and for a limit that is not from 1 to 100.
    """
    listed = PagedList(subject="documents", filters=asdict(wanted))
    request = listed.request(cursor, limit)
    lookup = looked_up(wanted)
    if lookup is None:
        page = _by_stage(reader, wanted, request, now=now)
    else:
        page = reader.pages.with_word(lookup, request, filter_of(reader, wanted, now=now))
    return listed.page(_rows(reader, page))


def looked_up(wanted: DocumentSearch) -> WordQuery | None:
    """The word whose documents are read: the longest, which is likely to be the rarest; None where
    none is looked for. PermanentError where none can be."""
    if wanted.party is not None:
        address = folded_address(wanted.party)
        if "@" not in address.strip("@"):
            msg = f'"{wanted.party[:80]}" is not a valid e-mail address; expected name@host.example'
            raise PermanentError(msg)
        return WordQuery(word=address, whole=True)
    words = query_words(wanted.text or "")
    if not words:
        return None
    longest = max(words, key=len)
    if len(longest) < SHORTEST:
        msg = f'"{(wanted.text or "")[:80]}" is too short; expected a word of at least two letters'
        raise PermanentError(msg)
    return WordQuery(word=longest)


def stages_of(reader: DocumentReader, wanted: DocumentSearch) -> Mapping[str, str | None]:
    """The pipelines whose documents are wanted, each with its stage; None for all of its stages."""
    if wanted.stage is None:
        return dict.fromkeys(
            (head.pipeline for head in list_pipelines(reader.pipelines, wanted.pipeline)), None
        )
    programs = list_programs(reader.pipelines, reader.programs, wanted.pipeline)
    return dict(stage_of((program.pipeline for program in programs), wanted.stage))


def filter_of(
    reader: DocumentReader, wanted: DocumentSearch, *, now: datetime
) -> Callable[[Document], bool]:
    """Whether a document is wanted."""
    stages, arrived_by = stages_of(reader, wanted), _arrived_by(wanted, now)
    words = query_words(wanted.text or "")

    def matches(document: Document) -> bool:
        pipeline, responsible, party = document.pipeline, wanted.responsible, wanted.party
        return (
            pipeline in stages
            and stages[pipeline] in (None, document.stage)
            and (responsible is None or same_address(document.responsible, responsible))
            and (wanted.person is None or _is_of(document, wanted.person))
            and (arrived_by is None or document.since <= arrived_by)
            and (party is None or _has_party(document, party))
            and matches_words(document, words)
        )

    return matches


def _arrived_by(wanted: DocumentSearch, now: datetime) -> datetime | None:
    return None if wanted.days_in_stage is None else now - timedelta(days=wanted.days_in_stage)


def _is_of(document: Document, person: str) -> bool:
    return any(
        same_address(address, person) for address in (document.responsible, *document.observers)
    )


def _has_party(document: Document, address: str) -> bool:
    signers = document.signers
    return any(
        same_address(email, address)
        for signer in signers
        for email in (signer.email, *signer.members)
    )


def _by_stage(
    reader: DocumentReader, wanted: DocumentSearch, request: PageRequest, *, now: datetime
) -> Page[Document]:
    """Pipeline by pipeline; the place is the pipeline's id and the place in its list."""
    stages = stages_of(reader, wanted)
    begun, _, place = (request.after or "").partition("/")
    names = sorted(name for name in stages if name >= begun)
    documents: list[Document] = []
    person = wanted.person
    matches = None if person is None else lambda document: _is_of(document, person)
    after = place if place and names and names[0] == begun else None
    for number, name in enumerate(names):
        if number == PIPELINES_AT_ONCE or len(documents) == request.limit:
            # The pipeline before is finished; this one begins.
            return Page(tuple(documents), name)
        query = StageQuery(
            pipeline=name,
            stage=stages[name],
            responsible=wanted.responsible,
            arrived_by=_arrived_by(wanted, now),
        )
        missing = request.limit - len(documents)
        page = reader.pages.in_stage(query, PageRequest(after=after, limit=missing), matches)
        documents += page.items
        if page.next is not None:
            return Page(tuple(documents), f"{name}/{page.next}")
        after = None
    return Page(tuple(documents))


def _rows(reader: DocumentReader, page: Page[Document]) -> Page[DocumentRow]:
    programs: dict[str, CompiledPipeline] = {}
    for name in dict.fromkeys(document.pipeline for document in page.items):
        with suppress(NotFoundError):
            programs[name] = reader.programs.current(name)

    def row(document: Document) -> DocumentRow:
        program = programs.get(document.pipeline)
        named = document.stage if program is None else stage_name(program, document.stage)
        return DocumentRow(document, named)

    return page.each(row)
