"""When a rule runs: the moment a timing stands for, and a sentence that explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from countersign.engine.schedule.business_hours import BusinessHours, at_wall, later_day
from countersign.errors import PermanentError
from countersign.model.document import FieldValue
from countersign.model.pipeline import IfPassed
from countersign.model.timing import Timing, When

ValueOf = Callable[[str], FieldValue | datetime]
"""Reads a field of the document by its name; None where it is empty."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SHOWN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class DueTime:
    """When a run is due, and why then."""

    at: datetime | None
    """In UTC; None parks the run until its date field tells a date."""
    date_field: str | None
    """The date field the time hangs on: when that changes, ask again."""
    note: str
    """For people: the rule, the date it hangs on, the outcome in the pipeline's zone."""
    not_after: datetime | None = None
    """In UTC, the last moment at which it may run; None where any later one will do."""

    @property
    def is_too_late(self) -> bool:
        """Whether its time has passed for good: it is to be skipped, not to run."""
        return self.at is not None and self.not_after is not None and self.not_after < self.at


def due(
    when: When,
    turn: datetime,
    working: BusinessHours,
    value_of: ValueOf,
    *,
    if_passed: IfPassed = "run",
) -> DueTime:
    """The moment a run is due whose turn has come at ``turn``; never before it.

    Seconds, minutes and hours are exact durations, working hours so much working time. Days,
    weeks, months and working days keep the clock time in the pipeline's zone; ``at`` sets it.
    ``at`` alone, or after a duration in hours, is the next time the clock shows it, its whole
    minute included; before such a duration, the last time.

    A time that has passed is due at once, or with ``if_passed`` not any more. In working hours, a
    time outside moves to the next start of working time. One before a date moves neither to a
    later day nor past the date: from a day off it moves to the working day before, from after
    hours to that day's last start. Where that has passed, it is due at once (in working hours with
    their next start) as long as this is not after the date: after the moment, or after the day.
    What would be due after it, or is not due any more, is too late: ``not_after`` is before ``at``.

    A date field that is empty, or holds what is not a valid date, has no time. PermanentError
    for a calendar without working time, or with a holiday region that does not exist.
    """
    if not isinstance(when, Timing):
        return DueTime(turn.astimezone(UTC), None, "at once")
    rule = describe(when)
    if when.field is None:
        start = _Start(turn, turn.astimezone(working.zone).replace(tzinfo=None))
        at, outcome, _ = _outcome(when, turn, start, working, if_passed)
        return DueTime(at, None, f"{rule}: {outcome}")
    value = value_of(when.field)
    try:
        field_start = _start(value, working.zone)
        if field_start is None:
            return DueTime(None, when.field, f"{rule}: the field {when.field} is empty")
        at, outcome, not_after = _outcome(when, turn, field_start, working, if_passed)
    except OverflowError:
        text = f'"{value}" leads beyond the years 1 to 9999; correct the field {when.field}'
        return DueTime(None, when.field, f"{rule}: {text}")
    except _NoDateError as error:
        return DueTime(None, when.field, f"{rule}: {error}; correct the field {when.field}")
    shown = _shown(field_start.moment, working.zone)
    return DueTime(at, when.field, f"{rule} ({when.field} is {shown}): {outcome}", not_after)


def field_moment(value: FieldValue | datetime, zone: ZoneInfo) -> datetime | None:
    """A date field's value as a moment in UTC; None where it is empty.

    A date is the start of its day in the zone, a date and time without an offset the clock time
    there. Raises PermanentError for anything else.
    """
    try:
        start = _start(value, zone)
    except OverflowError:
        msg = f"{value} lies beyond the years 1 to 9999 in UTC; correct the field"
        raise PermanentError(msg) from None
    return None if start is None else start.moment


def describe(when: When) -> str:
    """The timing in words: ``3 days after its turn, at 09:00, in working hours``."""
    return when.words if isinstance(when, Timing) else "at once"


class _NoDateError(PermanentError):
    """A date field holds what is not a valid date."""


@dataclass(frozen=True, slots=True)
class _Start:
    """What a time is counted from. The clock time is kept apart because the start of a day may
    be a time that no clock shows, and yet the next day starts at midnight."""

    moment: datetime
    wall: datetime
    is_day: bool = False
    """Whether it is a day, not a moment: then it has passed when the day is over."""

    def last(self, zone: ZoneInfo) -> datetime:
        """Its last moment, in UTC."""
        if not self.is_day or self.wall.date() == date.max:
            return self.moment.astimezone(UTC)
        return at_wall(self.wall.date() + _DAY, time(0), zone) - timedelta.resolution


