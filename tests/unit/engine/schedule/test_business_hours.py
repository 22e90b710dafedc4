"""Which moments and days are working time, and which calendars publishing refuses."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from countersign.engine.schedule.business_hours import BusinessHours, at_wall, problems
from countersign.errors import PermanentError
from countersign.model.base import Place
from countersign.model.pipeline import Calendar, Pipeline, Stage

OFFICE = Calendar(
    hours={"mon-thu": "09:00-18:00", "fri": "09:00-15:00"},
    holidays="DE-BY",
    days_off=("12-24", "2026-07-10"),
)
EVENINGS = Calendar(hours={"mon-sun": "18:00-24:00"})
SHIFTS = Calendar(hours={"mon-sun": "18:00-24:00, 00:00-02:15,09:00-12:00"})


def pipeline(calendar: Calendar = OFFICE, zone: str = "Europe/Berlin") -> Pipeline:
    return Pipeline(
        pipeline="contracts", time_zone=zone, calendar=calendar, stages=(Stage(id="draft"),)
    )


def read(written: dict[str, object]) -> Pipeline:
    """A pipeline from the settings of its calendar, the zone among them."""
    calendar = {name: value for name, value in written.items() if name != "time_zone"}
    return pipeline(
        Calendar.model_validate(calendar), str(written.get("time_zone", "Europe/Berlin"))
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("2026-07-01T08:59:59+02:00", False),
        ("2026-07-01T09:00:00+02:00", True),
        ("2026-07-01T17:59:59+02:00", True),
        ("2026-07-01T18:00:00+02:00", False),  # the end is excluded
        ("2026-07-03T14:59:59+02:00", True),
        ("2026-07-03T15:00:00+02:00", False),  # Friday ends early
        ("2026-07-04T12:00:00+02:00", False),  # Saturday
        ("2026-07-10T12:00:00+02:00", False),  # own day off, this year only
        ("2027-07-09T12:00:00+02:00", True),
        ("2026-12-24T12:00:00+01:00", False),  # own day off, every year
        ("2027-12-24T12:00:00+01:00", False),
        ("2027-11-01T12:00:00+01:00", False),  # All Saints, a Monday, in Bavaria
        ("2026-06-04T12:00:00+02:00", False),  # Corpus Christi
        ("2026-07-01T07:00:00+00:00", True),  # 09:00 in Berlin
        ("2026-07-01T03:00:00-04:00", True),  # 09:00 in Berlin
    ],
)
def test_a_moment_is_working_time_by_the_clock_of_the_zone(text: str, working: bool) -> None:
    assert BusinessHours.of(pipeline()).is_working(moment(text)) is working


@pytest.mark.parametrize(
    ("region", "day", "working"),
    [
        ("DE-BY", date(2027, 11, 1), False),  # All Saints
        ("DE", date(2027, 11, 1), True),
        ("DE-BE", date(2027, 11, 1), True),
        ("DE", date(2026, 10, 2), True),
        ("US", date(2026, 7, 3), False),  # Independence Day is a Saturday: observed on Friday
        ("US", date(2027, 12, 31), False),  # New Year's Day is observed in the year before
        ("US", date(2026, 11, 26), False),  # Thanksgiving
        (None, date(2026, 12, 25), True),
    ],
)
def test_public_holidays_are_those_of_the_region(
    region: str | None, day: date, working: bool
) -> None:
    time_of_region = BusinessHours.of(pipeline(Calendar(holidays=region)))

    assert time_of_region.is_working_day(day) is working


@pytest.mark.parametrize(
    ("holidays", "day", "working"),
    [
        # Assumption Day, a Tuesday in 2028, is a holiday in the Catholic parts of Bavaria.
        ("DE-BY", date(2028, 8, 15), True),
        ("DE-BY:catholic", date(2028, 8, 15), False),
        ("DE-BY:catholic", date(2027, 11, 1), False),  # the public ones count as ever
        ("DE-BY:catholic", date(2028, 8, 16), True),
        # On Christmas Eve Austria's banks are closed.
        ("AT", date(2027, 12, 24), True),
        ("AT:bank", date(2027, 12, 24), False),
        ("AT:school+bank", date(2027, 12, 24), False),
        (("DE", "AT:bank"), date(2027, 12, 24), False),
        # A holiday of any region of the list is a day off.
        (("DE-BY", "AT"), date(2027, 10, 26), False),  # Austria's national day
        (("DE-BY", "AT"), date(2027, 1, 6), False),  # Epiphany, in both
        (("DE-HH", "DE-BY"), date(2028, 10, 31), False),  # Reformation Day, in Hamburg
        (("DE-HH", "DE-BY"), date(2027, 11, 1), False),  # All Saints, in Bavaria
        (("DE-HH", "DE-BY"), date(2027, 10, 26), True),
        ((), date(2026, 12, 25), True),
    ],
)
def test_holidays_of_several_regions_and_of_categories_are_days_off(
    holidays: str | tuple[str, ...], day: date, working: bool
) -> None:
    found = BusinessHours.of(pipeline(Calendar(holidays=holidays)))

    assert found.is_working_day(day) is working


HALF_DAYS = Calendar(
    hours={"mon-fri": "09:00-17:00"},
    holidays="DE",
    days_off=("08-14",),
    special_hours={
        "12-24": "09:00-12:00",  # every year: a Thursday in 2026, a Sunday in 2028
        "12-25": "09:00-12:00",
        "2026-12-31": "10:00-12:00, 13:00-14:00",
        "2026-07-04": "10:00-11:00",  # a Saturday
        "2026-10-03": "08:00-09:00",  # a Saturday, and German Unity Day
        "2026-08-14": "11:00-12:00",  # a day off in other years
    },
)


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("2026-12-24T11:59:59+01:00", True),
        ("2026-12-24T12:00:00+01:00", False),
        ("2026-12-24T15:00:00+01:00", False),
        ("2027-12-24T15:00:00+01:00", False),
        ("2028-12-24T10:00:00+01:00", False),  # a Sunday: nobody works
        ("2026-12-25T10:00:00+01:00", False),  # a holiday stays one
        ("2026-12-31T09:30:00+01:00", False),
        ("2026-12-31T12:30:00+01:00", False),
        ("2026-12-31T13:30:00+01:00", True),
        ("2027-12-31T16:30:00+01:00", True),
        ("2026-07-04T10:30:00+02:00", True),
        ("2026-10-03T08:30:00+02:00", True),
        ("2026-08-14T11:30:00+02:00", True),
        ("2026-08-14T09:30:00+02:00", False),
        ("2028-08-14T11:30:00+02:00", False),
    ],
)
def test_single_days_have_hours_of_their_own(text: str, working: bool) -> None:
    assert BusinessHours.of(pipeline(HALF_DAYS)).is_working(moment(text)) is working


def test_half_days_are_working_days_and_their_hours_are_moved_to() -> None:
    working = BusinessHours.of(pipeline(HALF_DAYS))

    assert working.add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 24)
    assert working.next_working(moment("2026-12-24T12:00:00+01:00")) == moment(
        "2026-12-28T09:00:00+01:00"
    )
    assert working.next_working(moment("2026-12-30T17:00:00+01:00")) == moment(
        "2026-12-31T10:00:00+01:00"
    )


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "expected"),
    [
        # Within a day, over its end, over a half day and holidays.
        (HALF_DAYS, "2026-07-01T09:30:00+02:00", 4, "2026-07-01T13:30:00+02:00"),
        (HALF_DAYS, "2026-07-01T09:00:00+02:00", 8, "2026-07-01T17:00:00+02:00"),
        (HALF_DAYS, "2026-07-01T16:00:00+02:00", 4, "2026-07-02T12:00:00+02:00"),
        (HALF_DAYS, "2026-07-01T20:00:00+02:00", 1, "2026-07-02T10:00:00+02:00"),
        (HALF_DAYS, "2026-12-23T16:00:00+01:00", 5, "2026-12-28T10:00:00+01:00"),
        (HALF_DAYS, "2026-12-30T16:00:00+01:00", 4, "2026-12-31T14:00:00+01:00"),
        # Summer time begins: the night's span, 00:00 to 02:15, ends at 03:15, two hours and a
        # quarter later.
        (SHIFTS, "2026-03-28T23:00:00+01:00", 4, "2026-03-29T09:45:00+02:00"),
        # A span that ends with its day ends there, forward and back.
        (EVENINGS, "2026-07-01T18:00:00+02:00", 7, "2026-07-02T19:00:00+02:00"),
        (EVENINGS, "2026-07-02T19:00:00+02:00", -7, "2026-07-01T18:00:00+02:00"),
        # Back from a date.
        (HALF_DAYS, "2026-07-01T13:30:00+02:00", -4, "2026-07-01T09:30:00+02:00"),
        (HALF_DAYS, "2026-07-02T12:00:00+02:00", -4, "2026-07-01T16:00:00+02:00"),
        (HALF_DAYS, "2026-07-02T00:00:00+02:00", -8, "2026-07-01T09:00:00+02:00"),
        (HALF_DAYS, "2026-12-28T09:00:00+01:00", -4, "2026-12-23T16:00:00+01:00"),
        (HALF_DAYS, "2026-07-06T09:30:00+02:00", -1, "2026-07-04T10:30:00+02:00"),
    ],
)
def test_working_hours_are_counted_through_the_calendar(
    calendar: Calendar, start: str, hours: int, expected: str
) -> None:
    working = BusinessHours.of(pipeline(calendar))
    found = working.add_working_time(moment(start), timedelta(hours=hours))

    assert found == moment(expected)
    assert found.tzinfo is UTC


def test_a_day_that_the_zone_leaves_out_has_no_working_time_of_its_own() -> None:
    # Samoa went from Thursday, 29 December 2011, to Saturday, 31 December.
    week = Calendar(hours={"mon-sun": "09:00-17:00"})
    working = BusinessHours.of(pipeline(week, "Pacific/Apia"))
    start = moment("2011-12-29T09:00:00-10:00")

    found = working.add_working_time(start, timedelta(hours=17))

    assert found == moment("2012-01-01T10:00:00+14:00")
    assert working.add_working_time(found, timedelta(hours=-17)) == start


@pytest.mark.parametrize(
    ("calendar", "zone", "start", "expected"),
    [
        # Inside, the moment itself; a second before the start, the start.
        (OFFICE, "Europe/Berlin", "2026-07-01T12:34:56+02:00", "2026-07-01T12:34:56+02:00"),
        (OFFICE, "Europe/Berlin", "2026-07-01T08:59:59+02:00", "2026-07-01T09:00:00+02:00"),
        (OFFICE, "Europe/Berlin", "2026-07-01T18:00:00+02:00", "2026-07-02T09:00:00+02:00"),
        # Friday from 15:00 on, over the weekend.
        (OFFICE, "Europe/Berlin", "2026-07-03T15:00:00+02:00", "2026-07-06T09:00:00+02:00"),
        # Thursday evening, the Friday is off.
        (OFFICE, "Europe/Berlin", "2026-07-09T18:00:00+02:00", "2026-07-13T09:00:00+02:00"),
        # Christmas Eve off, Christmas, a Saturday that is Boxing Day, Sunday.
        (OFFICE, "Europe/Berlin", "2026-12-23T18:00:00+01:00", "2026-12-28T09:00:00+01:00"),
        # Year's end, New Year's Day is a Friday.
        (OFFICE, "Europe/Berlin", "2026-12-31T18:00:00+01:00", "2027-01-04T09:00:00+01:00"),
        # Over the weekend of summer time and of winter time, still 09:00.
        (OFFICE, "Europe/Berlin", "2026-03-27T15:00:00+01:00", "2026-03-30T09:00:00+02:00"),
        (OFFICE, "Europe/Berlin", "2026-10-23T15:00:00+02:00", "2026-10-26T09:00:00+01:00"),
        # A quarter to six is no quarter of an hour in Kathmandu: +05:45.
        (Calendar(), "Asia/Kathmandu", "2026-07-01T03:14:59+00:00", "2026-07-01T09:00:00+05:45"),
        # Several spans a day, in any order, up to midnight and over it.
        (SHIFTS, "Europe/Berlin", "2026-07-01T02:15:00+02:00", "2026-07-01T09:00:00+02:00"),
        (SHIFTS, "Europe/Berlin", "2026-07-01T12:00:00+02:00", "2026-07-01T18:00:00+02:00"),
        (SHIFTS, "Europe/Berlin", "2026-07-01T23:59:59+02:00", "2026-07-01T23:59:59+02:00"),
        (SHIFTS, "Europe/Berlin", "2026-07-02T00:00:00+02:00", "2026-07-02T00:00:00+02:00"),
        # Summer time begins: 02:00 is 03:00, where the night's span has ended.
        (
            Calendar(hours={"sun": "02:00-03:00,12:00-13:00"}),
            "Europe/Berlin",
            "2026-03-29T00:00:00+01:00",
            "2026-03-29T12:00:00+02:00",
        ),
        # It ends: 02:30 comes twice, the span begins with the first and ends with the second hour.
        (
            Calendar(hours={"sun": "02:30-04:00"}),
            "Europe/Berlin",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25T02:00:00+01:00",
        ),
        # Lord Howe's clock changes by half an hour.
        (
            Calendar(hours={"sun": "02:00-02:30,08:00-09:00"}),
            "Australia/Lord_Howe",
            "2026-10-04T01:59:00+10:30",
            "2026-10-04T08:00:00+11:00",
        ),
        # 29 February is there in leap years only.
        (
            Calendar(days_off=("02-29",)),
            "America/New_York",
            "2028-02-28T18:00:00-05:00",
            "2028-03-01T09:00:00-05:00",
        ),
    ],
)
def test_the_next_working_time(calendar: Calendar, zone: str, start: str, expected: str) -> None:
    found = BusinessHours.of(pipeline(calendar, zone)).next_working(moment(start))

    assert found == moment(expected)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 7, 1), 0, date(2026, 7, 1)),
        (date(2026, 7, 4), 0, date(2026, 7, 4)),  # zero days are the day, even a Saturday
        (date(2026, 7, 1), 1, date(2026, 7, 2)),
        (date(2026, 7, 3), 1, date(2026, 7, 6)),
        (date(2026, 7, 4), 1, date(2026, 7, 6)),  # from Saturday, Monday is the first
        (date(2026, 7, 9), 1, date(2026, 7, 13)),  # Friday the 10th is off
        (date(2026, 12, 23), 3, date(2026, 12, 30)),
        (date(2026, 7, 6), -1, date(2026, 7, 3)),
        (date(2026, 7, 5), -1, date(2026, 7, 3)),
        (date(2026, 7, 13), -5, date(2026, 7, 3)),
        (date(2027, 1, 4), -1, date(2026, 12, 31)),
        (date(2026, 1, 2), 250, date(2027, 1, 4)),
    ],
)
def test_working_days_are_counted_from_the_day_on(day: date, n: int, expected: date) -> None:
    assert BusinessHours.of(pipeline()).add_working_days(day, n) == expected


def test_the_working_day_before_is_never_the_day_itself() -> None:
    working = BusinessHours.of(pipeline())

    assert working.working_day_before(date(2026, 7, 7)) == date(2026, 7, 6)
    assert working.working_day_before(date(2026, 7, 6)) == date(2026, 7, 3)
    assert working.working_day_before(date(2026, 7, 13)) == date(2026, 7, 9)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        (date(2026, 7, 1), time(9), "Europe/Berlin", "2026-07-01T07:00:00+00:00"),
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", "2026-03-29T03:30:00+02:00"),
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        (date(2026, 10, 25), time(2, 30, fold=1), "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        (date(2026, 3, 8), time(2, 15), "America/New_York", "2026-03-08T03:15:00-04:00"),
        (date(2026, 11, 1), time(1, 15), "America/New_York", "2026-11-01T01:15:00-04:00"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-04T02:45:00+11:00"),
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-05T01:45:00+11:00"),
        (date(2026, 7, 1), time(0), "Asia/Kathmandu", "2026-06-30T18:15:00+00:00"),
    ],
)
def test_a_clock_time_is_moved_over_a_gap_and_its_first_showing_counts(
    day: date, clock: time, zone: str, expected: str
) -> None:
    assert at_wall(day, clock, ZoneInfo(zone)) == moment(expected)


def test_the_same_calendar_is_read_once() -> None:
    assert BusinessHours.of(pipeline()) is BusinessHours.of(pipeline())


def test_the_holiday_tables_are_loaded_for_calendars_with_a_region_only() -> None:
    script = (
        "import sys; from datetime import date; "
        "import countersign.engine.schedule.due; "
        "from countersign.engine.schedule.business_hours import BusinessHours; "
        "from countersign.model.pipeline import Pipeline, Stage; "
        "p = Pipeline(pipeline='p', stages=(Stage(id='s'),)); "
        "assert BusinessHours.of(p).is_working_day(date(2026, 7, 1)); "
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_of_the_holiday_tables_only_those_of_the_country_are_loaded() -> None:
    script = (
        "import sys; from countersign.engine.schedule.calendar import public_holidays; "
        "assert public_holidays('DE-BY', 2026); "
        "print(*(name for name in sys.modules if name.startswith('holidays.countries.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert loaded.stdout.split() == ["holidays.countries.germany"]


def test_the_tables_of_every_country_say_the_same_alone_as_together() -> None:
    """In a process of their own: which of the tables are loaded cannot be undone."""
    script = """
