"""A mail service's verified senders in memory."""

from __future__ import annotations

from collections.abc import Iterable


class MemorySenders:
    """``ports.Senders`` in memory: addresses and domains; without any nothing is known."""

    def __init__(
        self, verified: Iterable[str] | None = None, *, to_anybody: bool | None = None
    ) -> None:
        self._known = None if verified is None else frozenset(verified)
        self._to_anybody = to_anybody

    def may_send_to_anybody(self) -> bool | None:
        return self._to_anybody

    def verified(self, address: str) -> bool | None:
        if self._known is None:
            return None
        domain = address.rpartition("@")[2]
        return address in self._known or any(
            domain == known or domain.endswith(f".{known}") for known in self._known
        )
