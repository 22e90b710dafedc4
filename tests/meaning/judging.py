"""What a condition comes to, reckoned in the plainest way: in three values, None is unknown.

It knows these fields alone: ``amount`` (money), ``end`` (a date), ``note`` (text), ``responsible``
(a user) and ``signers_signed`` (a list). Working days are Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

DAY = timedelta(days=1)


def outcome(condition: Mapping[str, Any], values: Mapping[str, Any], today: date,
            groups: Mapping[str, Any]) -> bool | None:  # fmt: skip
    """The outcome of a clause, or of a group of them."""
    for word in ("all", "any", "none"):
        if condition.get(word) is not None:
            found = [outcome(one, values, today, groups) for one in condition[word]]
            return _group(word, found)
    field, op, wanted = condition["field"], condition["op"], condition.get("value")
    return _clause(op, values[field], wanted, field, today, groups, values)


def _group(word: str, found: list[bool | None]) -> bool | None:
    if word == "all":
        return False if False in found else None if None in found else True
    anything = True if True in found else None if None in found else False
    return anything if word == "any" or anything is None else not anything


def _clause(
    op: str, value: Any, wanted: Any, field: str, today: date, groups: Mapping[str, Any],
    values: Mapping[str, Any],
) -> bool | None:  # fmt: skip
    empty = value is None or (isinstance(value, str) and not value.strip())
    if op == "is_set":
        return not empty and value != ()
    if op == "is_empty":
        return empty or value == ()
    if empty:
        return None
    if isinstance(value, tuple):
        return _list(op, {one.lower() for one in value}, {one.lower() for one in wanted})
    if op == "is_responsible":
        return None if values["responsible"] is None else value == values["responsible"]
    if op == "in_group":
        return value in groups[wanted]
    if op in ("within_next", "within_last"):
        return _within(op, date.fromisoformat(value), wanted, today)
    if field == "end":
        read: Any = date.fromisoformat
    elif field == "amount":
        read = Decimal
    else:
        read = str.casefold
    return _single(op, read(value), wanted, read)


def _single(op: str, value: Any, wanted: Any, read: Any) -> bool:
    several = [read(one) for one in wanted] if isinstance(wanted, list | tuple) else []
    one: Any = None if several else read(wanted)
    match op:
        case "equals":
            return bool(value == one)
        case "differs":
            return bool(value != one)
        case "one_of":
            return value in several
        case "none_of":
            return value not in several
        case "contains":
            return one in value
        case "does_not_contain":
            return one not in value
        case "starts_with":
            return bool(value[: len(one)] == one)
        case "ends_with":
            return bool(value[len(value) - len(one) :] == one)
        case "greater":
            return bool(value > one)
        case "at_least":
            return bool(value >= one)
        case "less":
            return bool(value < one)
        case "at_most":
            return bool(value <= one)
        case "between":
            return bool(several[0] <= value <= several[1])
    raise LookupError(op)


def _list(op: str, value: set[str], wanted: set[str]) -> bool:
    common = value & wanted
    match op:
        case "has_any":
            return bool(common)
        case "has_all":
            return common == wanted
        case "has_none":
            return not common
    raise LookupError(op)


def _within(op: str, value: date, reach: Mapping[str, int], today: date) -> bool:
    ((unit, count),) = reach.items()
    step, last = (DAY if op == "within_next" else -DAY), today
    count *= 7 if unit == "weeks" else 1
    while count:
        last += step
        count -= unit != "working_days" or last.weekday() < 5
    return min(today, last) <= value <= max(today, last)
