"""A world that writes down what happens in it: events, moves, rules and mails, each at its time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from countersign.adapters.memory.lanes import Waiting
from countersign.engine.explain import ExplainedRun, Explanation
from countersign.engine.plan import TIMER
from countersign.model.base import Instant, Model
from countersign.model.log import LogEntry, LogKind
from countersign.model.message import Email
from countersign.simulation.world import World
from countersign.use_cases.perform import Performed
from countersign.use_cases.show import show

Sort = LogKind | Literal["rule", "timer", "mail", "lost", "kept", "paused", "resumed"]
"""``lost`` and ``kept`` are messages: one that never came, one kept for later."""

_PERFORMED = frozenset({"done", "skipped", "failed", "unknown"})


class Moment(Model):
    """One thing that happened, with whatever is known of it."""

    at: Instant
    sort: Sort
    text: str
    log: LogEntry | None = None
    """The line of the document's timeline."""
    entry: int | None = None
    run: ExplainedRun | None = None
    """The run as it is from now on, and its stage entry."""
    mail: Email | None = None


class RecordedWorld(World):
    """A world of one document, every change of which becomes a moment."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.moments: list[Moment] = []
        self.watched: str | None = None
        """The document, once there is one."""
        self._lines = 0
        self._mails = 0
        self._runs: dict[tuple[int, str], ExplainedRun] = {}

    def deliver(self, waiting: Waiting) -> Performed:
        self.record()
        performed = super().deliver(waiting)
        self.record()
        return performed

    def tell_of(self, sort: Sort, text: str) -> None:
        """Write down what the document does not know of."""
        self.record()
        self.moments.append(Moment(at=self.now, sort=sort, text=text))

    def explanation(self) -> Explanation | None:
        """Everything about the document as it is now; None before there is one."""
        if self.watched is None:
            self.watched = next(iter(self.state.documents), None)
        if self.watched is None:
            return None
        return show(self.documents, self.pipelines, self.programs, self.watched)

    def record(self) -> None:
        """Write down what has changed since this was last asked, in the order of cause."""
        found = self.explanation()
        if found is None:
            return
        changed = list(self._changed_runs(found))
        performed = [one for one in changed if self._was_performed(one)]
        self.moments.extend(performed)
        for line in found.timeline[self._lines :]:
            text = line.text or line.kind
            self.moments.append(Moment(at=line.at, sort=line.kind, text=text, log=line))
        self.moments.extend(one for one in changed if one not in performed and self._tells(one))
        for mail in self.mailbox.sent[self._mails :]:
            text = f"to {', '.join(mail.to)}: {mail.subject}"
            self.moments.append(Moment(at=self.now, sort="mail", text=text, mail=mail))
        self._lines = len(found.timeline)
        self._mails = len(self.mailbox.sent)
        self._runs = {(e.entry, run.rule): run for e in found.entries for run in e.runs}

    def _changed_runs(self, found: Explanation) -> Iterator[Moment]:
        for entry in found.entries:
            for run in entry.runs:
                if self._runs.get((entry.entry, run.rule)) == run:
                    continue
                words = "done" if run.state == "done" else run.words
                yield Moment(
                    at=self.now,
                    sort="timer" if run.rule.startswith(TIMER) else "rule",
                    text=f"{run.name}: {words}",
                    entry=entry.entry,
                    run=run,
                )

    def _was_performed(self, moment: Moment) -> bool:
        """Whether a lane had the run, so that what else is new may be its effect."""
        run = moment.run
        known = run is not None and self._runs.get((moment.entry or 0, run.rule)) is not None
        return known and run is not None and run.state in _PERFORMED

    def _tells(self, moment: Moment) -> bool:
        """What is due now is told when it has happened."""
        run = moment.run
        return run is None or run.state != "ready" or run.due is None or run.due > self.now
