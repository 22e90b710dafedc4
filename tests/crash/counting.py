"""Counts what goes through the ports: round trips, what is written, what is sent."""

from __future__ import annotations

from collections import Counter
from inspect import isfunction
from typing import Any

from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.model.transaction import Transaction
from countersign.ports import Documents

CALLS = frozenset(name for name, found in vars(Documents).items() if isfunction(found))


class CountingDocuments(MemoryDocuments):
    """``ports.Documents`` in memory that counts its calls, and the items of its transactions."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.calls: Counter[str] = Counter()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in CALLS:
            super().__getattribute__("calls")[name] += 1
        return found

    def commit(self, change: Transaction) -> None:
        """Write it, and count its items."""
        self.calls["items"] += items(change)
        super().commit(change)

    def taken(self) -> Counter[str]:
        """What was counted since it was last asked."""
        found, self.calls = self.calls, Counter()
        return found


def items(change: Transaction) -> int:
    """The items of the table that a change writes or checks."""
    single = (change.document, change.stay, change.attach, change.log or None)
    raws = sum(event.raw is not None for event in change.events)
    many = (change.events, change.planned, change.updates, change.once)
    words = len(change.new_words) + len(change.old_words)
    return sum(one is not None for one in single) + raws + sum(map(len, many)) + words
