"""How values read for people, in errors and on the timeline."""

from __future__ import annotations

from decimal import Decimal

from countersign.model.values import quoted


def shown(value: object) -> str:
    """A value for people: numbers with separators, lists with commas."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:,f}" if value else "0"
        case tuple() | frozenset():
            return ", ".join(map(shown, value))
        case dict():
            return ", ".join(f"{name}: {count}" for name, count in value.items())
        case _:
            return str(value)


def described(value: object) -> str:
    """What stands where something else was expected, for an error's text."""
    if value is None:
        return "no value"
    return quoted(value) if isinstance(value, str) else shown(value) or "an empty list"
