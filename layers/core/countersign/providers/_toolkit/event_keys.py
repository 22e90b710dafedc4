"""Keys of events: made of an event's meaning, so that what is delivered twice counts once."""

from __future__ import annotations

import hashlib


def event_key(*parts: object) -> str:
    """An idempotency key made of an event's meaning; None parts are written as ``-``.

    At most 465 bytes of UTF-8: a sort key of DynamoDB holds 1,024.
    """
    text = ":".join("-" if part is None or part == "" else str(part) for part in parts)
    if len(text.encode()) <= 400:
        return text
    return f"{text[:100]}:{hashlib.sha256(text.encode()).hexdigest()}"
