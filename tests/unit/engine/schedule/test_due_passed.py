"""What is due before a date that is near or has passed: when, why then, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from countersign.engine.schedule.business_hours import BusinessHours
from countersign.engine.schedule.due import DueTime, due
from countersign.model.pipeline import Calendar, IfPassed, Pipeline, Stage
from countersign.model.timing import When

OFFICE = Calendar(hours={"mon-thu": "09:00-18:00", "fri": "09:00-15:00"})
WORKING = BusinessHours.of(
    Pipeline(
        pipeline="contracts",
        time_zone="Europe/Berlin",
        calendar=OFFICE,
        stages=(Stage(id="draft"),),
    )
)
TWO_HOURS: dict[str, Any] = {"before": {"field": "visit", "hours": 2}}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+02:00")


def found(
    written: dict[str, Any], turn: str, visit: str, if_passed: IfPassed = "run"
) -> tuple[DueTime, str]:
    """The time, and its note without the rule and the date."""
    when: When = TypeAdapter(When).validate_python(written)
    values = {"visit": f"{visit}+02:00"}
    time = due(when, at(turn), WORKING, values.get, if_passed=if_passed)
    assert time.date_field == "visit"
    return time, time.note.partition("): ")[2]


WEDNESDAY = "2026-07-01T12:00:00"


@pytest.mark.parametrize(
    ("turn", "if_passed", "due_at", "not_after", "note"),
    [
        ("09:59:59", "run", "10:00:00", "12:00:00", "Wed 2026-07-01 10:00 Europe/Berlin"),
        ("10:00:00", "run", "10:00:00", "12:00:00", "Wed 2026-07-01 10:00 Europe/Berlin"),
        ("10:00:00", "skip", "10:00:00", "12:00:00", "Wed 2026-07-01 10:00 Europe/Berlin"),
        ("10:00:01", "run", "10:00:01", "12:00:00",
         "Wed 2026-07-01 10:00 Europe/Berlin, because Wed 2026-07-01 10:00 has passed"),
        # At the very moment of the date it is not after it.
        ("12:00:00", "run", "12:00:00", "12:00:00",
         "Wed 2026-07-01 12:00 Europe/Berlin, because Wed 2026-07-01 10:00 has passed"),
        ("12:00:01", "run", "12:00:01", "10:00:00",
         "skipped, because Wed 2026-07-01 10:00 has passed, as has the date"),
        ("10:00:01", "skip", "10:00:01", "10:00:00",
         "skipped, because Wed 2026-07-01 10:00 has passed"),
    ],
)  # fmt: skip
def test_what_was_due_before_a_date_runs_until_then_and_never_after(
    turn: str, if_passed: IfPassed, due_at: str, not_after: str, note: str
) -> None:
    time, told = found(TWO_HOURS, f"2026-07-01T{turn}", WEDNESDAY, if_passed)
    assert (time.at, time.not_after, told) == (
        at(f"2026-07-01T{due_at}"), at(f"2026-07-01T{not_after}"), note,
    )  # fmt: skip
    assert time.is_too_late is note.startswith("skipped")


SATURDAY = "2026-07-04T12:00:00"
TEN = "skipped, because Fri 2026-07-03 10:00 has passed, as has "


@pytest.mark.parametrize(
    ("turn", "due_at", "note"),
    [
        ("2026-07-03T14:59:59", "2026-07-03T14:59:59",
         "Fri 2026-07-03 14:59 Europe/Berlin, because Fri 2026-07-03 10:00 has passed"),
        ("2026-07-03T15:00:00", "2026-07-06T09:00:00", f"{TEN}all working time up to the date"),
        ("2026-07-04T12:00:00", "2026-07-06T09:00:00", f"{TEN}all working time up to the date"),
        ("2026-07-04T12:00:01", "2026-07-06T09:00:00", f"{TEN}the date"),
    ],
)  # fmt: skip
def test_in_working_hours_it_runs_while_there_are_some_before_the_date(
    turn: str, due_at: str, note: str
) -> None:
    time, told = found({**TWO_HOURS, "working_hours": True}, turn, SATURDAY)
    assert (time.at, told) == (at(due_at), note)
    assert time.not_after == at("2026-07-03T10:00:00" if time.is_too_late else SATURDAY)


@pytest.mark.parametrize(
    ("visit", "due_at"),
    [
        ("2026-07-01T19:59:59", "2026-07-01T17:59:59"),
        # The end of a day's hours is none of them: it moves to where they last began.
        ("2026-07-01T20:00:00", "2026-07-01T09:00:00"),
        ("2026-07-01T11:00:00", "2026-07-01T09:00:00"),
        ("2026-07-01T10:59:59", "2026-07-01T09:00:00"),
        ("2026-07-04T18:00:00", "2026-07-03T09:00:00"),
    ],
)
def test_from_after_hours_it_moves_to_the_last_start_of_the_day(visit: str, due_at: str) -> None:
    time, _ = found({**TWO_HOURS, "working_hours": True}, "2026-06-30T09:00:00", visit)
    assert (time.at, time.not_after) == (at(due_at), at(visit))
