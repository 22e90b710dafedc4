"""Counters of rules that pick people in turn, in memory."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class MemoryRoundRobin:
    """``ports.RoundRobin`` in memory."""

    def __init__(self) -> None:
        self._drawn: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def draw(self, pipeline: str, rule: str) -> int:
        with self._lock:
            number = self._drawn[pipeline, rule]
            self._drawn[pipeline, rule] = number + 1
        return number
