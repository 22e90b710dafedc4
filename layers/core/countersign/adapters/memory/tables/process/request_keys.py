"""Idempotency keys in memory."""

from __future__ import annotations

from datetime import datetime

from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.model.request_key import RequestKey


class MemoryRequestKeys:
    """``ports.RequestKeys`` in memory, in the same place as what changes make."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def get(self, caller: str, key: str, *, now: datetime) -> RequestKey | None:
        stored = self._state.requests.get((caller, key))
        return None if stored is None or stored.is_over(now) else stored

    def add(self, request: RequestKey) -> None:
        self._state.add_request(request)
