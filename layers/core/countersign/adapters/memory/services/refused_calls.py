"""Refused webhook calls in memory."""

from __future__ import annotations

from datetime import datetime

from countersign.model.refusal import RefusedCall


class MemoryRefusedCalls:
    """``ports.RefusedCalls`` in memory; whoever plays the function notes them."""

    def __init__(self) -> None:
        self._refusals: list[RefusedCall] = []

    def note(self, refusal: RefusedCall) -> None:
        """Keep a refusal."""
        self._refusals.append(refusal)

    def recent(self, connection: str, limit: int, *, since: datetime) -> tuple[RefusedCall, ...]:
        calls = [
            call for call in self._refusals if call.connection == connection and call.at >= since
        ]
        return tuple(sorted(calls, key=lambda call: call.at, reverse=True)[:limit])
