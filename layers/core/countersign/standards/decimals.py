"""Numbers of a pipeline: decimals, the same after they were written as JSON and read again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

MAX_DIGITS = 15
"""So many digits of a decimal survive JSON, whose numbers many readers take for binary floats."""


def decimal_of(value: float | Decimal) -> Decimal:
    """The number as it was written; ValueError for one that JSON would not keep."""
    # repr of a float is the shortest text that names it: what was written, up to 15 digits.
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number.adjusted()) >= MAX_DIGITS:
        msg = f"{value} is out of range; expected a number of at most {MAX_DIGITS} digits"
        raise ValueError(msg)
    if len(number.as_tuple().digits) > MAX_DIGITS:
        msg = f"{value} has too many digits; expected at most {MAX_DIGITS}"
        raise ValueError(msg)
    return Decimal(f"{number.normalize():f}") if number else Decimal(0)


def with_decimals(value: Any) -> Any:
    """Plain values as they were written: every number with a point, at any depth, a Decimal."""
    if isinstance(value, float | Decimal):
        return decimal_of(value)
    if isinstance(value, Mapping):
        return {name: with_decimals(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [with_decimals(element) for element in value]
    return value


def as_json(value: Any) -> Any:
    """The same with decimals as JSON's own numbers, so that a file reads as it was written."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: as_json(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(element) for element in value]
    return value