import sys
if sys.argv[1] == "together":
    import holidays.countries
import holidays.registry
from countersign.engine.schedule.calendar import public_holidays
for name, codes in sorted(holidays.registry.COUNTRIES.items()):
    print(name, *sorted(map(str, public_holidays(codes[1], 2026))))
"""
    alone, together = (
        subprocess.run(
            [sys.executable, "-c", script, how], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        for how in ("alone", "together")
    )
    assert len(alone) > 200
    assert alone == together


TODAY = date(2026, 7, 1)
EVERY_DAY = [f"{date(2028, 1, 1) + timedelta(days=n):%m-%d}" for n in range(366)]
EVERY_DAY_BUT_28_MARCH = [day for day in EVERY_DAY if day != "03-28"]
HINT = "is not a valid time zone of the IANA database, such as Europe/Berlin; did you mean"
NO_COUNTRY = "expected a country of ISO 3166 such as DE, or a region such as DE-BY"
NO_SPAN = 'are not valid hours; expected "HH:MM-HH:MM", several with commas'
NO_DAY = 'is not a valid day; expected "YYYY-MM-DD", or "MM-DD" for every year'
BEHIND = (
    'must end after it begins, at "24:00" at the latest; '
    "hours past midnight belong to the next weekday"
)


@pytest.mark.parametrize(
    ("written", "place", "text"),
    [
        ({"time_zone": "Berlin"}, ("time_zone",), f'"Berlin" {HINT} Europe/Berlin?'),
        ({"time_zone": "new york"}, ("time_zone",), f'"new york" {HINT} America/New_York?'),
        (
            {"time_zone": "../Berlin"},
            ("time_zone",),
            f'"../Berlin" {HINT} Europe/Berlin?',
        ),
        (
            {"holidays": "XX"},
            ("calendar", "holidays"),
            f'holidays "XX": no holidays are known for "XX"; {NO_COUNTRY}',
        ),
        (
            {"holidays": "Germany"},
            ("calendar", "holidays"),
            f'holidays "Germany": no holidays are known for "Germany"; {NO_COUNTRY}; '
            "did you mean DE?",
        ),
        (
            {"holidays": "uk"},
            ("calendar", "holidays"),
            f'holidays "uk": no holidays are known for "uk"; {NO_COUNTRY}; did you mean GB?',
        ),
        (
            {"holidays": "GB-XYZ"},
            ("calendar", "holidays"),
            'holidays "GB-XYZ" is not a known region; '
            "expected one of GB, GB-ENG, GB-NIR, GB-SCT, GB-WLS",
        ),
        (
            {"holidays": "HK-X"},
            ("calendar", "holidays"),
            'holidays "HK-X" is not a known region; expected HK, which has no regions',
        ),
        (
            {"holidays": ["DE-BY", "AT-X"]},
            ("calendar", "holidays", 1),
            'holidays "AT-X" is not a known region; expected one of AT, AT-1, AT-2, AT-3, '
            "AT-4, AT-5, AT-6, AT-7, AT-8, AT-9",
        ),
        (
            {"holidays": "DE-BY:katholisch"},
            ("calendar", "holidays"),
            'holidays "DE-BY:katholisch": "katholisch" is not a valid category; '
            "expected one of catholic, school",
        ),
        (
            {"holidays": "ES:catholic"},
            ("calendar", "holidays"),
            'holidays "ES:catholic": "catholic" is not a valid category; '
            "expected none, this country has none",
        ),
        (
            {"holidays": ["CH-ZH:half_day"]},
            ("calendar", "holidays", 0),
            'holidays "CH-ZH:half_day": write the hours of half days under special_hours',
        ),
        (
            {"special_hours": {"24.12.": "09:00-12:00"}},
            ("calendar", "special_hours", "24.12."),
            f'"24.12." {NO_DAY}',
        ),
        (
            {"special_hours": {"2026-12-24": "until noon"}},
            ("calendar", "special_hours", "2026-12-24"),
            f'"until noon" {NO_SPAN}',
        ),
        (
            {"days_off": ["12-24"], "special_hours": {"12-24": "09:00-12:00"}},
            ("calendar", "special_hours", "12-24"),
            '"12-24" stands under days_off, too; write it in one of the two',
        ),
        (
            {"hours": {"mo": "09:00-17:00"}},
            ("calendar", "hours", "mo"),
            '"mo" is not a valid weekday; expected one of mon, tue, wed, thu, fri, sat, sun, '
            'or two with a hyphen: "mon-thu"',
        ),
        (
            {"hours": {"mon-fri": "09:00-17:00", "wed": "09:00-12:00"}},
            ("calendar", "hours", "wed"),
            "wed has its hours twice; write all its spans in one place",
        ),
        (
            {"hours": {"mon-": "09:00-17:00"}},
            ("calendar", "hours", "mon-"),
            '"mon-" is not a valid weekday; expected one of mon, tue, wed, thu, fri, sat, sun, '
            'or two with a hyphen: "mon-thu"',
        ),
        ({"hours": {"mon": "9-17"}}, ("calendar", "hours", "mon"), f'"9-17" {NO_SPAN}'),
        ({"hours": {"mon": ""}}, ("calendar", "hours", "mon"), f'"" {NO_SPAN}'),
        (
            {"hours": {"mon": "09:00-25:00"}},
            ("calendar", "hours", "mon"),
            f'"09:00-25:00" {NO_SPAN}',
        ),
        (
            {"hours": {"mon": "22:00-06:00"}},
            ("calendar", "hours", "mon"),
            f'"22:00-06:00" {BEHIND}',
        ),
        (
            {"hours": {"mon": "09:00-09:00"}},
            ("calendar", "hours", "mon"),
            f'"09:00-09:00" {BEHIND}',
        ),
        (
            {"hours": {"mon": "09:00-24:01"}},
            ("calendar", "hours", "mon"),
            f'"09:00-24:01" {BEHIND}',
        ),
        (
            {"hours": {"mon": "13:00-18:00,09:00-13:30"}},
            ("calendar", "hours", "mon"),
            'the spans of "13:00-18:00,09:00-13:30" overlap; write each hour once',
        ),
        ({"days_off": ["12-24", "24.12."]}, ("calendar", "days_off", 1), f'"24.12." {NO_DAY}'),
        ({"days_off": ["2026-02-29"]}, ("calendar", "days_off", 0), f'"2026-02-29" {NO_DAY}'),
        ({"days_off": ["02-30"]}, ("calendar", "days_off", 0), f'"02-30" {NO_DAY}'),
        (
            {"hours": {}, "special_hours": {"12-24": "09:00-12:00"}},
            ("calendar", "hours"),
            'the calendar has no working hours; give it some, for example mon-fri: "09:00-17:00"',
        ),
        (
            {"hours": {}},
            ("calendar", "hours"),
            'the calendar has no working hours; give it some, for example mon-fri: "09:00-17:00"',
        ),
        (
            {"hours": {"mon-fri": "09:00-17:00"}, "holidays": "DE", "days_off": EVERY_DAY},
            ("calendar",),
            "no working time in the two years from 2026-07-01: holidays and days_off leave none; "
            "add hours or take away days off",
        ),
        # Summer time begins in the only hour of the only Sunday that is left, 28 March 2027.
        (
            {"hours": {"sun": "02:00-03:00"}, "days_off": EVERY_DAY_BUT_28_MARCH},
            ("calendar",),
            "no working time in the two years from 2026-07-01: days_off leave none; "
            "add hours or take away days off",
        ),
    ],
)
def test_publishing_refuses_a_calendar_and_says_what_to_do(
    written: dict[str, object], place: Place, text: str
) -> None:
    assert problems(read(written), TODAY) == [(place, text)]


@pytest.mark.parametrize(
    "written",
    [
        {"time_zone": "Berlin"},
        {"hours": {"mo": "09:00-17:00"}},
        {"hours": {"mon": "22:00-06:00"}},
        {"days_off": ["24.12."]},
    ],
)
def test_a_calendar_that_cannot_be_read_is_a_permanent_error(written: dict[str, object]) -> None:
    with pytest.raises(PermanentError):
        BusinessHours.of(read(written))


def test_all_problems_of_a_calendar_are_told_together() -> None:
    calendar = Calendar(hours={"mo": "09:00-17:00", "tue": "9"}, days_off=("x",), holidays="XX")

    places = [place for place, _ in problems(pipeline(calendar, "Berlin"), TODAY)]

    assert places == [
        ("time_zone",),
        ("calendar", "hours", "mo"),
        ("calendar", "hours", "tue"),
        ("calendar", "days_off", 0),
        ("calendar", "holidays"),
    ]


@pytest.mark.parametrize(
    ("calendar", "zone"),
    [
        (OFFICE, "Europe/Berlin"),
        (SHIFTS, "Australia/Lord_Howe"),
        (Calendar(), "UTC"),
        (Calendar(hours={"sun-thu": "9:00-17:00"}, holidays="AE"), "Asia/Dubai"),
        (Calendar(hours={"mon-sun": "00:00-24:00"}), "Asia/Kathmandu"),
    ],
)
def test_publishing_takes_calendars_of_all_sorts(calendar: Calendar, zone: str) -> None:
    assert problems(pipeline(calendar, zone), TODAY) == []


def test_a_range_of_weekdays_may_go_over_the_weeks_end() -> None:
    working = BusinessHours.of(pipeline(Calendar(hours={"sun-tue": "09:00-17:00"})))

    week = [working.is_working_day(date(2026, 7, day)) for day in range(6, 13)]

    assert week == [True, True, False, False, False, False, True]


def test_a_search_without_end_is_given_up() -> None:
    working = BusinessHours.of(pipeline(Calendar(hours={})))

    with pytest.raises(PermanentError, match="no working day within ten years of 2026-07-01"):
        working.next_working(moment("2026-07-01T12:00:00+00:00"))
    with pytest.raises(PermanentError, match="no working day within ten years of 2026-07-01"):
        working.working_day_before(date(2026, 7, 1))
    for hours in (1, -1):
        with pytest.raises(PermanentError, match="no working day within ten years of 2026-07-01"):
            working.add_working_time(moment("2026-07-01T12:00:00+00:00"), timedelta(hours=hours))


def test_an_unknown_region_is_a_permanent_error_at_the_first_question() -> None:
    working = BusinessHours.of(pipeline(Calendar(holidays="XX")))

    with pytest.raises(PermanentError, match='no holidays are known for "XX"'):
        working.is_working_day(date(2026, 7, 1))


def test_days_off_may_be_written_as_yaml_dates() -> None:
    calendar = Calendar.model_validate({"days_off": [date(2026, 12, 24), "12-31"]})

    assert calendar.days_off == ("2026-12-24", "12-31")


def test_norway_read_as_false_is_explained() -> None:
    with pytest.raises(ValidationError, match='write "NO" in quotes'):
        Calendar.model_validate({"holidays": False})
