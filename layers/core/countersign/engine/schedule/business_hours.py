"""Working time: which moments and days of a pipeline's calendar count, in its own zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from countersign.engine.schedule import calendar as words
from countersign.engine.schedule.calendar import DayHours
from countersign.engine.schedule.holiday_regions import MAX_HOLIDAYS_A_YEAR, is_known
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


def add_months(day: date, months: int) -> date:
    """The same day of another month; where that is shorter, its last.

    OverflowError beyond the years 1 to 9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not MINYEAR <= year <= MAXYEAR:
        msg = f"{months} months from {day} lead beyond the years {MINYEAR} to {MAXYEAR}"
        raise OverflowError(msg)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Week, public holidays and own days off, in the pipeline's zone.

    Working time is the union of each working day's spans, each from its first minute to before
    its last. A search that finds no working day within ten years raises PermanentError.
    """

    zone: ZoneInfo
    week: tuple[DayHours, ...]
    """Seven, from Monday on."""
    regions: tuple[str, ...] = ()
    """Countries and regions of ISO 3166 whose public holidays are days off."""
    days_off: frozenset[date] = frozenset()
    yearly_off: frozenset[tuple[int, int]] = frozenset()
    """Month and day of the own days off that come every year."""
    special: Mapping[date, DayHours] = field(default_factory=dict)
    """Hours of single days, whatever else the day is."""
    yearly_special: Mapping[tuple[int, int], DayHours] = field(default_factory=dict)
    """Hours that a working day of this month and day has every year."""

    @classmethod
    def of(cls, pipeline: Pipeline) -> BusinessHours:
        """The working time of a pipeline; the same calendar gives the same object.

        Raises PermanentError for a zone, hours or days off that cannot be read. A holiday region
        is looked up with the first question about a day, because its tables are slow to load.
        """
        calendar = pipeline.calendar
        return _working_time(
            pipeline.time_zone,
            tuple(calendar.hours.items()),
            calendar.regions,
            calendar.days_off,
            tuple(calendar.special_hours.items()),
        )

    def hours(self, day: date) -> DayHours:
        """The day's working hours; none on a day off.

        Raises PermanentError when a holiday region does not exist.
        """
        if day in self.special:
            return self.special[day]
        usual = self.week[day.weekday()]
        if not usual or day in self.days_off or (day.month, day.day) in self.yearly_off:
            return ()
        if any(day in words.public_holidays(region, day.year) for region in self.regions):
            return ()
        return self.yearly_special.get((day.month, day.day), usual)

    def is_working_day(self, day: date) -> bool:
        """Whether the day has working hours and is not a day off.

        Raises PermanentError when a holiday region does not exist.
        """
        return bool(self.hours(day))

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The day's working spans in order, as moments in UTC, each end excluded."""
        hours = self.hours(day)
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
        raise self._no_working_day(first)

    def working_day_before(self, day: date) -> date:
        """The latest working day before the day."""
        return next(self._working_days(day, -_DAY))

    def add_working_days(self, day: date, n: int) -> date:
        """The nth working day after the day; before it for a negative n; the day itself for 0."""
        if n == 0:
            return day
        days = self._working_days(day, _DAY if n > 0 else -_DAY)
        return next(day for count, day in enumerate(days, start=1) if count == abs(n))

    def add_working_time(self, moment: datetime, length: timedelta) -> datetime:
        """When that much working time has passed since the moment; in UTC.

        For a negative length the last moment from which on so much passes until the moment. The
        first eight hours of a day from 09:00 to 17:00 end at 17:00.
        """
        day = moment.astimezone(self.zone).date()
        if length >= timedelta(0):
            return self._after_working(moment, length, day)
        return self._before_working(moment, -length, day)

    def _after_working(self, moment: datetime, left: timedelta, day: date) -> datetime:
        last = day
        while abs(day - last) < _SEARCHED * _DAY:
            for start, end in self._apart(day):
                begin = max(start, moment)
                if begin < end:
                    last = day
                    if left <= end - begin:
                        return (begin + left).astimezone(UTC)
                    left -= end - begin
                    moment = end  # a day that the zone leaves out has the next one's spans
            day += _DAY
        raise self._no_working_day(last)

    def _before_working(self, moment: datetime, left: timedelta, day: date) -> datetime:
        last = day
        while abs(day - last) < _SEARCHED * _DAY:
            for start, end in reversed(self._apart(day)):
                finish = min(end, moment)
                if start < finish:
                    last = day
                    if left <= finish - start:
                        return (finish - left).astimezone(UTC)
                    left -= finish - start
                    moment = start
            day -= _DAY
        raise self._no_working_day(last)

    def _apart(self, day: date) -> list[tuple[datetime, datetime]]:
        """The day's spans without what the change to summer time lets overlap."""
        apart: list[tuple[datetime, datetime]] = []
        for start, end in self.spans(day):
            begin = max(start, apart[-1][1]) if apart else start
            if begin < end:
                apart.append((begin, end))
        return apart

    def _working_days(self, day: date, step: timedelta) -> Iterator[date]:
        """Working days from next to the day on, one way or the other."""
        last = day
        while abs(day - last) < _SEARCHED * _DAY:
            day += step
            if self.is_working_day(day):
                last = day
                yield day
        raise self._no_working_day(last)

    def _minute(self, day: date, minute: int) -> datetime:
        if minute == 24 * 60:
            return at_wall(day + _DAY, time(0), self.zone)
        return at_wall(day, time(minute // 60, minute % 60), self.zone)

    def _no_working_day(self, day: date) -> PermanentError:
        return PermanentError(
            f"the calendar has no working day within ten years of {day}; "
            "give the pipeline working hours, and publish it"
        )


def later_day(day: date, unit: str, amount: int, working: BusinessHours) -> date:
    """The day so many ``days``, ``weeks``, ``months`` or ``working_days`` later, or earlier.

    OverflowError beyond the years 1 to 9999.
    """
    match unit:
        case "working_days":
            return working.add_working_days(day, amount)
        case "months":
            return add_months(day, amount)
        case "weeks":
            return day + amount * 7 * _DAY
        case _:
            return day + amount * _DAY


def problems(pipeline: Pipeline, today: date) -> list[tuple[Place, str]]:
    """What publishing must refuse about zone and calendar, each with its place and a way out.

    ``today`` is where the search for working time begins, which covers two years.
    """
    calendar = pipeline.calendar
    errors: list[tuple[Place, str]] = []
    if pipeline.time_zone not in available_timezones():
        errors.append((("time_zone",), words.unknown_zone(pipeline.time_zone)))
    week: dict[int, DayHours] = {}
    for days, hours in calendar.hours.items():
        try:
            words.add_hours(week, days, hours)
        except PermanentError as error:
            errors.append((("calendar", "hours", days), str(error)))
    for n, day in enumerate(calendar.days_off):
        try:
            words.day_off(day)
        except PermanentError as error:
            errors.append((("calendar", "days_off", n), str(error)))
    errors += _special_problems(calendar)
    for n, region in enumerate(calendar.regions):
        try:
            if not is_known(region):
                words.public_holidays(region, today.year)
        except PermanentError as error:
            listed = () if isinstance(calendar.holidays, str) else (n,)
            errors.append((("calendar", "holidays", *listed), str(error)))
    return errors or _no_working_time(calendar, BusinessHours.of(pipeline), today)


def _special_problems(calendar: Calendar) -> Iterator[tuple[Place, str]]:
    """What is wrong about the hours of single days."""
    for day, hours in calendar.special_hours.items():
        place = ("calendar", "special_hours", day)
        try:
            words.day_off(day)
            words.day_hours(hours)
        except PermanentError as error:
            yield place, str(error)
        if day in calendar.days_off:
            yield place, f'"{day}" stands under days_off, too; write it in one of the two'


def _no_working_time(
    calendar: Calendar, working: BusinessHours, today: date
) -> list[tuple[Place, str]]:
    if not any(working.week) and not working.special:
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


def _certainly_works(working: BusinessHours, today: date) -> bool:
    """Whether there is working time even if all holidays of two years were on working days.

    Known without the tables of holidays, which are slow to load.
    """
    plain = replace(working, regions=())
    days = (today + n * _DAY for n in range(_TWO_YEARS))
    most = 3 * MAX_HOLIDAYS_A_YEAR * len(working.regions)  # Two years may touch three.
    return sum(1 for _ in islice(filter(plain.spans, days), most + 1)) > most


@lru_cache(maxsize=256)
def _working_time(
    zone: str,
    hours: tuple[tuple[str, str], ...],
    regions: tuple[str, ...],
    days_off: tuple[str, ...],
    special_hours: tuple[tuple[str, str], ...],
) -> BusinessHours:
    week: dict[int, DayHours] = {}
    for days, spans in hours:
        words.add_hours(week, days, spans)
    off = [words.day_off(text) for text in days_off]
    special = {words.day_off(day): words.day_hours(spans) for day, spans in special_hours}
    return BusinessHours(
        zone=words.zone(zone),
        week=tuple(week.get(n, ()) for n in range(7)),
        regions=regions,
        days_off=frozenset(day for day in off if isinstance(day, date)),
        yearly_off=frozenset(day for day in off if isinstance(day, tuple)),
        special={day: spans for day, spans in special.items() if isinstance(day, date)},
        yearly_special={day: spans for day, spans in special.items() if isinstance(day, tuple)},
    )
