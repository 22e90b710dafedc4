"""When something was last seen at work, in memory."""

from __future__ import annotations

from datetime import datetime


class MemoryHeartbeats:
    """``ports.Heartbeats`` in memory."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def beat(self, name: str, at: datetime) -> None:
        self._last[name] = max(at, self._last.get(name, at))

    def last(self, name: str) -> datetime | None:
        return self._last.get(name)
