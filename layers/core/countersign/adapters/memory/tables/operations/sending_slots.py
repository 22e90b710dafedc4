"""Places in the row of those who send, in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock


class MemorySendingSlots:
    """``ports.SendingSlots`` in memory."""

    def __init__(self) -> None:
        self._next: dict[str, datetime] = {}
        self._lock = Lock()

    def take(self, row: str, every: timedelta, now: datetime) -> datetime:
        with self._lock:
            slot = max(self._next.get(row, now), now)
            self._next[row] = slot + every
        return slot


class FixedRate:
    """``ports.SendingRate`` that is known."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def a_second(self) -> float:
        return self._rate
