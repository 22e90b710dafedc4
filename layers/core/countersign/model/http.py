"""What goes to the web and what comes back: calls, answers, text messages, events."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from countersign.model.base import Model
from countersign.model.run import RunKey

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
MAX_ANSWER = 256 * 1024
"""Bytes of an answer that are read unless the call asks for more."""

_VALUE = re.compile(r"[\t\x20-\x7e]*")


def unsendable(headers: Mapping[str, str]) -> str | None:
    """The first header whose value HTTP cannot carry, such as a line break, or None."""
    return next((name for name, value in headers.items() if not _VALUE.fullmatch(value)), None)


class WebRequest(Model):
    """A call of a web address, complete: nothing is added to it but what HTTP itself needs."""

    method: Method
    url: str
    headers: dict[str, str] = {}
    body: bytes = b""
    repeatable: bool = False
    """Whether the receiver knows a repeated call by its idempotency key and does nothing then."""
    within: int = 15
    """Seconds that the answer may take in all."""
    most: int = MAX_ANSWER
    """Bytes of the answer that are read; what comes after them is cut off."""


class WebAnswer(Model):
    """What a web address answered."""

    status: int
    headers: dict[str, str] = {}
    """Names in lower case."""
    body: bytes = b""
    cut: bool = False
    """Whether the body was longer than is read."""
    unread: str | None = None
    """Why there is no body that could be used, as a part of a sentence; the status is known."""

    def header(self, name: str) -> str | None:
        """The header of that name, whatever its case, or None."""
        return self.headers.get(name.lower())


class BusEvent(Model):
    """An event for the account's own consumers."""

    name: str
    """What happened, as consumers filter by it (EventBridge's detail-type)."""
    detail: dict[str, Any]
    """Plain JSON, with the run's ``idempotency_key``."""
    run: RunKey
    repeatable: bool = False
    """Whether the consumers know a repeated event by its idempotency key and do nothing then."""


class TextMessage(Model):
    """An SMS."""

    to: str
    """E.164: a plus, the country and the number, digits only."""
    text: str
    sender: str | None = None
    """The sender's name that phones show, where the country allows one."""
    run: RunKey
