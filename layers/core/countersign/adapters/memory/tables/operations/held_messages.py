"""Messages for paused pipelines in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from countersign.model.incoming_message import IncomingMessage, SetAsideMessage


class MemoryHeldMessages:
    """``ports.HeldMessages`` in memory."""

    def __init__(self) -> None:
        self._messages: list[IncomingMessage] = []
        self._aside: list[SetAsideMessage] = []

    def add(self, message: IncomingMessage) -> None:
        if message not in self._messages:
            self._messages.append(message)

    def list(self, pipeline: str) -> Iterator[IncomingMessage]:
        mine = [message for message in self._messages if message.pipeline == pipeline]
        yield from sorted(mine, key=lambda message: message.received_at)

    def count(self, pipeline: str, most: int) -> int:
        return min(most, sum(message.pipeline == pipeline for message in self._messages))

    def remove(self, message: IncomingMessage) -> None:
        if message in self._messages:
            self._messages.remove(message)

    def set_aside(self, message: IncomingMessage, reason: str, *, at: datetime) -> None:
        self.remove(message)
        self.remove_aside(message)
        self._aside.append(SetAsideMessage(message=message, reason=reason, at=at))

    def list_aside(self, pipeline: str) -> Iterator[SetAsideMessage]:
        mine = [aside for aside in self._aside if aside.message.pipeline == pipeline]
        yield from sorted(mine, key=lambda aside: aside.message.received_at)

    def remove_aside(self, message: IncomingMessage) -> None:
        self._aside = [aside for aside in self._aside if aside.message != message]
