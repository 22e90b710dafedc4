"""A decision: what a happening does to a document, as values, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run
from countersign.model.signing_event import SigningEvent
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a happening does to a document, as values: nothing is written yet."""

    before: Document | None
    document: Document
    log: tuple[LogEntry, ...]
    planned: tuple[Run, ...]
    tasks: tuple[Task, ...] = ()
    by: str = "system"
    deferred_events: tuple[SigningEvent, ...] = ()
    """Events at the end of the message that belong into a transaction of their own. Of the first,
    a part may have been heard."""
    half_applied: str | None = None
    """The key of that one, where its own word was heard and only its state was not."""
    stop_rules: bool = False
    """Whether the runs of the stage entry before it are to be stopped."""

    @property
    def moved(self) -> bool:
        """Whether the document is in another stage entry than before."""
        return self.before is None or self.before.entry != self.document.entry

    def change(
        self, events: Sequence[ProcessedEvent] = (), attach: Sequence[str] = ()
    ) -> Transaction:
        """The one transaction that writes it."""
        return Transaction(
            document=self.document,
            was_version=None if self.before is None else self.before.version,
            events=tuple(events),
            log=self.log,
            planned=self.planned,
            tasks=self.tasks,
            attach=tuple(attach),
        )
