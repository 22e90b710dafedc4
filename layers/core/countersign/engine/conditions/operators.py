"""Operators: which a type of field has, what each compares with, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from countersign.engine.conditions.operands import (
    Comparable,
    comparable_value,
    elements,
    limits,
    moments,
    text,
    within,
)
from countersign.engine.schedule.business_hours import BusinessHours, at_wall, later_day
from countersign.model.condition import Operator, Wanted
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import FieldType
from countersign.model.values import (
    InvalidValueError,
    Value,
    described,
    quoted,
    shown,
    to_date,
    to_moment,
    to_number,
)
from countersign.text.folding import fold, fold_address

_EVERY: tuple[Operator, ...] = ("is_set", "is_empty", "equals", "differs", "one_of", "none_of")
_ORDER: tuple[Operator, ...] = ("greater", "at_least", "less", "at_most", "between")
_WITHIN: tuple[Operator, ...] = ("within_next", "within_last")
_TEXT: tuple[Operator, ...] = ("contains", "does_not_contain", "starts_with", "ends_with")

OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = {
    "text": _EVERY + _TEXT,
    "number": _EVERY + _ORDER,
    "money": _EVERY + _ORDER,
    "date": _EVERY + _ORDER + _WITHIN,
    "datetime": _EVERY + _ORDER + _WITHIN,
    "choice": _EVERY,
    "user": (*_EVERY, "is_responsible", "in_group"),
    "bool": _EVERY,
    "list": (*_EVERY, "has_any", "has_all", "has_none"),
}
ORDERED: frozenset[FieldType] = frozenset({"number", "money", "date", "datetime"})
WITHOUT_VALUE: frozenset[Operator] = frozenset({"is_set", "is_empty", "is_responsible"})
_DEPENDS = frozenset({"is_responsible", "in_group", "within_next", "within_last"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a condition is judged on."""

    document: Document
    types: Mapping[str, FieldType]
    """The document's fields, as ``fields.types`` gives them."""
    now: datetime
    working: BusinessHours
    groups: Mapping[str, tuple[str, ...]]
    happening: DocumentEvent | None = None
    """The event, for the condition of a trigger."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a field is compared with, ready to compare, and as people read it."""

    value: Comparable
    shown: str | None


NOTHING = Target(None, None)


def comparable(value: Value, kind: FieldType, scope: Scope) -> Comparable:
    """What a field holds, ready to compare; InvalidValueError where it is of another type.

    That happens when a field's type was changed after the document was filled.
    """
    match kind:
        case "number" | "money":
            return to_number(value)
        case "date":
            return to_date(value)
        case "datetime":
            return to_moment(value, scope.working.zone)
        case "bool":
            return _of(value, bool, "yes or no")
        case "list":
            return frozenset(map(fold_address, _of(value, tuple, "a list")))
        case "user":
            return fold_address(_of(value, str, "a user"))
        case _:
            return fold(_of(value, str, "text"))


def target(op: Operator, value: Wanted, kind: FieldType, scope: Scope) -> Target:
    """What the operator compares a field of that type with; InvalidValueError where it cannot."""
    if op not in _DEPENDS:
        if isinstance(value, dict):
            return _fixed(op, value, kind, scope.working.zone)
        return _kept(op, value, kind, scope.working.zone)
    match op:
        case "is_responsible":
            user = scope.document.responsible
            if not user:
                msg = "responsible is empty"
                raise InvalidValueError(msg)
            return Target(fold_address(user), user)
        case "in_group":
            name = text(value)
            if name not in scope.groups:
                raise InvalidValueError(no_group(name, scope.groups))
            return Target(frozenset(map(fold_address, scope.groups[name])), name)
        case _:
            count, unit = within(value, kind)
            word = unit.replace("_", " ")
            word = word[:-1] if count == 1 else word
            return Target(_within(op, count, unit, kind, scope), f"{count} {word}")


def _fixed(op: Operator, value: Wanted, kind: FieldType, zone: ZoneInfo) -> Target:
    """The target of an operator that needs neither a document nor the time to know it."""
    match op:
        case "is_set" | "is_empty":
            return NOTHING
        case "between":
            low, high = limits(value)
            first, last = comparable_value(low, kind, zone), comparable_value(high, kind, zone)
            return Target((first[0], last[1]), f"{shown(low)} and {shown(high)}")
        case "one_of" | "none_of":
            several = elements(op, value, nested=kind == "list")
            return Target(
                tuple(comparable_value(value, kind, zone) for value in several), shown(value)
            )
        case "has_any" | "has_all" | "has_none":
            folded = frozenset(fold_address(text(member)) for member in elements(op, value))
            return Target(folded, shown(value))
        case _:
            return Target(comparable_value(value, kind, zone), shown(value))


