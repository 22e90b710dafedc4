"""An event bus in memory: keeps what was published, and refuses what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable

from countersign.model.http import BusEvent

Refusal = Callable[[BusEvent], Exception | None]
"""Judges an event before it is taken: the error to raise instead, or None."""


class MemoryEventBus:
    """``ports.EventBus`` in memory."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.published: list[BusEvent] = []
        self._refusal = refusal or (lambda event: None)

    def publish(self, event: BusEvent) -> str:
        error = self._refusal(event)
        if error is not None:
            raise error
        self.published.append(event)
        return f"memory-{len(self.published)}"
