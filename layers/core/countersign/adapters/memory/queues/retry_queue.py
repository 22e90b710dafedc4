"""Parked webhook requests in memory."""

from __future__ import annotations


class MemoryRetryQueue:
    """``ports.RetryQueue`` in memory."""

    def __init__(self) -> None:
        self._parked: list[tuple[str, str]] = []
        self.given_up: list[tuple[str, str, str]] = []
        """Connection, request and reason of each dead letter."""

    def park(self, connection: str, request: str) -> None:
        self._parked.append((connection, request))

    def give_up(self, connection: str, request: str, reason: str) -> None:
        self.given_up.append((connection, request, reason))

    def take(self) -> tuple[tuple[str, str], ...]:
        """Every connection and request that is parked, oldest first; they are taken out."""
        taken, self._parked = tuple(self._parked), []
        return taken
