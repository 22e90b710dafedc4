"""Rebuilding a pipeline's statistics while they go on being counted, and proving them right.

A rebuild begins another epoch of the counters, and moves each document into it: what the document
has counted is taken off the old counters and added to the new ones, in one transaction. In the end
the old counters must be 0; what is left of them belongs to no document. On the way each document is
counted anew from its timeline and its runs, and compared with what was counted of it.

Who counts a change meanwhile moves the document as well, so that nothing has to stand still. A
rebuild that was interrupted goes on with the documents that it has not compared yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from countersign.engine.statistics.counting import added, whole
from countersign.errors import UnavailableError, UnreadableError
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run
from countersign.model.statistics import (
    FIRST_EPOCH,
    CountedDocument,
    CountedRun,
    CounterKey,
    Epochs,
    StatisticsChange,
    run_name,
)
from countersign.ports import Documents, Statistics

AT_ONCE = 20
"""Documents of one step."""
SETTLED = timedelta(minutes=10)
"""How long a run must have been in its state before it is an error that it is not counted so."""
EVERYBODY_KNOWS = timedelta(minutes=2)
"""After that all who count know of a new epoch: no invocation of a function lasts so long."""
PASSES = 5
"""How often the documents are listed at most, until none is found to be compared. The list is
eventually consistent: a document that moves meanwhile may be missing."""

OF_DOCUMENT = (
    "stays",
    "sent_on",
    "status",
    "ended_on",
    "seconds_to_sign",
    "signatures",
    "mail_events",
)
"""What is counted of a document, but for its runs."""

What = Literal["document", "counter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that was not counted as it should be."""

    what: What
    """``document``: what was counted of it is not what its timeline and its runs say;
    ``counter``: it holds what no document has counted."""
    name: str
    """The document's id; the counter's day and name."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildStep:
    """What one step has done."""

    documents: int
    """How many documents were moved."""
    differences: tuple[Difference, ...] = ()
    wait: timedelta = timedelta(0)
    """How long the next step must not be taken: the caller waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilder:
    """What rebuilding needs from outside."""

    documents: Documents
    statistics: Statistics
    clock: Callable[[], datetime]
    backoff: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, after a conflict, the first having the number 0."""


def rebuild(rebuilder: Rebuilder, pipeline: str, *, replace: bool) -> Iterator[RebuildStep]:
    """Compare a pipeline's statistics with its documents, step by step.

    With ``replace`` what differs is corrected: of documents as they are moved, of counters at the
    end. Without it the figures stay what they were. What was interrupted goes on where it was when
    it is done again within a day. UnavailableError where documents to compare kept being found.
    """
    epochs = rebuilder.statistics.begin_epoch(pipeline, rebuilder.clock())
    yield from _passes(rebuilder, pipeline, epochs, replace=replace)
    wait = until_everybody_knows(epochs, rebuilder.clock())
    if wait > timedelta(0):
        yield RebuildStep(documents=0, wait=wait)
        yield from _passes(rebuilder, pipeline, epochs, replace=replace)
    left = left_over(rebuilder.statistics, pipeline)
    rebuilder.statistics.end_rebuild(pipeline, epochs.newest, drop=replace)
    yield RebuildStep(documents=0, differences=left)


def _passes(
    rebuilder: Rebuilder, pipeline: str, epochs: Epochs, *, replace: bool
) -> Iterator[RebuildStep]:
    """List the documents until none is found to be compared."""
    for _ in range(PASSES):
        moved = 0
        ids = (card.id for card in rebuilder.documents.cards(pipeline))
        while batch := list(islice(ids, AT_ONCE)):
            step = _moved(rebuilder, batch, epochs, replace=replace)
            moved += step.documents
            yield step
        if not moved:
            return
    raise UnavailableError(never_ending(pipeline))


def never_ending(pipeline: str) -> str:
    """Why a rebuild gave up: each time there were documents that it had not compared."""
    return (
        f"the documents of {pipeline} were listed {PASSES} times, and there were more to compare "
        "each time; run the rebuild again when fewer documents change"
    )


def until_everybody_knows(epochs: Epochs, now: datetime) -> timedelta:
    """How long it is until all who count know of the newest epoch; nothing or less where they
    do."""
    return (epochs.begun_at or now) + EVERYBODY_KNOWS - now


def _moved(
    rebuilder: Rebuilder, documents: Sequence[str], epochs: Epochs, *, replace: bool
) -> RebuildStep:
    """Compare those of these documents that are not compared yet, and move them."""
    comparison = compare(rebuilder, documents, epochs, replace=replace)
    refused = move(rebuilder, comparison)
    # What others have counted meanwhile is compared in the next pass.
    kept = tuple(
        difference for difference in comparison.differences if difference.name not in refused
    )
    return RebuildStep(documents=len(comparison.changes), differences=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What documents have counted, against what they should have; nothing is written yet."""

    changes: tuple[StatisticsChange, ...]
    """What moves those that were not compared yet into the newest epoch."""
    differences: tuple[Difference, ...]
    compared_before: int
    """How many of them were compared in the newest epoch before."""


