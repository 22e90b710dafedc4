"""When a rule runs: immediately, after a delay, around a date field, at a clock time."""

import re
from collections.abc import Mapping
from datetime import time
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from countersign.model.base import Model, Place


def _clock(value: object) -> object:
    if isinstance(value, str):
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value, re.ASCII)
        if match:
            return time(int(match[1]), int(match[2]))
        msg = (
            f'"{value}" is not a valid clock time; expected "HH:MM" from "00:00" to '
            '"23:59", in quotes'
        )
        raise ValueError(msg)
    if isinstance(value, int | float):
        msg = (
            f'{value} is not a valid clock time: write it in quotes, "HH:MM" (bare '
            "9:00 means 540 in YAML)"
        )
        raise ValueError(msg)
    if isinstance(value, time) and value != time(value.hour, value.minute):
        msg = (
            f"{value} is not a valid clock time: a time of day to the minute, without "
            "a zone, is expected"
        )
        raise ValueError(msg)
    return value


Clock = Annotated[
    time, BeforeValidator(_clock), PlainSerializer(lambda t: t.strftime("%H:%M"), return_type=str)
]
"""A time of day in the pipeline's time zone, to the minute."""


Unit = Literal[
    "seconds", "minutes", "hours", "days", "weeks", "months", "working_hours", "working_days"
]


class Span(Model):
    """A length of time in one unit, up to ten years, optionally counted from a date field.

    Seconds, minutes and hours are exact; days, weeks, months and working days keep the wall-clock
    time in the pipeline's zone, right across a change of summer time. A month leads to the same day
    of another month; where that is shorter, to its last. Working hours are counted through the
    pipeline's calendar: eight of them from 09:00 on end at 17:00 of a day that has so many.
    """

    seconds: Annotated[int, Field(ge=1, le=315_360_000)] | None = None
    minutes: Annotated[int, Field(ge=1, le=5_256_000)] | None = None
    hours: Annotated[int, Field(ge=1, le=87_600)] | None = None
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    weeks: Annotated[int, Field(ge=1, le=520)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    working_hours: Annotated[int, Field(ge=1, le=20_000)] | None = None
    working_days: Annotated[int, Field(ge=1, le=2_600)] | None = None
    field: str | None = None
    """Counted from this date field instead of from the run's turn."""

    @model_validator(mode="after")
    def _one_unit(self) -> "Span":
        units = [u for u in _UNITS if getattr(self, u) is not None]
        if len(units) != 1:
            names = " and ".join(units) or "none"
            msg = f"a length of time has exactly one of {', '.join(_UNITS)}; found {names}"
            raise ValueError(msg)
        return self

    @cached_property
    def unit(self) -> Unit:
        """The one unit that is given."""
        return next(u for u in _UNITS if getattr(self, u) is not None)

    @cached_property
    def amount(self) -> int:
        """How many of the unit, at least 1."""
        amount: int = getattr(self, self.unit)
        return amount


_UNITS: tuple[Unit, ...] = get_args(Unit)


class OnDate(Model):
    """On the day (or at the time) that a date field tells."""

    field: str


class Timing(Model):
    """After a delay, or before, on or after a date field; optionally at a clock time.

    ``at`` alone is the next time the clock shows it. With ``working_hours`` a time that falls
    outside is moved to the start of the next working time, and "before a date" to the working
    day before. What is due before a date never runs after it.
    """

    after: Span | None = None
    """So long after its turn, or after the date in a field."""
    before: Span | None = None
    """So long before the date in a field."""
    on: OnDate | None = None
    """On the day, or at the time, of a date field."""
    at: Clock | None = None
    """At this time of day, HH:MM in quotes, in the pipeline's zone."""
    working_hours: bool = False
    """Whether a time outside business hours is moved to the next ones."""

    @model_validator(mode="after")
    def _one_base(self) -> "Timing":
        given = [n for n in ("after", "before", "on") if getattr(self, n) is not None]
        if len(given) > 1:
            msg = f"a time has at most one of after, before, on; found {' and '.join(given)}"
            raise ValueError(msg)
        if not given and self.at is None and not self.working_hours:
            msg = "a time needs one of after, before, on, at or working_hours, or be immediately"
            raise ValueError(msg)
        if self.before is not None and self.before.field is None:
            msg = "before needs the date field it counts back from: before: {field: …, days: …}"
            raise ValueError(msg)
        return self

    @cached_property
    def words(self) -> str:
        """In words: ``3 days after its turn, at 09:00, in working hours``."""
        parts = []
        for word, span in (("after", self.after), ("before", self.before)):
            if span is not None:
                unit = span.unit.replace("_", " ")
                unit = unit[:-1] if span.amount == 1 else unit
                parts.append(f"{span.amount} {unit} {word} {span.field or 'its turn'}")
        if self.on is not None:
            parts.append(f"on {self.on.field}")
        if self.at is not None:
            parts.append(f"at {self.at:%H:%M}" if parts else f"the next time it is {self.at:%H:%M}")
        if self.working_hours:
            parts.append("in working hours")
        return ", ".join(parts)

    @cached_property
    def field(self) -> str | None:
        """The date field the time hangs on, or None."""
        for base in (self.after, self.before, self.on):
            if base is not None and base.field is not None:
                return base.field
        return None


IMMEDIATELY: Literal["immediately"] = "immediately"
When = Literal["immediately"] | Timing


def problems(when: When, types: Mapping[str, str], place: Place) -> list[tuple[Place, str]]:
    """What publishing must refuse about a timing: a date field that is none, or is unknown.

    ``types`` are the document's fields by name.
    """
    if not isinstance(when, Timing) or when.field is None or _is_date(types.get(when.field)):
        return []
    base = next(name for name in ("after", "before", "on") if getattr(when, name) is not None)
    dates = sorted(name for name, kind in types.items() if _is_date(kind))
    known = f"the date fields are {', '.join(dates) or 'none'}"
    if when.field in types:
        text = f'field "{when.field}" is a {types[when.field]}; a time hangs on a date; {known}'
    else:
        from difflib import get_close_matches  # Only for an error's text.

        close = get_close_matches(when.field, dates, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        text = f'field "{when.field}" is unknown; {known}{hint}'
    return [((*place, base, "field"), text)]


def _is_date(kind: str | None) -> bool:
    return kind in ("date", "datetime")
