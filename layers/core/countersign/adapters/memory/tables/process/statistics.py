"""Statistics in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime

from countersign.errors import ConflictError
from countersign.model.statistics import (
    REMOVED,
    CountedDocument,
    CounterKey,
    Epochs,
    StatisticsChange,
)


class MemoryStatistics:
    """``ports.Statistics`` in memory."""

    def __init__(self) -> None:
        self.documents: dict[str, CountedDocument] = {}
        self.counters: dict[str, Counter[CounterKey]] = {}
        """By pipeline."""
        self._epochs: dict[str, Epochs] = {}

    def epochs(self, pipeline: str) -> Epochs:
        return self._epochs.get(pipeline, Epochs())

    def counted(self, documents: Collection[str]) -> Mapping[str, CountedDocument]:
        return {name: self.documents[name] for name in documents if name in self.documents}

    def record(self, changes: Sequence[StatisticsChange]) -> Collection[str]:
        refused = []
        for change in changes:
            counted = change.counted
            before = self.documents.get(counted.document)
            if (before.revision if before else 0) != counted.revision - 1:
                refused.append(counted.document)
                continue
            self.documents[counted.document] = counted.model_copy(update={"pending": ()})
            counters = self.counters.setdefault(counted.pipeline, Counter())
            for count in change.counts:
                counters[CounterKey(count.epoch, count.day, count.name)] += count.number
        return tuple(refused)

    def read(self, pipeline: str, first: date, last: date) -> Mapping[CounterKey, int]:
        there = self.epochs(pipeline)
        read = {REMOVED, *range(there.oldest, there.newest + 1)}
        return self._chosen(
            pipeline,
            lambda key: key.epoch in read and (key.day is None or first <= key.day <= last),
        )

    def present(self, pipeline: str) -> Mapping[CounterKey, int]:
        there = self.epochs(pipeline)
        read = {REMOVED, *range(there.oldest, there.newest + 1)}
        return self._chosen(pipeline, lambda key: key.epoch in read and key.day is None)

    def superseded(self, pipeline: str) -> Mapping[CounterKey, int]:
        there = self.epochs(pipeline)
        return self._chosen(pipeline, lambda key: there.oldest <= key.epoch < there.newest)

    def begin_epoch(self, pipeline: str, at: datetime) -> Epochs:
        before = self.epochs(pipeline)
        if before.goes_on(at):
            return before
        update = {"newest": before.newest + 1, "begun_at": at, "rebuilding": True}
        self._epochs[pipeline] = before.model_copy(update=update)
        return self._epochs[pipeline]

    def end_rebuild(self, pipeline: str, epoch: int, *, drop: bool) -> None:
        before = self.epochs(pipeline)
        if before.newest != epoch:
            raise ConflictError(f"the statistics of {pipeline} are rebuilt by somebody else")
        if drop:
            for key in self._chosen(pipeline, lambda key: REMOVED < key.epoch < epoch):
                del self.counters[pipeline][key]
        oldest = epoch if drop else before.oldest
        update = {"rebuilding": False, "oldest": oldest}
        self._epochs[pipeline] = before.model_copy(update=update)

    def _chosen(
        self, pipeline: str, wanted: Callable[[CounterKey], bool]
    ) -> Mapping[CounterKey, int]:
        counters: Mapping[CounterKey, int] = self.counters.get(pipeline, {})
        return {key: number for key, number in counters.items() if number and wanted(key)}
