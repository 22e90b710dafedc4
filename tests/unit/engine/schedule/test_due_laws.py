"""What holds for every calendar, timing and turn, in zones that change their clocks and not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from countersign.engine.schedule.business_hours import BusinessHours, add_months, at_wall
from countersign.engine.schedule.due import due, field_moment
from countersign.model.document import FieldValue
from countersign.model.pipeline import Calendar, IfPassed, Pipeline, Stage
from countersign.model.timing import OnDate, Span, Timing

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",  # changes at midnight
    "Pacific/Chatham",
)
HOURS = (
    {"mon-fri": "09:00-18:00"},
    {"mon-thu": "09:00-12:00,13:00-18:00", "fri": "09:00-15:00"},
    {"sun-thu": "00:00-24:00"},
    {"sat": "10:00-14:00", "sun": "01:45-02:20,02:30-03:00,23:30-24:00"},
    {"mon-sun": "00:00-00:30,02:10-02:40"},
)
DAY = timedelta(days=1)

# Nothing here is about speed, and the first example loads the holiday tables.
laws = settings(deadline=None, max_examples=100)

SECONDS = st.integers(0, 6 * 365 * 86_400)
moments = SECONDS.map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
# Half of the moments within a day of a change of the clocks in Berlin, New York or Lord Howe.
changes = st.sampled_from(
    [datetime(2026, *day, tzinfo=UTC) for day in ((3, 8), (3, 29), (4, 4), (10, 3), (10, 25))]
)
near_a_change = st.builds(
    lambda at, seconds: at + timedelta(seconds=seconds), changes, st.integers(-86_400, 2 * 86_400)
)
turns = moments | near_a_change
clocks = st.times().map(lambda found: time(found.hour, found.minute))
days = st.dates(date(2025, 1, 1), date(2031, 1, 1))
dates = days.map(date.isoformat) | turns.map(datetime.isoformat)

EXACT = ("seconds", "minutes", "hours")
UNITS = {
    "seconds": 200_000,
    "minutes": 10_000,
    "hours": 400,
    "days": 400,
    "weeks": 60,
    "months": 14,
    "working_hours": 90,
    "working_days": 60,
}


@st.composite
def spans(draw: st.DrawFn, field: str | None = None, units: Iterable[str] = UNITS) -> Span:
    unit = draw(st.sampled_from(sorted(units)))
    return Span.model_validate({unit: draw(st.integers(1, UNITS[unit])), "field": field})


@st.composite
def timings(draw: st.DrawFn, working_hours: bool | None = None) -> Timing:
    base = draw(st.sampled_from(("after turn", "after", "before", "on", "at")))
    return Timing(
        after=draw(spans("end" if base == "after" else None)) if "after" in base else None,
        before=draw(spans("end")) if base == "before" else None,
        on=OnDate(field="end") if base == "on" else None,
        at=draw(clocks if base == "at" else st.none() | clocks),
        working_hours=draw(st.booleans()) if working_hours is None else working_hours,
    )


def calendar_of(
    zone: str, hours: dict[str, str], region: str | tuple[str, ...] | None, off: str, half: str
) -> BusinessHours:
    special = {half: "08:00-11:30"} if half != off else {}
    calendar = Calendar(hours=hours, holidays=region, days_off=(off,), special_hours=special)
    return BusinessHours.of(
        Pipeline(pipeline="p", time_zone=zone, calendar=calendar, stages=(Stage(id="s"),))
    )


calendars = st.builds(
    calendar_of,
    st.sampled_from(ZONES),
    st.sampled_from(HOURS),
    st.sampled_from((None, "DE-BY", "US", ("DE-BY:catholic", "AT"))),
    st.sampled_from(("12-24", "2026-03-30", "02-29")),
    st.sampled_from(("12-24", "2026-03-29", "2026-04-05")),
)


@laws
@given(timings(working_hours=True), turns, calendars, dates)
def test_with_working_hours_the_time_lies_in_them(
    when: Timing, turn: datetime, working: BusinessHours, end: str
) -> None:
    at = due(when, turn, working, {"end": end}.get).at

    assert at is not None
    assert working.is_working(at)


@laws
@given(timings(), turns, calendars, dates)
def test_nothing_is_due_before_its_turn(
    when: Timing, turn: datetime, working: BusinessHours, end: str
) -> None:
    at = due(when, turn, working, {"end": end}.get).at

    assert at is not None
    assert at >= turn


@laws
@given(timings(working_hours=False), turns, calendars, dates)
def test_working_hours_move_to_the_next_start_and_leave_alone_what_lies_within(
    when: Timing, turn: datetime, working: BusinessHours, end: str
) -> None:
    in_hours = when.model_copy(update={"working_hours": True})
    free, moved = (due(one, turn, working, {"end": end}.get).at for one in (when, in_hours))

    assert free is not None
    if when.before is None:
        assert moved == working.next_working(free)
    elif free > turn and working.is_working(free):
        assert moved == free


@laws
@given(spans(units=EXACT), turns, calendars)
def test_exact_durations_are_exact(span: Span, turn: datetime, working: BusinessHours) -> None:
    at = due(Timing(after=span), turn, working, no_value).at

    assert at is not None
    assert at - turn == timedelta(**{span.unit: span.amount})


@laws
@given(st.integers(1, 400), turns, calendars, st.none() | clocks)
def test_days_keep_the_clock_time_unless_no_clock_shows_it(
    n: int, turn: datetime, working: BusinessHours, clock: time | None
) -> None:
    at = due(Timing(after=Span(days=n), at=clock), turn, working, no_value).at

    assert at is not None
    start, found = (moment.astimezone(working.zone) for moment in (turn, at))
    wanted = datetime.combine(start.date() + n * DAY, clock or start.time())
    if is_shown(wanted, working.zone):
        assert (found.replace(tzinfo=None, fold=0), found.fold) == (wanted, 0)
    else:
        event("left out")
        assert timedelta(0) < found.replace(tzinfo=None) - wanted <= timedelta(hours=1)


@laws
@given(
    timings(),
    turns,
    st.timedeltas(timedelta(hours=2), timedelta(days=10)),
    calendars,
    dates,
)
def test_a_later_turn_is_not_due_earlier(
    when: Timing, turn: datetime, later: timedelta, working: BusinessHours, end: str
) -> None:
    # Two hours, because at a change of the clocks the clock time goes back. Working days keep
    # the clock time too: one after Saturday 20:00 is Monday 20:00, one after Sunday 10:00 is
    # Monday 10:00.
    assume(not (when.after and when.after.working_days and when.at is None))
    value_of = {"end": end}.get

    early, late = (due(when, at, working, value_of).at for at in (turn, turn + later))

    assert early is not None
    assert late is not None
    assert early <= late


@laws
@given(spans("end"), st.none() | clocks, turns, calendars, dates)
def test_before_a_date_stays_before_it_unless_that_has_passed(
    span: Span, clock: time | None, turn: datetime, working: BusinessHours, end: str
) -> None:
    value_of = {"end": end}.get
    limit = field_moment(end, working.zone)
    free, moved = (
        due(Timing(before=span, at=clock, working_hours=hours), turn, working, value_of).at
        for hours in (False, True)
    )
    assert limit is not None
    assert free is not None
    assert moved is not None
    if moved != working.next_working(turn):
        assert moved <= limit
        assert moved.astimezone(working.zone).date() <= free.astimezone(working.zone).date()


@laws
@given(timings(), turns, calendars, dates, st.sampled_from(("run", "skip")))
def test_what_is_due_before_a_date_is_too_late_or_not_after_it(
    when: Timing, turn: datetime, working: BusinessHours, end: str, if_passed: IfPassed
) -> None:
    found = due(when, turn, working, {"end": end}.get, if_passed=if_passed)

    assert found.at is not None
    if when.before is not None and not found.is_too_late:
        # The date is over when its day is.
        last = datetime.combine(date.fromisoformat(end[:10]) + DAY, time())
        limit = moment_of(end, working) if len(end) > 10 else last.replace(tzinfo=working.zone)
        assert found.at <= limit
    if if_passed == "skip" and when.field is not None and not found.is_too_late:
        at_leisure = due(when, EARLIEST, working, {"end": end}.get).at
        assert found.at == at_leisure


@laws
@given(timings(), turns, calendars, dates)
def test_asking_again_when_it_is_due_changes_nothing(
    when: Timing, turn: datetime, working: BusinessHours, end: str
) -> None:
    assume(when.field is not None)
    value_of = {"end": end}.get
    found = due(when, turn, working, value_of)

    assert found.at is not None
    again = due(when, found.at, working, value_of)

    assert again.at == found.at
    assert again.is_too_late is found.is_too_late or found.at != turn


@laws
@given(turns, st.integers(0, 60 * 60), calendars)
def test_working_time_counts_back_what_it_counts_forward(
    moment: datetime, minutes: int, working: BusinessHours
) -> None:
    length = timedelta(minutes=minutes)
    later = working.add_working_time(moment, length)
    back = working.add_working_time(later, -length)

    assert later >= moment
    # Back to the moment, or to where its working time begins, or ended before.
    assert working.add_working_time(back, length) == later
    assert moment <= back or working.next_working(back) == working.next_working(moment)


@laws
@given(turns, st.integers(0, 60 * 60), st.integers(1, 60 * 60), calendars)
def test_working_time_adds_up(
    moment: datetime, first: int, second: int, working: BusinessHours
) -> None:
    one, other = timedelta(minutes=first), timedelta(minutes=second)
    assert working.add_working_time(working.add_working_time(moment, one), other) == (
        working.add_working_time(moment, one + other)
    )


@laws
@given(days, st.integers(-120, 120))
def test_months_lead_to_the_same_day_or_to_the_last_of_a_shorter_month(
    day: date, months: int
) -> None:
    found = add_months(day, months)

    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + DAY).day == 1)


@laws
@given(turns, calendars)
def test_the_next_working_time_is_working_time_and_its_own_next(
    moment: datetime, working: BusinessHours
) -> None:
    found = working.next_working(moment)

    assert found >= moment
    assert working.is_working(found)
    assert working.next_working(found) == found


@laws
@given(turns, calendars, st.floats(0, 1, exclude_max=True))
def test_there_is_no_working_time_before_the_next(
    moment: datetime, working: BusinessHours, part: float
) -> None:
    found = working.next_working(moment)
    between = moment + (found - moment) * part

    assert working.next_working(between) == found
    assert working.is_working(between) is (between == found)


@laws
@given(days, st.integers(1, 60), calendars)
def test_working_days_count_back_what_they_count_forward(
    day: date, n: int, working: BusinessHours
) -> None:
    later = working.add_working_days(day, n)
    passed = [day + k * DAY for k in range(1, (later - day).days + 1)]

    assert working.is_working_day(later)
    assert sum(map(working.is_working_day, passed)) == n
    if working.is_working_day(day):
        assert working.add_working_days(later, -n) == day


@laws
@given(days, clocks, st.sampled_from(ZONES))
def test_a_clock_time_is_a_moment_that_shows_it_or_the_first_after_the_gap(
    day: date, clock: time, zone: str
) -> None:
    wanted = datetime.combine(day, clock)
    found = at_wall(day, clock, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    assert found == wanted if is_shown(wanted, ZoneInfo(zone)) else found > wanted


@laws
@given(timings())
def test_a_timing_survives_being_written_and_read(when: Timing) -> None:
    assert Timing.model_validate_json(when.model_dump_json(exclude_none=True)) == when


EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def moment_of(end: str, working: BusinessHours) -> datetime:
    found = field_moment(end, working.zone)
    assert found is not None
    return found


def no_value(name: str) -> FieldValue:
    raise AssertionError(f"the field {name} was read")


def is_shown(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether a clock in the zone ever shows that time (it comes back from UTC as it was)."""
    there = wall.replace(tzinfo=zone).astimezone(UTC)
    return there.astimezone(zone).replace(tzinfo=None) == wall
