"""Back-testing documents one after the other, in slices that a background job can do in steps.

Nothing is written or sent: documents are read, and their lives are played in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from countersign.errors import CountersignError, PermanentError
from countersign.model.base import Model
from countersign.model.connection import Connection
from countersign.model.mail_event import MAIL_SERVICE
from countersign.model.pipeline import Pipeline
from countersign.ports import Connections, CredentialStore, Documents, Pipelines
from countersign.simulation.backtest.differences import EffectDifference, compare
from countersign.simulation.backtest.inputs import (
    History,
    Input,
    Notes,
    by_people,
    failed_calls,
    in_order,
)
from countersign.simulation.backtest.messages import Source, by_messages
from countersign.simulation.backtest.replay import Life, Period, Programs, Replay, replay
from countersign.use_cases.queries.pipelines import published_head

MAX_DAYS = 365
"""How far back a back-test looks; raw messages are kept for 30 days, timelines for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestServices:
    """What back-testing reads."""

    documents: Documents
    pipelines: Pipelines
    connections: Connections
    credentials: CredentialStore | None = None
    """For the options of connections whose messages need a mapping; nothing secret is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A draft against the published version, over a period."""

    services: BacktestServices
    period: Period
    published: Programs
    draft: Programs
    sources: dict[str, Source] = field(default_factory=dict)
    """Connections that were read already."""


class DocumentBacktest(Model):
    """What would have gone otherwise for one document."""

    document: str
    title: str | None = None
    differences: tuple[EffectDifference, ...] = ()
    stage_published: str | None = None
    """Where it ends, as published."""
    stage_draft: str | None = None
    """Where it ends with the draft."""
    unfit: str | None = None
    """Why the draft does not fit the document, so that nothing could be compared."""
    notes: tuple[str, ...] = ()
    """What is not known exactly, or could not happen again, each as a sentence."""


def prepare(services: BacktestServices, draft: Pipeline, *, days: int, now: datetime) -> Backtest:
    """A back-test of a checked pipeline against what is published, over the last so many days.

    NotFoundError where no pipeline of its id is published, so that there are no documents to test
    it with; PermanentError for a period of less than a day or more than ``MAX_DAYS``.
    """
    if not 1 <= days <= MAX_DAYS:
        raise PermanentError(f"a back-test over {days} days; expected 1 to {MAX_DAYS}")
    head = published_head(services.pipelines, draft.pipeline)
    published = services.pipelines.version(head.pipeline, head.version).pipeline
    return Backtest(
        services=services,
        period=Period(start=now - timedelta(days=days), end=now),
        published=Programs(published),
        draft=Programs(published, draft),
    )


def candidates(backtest: Backtest) -> Iterator[str]:
    """The documents that were active in the period: those in open stages, and those that came into
    a final stage within it; by stage, there the longest in it first. Reads their cards alone;
    eventually consistent."""
    pipeline = backtest.published.base
    final = {stage.id for stage in pipeline.stages if stage.is_final}
    active = (
        (card.stage, card.since, card.id)
        for card in backtest.services.documents.cards(pipeline.pipeline)
        if card.stage not in final or card.since >= backtest.period.start
    )
    for _, _, document in sorted(active):
        yield document


def backtest_slice(backtest: Backtest, documents: Iterable[str]) -> Iterator[DocumentBacktest]:
    """What would have gone otherwise for each of these documents, one after the other.

    A document that is gone is left out. One that cannot be played says why (``unfit``), and does
    not stop the others.
    """
    for document in documents:
        result = _tested(backtest, document)
        if result is not None:
            yield result


def _tested(backtest: Backtest, document_id: str) -> DocumentBacktest | None:
    documents, notes = backtest.services.documents, Notes()
    document = documents.get(document_id)
    if document is None:
        return None
    history = History(
        document=document,
        timeline=documents.timeline(document_id),
        events=documents.events(document_id),
        runs=documents.runs(document_id),
        tasks=documents.tasks(document_id),
    )
    sources = _sources(backtest, history)
    connections = {name: source.connection for name, source in sources.items()}
    failed = failed_calls(history)
    steps = inputs(history, sources, backtest.published.base, notes)
    try:
        published, draft = (
            replay(
                Life(document=document_id, steps=steps, connections=connections, failed=failed),
                programs,
                backtest.period,
            )
            for programs in (backtest.published, backtest.draft)
        )
    except (CountersignError, RuntimeError) as error:
        reason = f"its life cannot be played again: {error}"
        return DocumentBacktest(document=document_id, title=document.title, unfit=reason)
    return _result(document_id, history, published, draft, notes)


def inputs(
    history: History, sources: Mapping[str, Source], published: Pipeline, notes: Notes
) -> tuple[Input, ...]:
    """All that came to the document from outside, in order."""
    by_source = chain(
        by_people(history, published, notes), by_messages(history, sources, published, notes)
    )
    return in_order(by_source, history.timeline)


def _sources(backtest: Backtest, history: History) -> dict[str, Source]:
    names = {event.connection for event in history.events} - {MAIL_SERVICE}
    for name in sorted(names - backtest.sources.keys()):
        backtest.sources[name] = _source(backtest.services, history, name)
    return {name: backtest.sources[name] for name in sorted(names)}


def _source(services: BacktestServices, history: History, name: str) -> Source:
    """The connection as it is now; what can be known of one that was removed."""
    document, connection = history.document, services.connections.get(name)
    credentials = services.credentials.get(name) if services.credentials else None
    if connection is None:
        provider = document.provider if name == document.connection else None
        connection = Connection(
            id=name,
            provider=provider or "incoming_call",
            pipeline=document.pipeline,
            responsible=document.responsible,
        )
    # Wherever it leads today, these documents are of this pipeline.
    connection = connection.model_copy(update={"pipeline": document.pipeline})
    return Source(connection=connection, options=credentials.options if credentials else {})


def _result(
    document_id: str, history: History, published: Replay, draft: Replay, notes: Notes
) -> DocumentBacktest:
    for text in (*published.ignored, *draft.ignored):
        notes.counts.setdefault(text, 1)
    stage = history.document.stage
    ends = published.document.stage if published.document is not None else None
    if ends is not None and ends != stage:
        notes.add(
            f"played as published it ends in {ends}, though it is in {stage}: something that "
            "mattered is not known, or an earlier version did otherwise"
        )
    unfit = draft.unfit
    if published.document is None:
        unfit = "nothing is known of how it was made"
    return DocumentBacktest(
        document=document_id,
        title=history.document.title,
        differences=() if unfit else compare(published, draft),
        stage_published=ends,
        stage_draft=None if unfit or draft.document is None else draft.document.stage,
        unfit=unfit,
        notes=notes.sentences(),
    )
