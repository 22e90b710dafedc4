"""record_statistics: what the table's stream reports is counted, each change exactly once.

Nothing depends on how often, in which order or in which batches the changes arrive: each of them
only says which document or run to look at. What was counted of a document is read first, then what
has become of it since, and the difference is added to the counters in one transaction, on the
condition that nobody else has counted the document meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from countersign.engine.statistics.counting import added, uncounted, with_document, with_runs
from countersign.errors import ConflictError, CountersignError, UnreadableError
from countersign.model.document import Document
from countersign.model.run import Run, RunKey
from countersign.model.statistics import (
    FIRST_EPOCH,
    CountedDocument,
    StatisticsChange,
    StreamRecord,
    run_name,
)
from countersign.ports import Documents, RunRead, Statistics

TRIES = 6
"""How often documents are counted anew that others were in the way of."""
RUNS_AT_ONCE = 25
"""Runs of one read (``ports.Documents.read_runs``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRecorder:
    """What counting needs from outside."""

    documents: Documents
    statistics: Statistics
    clock: Callable[[], datetime]
    backoff: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, after a conflict, the first having the number 0."""


@dataclass(slots=True)
class _DocumentChanges:
    """What a batch says of one document."""

    image: Document | None = None
    """Its last version."""
    removed: Document | None = None
    """As it was when it was last removed."""
    runs: set[RunKey] = field(default_factory=set)

    def add(self, record: StreamRecord) -> None:
        if isinstance(record, RunKey):
            self.runs.add(record)
            return
        image = record.document
        if record.removed:
            if self.removed is None or image.created_at >= self.removed.created_at:
                self.removed = image
        elif self.image is None or _age(image) >= _age(self.image):
            self.image = image


def _age(document: Document) -> tuple[datetime, int]:
    return document.created_at, document.version


def record_statistics(
    recorder: StatisticsRecorder, records: Sequence[StreamRecord]
) -> Mapping[str, CountersignError]:
    """Count what the changes of a batch mean. Returns the documents that could not be counted, by
    id, and why: one that cannot be read, or that others were in the way of too often.

    Doing it again, also of parts of a batch, changes nothing. UnavailableError when the database
    cannot answer; what is counted until then stays counted.
    """
    by_document: dict[str, _DocumentChanges] = {}
    for record in records:
        by_document.setdefault(document_of(record), _DocumentChanges()).add(record)
    failed: dict[str, CountersignError] = {}
    for attempt in range(TRIES):
        counting = _Counting(recorder, by_document)
        refused = recorder.statistics.record(tuple(counting.changes()))
        failed |= counting.failed
        # A document that was removed and made anew is counted in two steps.
        rest = {*refused, *counting.unfinished}
        if not rest:
            return failed
        by_document = {
            document: changes for document, changes in by_document.items() if document in rest
        }
        if refused:
            recorder.backoff(attempt)
    conflict = ConflictError(f"it was counted by others {TRIES} times")
    return failed | dict.fromkeys(by_document, conflict)


def document_of(record: StreamRecord) -> str:
    """The id of the document that a change speaks of."""
    return record.document if isinstance(record, RunKey) else record.document.id


class _Counting:
    """One try to count the documents of a batch."""

    def __init__(
        self, recorder: StatisticsRecorder, by_document: Mapping[str, _DocumentChanges]
    ) -> None:
        self._recorder = recorder
        self._by_document = by_document
        # Before what has become of the documents is read: what is read then is not older than
        # what was counted, so that nothing newer can be undone.
        self.failed: dict[str, CountersignError] = {}
        """Documents of which something cannot be read."""
        self._known = self._read(tuple(by_document))
        self._epochs: dict[str, int] = {}
        self.unfinished: set[str] = set()
        """Documents of which there is more to count after this."""

    def changes(self) -> Iterator[StatisticsChange]:
        """What is to be written."""
        for document, changes in self._by_document.items():
            if document in self.failed:
                continue
            try:
                change = self._change(self._known.get(document), changes)
            except UnreadableError as error:
                self.failed[document] = error
                continue
            if change is not None:
                yield change

    def _read(self, documents: Sequence[str]) -> Mapping[str, CountedDocument]:
        """What is counted of them; of one that cannot be read it is noted."""
        counted = self._recorder.statistics.counted
        try:
            return counted(documents)
        except UnreadableError:
            counted_documents: dict[str, CountedDocument] = {}
            for document in documents:
                try:
                    counted_documents |= counted((document,))
                except UnreadableError as error:
                    self.failed[document] = error
            return counted_documents

    def _change(
        self, before: CountedDocument | None, changes: _DocumentChanges
    ) -> StatisticsChange | None:
        image, removed = self._image(before, changes), changes.removed
        is_there = before is not None and before.removed_at is None
        if before is not None and is_there and _is_over(before, image, removed):
            if image is not None and image.created_at > before.created_at:
                self.unfinished.add(before.document)
            return _changed(before, self._gone(before))
        if removed is not None and not _is_known(before, removed) and not _is_later(image, removed):
            return _changed(before, self._gone(uncounted(removed, FIRST_EPOCH)))
        if before is not None and is_there:
            return self._counted_on(before, before, image, changes.runs)
        if image is None or _is_known(before, image):
            return None
        return self._counted_on(before, uncounted(image, FIRST_EPOCH), image, changes.runs)

    def _image(self, before: CountedDocument | None, changes: _DocumentChanges) -> Document | None:
        """The document as it was written last; as it is now where only a run was written, of a
        document that is not counted yet."""
        is_counted = before is not None and before.removed_at is None
        if changes.image is not None or is_counted or not changes.runs:
            return changes.image
        return self._recorder.documents.get(next(iter(changes.runs)).document)

    def _gone(self, counted: CountedDocument) -> CountedDocument:
        return counted.model_copy(update={"removed_at": self._recorder.clock()})

    def _counted_on(
        self,
        before: CountedDocument | None,
        start: CountedDocument,
        image: Document | None,
        runs: Iterable[RunKey],
    ) -> StatisticsChange | None:
        """What is counted after ``start``, which is nothing where the document is a new one."""
        documents, after = self._recorder.documents, start
        if image is not None and _is_news(image, start):
            lines = documents.timeline_between(image.id, start.version, image.version)
            after = with_document(start, image, lines)
        if start.version:
            by_name = dict(self._runs(start, runs))
        else:  # a change of a run may have arrived before there was anything to count it with
            by_name = {run_name(run.key): run for run in documents.runs(start.document)}
        after = with_runs(after, by_name)
        if after == before and not after.pending:
            return None
        epoch = max(after.epoch, self._epoch(after.pipeline))
        update = {"epoch": epoch}
        if not start.version:
            update["compared"] = epoch  # all there is of it was just read
        return _changed(before, after.model_copy(update=update))

    def _runs(
        self, counted: CountedDocument, keys: Iterable[RunKey]
    ) -> Iterator[tuple[str, Run | None]]:
        """The runs as they are now; none of those of another document that had the id."""
        wanted = sorted(keys, key=str)
        for start in range(0, len(wanted), RUNS_AT_ONCE):
            reads = [RunRead(key) for key in wanted[start : start + RUNS_AT_ONCE]]
            snapshots = self._recorder.documents.read_runs(reads)
            for read, snapshot in zip(reads, snapshots, strict=True):
                document = snapshot.document
                if document is not None and document.created_at == counted.created_at:
                    yield run_name(read.run), snapshot.run

    def _epoch(self, pipeline: str) -> int:
        if pipeline not in self._epochs:
            self._epochs[pipeline] = self._recorder.statistics.epochs(pipeline).newest
        return self._epochs[pipeline]


def _is_known(before: CountedDocument | None, document: Document) -> bool:
    """Whether the document, or a later one of its id, is counted or removed already."""
    return before is not None and document.created_at <= before.created_at


def _is_over(before: CountedDocument, image: Document | None, removed: Document | None) -> bool:
    """Whether the counted document was removed: its removal arrived, or another one has its id."""
    is_removed = removed is not None and removed.created_at == before.created_at
    return is_removed or (image is not None and image.created_at > before.created_at)


def _is_later(image: Document | None, removed: Document) -> bool:
    return image is not None and image.created_at > removed.created_at


def _is_news(image: Document, counted: CountedDocument) -> bool:
    return image.created_at == counted.created_at and image.version > counted.version


def _changed(before: CountedDocument | None, after: CountedDocument) -> StatisticsChange:
    revision = 1 if before is None else before.revision + 1
    counted = after.model_copy(update={"revision": revision, "pending": ()})
    # What a removed document has counted stays, whatever has its id now.
    is_same = before is not None and before.created_at == after.created_at
    return StatisticsChange(counted=counted, counts=added(before if is_same else None, counted))
