"""Cuts secrets, signing links and embedded files out of messages before they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json

from countersign.providers._toolkit.reading import read_json

REDACTED = "[redacted]"


def redacted_json(body: bytes, names: Iterable[str]) -> str:
    """The JSON text, each member of these names (in lower case) replaced by ``[redacted]``."""
    secret = frozenset(names)

    def clean(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                name: REDACTED if name.lower() in secret and inner else clean(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [clean(element) for element in value]
        return value

    value = read_json(body)
    # Most messages hold none of the names, and walking through one costs as much as reading it
    # thrice. A name that is written with escapes is found by the walk alone.
    text = _lower_text(body)
    if text is None or "\\u" in text or any(name in text for name in secret):
        value = clean(value)
    return to_json(value, inf_nan_mode="null").decode()


def _lower_text(body: bytes) -> str | None:
    try:
        return body.decode().lower()
    except UnicodeDecodeError:
        return None
