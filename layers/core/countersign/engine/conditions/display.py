"""How a judged clause reads: values for people, and the sentence that tells its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from countersign.model.condition import ClauseVerdict, Operator
from countersign.model.pipeline import FieldType
from countersign.model.values import Value, quoted, shown, to_moment, to_number

_PHRASES: Mapping[Operator, tuple[str, str]] = {
    "one_of": ("is one of", "is not one of"),
    "none_of": ("is none of", "is one of"),
    "contains": ("contains", "does not contain"),
    "does_not_contain": ("does not contain", "contains"),
    "starts_with": ("starts with", "does not start with"),
    "ends_with": ("ends with", "does not end with"),
    "greater": ("is greater than", "is not greater than"),
    "at_least": ("is at least", "is less than"),
    "less": ("is less than", "is not less than"),
    "at_most": ("is at most", "is greater than"),
    "between": ("is between", "is not between"),
    "within_next": ("is within the next", "is not within the next"),
    "within_last": ("is within the last", "is not within the last"),
    "has_any": ("has one of", "has none of"),
    "has_all": ("has all of", "does not have all of"),
    "has_none": ("has none of", "has one of"),
    "is_responsible": ("is the responsible person,", "is not the responsible person,"),
    "in_group": ("is in the group", "is not in the group"),
}
_DATE_PHRASES: Mapping[Operator, tuple[str, str]] = {
    **_PHRASES,
    "greater": ("is after", "is not after"),
    "at_least": ("is not before", "is before"),
    "less": ("is before", "is not before"),
    "at_most": ("is not after", "is after"),
}


def sentence(judged: ClauseVerdict, kind: FieldType | None) -> str:
    """A clause that is true or false, as found: ``amount 3,200 is not greater than 5,000``."""
    true = judged.outcome == "true"
    if judged.op in ("is_set", "is_empty"):
        return f"{judged.field} is {'set' if (judged.op == 'is_set') == true else 'empty'}"
    actual, wanted = judged.found or "", judged.wanted or ""
    if judged.found is None:
        return f"{judged.field} is empty"
    if kind == "text":
        actual = quoted(actual)
        wanted = wanted if judged.op in ("one_of", "none_of") else quoted(wanted)
    if judged.op in ("equals", "differs"):
        if (judged.op == "equals") != true:
            return f"{judged.field} is {actual}, not {wanted}"
        same = actual == wanted
        return f"{judged.field} is {actual}" if same else f"{judged.field} {actual} equals {wanted}"
    phrases = _DATE_PHRASES if kind in ("date", "datetime") else _PHRASES
    return f"{judged.field} {actual} {phrases[judged.op][not true]} {wanted}"


def shown_field(value: Value, kind: FieldType, zone: ZoneInfo) -> str:
    """A field's value: numbers with separators, moments as clock time in the zone."""
    if kind == "datetime":
        local = to_moment(value, zone).astimezone(zone)
        seconds = ":%S" if local.second else ""
        return f"{local:%Y-%m-%d %H:%M{seconds}} {zone.key}"
    return shown(to_number(value) if kind in ("number", "money") else value)
