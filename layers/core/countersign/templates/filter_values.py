"""What the filters of texts take and give: values as they are shown, numbers, faults."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from liquid.exceptions import FilterArgumentError

from countersign.model.values import plain_number
from countersign.templates.locales import MAX_DECIMALS, rounded
from countersign.templates.values import Moment

MAX_TEXT = 256 * 1024
"""Characters a filter may make."""
MAX_ITEMS = 1000
"""Items a filter may make."""
MAX_DIGITS = 30
"""Digits before the decimal point a filter may make."""

Filter = Callable[..., object]


def shown(value: object) -> str:
    """A value as a reader sees it: plain numbers, yes/no as true/false, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return value if isinstance(value, str) else str(value)


def field_text(value: object) -> str:
    """A value as a document's field reads it back: times in ISO 8601 with their offset, numbers
    with at most as many decimals as a field keeps."""
    if isinstance(value, Moment):
        return value.isoformat()
    if not isinstance(value, Decimal):
        return shown(value)
    text = shown(rounded(value, MAX_DECIMALS))
    # With three decimals the point could be taken for one between thousands.
    return f"{text}0" if text[-4:-3] == "." else text


def fault(text: str) -> FilterArgumentError:
    return FilterArgumentError(text, token=None)


def quoted(value: object) -> str:
    text = " ".join(shown(value).split())
    return f'"{text[:39]}…"' if len(text) > 40 else f'"{text}"'


def number(value: object, of: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        msg = f"{of}: expected a number, found {type(value).__name__}"
        raise fault(msg)
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        msg = f"{of}: {quoted(value)} is not a valid number"
        raise fault(msg) from None
    if not number.is_finite() or number.adjusted() > MAX_DIGITS:
        msg = f"{of}: the number has more than {MAX_DIGITS} digits"
        raise fault(msg)
    return number


def nothing(value: object) -> bool:
    return value is None or value == ""


def places(digits: object, of: str) -> int:
    places = number(digits, of)
    if places not in range(MAX_DECIMALS + 1):
        msg = f"{of}: expected 0 to {MAX_DECIMALS} digits, found {shown(digits)}"
        raise fault(msg)
    return int(places)
