"""The function that counts: fed by the stream of a world, at least once, beside everything else.

It changes nothing that others see, so that it has a fate of its own and leaves theirs as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.adapters.memory.tables.process.statistics import MemoryStatistics
from countersign.errors import ConflictError, UnavailableError
from countersign.model.statistics import DocumentRecord, StreamRecord
from countersign.use_cases.statistics.rebuild import Rebuilder, RebuildStep, rebuild
from countersign.use_cases.statistics.record import (
    StatisticsRecorder,
    document_of,
    record_statistics,
)
from tests.crash.fate import Crash, Fate
from tests.crash.kernel import Kernel
from tests.crash.statistics_laws import counted_naively, counted_pipelines, everything

RATES = {
    "crash before": 0.04,
    "crash after": 0.04,
    "unavailable": 0.04,
    "unavailable after writing": 0.04,
    "written later": 0.03,
    "meanwhile": 0.10,
    "twice": 0.15,
    "wait": 0.40,
    "rebuild": 0.02,
    "lost": 0.01,
}
"""How likely each fault is where it can strike."""
CALLS = ("crash before", "crash after", "unavailable", "meanwhile")
WRITES = (*CALLS, "unavailable after writing", "written later")
SHARDS = 3
DEEPEST = 2
MAX_ROUNDS = 400


class StatisticsStream:
    """The shards of the stream as the counting function gets them, and rebuilds in between."""

    def __init__(self, kernel: Kernel, seed: int, *, loses: bool) -> None:
        """``loses``: whether the stream gives up changes; then only a rebuild can make up."""
        self._kernel = kernel
        rates = {sort: rate for sort, rate in RATES.items() if loses or sort != "lost"}
        self._fate = Fate(seed, rates)
        self.statistics = MemoryStatistics()
        self._shards: list[list[StreamRecord]] = [[] for _ in range(SHARDS)]
        self._busy: set[int] = set()
        self._late: list[Callable[[], object]] = []
        self._seen = 0
        self._lost = False
        self._rebuild: Iterator[RebuildStep] | None = None
        documents = self._port(MemoryDocuments(kernel.state), "documents")
        statistics = self._port(self.statistics, "statistics")
        self._recorder = StatisticsRecorder(
            documents=documents, statistics=statistics, clock=kernel.clock
        )
        self._rebuilder = Rebuilder(documents=documents, statistics=statistics, clock=kernel.clock)

    def _port(self, inner: object, name: str) -> Any:
        return _Port(self, inner, name)

    # --- beside the world

    def follow(self) -> None:
        """Take what was written since, and perhaps count some of it."""
        self._take()
        for number in range(SHARDS):
            if self._fate.strike(f"shard {number}", ("wait",)) is None:
                self._deliver(number)
        if self._late and self._fate.number("late") < 0.5:
            self._arrive()
        self._go_on_rebuilding()

    def _take(self) -> None:
        written = self._kernel.state.written
        for *_, change in written[self._seen :]:
            if change.document is not None:
                self._add(DocumentRecord(document=change.document))
            for run in (*change.planned, *(update.run for update in change.updates)):
                self._add(run.key)
        self._seen = len(written)

    def _add(self, record: StreamRecord) -> None:
        """Runs come by shards of their own: only changes of one item are in order."""
        sort = "document" if isinstance(record, DocumentRecord) else "run"
        digest = hashlib.blake2b(f"{sort} {document_of(record)}".encode(), digest_size=1).digest()
        self._shards[digest[0] % SHARDS].append(record)

    def _deliver(self, number: int) -> None:
        """An invocation with some of the records at the start of a shard."""
        shard = self._shards[number]
        if not shard or number in self._busy:
            return
        batch = shard[: 1 + int(6 * self._fate.number("size"))]
        if self._fate.strike("batch", ("lost",)):
            self._lost = True
            del shard[: len(batch)]
            return
        self._busy.add(number)
        try:
            failed = record_statistics(self._recorder, batch)
        except (Crash, UnavailableError):
            return
        finally:
            self._busy.discard(number)
        done = next(
            (place for place, one in enumerate(batch) if document_of(one) in failed), len(batch)
        )
        if self._fate.strike("batch", ("twice",)) is None:
            del shard[:done]

    def _arrive(self) -> None:
        """Writes that were given up arrive."""
        late, self._late = self._late, []
        for write in late:
            write()

    def _go_on_rebuilding(self) -> None:
        if self._rebuild is None and self._fate.strike("rebuild", ("rebuild",)):
            pipelines = counted_pipelines(self._kernel.state)
            if pipelines:
                pipeline = self._fate.pick("which", pipelines)
                replace = self._fate.number("replace") < 0.5
                self._rebuild = rebuild(self._rebuilder, pipeline, replace=replace)
        if self._rebuild is None:
            return
        try:
            step = next(self._rebuild)
        except (Crash, UnavailableError, ConflictError, StopIteration):
            self._rebuild = None
            return
        for one in step.differences:
            if one.what == "counter" and not self._kernel.state.spoiled:
                self._broken(f"a rebuild found {one.name} {one.text}")
        if step.wait:
            self._arrive()

    # --- at a port

    def call(self, name: str, work: Callable[[], Any]) -> Any:
        """A call of a port, which may go wrong."""
        sorts = WRITES if name == "statistics.record" else CALLS
        fault = self._fate.strike(name, sorts)
        if fault == "crash before":
            raise Crash(name)
        if fault == "unavailable":
            raise UnavailableError(f"{name} is throttled")
        if fault == "written later":
            self._late.append(work)
            raise UnavailableError(f"{name} gave no answer yet")
        if fault == "meanwhile" and len(self._busy) < DEEPEST:
            for number in range(SHARDS):
                self._deliver(number)
        found = work()
        if fault == "crash after":
            raise Crash(name)
        if fault == "unavailable after writing":
            raise UnavailableError(f"{name} timed out")
        return found

    # --- the end

    def look_at_end(self) -> None:
        """Everything is told, and counted once; a rebuild finds nothing, and makes up for what
        was lost."""
        self._fate.calm = True
        self._take()
        self._arrive()
        for _ in range(MAX_ROUNDS):
            for number in range(SHARDS):
                self._deliver(number)
            if not any(self._shards):
                break
        else:
            self._broken("changes are told again and again, and not counted")
        if not self._lost:
            self._compare("once all was told")
        for pipeline in counted_pipelines(self._kernel.state):
            # One that was interrupted does not look again for what was lost since.
            times = 1 + self.statistics.epochs(pipeline).rebuilding
            found = [
                one
                for _ in range(times)
                for step in rebuild(self._rebuilder, pipeline, replace=True)
                for one in step.differences
            ]
            if found and not self._lost:
                self._broken(f"the last rebuild found {found[0].name}: {found[0].text}")
        self._compare("after the last rebuild")

    def _compare(self, when: str) -> None:
        state = self._kernel.state
        for pipeline in counted_pipelines(state):
            counted, naive = everything(self.statistics, pipeline), counted_naively(state, pipeline)
            wrong = {key for key in counted | naive if counted.get(key) != naive.get(key)}
            for key in sorted(wrong, key=str)[:1]:
                text = f"{key} is {counted.get(key, 0)}; expected {naive.get(key, 0)}"
                self._broken(f"{when}, of {pipeline} {text}")

    def _broken(self, text: str) -> None:
        self._kernel.state.broken("counted", text)


class _Port:
    """A port at which calls may go wrong."""

    def __init__(self, stream: StatisticsStream, inner: object, name: str) -> None:
        self._stream = stream
        self._inner = inner
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        work = getattr(self._inner, method)
        name = f"{self._name}.{method}"

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._stream.call(name, lambda: work(*args, **kwargs))

        return call
