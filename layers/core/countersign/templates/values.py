"""What a text may insert: the names there are, with their types, and the values behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Self

from countersign.model.pipeline import FieldType
from countersign.templates.limits import RenderingBudget


@dataclass(frozen=True, slots=True)
class SingleValue:
    """One value."""

    type: FieldType


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose items are all of one shape."""

    of: Shape


@dataclass(frozen=True, slots=True)
class Group:
    """Values by name, written with a dot: ``document.title``."""

    names: Mapping[str, Shape]

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Every name that can be written, dotted; those inside lists are left out."""
        for name, shape in self.names.items():
            if isinstance(shape, Group):
                yield from shape.paths(f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"


Shape = SingleValue | Items | Group


def shape(kind: FieldType) -> Shape:
    """The shape of a field of that type."""
    return Items(SingleValue("text")) if kind == "list" else SingleValue(kind)


class Record(dict[str, object]):
    """Values by name. It has no text of its own."""

    def __str__(self) -> str:
        msg = f"this has several values; write one of them after a dot: {', '.join(self)}"
        raise TypeError(msg)


class TemplateValues(Record):
    """All that the texts of one effect may insert, and the work that filling them in may take."""

    def __init__(self, values: Mapping[str, object], work: RenderingBudget) -> None:
        super().__init__(values)
        self.work = work


class EmptyRecord(Record):
    """A record of nobody: its values are all empty, and a condition takes it for nothing."""

    def __liquid__(self) -> None:
        return None


class Moment(datetime):
    """A point in time, shown as clock time in the pipeline's zone."""

    @classmethod
    def of(cls, moment: datetime, zone: tzinfo) -> Self:
        """That point in time as the clock in the zone shows it; naive times are refused."""
        if moment.tzinfo is None:
            msg = f"{moment} has no time zone; expected an aware time"
            raise ValueError(msg)
        local = moment.astimezone(zone)
        return cls.combine(local.date(), local.timetz())

    def __str__(self) -> str:
        return f"{self:%Y-%m-%d %H:%M %Z}"

    def __liquid__(self) -> float:
        # What Liquid compares: it knows numbers and texts only.
        return self.timestamp()


class Day(date):
    """A day of the pipeline's zone."""

    zone: tzinfo

    @classmethod
    def of(cls, day: date, zone: tzinfo) -> Self:
        """That day, to be compared with times by its beginning in the zone."""
        instance = cls(day.year, day.month, day.day)
        instance.zone = zone
        return instance

    def __str__(self) -> str:
        return self.isoformat()

    def __liquid__(self) -> float:
        return datetime.combine(self, time(0), self.zone).timestamp()


def insertable(value: object, kind: FieldType, zone: tzinfo) -> object:
    """A field's value as texts insert it: dates and times as such, in the zone; lists as lists.

    A text that should be a date or a time and is not stays text.
    """
    if isinstance(value, datetime):
        return Moment.of(value, zone)
    if isinstance(value, tuple):
        return list(value)
    if kind in ("date", "datetime") and isinstance(value, str):
        try:
            if kind == "date":
                return Day.of(date.fromisoformat(value), zone)
            return Moment.of(datetime.fromisoformat(value), zone)
        except ValueError:
            return value
    return [] if value is None and kind == "list" else value


def samples(shape: Group) -> Iterator[Record]:
    """Values to try a text with: everything filled, texts once as a word, a number and a date."""
    for text in ("Example", "1", "2026-05-31"):
        yield Record({name: _sample(member, text) for name, member in shape.names.items()})


def _sample(shape: Shape, text: str) -> object:
    if isinstance(shape, Group):
        return Record({name: _sample(member, text) for name, member in shape.names.items()})
    if isinstance(shape, Items):
        return [_sample(shape.of, text)]
    match shape.type:
        case "number" | "money":
            return Decimal("1234.5")
        case "date":
            return Day.of(date(2026, 5, 31), UTC)
        case "datetime":
            return Moment.of(datetime(2026, 5, 31, 12, tzinfo=UTC), UTC)
        case "bool":
            return True
        case _:
            return text
