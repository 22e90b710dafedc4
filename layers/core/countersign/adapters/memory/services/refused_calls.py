"""Refused webhook calls in memory."""

from __future__ import annotations

from datetime import datetime

from countersign.model.refusal import RefusedCall


class MemoryRefusedCalls:
    """``ports.RefusedCalls`` in memory; the caller that stands in for the function notes them."""

    def __init__(self) -> None:
        self._refusals: list[RefusedCall] = []

    def note(self, refusal: RefusedCall) -> None:
        """Keep a refusal."""
        self._refusals.append(refusal)

    def recent(self, connection: str, limit: int, *, since: datetime) -> tuple[RefusedCall, ...]:
        refusals = (
            refusal
            for refusal in self._refusals
            if refusal.connection == connection and refusal.at >= since
        )
        return tuple(sorted(refusals, key=lambda refusal: refusal.at, reverse=True)[:limit])
