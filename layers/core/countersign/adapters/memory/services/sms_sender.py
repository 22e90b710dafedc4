"""Phones in memory: keeps the SMS that were sent, and refuses what a test tells it to."""

from __future__ import annotations

import re
from collections.abc import Callable

from countersign.errors import PermanentError
from countersign.model.http import TextMessage

Refusal = Callable[[TextMessage], Exception | None]
"""Judges an SMS before it is taken: the error to raise instead, or None."""

_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)


class MemorySmsSender:
    """``ports.SmsSender`` in memory."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.sent: list[TextMessage] = []
        self._refusal = refusal or (lambda message: None)

    def send(self, message: TextMessage) -> str:
        if not _E164.fullmatch(message.to):
            raise PermanentError(f"{message.to} is not a valid number with its country; correct it")
        error = self._refusal(message)
        if error is not None:
            raise error
        self.sent.append(message)
        return f"memory-{len(self.sent)}"
