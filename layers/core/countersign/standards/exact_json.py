"""JSON whose numbers stay as they were written: int, or Decimal where there is a point.

Readers of JSON usually make binary floats of numbers with a point, and ``5.000`` the same as ``5``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any


def read_exact(text: str | bytes) -> Any:
    """The value of a JSON text. ValueError, in a sentence, for what is not valid JSON.

    That is also where it is nested too deep to be read, says NaN or Infinity, or has a key twice in
    one object.
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refused, object_pairs_hook=_object
        )
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None


def write_exact(value: Any) -> str:
    """Plain values as JSON that ``read_exact`` reads as the same values.

    ValueError for a number that JSON does not have, TypeError for what is not a plain value.
    """
    if isinstance(value, Mapping):
        members = (f"{_text(name)}:{write_exact(member)}" for name, member in value.items())
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(write_exact, value))}]"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a number that JSON has")
        text = str(value)
        return text if "." in text or "E" in text else f"{text}.0"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the key {name!r} is not a text")
    return json.dumps(name, ensure_ascii=False)


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not a number that JSON has")


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f'"{name}" stands twice in one object; keep one of them')
        members[name] = value
    return members
