"""Members whose shape a provider leaves open: custom fields as texts, a reason where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countersign.providers._toolkit.payload import TEXT_LENGTH, MaybeId, MaybeText, Payload
from countersign.providers._toolkit.reading import read_payload

FIELDS = 500
"""At most so many are kept: they are mapped by name, and it bounds an item."""


class Text(Payload):
    """One text from outside."""

    text: MaybeText = None


class Identified(Payload):
    """One id from outside."""

    id: MaybeId = None


def custom_fields(*groups: object) -> dict[str, str]:
    """Texts by name, of JSON objects; what is not a valid object is left out, and later groups win.

    Numbers and ticks are written as JSON writes them, null as an empty text; lists and objects
    are left out, and so is what has no name.
    """
    texts = {
        name[:TEXT_LENGTH]: _text(value)[:TEXT_LENGTH]
        for group in groups
        if isinstance(group, Mapping)
        for name, value in group.items()
        if name and (value is None or isinstance(value, str | int | float))
    }
    return dict(list(texts.items())[:FIELDS])


def first_text(value: object, *names: str) -> str | None:
    """The value itself where it is a text, else the first text among its members of these names."""
    if isinstance(value, Mapping):
        texts = [member for name in names if isinstance(member := value.get(name), str)]
        value = next((text for text in texts if text.strip()), None)
    return read_payload(Text, {"text": value}).text if isinstance(value, str) else None


def inner(value: object, *path: str) -> object:
    """The member at the end of the path; None where something on the way is not a valid object."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def loose_id(value: object) -> str | None:
    """A text or a whole number as an id; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return read_payload(Identified, {"id": value}).id


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
