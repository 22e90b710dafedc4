"""What one invocation reads for all of its messages together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from countersign.errors import CountersignError
from countersign.model.run import RunKey
from countersign.model.transaction import Transaction
from countersign.ports import RunRead, RunSnapshot
from countersign.use_cases.store import Store

Known = TypeVar("Known")
Read = TypeVar("Read")

MAX_TOGETHER = 25
"""Runs of one read."""
FRESH_FOR = timedelta(seconds=1)
"""How long what was read together is decided on. A write compares its version besides; that a
pipeline was paused since shows in no version."""


class KnownRuns:
    """Runs with their documents and heads, as they were read together a moment ago."""

    def __init__(self, snapshots: Mapping[RunKey, RunSnapshot], until: datetime) -> None:
        self._snapshots = dict(snapshots)
        self._until = until

    def take(self, run: RunKey, now: datetime) -> RunSnapshot | None:
        """The run as it was read or written since; None where it must be read by itself."""
        return self._snapshots.get(run) if now < self._until else None

    def note(self, change: Transaction) -> None:
        """What was written since."""
        written = {update.run.key: update.run for update in change.updates}
        document = change.document
        for key, snapshot in self._snapshots.items():
            update: dict[str, object] = {"run": written[key]} if key in written else {}
            if document is not None and document.id == key.document:
                update["document"] = document
            self._snapshots[key] = snapshot.model_copy(update=update)


def known_first(known: Known | None, read: Callable[[], Read]) -> Callable[[], Known | Read]:
    """Gives what is known, if anything is, and reads whenever it is asked again."""
    left = [] if known is None else [known]
    return lambda: left.pop() if left else read()


def read_together(store: Store, wanted: Iterable[RunRead]) -> KnownRuns:
    """Read several runs in one round trip.

    Where that cannot be, each is read by itself later, and meets its own failure.
    """
    asked = {read.run: read for read in islice(wanted, MAX_TOGETHER)}
    until = store.clock() + FRESH_FOR
    try:
        snapshots = store.documents.read_runs(tuple(asked.values())) if asked else ()
    except CountersignError:
        return KnownRuns({}, until)
    return KnownRuns(dict(zip(asked, snapshots, strict=True)), until)
