"""Documents whose changes are told by a stream, and what is counted of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.adapters.memory.tables.process.statistics import MemoryStatistics
from countersign.errors import CountersignError
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run, RunKey
from countersign.model.statistics import DocumentRecord, StreamRecord
from countersign.model.transaction import RunUpdate, Transaction
from countersign.use_cases.statistics.rebuild import Rebuilder
from countersign.use_cases.statistics.record import StatisticsRecorder, record_statistics

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Scene:
    """A state, and the records of every change, oldest first."""

    def __init__(self) -> None:
        self.now = NOON
        self.state = MemoryState()
        self.documents: Any = MemoryDocuments(self.state)
        self.statistics: Any = MemoryStatistics()
        self.records: list[StreamRecord] = []

    def create(self, document: str = "d-1") -> None:
        """A document is made in ``draft``."""
        made = Document(
            id=document, pipeline="contracts", stage="draft", since=self.now, created_at=self.now
        )
        line = LogEntry(at=self.now, kind="created", entry=1, to_stage="draft")
        self.documents.commit(Transaction(document=made, log=(line,)))
        self.records.append(DocumentRecord(document=made))

    def move(self, *stages: str, document: str = "d-1", **more: Any) -> None:
        """A document goes through the stages in one change."""
        before = self.state.documents[document]
        lines, stage = [], before.stage
        for target in stages:
            moved = {"kind": "moved", "from_stage": stage, "to_stage": target, "entry": 1}
            lines.append(LogEntry.model_validate({"at": self.now, **moved}))
            stage = target
        update = {"stage": stage, "version": before.version + 1, **more}
        after = before.model_copy(update={"entry": before.entry + len(stages), **update})
        self.documents.commit(
            Transaction(document=after, was_version=before.version, log=tuple(lines))
        )
        self.records.append(DocumentRecord(document=after))

    def run(self, state: str, *, rule: str = "mail", document: str = "d-1") -> RunKey:
        """A run is planned, and comes to a state."""
        run = Run.model_validate(
            {
                **{"document": document, "entry": 1, "rule": rule, "pipeline": "contracts"},
                **{"pipeline_version": 1, "stage": "draft", "kind": "send_email"},
                **{"lane": "email", "state": state, "planned_at": self.now},
            }
        )
        before = self.state.runs.get(run.key)
        change = Transaction(planned=(run,))
        if before is not None:
            run = run.model_copy(update={"generation": before.generation + 1})
            was = {"was": before.state, "was_generation": before.generation}
            change = Transaction(updates=(RunUpdate.model_validate({"run": run, **was}),))
        self.documents.commit(change)
        self.records.append(run.key)
        return run.key

    def remove(self, document: str = "d-1") -> None:
        """A document is removed, with its timeline and its runs."""
        self.records.append(DocumentRecord(document=self.state.documents[document], removed=True))
        self.documents.remove(document)

    def pass_time(self, **span: float) -> None:
        """Time goes by."""
        self.now += timedelta(**span)

    # --- counting

    @property
    def recorder(self) -> StatisticsRecorder:
        """What counting needs."""
        return StatisticsRecorder(
            documents=self.documents, statistics=self.statistics, clock=lambda: self.now
        )

    @property
    def rebuilder(self) -> Rebuilder:
        """What rebuilding needs."""
        return Rebuilder(
            documents=self.documents, statistics=self.statistics, clock=lambda: self.now
        )

    def count(self, records: Sequence[StreamRecord] | None = None) -> dict[str, str]:
        """Count these records, all unless told; what failed."""
        failed = record_statistics(self.recorder, self.records if records is None else records)
        return {document: _said(error) for document, error in failed.items()}

    def counted(self) -> dict[str, int]:
        """All counters but those of times, by ``<day> <name>``."""
        found: dict[str, int] = {}
        for key, number in self.statistics.read("contracts", date.min, date.max).items():
            if key.name.startswith("stay/"):
                continue
            day = "now" if key.day is None else f"{key.day:%m-%d}"
            name = f"{day} {key.name}"
            found[name] = found.get(name, 0) + number
        return {name: number for name, number in sorted(found.items()) if number}


def _said(error: CountersignError) -> str:
    return f"{type(error).__name__}: {error}"
