"""Working time: which moments and days of a pipeline's calendar count, in its own zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from countersign.engine import calendar as words
from countersign.engine.calendar import DayHours
from countersign.engine.holiday_regions import MOST_A_YEAR, is_known
from countersign.errors import PermanentError
from countersign.model.base import Place
from countersign.model.pipeline import Calendar, Pipeline

_DAY = timedelta(days=1)
_TWO_YEARS = 731
_SEARCHED = 3653
"""Days a search for a working day goes before it gives up: ten years."""


def at_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a clock in the zone shows that time on that day.

    A time that the clock leaves out is moved forward by the gap; of one that it shows twice the
    first counts: both are what ``fold=0`` means (PEP 495).
    """
    return datetime.combine(day, clock.replace(fold=0), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Week, public holidays and own days off, in the pipeline's zone.

    Working time is the union of each working day's spans, each from its first minute to before
    its last. A search that finds no working day within ten years raises PermanentError.
    """

    zone: ZoneInfo
    week: tuple[DayHours, ...]
    """Seven, from Monday on."""
    region: str | None = None
    """Country or region of ISO 3166 whose public holidays are days off."""
    days_off: frozenset[date] = frozenset()
    yearly_off: frozenset[tuple[int, int]] = frozenset()
    """Month and day of the own days off that come every year."""

    @classmethod
    def of(cls, pipeline: Pipeline) -> WorkingTime:
        """The working time of a pipeline; the same calendar gives the same object.

        Raises PermanentError for a zone, hours or days off that cannot be read. A holiday region
        is looked up with the first question about a day, because its tables are slow to load.
        """
        calendar = pipeline.calendar
        hours = tuple(calendar.hours.items())
        return _working_time(pipeline.time_zone, hours, calendar.holidays, calendar.days_off)

    def is_working_day(self, day: date) -> bool:
        """Whether the day has working hours and is no day off.

        Raises PermanentError when the holiday region does not exist.
        """
        if not self.week[day.weekday()] or day in self.days_off:
            return False
        if (day.month, day.day) in self.yearly_off:
            return False
        return self.region is None or day not in words.public_holidays(self.region, day.year)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The day's working spans in order, as moments in UTC, each end excluded."""
        if not self.is_working_day(day):
            return []
        hours = self.week[day.weekday()]
        moments = [(self._minute(day, start), self._minute(day, end)) for start, end in hours]
        # The change to summer time can leave a span empty, or move it behind the next one.
        return sorted(span for span in moments if span[0] < span[1])

    def is_working(self, moment: datetime) -> bool:
        """Whether the moment lies in working time."""
        day = moment.astimezone(self.zone).date()
        return any(start <= moment < end for start, end in self.spans(day))

    def next_working(self, moment: datetime) -> datetime:
        """The moment itself if it is working time, otherwise the next start of it; in UTC."""
        first = day = moment.astimezone(self.zone).date()
        for _ in range(_SEARCHED):
            for start, end in self.spans(day):
                if moment < end:
                    return max(moment.astimezone(UTC), start)
            day += _DAY
        raise self._none_found(first)

    def working_day_before(self, day: date) -> date:
        """The latest working day before the day."""
        return next(self._working_days(day, -_DAY))

    def add_working_days(self, day: date, n: int) -> date:
        """The nth working day after the day; before it for a negative n; the day itself for 0."""
        if n == 0:
            return day
        days = self._working_days(day, _DAY if n > 0 else -_DAY)
        return next(found for count, found in enumerate(days, start=1) if count == abs(n))

    def _working_days(self, day: date, step: timedelta) -> Iterator[date]:
        """Working days from next to the day on, one way or the other."""
        last = day
        while abs(day - last) < _SEARCHED * _DAY:
            day += step
            if self.is_working_day(day):
                last = day
                yield day
        raise self._none_found(last)

    def _minute(self, day: date, minute: int) -> datetime:
        if minute == 24 * 60:
            return at_wall(day + _DAY, time(0), self.zone)
        return at_wall(day, time(minute // 60, minute % 60), self.zone)

    def _none_found(self, day: date) -> PermanentError:
        return PermanentError(
            f"the calendar has no working day within ten years of {day}; "
            "whoever publishes the pipeline has to give it working hours"
        )


def problems(pipeline: Pipeline, today: date) -> list[tuple[Place, str]]:
    """What publishing must refuse about zone and calendar, each with its place and a way out.

    ``today`` is where the search for working time begins, which covers two years.
    """
    calendar = pipeline.calendar
    found: list[tuple[Place, str]] = []
    if pipeline.time_zone not in available_timezones():
        found.append((("time_zone",), words.unknown_zone(pipeline.time_zone)))
    week: dict[int, DayHours] = {}
    for days, hours in calendar.hours.items():
        try:
            words.add_hours(week, days, hours)
        except PermanentError as error:
            found.append((("calendar", "hours", days), str(error)))
    for n, day in enumerate(calendar.days_off):
        try:
            words.day_off(day)
        except PermanentError as error:
            found.append((("calendar", "days_off", n), str(error)))
    if calendar.holidays is not None:
        try:
            if not is_known(calendar.holidays):
                words.public_holidays(calendar.holidays, today.year)
        except PermanentError as error:
            found.append((("calendar", "holidays"), str(error)))
    return found or _no_working_time(calendar, WorkingTime.of(pipeline), today)


def _no_working_time(
    calendar: Calendar, working: WorkingTime, today: date
) -> list[tuple[Place, str]]:
    if not any(working.week):
        text = 'the calendar has no working hours; give it some, for example mon-fri: "09:00-17:00"'
        return [(("calendar", "hours"), text)]
    if _certainly_works(working, today):
        return []
    days = (today + n * _DAY for n in range(_TWO_YEARS))
    if any(working.spans(day) for day in days):
        return []
    taken = ["holidays"] * bool(calendar.holidays) + ["days_off"] * bool(calendar.days_off)
    text = (
        f"no working time in the two years from {today}: {' and '.join(taken) or 'hours'} "
        "leave none; add hours or take away days off"
    )
    return [(("calendar",), text)]


def _certainly_works(working: WorkingTime, today: date) -> bool:
    """Whether there is working time even if all holidays of two years were on working days.

    Known without the tables of holidays, which are slow to load.
    """
    plain = replace(working, region=None)
    days = (today + n * _DAY for n in range(_TWO_YEARS))
    most = 3 * MOST_A_YEAR  # Two years may touch three.
    return sum(1 for _ in islice(filter(plain.spans, days), most + 1)) > most


@lru_cache(maxsize=256)
def _working_time(
    zone: str, hours: tuple[tuple[str, str], ...], region: str | None, days_off: tuple[str, ...]
) -> WorkingTime:
    week: dict[int, DayHours] = {}
    for days, spans in hours:
        words.add_hours(week, days, spans)
    off = [words.day_off(text) for text in days_off]
    return WorkingTime(
        zone=words.zone(zone),
        week=tuple(week.get(n, ()) for n in range(7)),
        region=region,
        days_off=frozenset(day for day in off if isinstance(day, date)),
        yearly_off=frozenset(day for day in off if isinstance(day, tuple)),
    )