# One made for each clause that is published. Values of different types may be equal (true and 1),
# but ``check``, which asks anew, lets only one type of value pass for each type of field.
_kept = lru_cache(maxsize=4096)(_fixed)


def check(
    op: Operator, value: Wanted, kind: FieldType, groups: Mapping[str, tuple[str, ...]] | None
) -> None:
    """Whether the value suits operator and type, before there is a document.

    Raises InvalidValueError where it does not.
    """
    if op in WITHOUT_VALUE and value is not None:
        msg = f"{op} takes no value, found {described(value)}; remove it"
        raise InvalidValueError(msg)
    match op:
        case "is_responsible":
            return
        case "in_group":
            name = text(value)
            if groups is not None and name not in groups:
                raise InvalidValueError(no_group(name, groups))
            if groups is not None and not groups[name]:
                msg = f'the group "{name}" has no members; add some or remove the clause'
                raise InvalidValueError(msg)
        case "within_next" | "within_last":
            within(value, kind)
        case _:
            aim = _fixed(op, value, kind, ZoneInfo("UTC"))
            if op == "between" and aim.value[0] > aim.value[1]:
                low, high = limits(value)
                msg = f"{shown(low)} is above {shown(high)}; expected the lower limit first"
                raise InvalidValueError(msg)


def no_group(name: str, groups: Mapping[str, tuple[str, ...]]) -> str:
    """That a group does not exist, with those that do."""
    there = ", ".join(groups) or "none"
    return f"there is no group {quoted(name)}; the pipeline has {there}"


def holds(op: Operator, kind: FieldType, actual: Comparable, wanted: Comparable) -> bool:
    """Whether the comparison holds, both sides being ready to compare."""
    tests = _ORDERED_TESTS if kind in ORDERED else _TESTS
    return tests[op](actual, wanted)


_Test = Callable[[Comparable, Comparable], bool]
_ORDERED_TESTS: Mapping[Operator, _Test] = {
    "equals": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "differs": lambda value, wanted: not wanted[0] <= value <= wanted[1],
    "one_of": lambda value, wanted: any(first <= value <= last for first, last in wanted),
    "none_of": lambda value, wanted: not any(first <= value <= last for first, last in wanted),
    "greater": lambda value, wanted: value > wanted[1],
    "at_least": lambda value, wanted: value >= wanted[0],
    "less": lambda value, wanted: value < wanted[0],
    "at_most": lambda value, wanted: value <= wanted[1],
    "between": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "within_next": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "within_last": lambda value, wanted: wanted[0] <= value <= wanted[1],
}
_TESTS: Mapping[Operator, _Test] = {
    "equals": lambda value, wanted: value == wanted,
    "differs": lambda value, wanted: value != wanted,
    "one_of": lambda value, wanted: value in wanted,
    "none_of": lambda value, wanted: value not in wanted,
    "contains": lambda value, wanted: wanted in value,
    "does_not_contain": lambda value, wanted: wanted not in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
    "has_any": lambda value, wanted: not value.isdisjoint(wanted),
    "has_all": lambda value, wanted: value >= wanted,
    "has_none": lambda value, wanted: value.isdisjoint(wanted),
    "is_responsible": lambda value, wanted: value == wanted,
    "in_group": lambda value, wanted: value in wanted,
}


def _within(op: Operator, count: int, unit: str, kind: FieldType, scope: Scope) -> Comparable:
    """From now to the same clock time that many days on, or back; for dates from today."""
    local = scope.now.astimezone(scope.working.zone)
    signed = count if op == "within_next" else -count
    if unit == "working_hours":
        now = scope.now.astimezone(UTC)
        then = scope.working.add_working_time(now, timedelta(hours=signed))
        return (now, then) if signed >= 0 else (then, now)
    day = later_day(local.date(), unit, signed, scope.working)
    if kind == "date":
        return (local.date(), day) if signed >= 0 else (day, local.date())
    if count == 0:
        return moments(day.isoformat(), scope.working.zone)
    now = scope.now.astimezone(UTC)
    then = at_wall(day, local.time(), scope.working.zone)
    return (now, then) if signed > 0 else (then, now)


def _of(value: object, wanted: type[Any], word: str) -> Any:
    if not isinstance(value, wanted):
        msg = f"{quoted(value)} is not {word}"
        raise InvalidValueError(msg)
    return value
