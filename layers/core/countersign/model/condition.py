"""Conditions: all, any and none of clauses, and the verdict that explains a judgement."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    model_validator,
)

from countersign.model.base import Model
from countersign.standards.decimals import as_json, decimal_of

Outcome = Literal["true", "false", "unknown"]

Operator = Literal[
    "is_set",
    "is_empty",
    "equals",
    "differs",
    "one_of",
    "none_of",
    "contains",
    "does_not_contain",
    "starts_with",
    "ends_with",
    "greater",
    "at_least",
    "less",
    "at_most",
    "between",
    "within_next",
    "within_last",
    "has_any",
    "has_all",
    "has_none",
    "is_responsible",
    "in_group",
]

Scalar = bool | Decimal | str
Wanted = Scalar | tuple[Scalar | tuple[Scalar, ...], ...] | dict[str, int] | None


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return decimal_of(value)
    if isinstance(value, date):
        return value.isoformat()
    msg = (
        f"a condition cannot compare with {type(value).__name__}; expected text, a number, "
        "a date, true or false, or a list of these"
    )
    raise ValueError(msg)


def _wanted(value: object) -> Wanted:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return tuple(
            tuple(_scalar(inner) for inner in element)
            if isinstance(element, list | tuple)
            else _scalar(element)
            for element in value
        )
    if isinstance(value, dict):
        for name, count in value.items():
            if not isinstance(name, str) or not isinstance(count, int) or isinstance(count, bool):
                msg = f"found {{{name}: {count}}}; expected a whole number, such as {{days: 30}}"
                raise ValueError(msg)
        return dict(value)
    return _scalar(value)


class Clause(Model):
    """One comparison: a field, an operator, and what the field is compared with.

    Numbers become Decimal, dates and times ISO 8601 text, lists tuples; whether the value suits
    the field is known to ``engine.conditions.problems``.
    """

    field: Annotated[str, Field(min_length=1)]
    op: Operator
    value: Annotated[
        Wanted,
        PlainValidator(
            _wanted,
            json_schema_input_type=bool | float | str | list[Any] | dict[str, int] | None,
        ),
        PlainSerializer(as_json, when_used="json"),
    ] = None


class Group(Model):
    """All, any or none of its members; exactly one of the three."""

    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    none: tuple["Condition", ...] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Group":
        given = [name for name in ("all", "any", "none") if getattr(self, name) is not None]
        if len(given) != 1:
            keys = " and ".join(given) or "nothing"
            msg = f"a condition is one of all, any, none or a clause; found {keys}"
            raise ValueError(msg)
        return self


def _sort(value: Any) -> str:
    if isinstance(value, Group):
        return "group"
    if isinstance(value, Clause):
        return "clause"
    if isinstance(value, dict) and ("field" in value or "op" in value):
        return "clause"
    return "group"


Condition = Annotated[
    Annotated[Group, Tag("group")] | Annotated[Clause, Tag("clause")], Discriminator(_sort)
]
"""A clause, or a group of conditions nested as deep as one likes."""

Group.model_rebuild()


class ClauseVerdict(Model):
    """One clause as it was judged: what was found, what was wanted, and the outcome."""

    field: str
    op: Operator
    found: str | None
    wanted: str | None
    outcome: Outcome


class Verdict(Model):
    """The outcome of a whole condition, and each clause that was looked at."""

    outcome: Outcome
    clauses: tuple[ClauseVerdict, ...] = ()
    reason: str = ""
    """The clause that decided it, as a sentence: ``amount 3,200 is not over 5,000``."""

    @property
    def holds(self) -> bool:
        """Unknown counts as no match."""
        return self.outcome == "true"
