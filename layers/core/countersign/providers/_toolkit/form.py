"""Reads and writes ``application/x-www-form-urlencoded``, with the bracket keys of PHP."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from countersign.providers._toolkit.reading import MalformedError

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 2_000
DEEPEST = 12
KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
PART = re.compile(r"\[([^\[\]]*)\]")


def read_form(body: bytes) -> dict[str, str]:
    """The fields by name, of a name that comes twice the last, as in PHP.

    ``MalformedError`` for anything but a form in UTF-8.
    """
    return dict(_fields(body))


def read_nested(body: bytes) -> dict[str, Any]:
    """The form as nested objects: ``data[FIELDS][ID]=1`` is ``{"data": {"FIELDS": {"ID": "1"}}}``.

    ``MalformedError`` where a name is both a value and an object, and for anything but a form.
    """
    whole: dict[str, Any] = {}
    for key, value in _fields(body):
        match = KEY.fullmatch(key)
        path = [match[1], *PART.findall(match[2])] if match else [key]
        if len(path) > DEEPEST:
            raise MalformedError(f"the form is nested deeper than {DEEPEST}")
        place = whole
        for name in path[:-1]:
            place = place.setdefault(name or str(len(place)), {})
            if not isinstance(place, dict):
                raise _contradiction(key)
        last = path[-1] or str(len(place))
        if isinstance(place.get(last), dict):
            raise _contradiction(key)
        place[last] = value
    return whole


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise MalformedError(f"the body is not a valid form: {error}") from error


def _contradiction(key: str) -> MalformedError:
    return MalformedError(f'the form has "{key[:100]}" as a value and as an object')


def write_nested(value: Mapping[str, Any]) -> bytes:
    """Nested objects and lists as a form with bracket keys; null is left out."""
    return urlencode(list(_pairs(value, ""))).encode()


def _pairs(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(inner, f"{key}[{name}]" if key else str(name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _pairs(inner, f"{key}[{place}]")
    elif value is not None:
        yield key, str(int(value) if isinstance(value, bool) else value)
