"""Which day's report of a pipeline has been sent, in memory."""

from __future__ import annotations

from datetime import date


class MemoryDailyReports:
    """``ports.DailyReports`` in memory."""

    def __init__(self) -> None:
        self._claimed: set[tuple[str, date]] = set()

    def claim(self, pipeline: str, day: date) -> bool:
        first = (pipeline, day) not in self._claimed
        self._claimed.add((pipeline, day))
        return first

    def release(self, pipeline: str, day: date) -> None:
        self._claimed.discard((pipeline, day))
