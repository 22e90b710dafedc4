"""What an operator compares a field with: read as the pipeline has it, made ready to compare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from countersign.engine.schedule.business_hours import at_wall
from countersign.model.condition import Operator, Wanted
from countersign.model.pipeline import FieldType
from countersign.model.values import InvalidValueError, described, to_date, to_moment
from countersign.text.folding import fold, fold_address

REACHES: Mapping[str, int] = {
    "days": 36_500,
    "weeks": 5_200,
    "months": 1_200,
    "working_days": 1_000,
    "working_hours": 8_000,
}
"""The units in which a ``within`` is given, and how many of each it reaches at most."""
_REACHES_OF_DATES = {unit: most for unit, most in REACHES.items() if unit != "working_hours"}

Comparable = Any
"""Text folded, lists as sets of folded text; numbers, days and moments as they are. What an
ordered field is compared with is a range, first and last included: a day is one of moments."""


def text(value: object) -> str:
    """The text that an operator takes, not blank."""
    if not isinstance(value, str):
        msg = f"{described(value)} is not a text; write it in quotes"
        raise InvalidValueError(msg)
    if not fold(value):
        msg = "the text is blank; ask with is_empty or is_set"
        raise InvalidValueError(msg)
    return value


def within(value: Wanted, kind: FieldType) -> tuple[int, str]:
    """How many of which unit a ``within`` reaches; 0 days is today.

    A day has no hours, so that working hours reach date-times alone.
    """
    reaches = _REACHES_OF_DATES if kind == "date" else REACHES
    if isinstance(value, dict) and len(value) == 1:
        ((unit, count),) = value.items()
        if unit in reaches and 0 <= count <= reaches[unit]:
            return count, unit
    *several, last = (f"{{{unit}: 0 to {most}}}" for unit, most in reaches.items())
    msg = f"found {described(value)}; expected {', '.join(several)} or {last}"
    raise InvalidValueError(msg)


def limits(value: Wanted) -> tuple[Wanted, Wanted]:
    """The two limits of ``between``."""
    if not isinstance(value, tuple) or len(value) != 2:
        msg = f"between takes two limits, [low, high]; found {described(value)}"
        raise InvalidValueError(msg)
    return value


def elements(op: Operator, value: Wanted, *, nested: bool = False) -> tuple[Wanted, ...]:
    """The values of an operator that takes several, at least one."""
    if not isinstance(value, tuple) or not value:
        msg = f"{op} takes a list of at least one value; found {described(value)}"
        raise InvalidValueError(msg)
    if nested and not all(isinstance(inner, tuple) for inner in value):
        msg = (
            f"{op} compares the whole of a list, so it takes lists, such as [[a, b], [c]]; "
            "for its members use has_any, has_all or has_none"
        )
        raise InvalidValueError(msg)
    return value


def comparable_value(value: Wanted, kind: FieldType, zone: ZoneInfo) -> Comparable:
    """One value of the field's type as the pipeline has it: nothing is turned into another type."""
    match kind:
        case "number" | "money":
            if isinstance(value, bool) or not isinstance(value, Decimal):
                msg = (
                    f"{described(value)} is not a valid number; expected one without "
                    "quotes, such as 5000"
                )
                raise InvalidValueError(msg)
            return value, value
        case "date":
            day = to_date(value)
            return day, day
        case "datetime":
            return moments(value, zone)
        case "bool":
            if not isinstance(value, bool):
                msg = f"{described(value)} is neither yes nor no; expected true or false"
                raise InvalidValueError(msg)
            return value
        case "list":
            if not isinstance(value, tuple) or not value:
                msg = f"{described(value)} is not a valid list; expected one such as [a, b]"
                raise InvalidValueError(msg)
            return frozenset(fold_address(text(inner)) for inner in value)
        case "user":
            return fold_address(text(value))
        case _:
            return fold(text(value))


def moments(value: Wanted, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A moment, or for a day all of its moments in the zone."""
    if isinstance(value, str) and len(value) == len("2026-05-31"):
        day = to_date(value)
        following = at_wall(day + timedelta(days=1), time(0), zone)
        return at_wall(day, time(0), zone), following - timedelta.resolution
    moment = to_moment(value, zone)
    return moment, moment
