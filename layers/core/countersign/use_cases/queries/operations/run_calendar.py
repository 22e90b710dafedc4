"""The calendar: how many runs are due on each day, and which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from countersign.engine.schedule.business_hours import at_wall
from countersign.errors import PermanentError
from countersign.model.base import Model
from countersign.model.page import Page, PageRequest
from countersign.model.run import Run
from countersign.ports import Documents, DuePeriod, Pipelines
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.pipelines import list_programs
from countersign.use_cases.queries.runs import RunFilter, list_runs, still_there

PAGES_COUNTED = 5
"""Pages of 100 runs that are counted for one page of days."""
LONGEST = timedelta(days=366)
"""How many days a calendar has at most."""


class CalendarFilter(Model):
    """Which days of which runs."""

    first: date
    last: date
    """The last day, itself included; at most a year after the first."""
    pipeline: str | None = None
    rule: str | None = None
    zone: str | None = None
    """The time zone whose days are meant. Of the pipeline where it is None; without a pipeline the
    one that all pipelines share, and UTC where they differ."""


@dataclass(frozen=True, slots=True)
class DueDay:
    """How many runs are due on a day."""

    day: date
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Where the runs of a calendar are read."""

    documents: Documents
    pipelines: Pipelines
    programs: CompiledPipelines


def due_days(calendar: Calendar, wanted: CalendarFilter, after: str | None = None) -> Page[DueDay]:
    """The days on which runs are due, with their numbers, in the order of time.

    A page counts 500 runs at most. Where it ends within a day, the next page goes on with that day:
    the numbers of one day add up. Runs that are overdue stand on the day on which they were due;
    those that end with a stage that was left are not due. Eventually consistent.

    PermanentError for a period that has no days or more than 366, and for an unknown time zone;
    NotFoundError for a pipeline that is not published.
    """
    zone = calendar_zone(calendar, wanted)
    filter_ = due_filter(wanted, zone)
    period = DuePeriod(_begin(wanted.first, zone), _end(wanted.last, zone))
    page = _counted(calendar.documents, period, after, filter_)
    due = (run.due for run in still_there(calendar.documents, page.items))
    days = Counter(at.astimezone(zone).date() for at in due if at is not None)
    return Page(tuple(DueDay(day, number) for day, number in sorted(days.items())), page.next)


def _counted(
    documents: Documents, period: DuePeriod, after: str | None, wanted: RunFilter
) -> Page[Run]:
    runs: list[Run] = []
    for _ in range(PAGES_COUNTED):
        page = documents.due_between(period, PageRequest(after), wanted.matches)
        runs += page.items
        after = page.next
        if after is None:
            break
    return Page(tuple(runs), after)


def due_runs(calendar: Calendar, wanted: CalendarFilter, page: PageRequest) -> Page[Run]:
    """A page of the runs themselves, the soonest first; of one day where first and last are it.

    Bounded as ``list_runs``, which raises the same errors; otherwise as ``due_days``.
    """
    filter_ = due_filter(wanted, calendar_zone(calendar, wanted))
    return list_runs(calendar.documents, calendar.pipelines, filter_, page)


def calendar_zone(calendar: Calendar, wanted: CalendarFilter) -> ZoneInfo:
    """The time zone of the calendar's days."""
    if wanted.zone is not None:
        try:
            return ZoneInfo(wanted.zone)
        except (ValueError, ZoneInfoNotFoundError):
            msg = f'"{wanted.zone}" is not a valid time zone; expected a name such as Europe/Berlin'
            raise PermanentError(msg) from None
    if wanted.pipeline is not None:
        return ZoneInfo(calendar.programs.current(wanted.pipeline).pipeline.time_zone)
    programs = list_programs(calendar.pipelines, calendar.programs)
    zones = {program.pipeline.time_zone for program in programs}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")


def due_filter(wanted: CalendarFilter, zone: ZoneInfo) -> RunFilter:
    """Which runs are due on these days of the zone; PermanentError as ``due_days``."""
    if not wanted.first <= wanted.last < wanted.first + LONGEST:
        msg = f"the period from {wanted.first} to {wanted.last} has no days, or more than 366"
        raise PermanentError(f"{msg}; expected a last day that is not before the first")
    return RunFilter(
        states=("ready",),
        pipeline=wanted.pipeline,
        rule=wanted.rule,
        due_after=_begin(wanted.first, zone),
        due_before=_end(wanted.last, zone),
    )


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return at_wall(day, time(0), zone)


def _end(day: date, zone: ZoneInfo) -> datetime:
    return at_wall(day + timedelta(days=1), time(0), zone)
