"""Messages for paused pipelines in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from countersign.model.held_message import HeldMessage, SetAsideMessage


class MemoryHeldMessages:
    """``ports.PostponedMessages`` in memory."""

    def __init__(self) -> None:
        self._messages: list[HeldMessage] = []
        self._aside: list[SetAsideMessage] = []

    def add(self, message: HeldMessage) -> None:
        if message not in self._messages:
            self._messages.append(message)

    def list(self, pipeline: str) -> Iterator[HeldMessage]:
        mine = [message for message in self._messages if message.pipeline == pipeline]
        yield from sorted(mine, key=lambda message: message.received_at)

    def remove(self, message: HeldMessage) -> None:
        if message in self._messages:
            self._messages.remove(message)

    def set_aside(self, message: HeldMessage, reason: str, *, at: datetime) -> None:
        self.remove(message)
        self.remove_aside(message)
        self._aside.append(SetAsideMessage(message=message, reason=reason, at=at))

    def list_aside(self, pipeline: str) -> Iterator[SetAsideMessage]:
        mine = [one for one in self._aside if one.message.pipeline == pipeline]
        yield from sorted(mine, key=lambda one: one.message.received_at)

    def remove_aside(self, message: HeldMessage) -> None:
        self._aside = [one for one in self._aside if one.message != message]
