"""When a timer fires, the slow way: by looking at a wall clock minute after minute.

Times are whole minutes. Working time is Monday to Friday from 09:00 to before 18:00, but for the
days off.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS = {"mon-fri": "09:00-18:00"}
OPENS, CLOSES = time(9), time(18)
DAYS_OFF = (date(2026, 3, 30), date(2026, 10, 26))


def fires(when: dict[str, Any], turn: datetime, zone: ZoneInfo, day: date) -> datetime | None:
    """When a rule runs whose turn comes at ``turn``, and whose date field holds ``day``.

    None where its time has passed for good.
    """
    at = time.fromisoformat(when["at"]) if "at" in when else None
    in_hours = when.get("working_hours", False)
    dated = any("field" in when.get(word, {}) for word in ("after", "before", "on"))
    start = shown(day, time(0), zone) if dated else turn
    moment = _counted(when, start, at, zone)
    if in_hours and "before" in when:
        moment = _working_before(moment, start, zone)
    elif in_hours:
        moment = _next_working(moment, zone)
    if moment >= turn:
        return moment
    now = _next_working(turn, zone) if in_hours else turn
    over = "before" in when and wall(now, zone).date() > day
    return None if over else now


def _counted(when: dict[str, Any], start: datetime, at: time | None, zone: ZoneInfo) -> datetime:
    back = "before" in when
    span = {**when.get("after", {}), **when.get("before", {})}
    span.pop("field", None)
    if not span:
        first = wall(start, zone)
        if "on" in when:
            return shown(first.date(), at or time(0), zone)
        return _next_shown(start, at, zone) if at else start
    moment: datetime
    ((unit, amount),) = span.items()
    first = wall(start, zone)
    match unit:
        case "minutes" | "hours":
            length = amount * (HOUR if unit == "hours" else MINUTE)
            moment = start - length if back else start + length
        case "working_hours":
            moment = _working_hours(start, amount, zone, back=back)
        case "days" | "weeks" | "working_days":
            day = _day(first.date(), unit, amount, back=back)
            return shown(day, at or first.time(), zone)
    if at is None:
        return moment
    return _last_shown(moment, at, zone) if back else _next_shown(moment, at, zone)


def _day(day: date, unit: str, amount: int, *, back: bool) -> date:
    step = -DAY if back else DAY
    if unit != "working_days":
        return day + step * amount * (7 if unit == "weeks" else 1)
    while amount:
        day += step
        amount -= is_working_day(day)
    return day


def _working_hours(moment: datetime, amount: int, zone: ZoneInfo, *, back: bool) -> datetime:
    left = amount * 60
    while left:
        if back:
            moment -= MINUTE
        left -= is_working(moment, zone)
        if not back:
            moment += MINUTE
    return moment


def _next_working(moment: datetime, zone: ZoneInfo) -> datetime:
    while not is_working(moment, zone):
        moment += MINUTE
    return moment


def _working_before(moment: datetime, limit: datetime, zone: ZoneInfo) -> datetime:
    """Into working time, to no later day and not past the limit."""
    local = wall(moment, zone)
    for back in range(30):
        day = local.date() - back * DAY
        if not is_working_day(day):
            continue
        clock = local.time() if OPENS <= local.time() < CLOSES else OPENS
        if (found := shown(day, clock, zone)) <= limit:
            return found
    raise AssertionError(moment)


def _next_shown(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    first = wall(moment, zone).date()
    return next(one for n in range(4) if (one := shown(first + n * DAY, at, zone)) >= moment)


def _last_shown(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    first = wall(moment, zone).date()
    return next(one for n in range(4) if (one := shown(first - n * DAY, at, zone)) <= moment)


def is_working_day(day: date) -> bool:
    """Whether people work on that day."""
    return day.weekday() < 5 and day not in DAYS_OFF


def is_working(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether people work in that minute."""
    local = wall(moment, zone)
    return is_working_day(local.date()) and OPENS <= local.time() < CLOSES


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on a wall there shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


@cache
def shown(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a clock there shows that time on that day, for the first time.

    Of a time that it leaves out, as long after the gap as the time is after the gap's start.
    """
    wanted = datetime.combine(day, clock)
    before = None
    for moment in _minutes_around(day):
        local = wall(moment, zone)
        if local == wanted:
            return moment
        if before is not None and before < wanted < local:
            return moment + (wanted - (before + MINUTE))
        before = local
    raise AssertionError(wanted)


def _minutes_around(day: date) -> Iterator[datetime]:
    first = datetime.combine(day, time(0), UTC) - 15 * HOUR
    return (first + n * MINUTE for n in range(54 * 60))
