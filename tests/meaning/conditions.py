"""Conditions of every operator, drawn by chance; plain data, as they are written."""

from __future__ import annotations

from random import Random
from typing import Any

GROUPS = {"legal": ["ben@acme.example", "ulla@acme.example"]}
PEOPLE = ("ben@acme.example", "carla@acme.example")
SIGNING = ("anna@acme.example", "klara@kunde.example", "nobody@kunde.example")
DATES = ("2026-03-04", "2026-03-09", "2026-03-29", "2026-10-25", "2026-11-30")
AMOUNTS = (3, 5, 50, 500, 5000)
NOTES = ("Note", "note of", "o", "4711", "")
EVERY = ("is_set", "is_empty", "equals", "differs", "one_of", "none_of")
ORDER = ("greater", "at_least", "less", "at_most", "between")
OPERATORS = {
    "amount": (*EVERY, *ORDER),
    "end": (*EVERY, *ORDER, "within_next", "within_last"),
    "note": (*EVERY, "contains", "does_not_contain", "starts_with", "ends_with"),
    "responsible": (*EVERY, "in_group", "is_responsible"),
    "signers_signed": ("is_set", "is_empty", "has_any", "has_all", "has_none"),
}


def condition(chance: Random, depth: int = 2) -> dict[str, Any]:
    """A clause, or a group of conditions."""
    if depth and chance.random() < 0.35:
        members = [condition(chance, depth - 1) for _ in range(chance.randint(1, 3))]
        return {chance.choice(("all", "any", "none")): members}
    field = chance.choice(tuple(OPERATORS))
    op = chance.choice(OPERATORS[field])
    made = {"field": field, "op": op}
    value = _value(chance, field, op)
    return made if value is None else {**made, "value": value}


def _value(chance: Random, field: str, op: str) -> Any:
    pool: Any = {
        "amount": AMOUNTS,
        "end": DATES,
        "note": NOTES[:-1],
        "responsible": PEOPLE,
        "signers_signed": SIGNING,
    }[field]
    match op:
        case "is_set" | "is_empty" | "is_responsible":
            return None
        case "in_group":
            return "legal"
        case "within_next" | "within_last":
            unit = chance.choice(("days", "weeks", "working_days"))
            return {unit: chance.choice((1, 2, 5, 30))}
        case "between":
            return sorted(chance.sample(pool, 2))
        case "one_of" | "none_of" | "has_any" | "has_all" | "has_none":
            return chance.sample(pool, chance.randint(1, 2))
    return chance.choice(pool)
