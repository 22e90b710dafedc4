"""Messages for paused pipelines in memory."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.model.postponed import Postponed


class MemoryPostponedMessages:
    """``ports.PostponedMessages`` in memory."""

    def __init__(self) -> None:
        self._messages: list[Postponed] = []

    def add(self, message: Postponed) -> None:
        if message not in self._messages:
            self._messages.append(message)

    def list(self, pipeline: str) -> Iterator[Postponed]:
        mine = [message for message in self._messages if message.pipeline == pipeline]
        yield from sorted(mine, key=lambda message: message.received_at)

    def remove(self, message: Postponed) -> None:
        if message in self._messages:
            self._messages.remove(message)
