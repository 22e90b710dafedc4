"""When a rule runs: a table of turns and what each timing makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from countersign.engine.schedule.business_hours import BusinessHours
from countersign.engine.schedule.due import DueTime, describe, due, field_moment
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.base import Place
from countersign.model.document import Document, FieldValue
from countersign.model.pipeline import Calendar, FieldType, Pipeline, Stage
from countersign.model.timing import When, problems

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
LORD_HOWE, KATHMANDU = "Australia/Lord_Howe", "Asia/Kathmandu"

OFFICE = Calendar(
    hours={"mon-thu": "09:00-18:00", "fri": "09:00-15:00"},
    holidays="DE-BY",
    days_off=("12-24", "2026-07-10"),
)
ALWAYS = Calendar(hours={"mon-sun": "00:00-24:00"})
LUNCH = Calendar(hours={"mon-fri": "09:00-12:00,13:00-17:00"})

Given = dict[str, Any] | str
NO_FIELDS: dict[str, FieldValue] = {}


def read(written: Given) -> When:
    adapter: TypeAdapter[When] = TypeAdapter(When)
    return adapter.validate_python(written)


def working(zone: str = BERLIN, calendar: Calendar = OFFICE) -> BusinessHours:
    return BusinessHours.of(
        Pipeline(
            pipeline="contracts", time_zone=zone, calendar=calendar, stages=(Stage(id="draft"),)
        )
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local(found: DueTime, zone: str) -> str | None:
    """The moment due as a clock in the zone shows it, with its offset."""
    return found.at.astimezone(ZoneInfo(zone)).isoformat() if found.at else None


@pytest.mark.parametrize(
    ("written", "zone", "turn", "expected"),
    [
        ("immediately", BERLIN, "2026-07-01T12:00:30+02:00", "2026-07-01T12:00:30+02:00"),
        # Seconds, minutes and hours are exact, right across a change of summer time …
        ({"seconds": 90}, BERLIN, "2026-07-01T12:00:30+02:00", "2026-07-01T12:02:00+02:00"),
        ({"minutes": 5}, BERLIN, "2026-12-31T23:58:00+01:00", "2027-01-01T00:03:00+01:00"),
        ({"hours": 24}, BERLIN, "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00"),
        ({"hours": 24}, BERLIN, "2026-10-24T12:00:00+02:00", "2026-10-25T11:00:00+01:00"),
        ({"hours": 1}, BERLIN, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        ({"hours": 24}, NEW_YORK, "2026-03-07T12:00:00-05:00", "2026-03-08T13:00:00-04:00"),
        ({"hours": 24}, LORD_HOWE, "2026-10-03T12:00:00+10:30", "2026-10-04T12:30:00+11:00"),
        # … days keep the clock time.
        ({"days": 1}, BERLIN, "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00"),
        ({"days": 1}, BERLIN, "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00"),
        ({"days": 1}, NEW_YORK, "2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00"),
        ({"days": 1}, NEW_YORK, "2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00"),
        ({"days": 1}, LORD_HOWE, "2026-10-03T12:00:00+10:30", "2026-10-04T12:00:00+11:00"),
        ({"days": 1}, LORD_HOWE, "2026-04-04T12:00:00+11:00", "2026-04-05T12:00:00+10:30"),
        ({"days": 1}, KATHMANDU, "2026-07-01T20:00:00+00:00", "2026-07-03T01:45:00+05:45"),
        ({"days": 365}, BERLIN, "2026-07-01T12:00:01+02:00", "2027-07-01T12:00:01+02:00"),
        # A clock time that is left out is moved by the gap, on that day only.
        ({"days": 1}, BERLIN, "2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00"),
        ({"days": 2}, BERLIN, "2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"),
        ({"days": 1}, NEW_YORK, "2026-03-07T02:15:00-05:00", "2026-03-08T03:15:00-04:00"),
        ({"days": 1}, LORD_HOWE, "2026-10-03T02:15:00+10:30", "2026-10-04T02:45:00+11:00"),
        # Of one that comes twice the first counts.
        ({"days": 1}, BERLIN, "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00"),
        ({"days": 1}, BERLIN, "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"),
        # Ends of months and years, the leap day.
        ({"days": 1}, BERLIN, "2026-01-31T12:00:00+01:00", "2026-02-01T12:00:00+01:00"),
        ({"days": 1}, BERLIN, "2028-02-28T12:00:00+01:00", "2028-02-29T12:00:00+01:00"),
        ({"days": 1}, BERLIN, "2027-02-28T12:00:00+01:00", "2027-03-01T12:00:00+01:00"),
        ({"days": 1}, BERLIN, "2026-12-31T23:59:59+01:00", "2027-01-01T23:59:59+01:00"),
        # Midnight belongs to the new day.
        ({"days": 1}, BERLIN, "2026-06-30T22:00:00+00:00", "2026-07-02T00:00:00+02:00"),
        # Working days: over a weekend, from a Saturday, over a day off, over All Saints.
        ({"working_days": 1}, BERLIN, "2026-07-03T12:00:00+02:00", "2026-07-06T12:00:00+02:00"),
        ({"working_days": 1}, BERLIN, "2026-07-04T12:00:00+02:00", "2026-07-06T12:00:00+02:00"),
        ({"working_days": 2}, BERLIN, "2026-07-08T12:00:00+02:00", "2026-07-13T12:00:00+02:00"),
        ({"working_days": 1}, BERLIN, "2027-10-29T12:00:00+02:00", "2027-11-02T12:00:00+01:00"),
        # Weeks keep weekday and clock time; months the day, or lead to the last of a shorter one.
        ({"weeks": 1}, BERLIN, "2026-03-25T12:00:00+01:00", "2026-04-01T12:00:00+02:00"),
        ({"weeks": 53}, BERLIN, "2026-07-01T12:00:00+02:00", "2027-07-07T12:00:00+02:00"),
        ({"months": 1}, BERLIN, "2026-01-31T12:00:00+01:00", "2026-02-28T12:00:00+01:00"),
        ({"months": 1}, BERLIN, "2028-01-31T12:00:00+01:00", "2028-02-29T12:00:00+01:00"),
        ({"months": 1}, BERLIN, "2026-02-28T12:00:00+01:00", "2026-03-28T12:00:00+01:00"),
        ({"months": 2}, BERLIN, "2025-12-31T12:00:00+01:00", "2026-02-28T12:00:00+01:00"),
        ({"months": 12}, BERLIN, "2028-02-29T12:00:00+01:00", "2029-02-28T12:00:00+01:00"),
        ({"months": 1}, BERLIN, "2026-02-28T02:30:00+01:00", "2026-03-28T02:30:00+01:00"),
        ({"months": 1}, BERLIN, "2026-09-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00"),
        ({"months": 2}, NEW_YORK, "2026-01-08T02:15:00-05:00", "2026-03-08T03:15:00-04:00"),
        # Working hours are counted through the calendar: Friday ends at 15:00.
        ({"working_hours": 4}, BERLIN, "2026-07-01T12:00:00+02:00", "2026-07-01T16:00:00+02:00"),
        ({"working_hours": 4}, BERLIN, "2026-07-02T16:00:00+02:00", "2026-07-03T11:00:00+02:00"),
        ({"working_hours": 4}, BERLIN, "2026-07-03T14:00:00+02:00", "2026-07-06T12:00:00+02:00"),
        ({"working_hours": 9}, BERLIN, "2026-07-04T12:00:00+02:00", "2026-07-06T18:00:00+02:00"),
        ({"working_hours": 2}, BERLIN, "2026-12-23T17:00:00+01:00", "2026-12-28T10:00:00+01:00"),
        # They keep a clock time outside the hours, if working hours are not asked for.
        ({"working_days": 1}, BERLIN, "2026-07-02T22:00:00+02:00", "2026-07-03T22:00:00+02:00"),
    ],
)
def test_a_delay_from_the_turn_on(written: Given, zone: str, turn: str, expected: str) -> None:
    when = read(written if isinstance(written, str) else {"after": written})

    assert local(due(when, moment(turn), working(zone), NO_FIELDS.get), zone) == expected


@pytest.mark.parametrize(
    ("written", "turn", "expected"),
    [
        # The next time the clock shows it, the minute itself included.
        ({"at": "09:00"}, "2026-07-01T08:59:59+02:00", "2026-07-01T09:00:00+02:00"),
        ({"at": "09:00"}, "2026-07-01T09:00:00+02:00", "2026-07-01T09:00:00+02:00"),
        ({"at": "09:00"}, "2026-07-01T09:00:59+02:00", "2026-07-01T09:00:59+02:00"),
        ({"at": "09:00"}, "2026-07-01T09:01:00+02:00", "2026-07-02T09:00:00+02:00"),
        ({"at": "00:00"}, "2026-07-01T00:01:00+02:00", "2026-07-02T00:00:00+02:00"),
        ({"at": "23:59"}, "2026-12-31T23:59:59+01:00", "2026-12-31T23:59:59+01:00"),
        # Left out on 29 March; on 25 October its second showing does not count.
        ({"at": "02:30"}, "2026-03-29T00:00:00+01:00", "2026-03-29T03:30:00+02:00"),
        ({"at": "02:30"}, "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00"),
        ({"at": "02:30"}, "2026-10-25T02:31:00+02:00", "2026-10-26T02:30:00+01:00"),
        # After an exact delay: the first showing from then on.
        (
            {"after": {"hours": 4}, "at": "09:00"},
            "2026-07-01T05:00:00+02:00",
            "2026-07-01T09:00:00+02:00",
        ),
        (
            {"after": {"hours": 4}, "at": "09:00"},
            "2026-07-01T05:01:00+02:00",
            "2026-07-02T09:00:00+02:00",
        ),
        # After days: on that day, however early or late the turn was.
        (
            {"after": {"days": 1}, "at": "09:00"},
            "2026-07-01T23:59:00+02:00",
            "2026-07-02T09:00:00+02:00",
        ),
        (
            {"after": {"days": 1}, "at": "23:00"},
            "2026-07-01T00:01:00+02:00",
            "2026-07-02T23:00:00+02:00",
        ),
        (
            {"after": {"days": 1}, "at": "02:30"},
            "2026-03-28T12:00:00+01:00",
            "2026-03-29T03:30:00+02:00",
        ),
        (
            {"after": {"working_days": 3}, "at": "09:00"},
            "2026-07-08T20:00:00+02:00",
            "2026-07-14T09:00:00+02:00",
        ),
    ],
)
def test_a_clock_time(written: Given, turn: str, expected: str) -> None:
    assert local(due(read(written), moment(turn), working(), NO_FIELDS.get), BERLIN) == expected


@pytest.mark.parametrize(
    ("written", "turn", "expected"),
    [
        # Alone: now, if it is working time.
        ({}, "2026-07-01T12:00:00+02:00", "2026-07-01T12:00:00+02:00"),
        ({}, "2026-07-01T20:00:00+02:00", "2026-07-02T09:00:00+02:00"),
        # Friday at four is after hours, Thursday at four is not.
        ({"after": {"days": 1}}, "2026-07-02T16:00:00+02:00", "2026-07-06T09:00:00+02:00"),
        ({"after": {"days": 1}}, "2026-07-01T16:00:00+02:00", "2026-07-02T16:00:00+02:00"),
        # Three days after Wednesday is Saturday.
        (
            {"after": {"days": 3}, "at": "09:00"},
            "2026-07-01T12:00:00+02:00",
            "2026-07-06T09:00:00+02:00",
        ),
        # Over Christmas Eve off, Christmas and the weekend.
        ({"after": {"hours": 24}}, "2026-12-23T12:00:00+01:00", "2026-12-28T09:00:00+01:00"),
        # Never at a clock time that lies outside the hours.
        ({"at": "20:00"}, "2026-07-01T12:00:00+02:00", "2026-07-02T09:00:00+02:00"),
        ({"at": "06:00"}, "2026-07-01T12:00:00+02:00", "2026-07-02T09:00:00+02:00"),
        (
            {"after": {"working_days": 1}, "at": "16:00"},
            "2026-07-02T12:00:00+02:00",
            "2026-07-06T09:00:00+02:00",
        ),
    ],
)
def test_a_time_outside_working_hours_moves_to_the_next_start(
    written: dict[str, Any], turn: str, expected: str
) -> None:
    when = read({**written, "working_hours": True})

    assert local(due(when, moment(turn), working(), NO_FIELDS.get), BERLIN) == expected


TURN = moment("2026-07-01T12:00:00+02:00")


@pytest.mark.parametrize(
    ("written", "zone", "value", "expected"),
    [
        # A date is the start of its day in the zone; at sets the clock time.
        ({"on": {}}, BERLIN, "2026-11-01", "2026-11-01T00:00:00+01:00"),
        ({"on": {}}, NEW_YORK, "2026-11-01", "2026-11-01T00:00:00-04:00"),
        ({"on": {}}, KATHMANDU, "2026-11-01", "2026-11-01T00:00:00+05:45"),
        ({"on": {}, "at": "09:00"}, BERLIN, "2026-11-01", "2026-11-01T09:00:00+01:00"),
        # A date and time is exact; without an offset it is the clock time in the zone.
        ({"on": {}}, BERLIN, "2026-11-01T10:30:15Z", "2026-11-01T11:30:15+01:00"),
        ({"on": {}}, BERLIN, "2026-11-01T10:30:15", "2026-11-01T10:30:15+01:00"),
        ({"on": {}, "at": "09:00"}, BERLIN, "2026-11-01T23:30:00Z", "2026-11-02T09:00:00+01:00"),
        (
            {"on": {}},
            BERLIN,
            datetime(2026, 11, 1, 10, 30, tzinfo=UTC),
            "2026-11-01T11:30:00+01:00",
        ),
        # After and before: exact units from the moment, days by the calendar.
        ({"after": {"hours": 2}}, BERLIN, "2026-10-25", "2026-10-25T02:00:00+02:00"),
        ({"after": {"hours": 3}}, BERLIN, "2026-10-25", "2026-10-25T02:00:00+01:00"),
        ({"after": {"days": 1}}, BERLIN, "2026-10-25", "2026-10-26T00:00:00+01:00"),
        ({"after": {"working_days": 1}}, BERLIN, "2026-10-30", "2026-11-02T00:00:00+01:00"),
        ({"before": {"days": 30}}, BERLIN, "2026-12-31", "2026-12-01T00:00:00+01:00"),
        (
            {"before": {"days": 30}, "at": "09:00"},
            BERLIN,
            "2026-11-15",
            "2026-10-16T09:00:00+02:00",
        ),
        ({"before": {"days": 1}}, BERLIN, "2028-03-01", "2028-02-29T00:00:00+01:00"),
        ({"before": {"working_days": 2}}, BERLIN, "2026-11-03", "2026-10-30T00:00:00+01:00"),
        (
            {"before": {"minutes": 90}},
            BERLIN,
            "2026-11-01T10:30:00Z",
            "2026-11-01T10:00:00+01:00",
        ),
        # Before by weeks, months and working hours.
        ({"before": {"weeks": 2}}, BERLIN, "2026-11-01", "2026-10-18T00:00:00+02:00"),
        ({"before": {"months": 1}}, BERLIN, "2027-03-31", "2027-02-28T00:00:00+01:00"),
        ({"before": {"months": 1}}, BERLIN, "2028-03-30", "2028-02-29T00:00:00+01:00"),
        (
            {"before": {"months": 3}, "at": "09:00"},
            BERLIN,
            "2026-12-31",
            "2026-09-30T09:00:00+02:00",
        ),
        ({"after": {"months": 6}}, BERLIN, "2026-08-31", "2027-02-28T00:00:00+01:00"),
        ({"before": {"working_hours": 4}}, BERLIN, "2026-11-05", "2026-11-04T14:00:00+01:00"),
        ({"before": {"working_hours": 8}}, BERLIN, "2026-11-09", "2026-11-05T16:00:00+01:00"),
        (
            {"before": {"working_hours": 4}},
            BERLIN,
            "2026-11-04T10:00:00+01:00",
            "2026-11-03T15:00:00+01:00",
        ),
        (
            {"before": {"working_hours": 4}, "at": "08:00"},
            BERLIN,
            "2026-11-04T10:00:00+01:00",
            "2026-11-03T08:00:00+01:00",
        ),
        # Before by hours at a clock time: the last showing before, not one past the date.
        (
            {"before": {"hours": 4}, "at": "09:00"},
            BERLIN,
            "2026-11-02",
            "2026-11-01T09:00:00+01:00",
        ),
        (
            {"before": {"hours": 4}, "at": "09:00"},
            BERLIN,
            "2026-11-02T12:00:00Z",
            "2026-11-02T09:00:00+01:00",
        ),
        (
            {"before": {"hours": 4}, "at": "09:00"},
            BERLIN,
            "2026-11-02T11:59:00Z",
            "2026-11-01T09:00:00+01:00",
        ),
        # Midnight that the clock leaves out on the day of the date is there on the next.
        ({"on": {}}, "Asia/Beirut", "2027-03-28", "2027-03-28T01:00:00+03:00"),
        ({"after": {"days": 1}}, "Asia/Beirut", "2027-03-28", "2027-03-29T00:00:00+03:00"),
        # What has passed is due at once.
        ({"on": {}}, BERLIN, "2026-06-30", "2026-07-01T12:00:00+02:00"),
        ({"on": {}}, BERLIN, "2026-07-01", "2026-07-01T12:00:00+02:00"),
        ({"before": {"days": 30}}, BERLIN, "2026-07-31", "2026-07-01T12:00:00+02:00"),
        ({"before": {"days": 30}}, BERLIN, "2026-08-01", "2026-07-02T00:00:00+02:00"),
        # Far dates are dates.
        ({"before": {"days": 30}}, BERLIN, "9999-12-31", "9999-12-01T00:00:00+01:00"),
    ],
)
def test_a_time_around_a_date_field(
    written: dict[str, Any], zone: str, value: FieldValue | datetime, expected: str
) -> None:
    found = due(around("end", written), TURN, working(zone), {"end": value}.get)

    assert (local(found, zone), found.date_field) == (expected, "end")


def around(name: str, written: dict[str, Any]) -> When:
    """The timing with the field put where it counts from."""
    bases = ("after", "before", "on")
    return read({k: {**v, "field": name} if k in bases else v for k, v in written.items()})


@pytest.mark.parametrize(
    ("written", "calendar", "value", "expected"),
    [
        # On and after a date: to the next start, as everywhere.
        ({"on": {}}, OFFICE, "2026-11-01", "2026-11-02T09:00:00+01:00"),
        ({"on": {}, "at": "16:00"}, OFFICE, "2026-11-06", "2026-11-09T09:00:00+01:00"),
        ({"after": {"days": 1}}, OFFICE, "2026-11-06", "2026-11-09T09:00:00+01:00"),
        # Before a date: from a day off to the working day before, at the same clock time …
        ({"before": {"days": 1}, "at": "10:00"}, OFFICE, "2026-11-09", "2026-11-06T10:00:00+01:00"),
        ({"before": {"days": 1}, "at": "10:00"}, OFFICE, "2026-07-11", "2026-07-09T10:00:00+02:00"),
        ({"before": {"days": 2}, "at": "10:00"}, OFFICE, "2026-12-27", "2026-12-23T10:00:00+01:00"),
        # … or, before the hours and between them, at the next start of that day …
        ({"before": {"days": 1}}, OFFICE, "2026-11-09", "2026-11-06T09:00:00+01:00"),
        ({"before": {"days": 1}}, OFFICE, "2026-11-05", "2026-11-04T09:00:00+01:00"),
        ({"before": {"days": 1}, "at": "12:30"}, LUNCH, "2026-11-09", "2026-11-06T13:00:00+01:00"),
        # … after them at its last start: never on a later day.
        ({"before": {"days": 1}, "at": "16:00"}, OFFICE, "2026-11-08", "2026-11-06T09:00:00+01:00"),
        ({"before": {"days": 1}, "at": "20:00"}, LUNCH, "2026-11-05", "2026-11-04T13:00:00+01:00"),
        # A day that would be left only after the date is left for the one before.
        (
            {"before": {"hours": 2}},
            OFFICE,
            "2026-11-09T07:30:00Z",
            "2026-11-06T09:00:00+01:00",
        ),
        (
            {"before": {"hours": 2}},
            OFFICE,
            "2026-11-09T08:30:00Z",
            "2026-11-09T09:00:00+01:00",
        ),
        # A start of work at the very moment of the date is not after it, a second earlier is.
        (
            {"before": {"hours": 2}},
            OFFICE,
            "2026-11-09T08:00:00Z",
            "2026-11-09T09:00:00+01:00",
        ),
        (
            {"before": {"hours": 2}},
            OFFICE,
            "2026-11-09T07:59:59Z",
            "2026-11-06T09:00:00+01:00",
        ),
        # Working time that the clock shows twice is kept both times.
        (
            {"before": {"hours": 1}},
            ALWAYS,
            "2026-10-25T02:30:00Z",
            "2026-10-25T02:30:00+01:00",
        ),
        # What has passed is due at the next working time from the turn on.
        ({"on": {}}, OFFICE, "2026-06-01", "2026-07-01T12:00:00+02:00"),
        ({"before": {"days": 1}, "at": "10:00"}, OFFICE, "2026-07-01", "2026-07-01T12:00:00+02:00"),
    ],
)
def test_working_hours_around_a_date_field(
    written: dict[str, Any], calendar: Calendar, value: str, expected: str
) -> None:
    when = around("end", {**written, "working_hours": True})

    assert local(due(when, TURN, working(BERLIN, calendar), {"end": value}.get), BERLIN) == expected


def test_before_a_date_stays_before_it_where_the_zone_leaves_out_the_day_before() -> None:
    # Samoa went from Thursday, 29 December 2011, to Saturday, 31 December.
    when = around("end", {"before": {"days": 1}, "at": "16:00"})
    turn = moment("2011-12-01T12:00:00-10:00")

    found = due(when, turn, working("Pacific/Apia", ALWAYS), {"end": "2011-12-31"}.get)

    assert local(found, "Pacific/Apia") == "2011-12-31T00:00:00+14:00"


SATURDAY = moment("2026-07-04T12:00:00+02:00")
IN_HOURS = {"before": {"days": 1}, "working_hours": True}


@pytest.mark.parametrize(
    ("written", "value", "too_late", "not_after"),
    [
        # The time is ahead: it may run until the date is over, a day with its last moment.
        ({"before": {"days": 1}}, "2026-07-08", False, "2026-07-08T21:59:59.999999+00:00"),
        ({"before": {"hours": 1}}, "2026-07-08T10:00:00Z", False, "2026-07-08T10:00:00+00:00"),
        # It has passed, and the date is not over: at once, or with the next working time.
        ({"before": {"days": 1}}, "2026-07-05", False, "2026-07-05T21:59:59.999999+00:00"),
        ({"before": {"days": 1}}, "2026-07-04", False, "2026-07-04T21:59:59.999999+00:00"),
        (IN_HOURS, "2026-07-06", False, "2026-07-06T21:59:59.999999+00:00"),
        (IN_HOURS, "2026-07-06T10:00:00+02:00", False, "2026-07-06T08:00:00+00:00"),
        # No working time is left before it, or it is over.
        (IN_HOURS, "2026-07-05", True, "2026-07-03T07:00:00+00:00"),
        (IN_HOURS, "2026-07-06T08:00:00+02:00", True, "2026-07-03T07:00:00+00:00"),
        ({"before": {"days": 1}}, "2026-07-03", True, "2026-07-01T22:00:00+00:00"),
        ({"before": {"hours": 1}}, "2026-07-04T11:59:00+02:00", True, "2026-07-04T08:59:00+00:00"),
        # What is not before a date runs at once.
        ({"on": {}}, "2026-07-03", False, None),
        ({"after": {"days": 1}}, "2026-07-01", False, None),
    ],
)
def test_what_is_due_before_a_date_may_run_until_the_date_is_over(
    written: dict[str, Any], value: str, too_late: bool, not_after: str | None
) -> None:
    found = due(around("end", written), SATURDAY, working(), {"end": value}.get)

    last = found.not_after.isoformat() if found.not_after else None
    assert (found.is_too_late, last) == (too_late, not_after)


@pytest.mark.parametrize(
    ("written", "value", "too_late"),
    [
        ({"on": {}}, "2026-07-03", True),
        ({"on": {}, "at": "12:01"}, "2026-07-04", False),
        ({"before": {"days": 1}}, "2026-07-05", True),
        ({"before": {"days": 1}}, "2026-07-06", False),
        (IN_HOURS, "2026-07-06", True),
        ({"after": {"weeks": 1}}, "2026-06-26", True),
        ({"after": {"weeks": 1}}, "2026-06-28", False),
    ],
)
def test_what_is_to_be_skipped_when_its_time_has_passed_is_too_late_then(
    written: dict[str, Any], value: str, too_late: bool
) -> None:
    when = around("end", written)

    found = due(when, SATURDAY, working(), {"end": value}.get, if_passed="skip")

    assert found.is_too_late is too_late


def test_what_has_passed_on_a_day_off_waits_for_working_time() -> None:
    saturday = moment("2026-07-04T12:00:00+02:00")
    when = around("end", {"before": {"days": 1}, "working_hours": True})

    # The day before Monday is a Sunday, the working day before that has passed.
    found = due(when, saturday, working(), {"end": "2026-07-06"}.get)

    assert local(found, BERLIN) == "2026-07-06T09:00:00+02:00"


@pytest.mark.parametrize(
    ("value", "note"),
    [
        (None, "1 day after end: the field end is empty"),
        ("", "1 day after end: the field end is empty"),
        (
            "soon",
            '1 day after end: "soon" is not a valid date; expected YYYY-MM-DD or '
            "YYYY-MM-DDTHH:MM:SSZ; "
            "correct the field end",
        ),
        (
            "2026-02-29",
            '1 day after end: "2026-02-29" is not a valid date; '
            "expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ; correct the field end",
        ),
        (
            Decimal(20261101),
            '1 day after end: "20261101" is not a valid date; '
            "expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ; correct the field end",
        ),
        (
            "9999-12-31",
            '1 day after end: "9999-12-31" leads beyond the years 1 to 9999; correct the field end',
        ),
        (
            "0001-01-01",
            '1 day after end: "0001-01-01" leads beyond the years 1 to 9999; correct the field end',
        ),
    ],
)
def test_a_field_without_a_date_parks_the_run_and_says_why(value: FieldValue, note: str) -> None:
    zone = KATHMANDU if value == "0001-01-01" else BERLIN

    found = due(around("end", {"after": {"days": 1}}), TURN, working(zone), {"end": value}.get)

    assert found == DueTime(at=None, date_field="end", note=note)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("immediately", DueTime(TURN, None, "at once")),
        (
            {"after": {"days": 3}, "at": "09:00", "working_hours": True},
            DueTime(
                moment("2026-07-06T07:00:00+00:00"),
                None,
                "3 days after its turn, at 09:00, in working hours: "
                "Mon 2026-07-06 09:00 Europe/Berlin, "
                "moved into working time from Sat 2026-07-04 09:00",
            ),
        ),
        (
            {"before": {"field": "end", "days": 30}},
            DueTime(
                moment("2026-10-01T22:00:00+00:00"),
                "end",
                "30 days before end (end is Sun 2026-11-01 00:00): "
                "Fri 2026-10-02 00:00 Europe/Berlin",
                # A day has passed when it is over.
                not_after=moment("2026-11-01T22:59:59.999999+00:00"),
            ),
        ),
        (
            {"on": {"field": "past"}},
            DueTime(
                TURN,
                "past",
                "on past (past is Mon 2026-06-01 00:00): Wed 2026-07-01 12:00 Europe/Berlin, "
                "because Mon 2026-06-01 00:00 has passed",
            ),
        ),
    ],
)
def test_the_note_tells_rule_date_outcome_and_zone(written: Given, expected: DueTime) -> None:
    values = {"end": "2026-11-01", "past": "2026-06-01"}

    found = due(read(written), TURN, working(), values.get)

    assert found == expected
    assert found.at is not None
    assert found.at.tzinfo is UTC


def test_the_times_of_the_document_itself_count_like_its_fields() -> None:
    document = Document(
        id="d-1",
        pipeline="contracts",
        stage="sent",
        since=moment("2026-07-01T10:00:00+00:00"),
        created_at=moment("2026-06-30T10:00:00+00:00"),
        expires_at=moment("2026-07-31T21:59:59+00:00"),
        fields={"contract_end": "2026-12-31"},
    )
    value_of = partial(fields.read, document)

    def at(written: Given) -> str | None:
        return local(due(read(written), TURN, working(), value_of), BERLIN)

    assert at({"before": {"field": "expires", "days": 2}}) == "2026-07-29T23:59:59+02:00"
    assert at({"after": {"field": "since", "hours": 4}}) == "2026-07-01T16:00:00+02:00"
    assert at({"on": {"field": "contract_end"}}) == "2026-12-31T00:00:00+01:00"
    assert at({"on": {"field": "completed"}}) is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("immediately", "at once"),
        ({"after": {"seconds": 1}}, "1 second after its turn"),
        ({"after": {"working_days": 2, "field": "end"}}, "2 working days after end"),
        ({"after": {"working_hours": 1}}, "1 working hour after its turn"),
        ({"before": {"months": 3, "field": "end"}}, "3 months before end"),
        ({"before": {"weeks": 1, "field": "end"}}, "1 week before end"),
        ({"before": {"hours": 4, "field": "end"}, "at": "09:00"}, "4 hours before end, at 09:00"),
        ({"on": {"field": "end"}, "working_hours": True}, "on end, in working hours"),
        ({"at": "09:00"}, "the next time it is 09:00"),
        ({"working_hours": True}, "in working hours"),
    ],
)
def test_a_timing_in_words(written: Given, words: str) -> None:
    assert describe(read(written)) == words


def test_a_field_is_a_moment_only_if_it_holds_a_date() -> None:
    zone = ZoneInfo(KATHMANDU)

    assert field_moment("2026-07-01", zone) == moment("2026-06-30T18:15:00+00:00")
    assert field_moment(None, zone) is None
    with pytest.raises(PermanentError, match='"business" is not a valid date'):
        field_moment("business", zone)
    with pytest.raises(PermanentError, match="beyond the years 1 to 9999"):
        field_moment("0001-01-01", zone)


TYPES: dict[str, FieldType] = {
    "contract_end": "date",
    "expires": "datetime",
    "segment": "choice",
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("immediately", []),
        ({"after": {"days": 3}}, []),
        ({"at": "09:00"}, []),
        ({"on": {"field": "contract_end"}}, []),
        ({"before": {"field": "expires", "hours": 2}}, []),
        (
            {"before": {"field": "contract_ends", "days": 30}},
            [
                (
                    ("time", "before", "field"),
                    'field "contract_ends" is unknown; '
                    "the date fields are contract_end, expires; did you mean contract_end?",
                )
            ],
        ),
        (
            {"on": {"field": "birthday"}},
            [
                (
                    ("time", "on", "field"),
                    'field "birthday" is unknown; the date fields are contract_end, expires',
                )
            ],
        ),
        (
            {"after": {"field": "segment", "days": 1}},
            [
                (
                    ("time", "after", "field"),
                    'field "segment" is a choice; a time hangs on a date; '
                    "the date fields are contract_end, expires",
                )
            ],
        ),
    ],
)
def test_publishing_refuses_a_time_that_hangs_on_no_date(
    written: Given, expected: list[tuple[Place, str]]
) -> None:
    assert problems(read(written), TYPES, ("time",)) == expected


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({}, "needs one of after, before, on, at or working_hours"),
        ({"after": {"days": 0}}, "greater than or equal to 1"),
        ({"after": {"days": -1}}, "greater than or equal to 1"),
        ({"after": {"days": 3651}}, "less than or equal to 3650"),
        ({"after": {}}, "exactly one of .* found none"),
        ({"after": {"weeks": 1, "days": 1}}, "exactly one of .* found days and weeks"),
        ({"after": {"months": 121}}, "less than or equal to 120"),
        ({"after": {"weeks": 0}}, "greater than or equal to 1"),
        ({"after": {"working_hours": 20_001}}, "less than or equal to 20000"),
        ({"after": {"days": 1, "hours": 2}}, "found hours and days"),
        ({"before": {"days": 1}}, "before needs the date field"),
        ({"after": {"days": 1}, "on": {"field": "end"}}, "at most one of after, before, on"),
        ({"at": "9 o'clock"}, '"9 o\'clock" is not a valid clock time'),
        ({"at": "24:00"}, '"24:00" is not a valid clock time'),
        ({"at": "009:00"}, '"009:00" is not a valid clock time'),
        ({"at": 540}, "write it in quotes"),
        ({"at": 9.3}, "write it in quotes"),
        ({"at": moment("2026-07-01T09:00:30").time()}, "a time of day to the minute"),
        ({"after": {"day": 1}}, "Extra inputs are not permitted"),
    ],
)
def test_a_timing_that_means_nothing_is_refused_when_it_is_read(written: Given, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        read(written)