def compare(
    rebuilder: Rebuilder, documents: Sequence[str], epochs: Epochs, *, replace: bool
) -> Comparison:
    """Compare those of these documents that are not compared yet with their timelines and runs."""
    known = rebuilder.statistics.counted(documents)
    changes: list[StatisticsChange] = []
    differences: list[Difference] = []
    compared_before = 0
    for document in documents:
        before = known.get(document)
        if before is not None and (before.compared >= epochs.newest or before.removed_at):
            compared_before += not before.removed_at
            continue
        after = before
        try:
            facts = _facts(rebuilder, document)
        except UnreadableError as error:
            differences.append(_of_document(document, f"it is left as it was counted: {error}"))
        else:
            if facts is None or facts.is_for_the_stream(before, epochs):
                continue
            differences += facts.differences(before)
            after = facts.counted_anew(epochs.newest) if replace or before is None else before
        if after is not None:
            changes.append(_change(before, after, epochs.newest))
    return Comparison(
        changes=tuple(changes),
        differences=tuple(differences),
        compared_before=compared_before,
    )


def move(rebuilder: Rebuilder, comparison: Comparison) -> frozenset[str]:
    """Move what was compared into the newest epoch; the documents that others have counted
    meanwhile, which are to be compared again."""
    refused = frozenset(rebuilder.statistics.record(comparison.changes))
    if refused:
        rebuilder.backoff(0)
    return refused


def left_over(statistics: Statistics, pipeline: str) -> tuple[Difference, ...]:
    """What is left in the older epochs once all documents were moved."""
    left = sorted(statistics.superseded(pipeline).items(), key=str)
    return tuple(_left_over(*count) for count in left)


def _change(before: CountedDocument | None, after: CountedDocument, epoch: int) -> StatisticsChange:
    revision = 1 if before is None else before.revision + 1
    update = {"epoch": epoch, "compared": epoch, "revision": revision, "pending": ()}
    counted = after.model_copy(update=update)
    return StatisticsChange(counted=counted, counts=added(before, counted))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """A document as it is now, with what is to be counted of it."""

    document: Document
    lines: tuple[LogEntry, ...]
    runs: tuple[Run, ...]
    settled: datetime
    """What happened before it must be counted by now."""

    def is_for_the_stream(self, before: CountedDocument | None, epochs: Epochs) -> bool:
        """Whether it was made since the rebuild began, perhaps in place of another one of its id:
        the stream tells of that, and all of it is counted then."""
        made = self.document.created_at
        if before is not None:
            return before.created_at != made
        return epochs.begun_at is not None and made >= epochs.begun_at

    def counted_anew(self, epoch: int) -> CountedDocument:
        return whole(self.document, self.lines, self.runs, epoch)

    def differences(self, before: CountedDocument | None) -> Iterator[Difference]:
        """What was counted otherwise than it should be; not what is still to be counted."""
        anew = self.counted_anew(FIRST_EPOCH)
        if before is None:
            if self.document.created_at < self.settled:
                yield self._difference("it is not counted")
            return
        if before.version == anew.version:
            for name in OF_DOCUMENT:
                if getattr(before, name) != getattr(anew, name):
                    yield self._difference(f"its {name.replace('_', ' ')} was counted otherwise")
        elif max((line.at for line in self.lines), default=self.settled) < self.settled:
            text = f"it is counted up to version {before.version} of {anew.version}"
            yield self._difference(text)
        for run in self.runs:
            name = run_name(run.key)
            counted, should_be = before.runs.get(name), anew.runs.get(name)
            if not _is_counted_alike(counted, should_be) and _since(run) < self.settled:
                yield self._difference(f"its run {name} was counted otherwise")

    def _difference(self, text: str) -> Difference:
        return _of_document(self.document.id, text)


def _of_document(document: str, text: str) -> Difference:
    return Difference(what="document", name=document, text=text)


def _facts(rebuilder: Rebuilder, document_id: str) -> _Facts | None:
    """None where there is no such document."""
    documents = rebuilder.documents
    document = documents.get(document_id)
    if document is None:
        return None
    return _Facts(
        document=document,
        lines=documents.timeline_between(document.id, 0, document.version),
        runs=documents.runs(document.id),
        settled=rebuilder.clock() - SETTLED,
    )


def _since(run: Run) -> datetime:
    """The last moment of which a run tells."""
    moments = (run.planned_at, run.due, run.started_at, run.lease_until, run.concluded_at)
    return max(moment for moment in moments if moment is not None)


def _is_counted_alike(run: CountedRun | None, other: CountedRun | None) -> bool:
    """Whether both add the same to the counters."""
    if run is None or other is None:
        return run is other
    return run.model_copy(update={"generation": other.generation}) == other


def _left_over(key: CounterKey, number: int) -> Difference:
    day = "now" if key.day is None else key.day.isoformat()
    text = f"it holds {number} that no document has counted"
    return Difference(what="counter", name=f"{day} {key.name}", text=text)
