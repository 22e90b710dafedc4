"""Addresses of webhooks in memory: those that were made are known."""

from __future__ import annotations

from countersign.adapters.checks import check_identifier


class MemoryAddresses:
    """``ports.Addresses`` in memory: a token is the text it is made of."""

    def __init__(self) -> None:
        self._made: set[tuple[str, str]] = set()

    def make(self, connection: str, unguessable: str) -> str:
        check_identifier(connection)
        self._made.add((connection, unguessable))
        return unguessable

    def proves(self, connection: str, token: str) -> bool:
        return (connection, token) in self._made
