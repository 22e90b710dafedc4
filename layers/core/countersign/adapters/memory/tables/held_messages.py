"""Messages for paused pipelines in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from countersign.model.held_message import Postponed, SetAside


class MemoryPostponedMessages:
    """``ports.PostponedMessages`` in memory."""

    def __init__(self) -> None:
        self._messages: list[Postponed] = []
        self._aside: list[SetAside] = []

    def add(self, message: Postponed) -> None:
        if message not in self._messages:
            self._messages.append(message)

    def list(self, pipeline: str) -> Iterator[Postponed]:
        mine = [message for message in self._messages if message.pipeline == pipeline]
        yield from sorted(mine, key=lambda message: message.received_at)

    def remove(self, message: Postponed) -> None:
        if message in self._messages:
            self._messages.remove(message)

    def set_aside(self, message: Postponed, reason: str, *, at: datetime) -> None:
        self.remove(message)
        self.remove_aside(message)
        self._aside.append(SetAside(message=message, reason=reason, at=at))

    def list_aside(self, pipeline: str) -> Iterator[SetAside]:
        mine = [one for one in self._aside if one.message.pipeline == pipeline]
        yield from sorted(mine, key=lambda one: one.message.received_at)

    def remove_aside(self, message: Postponed) -> None:
        self._aside = [one for one in self._aside if one.message != message]