def _start(value: FieldValue | datetime, zone: ZoneInfo) -> _Start | None:
    if value is None or value == "":
        return None
    parsed: date = _parse(value)
    is_day = not isinstance(parsed, datetime)
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed, time(0))
    if parsed.tzinfo is None:
        return _Start(at_wall(parsed.date(), parsed.time(), zone), parsed, is_day)
    return _Start(parsed.astimezone(UTC), parsed.astimezone(zone).replace(tzinfo=None))


def _parse(value: FieldValue | datetime) -> date:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            is_day = len(value) == len("YYYY-MM-DD")
            return date.fromisoformat(value) if is_day else datetime.fromisoformat(value)
        except ValueError:
            pass
    msg = f'"{str(value)[:40]}" is not a valid date; expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ'
    raise _NoDateError(msg)


def _outcome(
    when: Timing, turn: datetime, start: _Start, working: BusinessHours, if_passed: IfPassed
) -> tuple[datetime, str, datetime | None]:
    """The moment due, how it came about in words, and the last moment that will do; in UTC."""
    zone, counted, limit = working.zone, _count(when, start, working), None
    if when.before is not None:
        limit = start.last(zone)
        counted = min(counted, start.moment)  # where the zone leaves out the day before
    moved = counted
    if when.working_hours and limit is not None:
        moved = _working_before(counted, start.moment, working)
    elif when.working_hours:
        moved = working.next_working(counted)
    if moved < turn:
        at = working.next_working(turn) if when.working_hours else turn.astimezone(UTC)
        reason = f"because {_shown(moved, zone)} has passed"
        if if_passed == "skip":
            return at, f"skipped, {reason}", moved.astimezone(UTC)
        if limit is not None and at > limit:
            then = "the date" if turn > limit else "all working time up to the date"
            return at, f"skipped, {reason}, as has {then}", moved.astimezone(UTC)
        return at, f"{_shown(at, zone)} {zone.key}, {reason}", limit
    text = f"{_shown(moved, zone)} {zone.key}"
    if moved != counted:
        text += f", moved into working time from {_shown(counted, zone)}"
    return moved.astimezone(UTC), text, limit


def _count(when: Timing, start: _Start, working: BusinessHours) -> datetime:
    """The moment the timing stands for, whatever the working hours."""
    span = when.after or when.before
    if span is None:
        if when.at is None:
            return start.moment
        if when.on is not None:
            return at_wall(start.wall.date(), when.at, working.zone)
        return _next_shown(when.at, start.moment, working.zone)
    unit = span.unit
    amount = span.amount if when.before is None else -span.amount
    if unit not in ("seconds", "minutes", "hours", "working_hours"):
        day = later_day(start.wall.date(), unit, amount, working)
        return at_wall(day, when.at or start.wall.time(), working.zone)
    if unit == "working_hours":
        moment = working.add_working_time(start.moment, timedelta(hours=amount))
    else:
        moment = start.moment + timedelta(**{unit: amount})
    if when.at is None:
        return moment
    shown = _next_shown if when.before is None else _last_shown
    return shown(when.at, moment, working.zone)


def _next_shown(clock: time, moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself if it lies in the clock time's minute, else that minute's next start."""
    day = moment.astimezone(zone).date()
    today = at_wall(day, clock, zone)
    return max(today, moment) if moment < today + _MINUTE else at_wall(day + _DAY, clock, zone)


def _last_shown(clock: time, moment: datetime, zone: ZoneInfo) -> datetime:
    """The last start of the clock time's minute, the moment itself included."""
    day = moment.astimezone(zone).date()
    today = at_wall(day, clock, zone)
    return today if today <= moment else at_wall(day - _DAY, clock, zone)


def _working_before(moment: datetime, limit: datetime, working: BusinessHours) -> datetime:
    """The moment moved into working time: to no later day, and not past the limit."""
    if working.is_working(moment):
        return moment
    local = moment.astimezone(working.zone)
    day = local.date()
    while True:
        wished = at_wall(day, local.time(), working.zone)
        spans = working.spans(day)
        if spans:
            ahead = (max(start, wished) for start, end in spans if wished < end)
            at = next(ahead, spans[-1][0])
            if at <= limit:
                return at
        day = working.working_day_before(day)


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    # Faster than strftime, and weekdays do not depend on the machine's language.
    local = moment.astimezone(zone).replace(tzinfo=None)
    return f"{_SHOWN[local.weekday()]} {local.isoformat(' ', 'minutes')}"
