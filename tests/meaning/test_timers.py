"""Every timer fires when the wall clock says so, as a second, slow reckoning of it has it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import connection, event, pipeline, run_of, stage, to_stage
from tests.meaning.clock import DAYS_OFF, HOURS, MINUTE, fires

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
AROUND = (date(2026, 3, 8), date(2026, 3, 28), date(2026, 4, 4), date(2026, 10, 24))
"""Days next to which clocks are changed somewhere."""

lengths = st.one_of(
    st.builds(lambda n: {"minutes": n}, st.integers(1, 3000)),
    st.builds(lambda n: {"hours": n}, st.integers(1, 80)),
    st.builds(lambda n: {"days": n}, st.integers(1, 8)),
    st.just({"weeks": 1}),
    st.builds(lambda n: {"working_days": n}, st.integers(1, 6)),
    st.builds(lambda n: {"working_hours": n}, st.integers(1, 30)),
)
clocks = st.one_of(
    st.sampled_from(["00:00", "01:30", "02:00", "02:15", "02:30", "03:00", "09:00", "23:59"]),
    st.builds(lambda n: f"{n // 60:02}:{n % 60:02}", st.integers(0, 24 * 60 - 1)),
)
bases = st.one_of(
    st.just({}),
    lengths.map(lambda length: {"after": length}),
    lengths.map(lambda length: {"after": {"field": "end", **length}}),
    lengths.map(lambda length: {"before": {"field": "end", **length}}),
    st.just({"on": {"field": "end"}}),
)


@st.composite
def times(draw: st.DrawFn) -> dict[str, Any]:
    """A rule's time, as it is written."""
    made = dict(draw(bases))
    if not made or draw(st.booleans()):
        made["at"] = draw(clocks)
    if draw(st.booleans()):
        made["working_hours"] = True
    return made


turns = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + minutes * MINUTE,
    st.sampled_from(AROUND),
    st.integers(-24 * 60, 3 * 24 * 60),
)


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


BERLIN, DAY = "Europe/Berlin", {"days": 1}


@example({"after": DAY, "at": "02:30"}, at(3, 28, 10, 0), BERLIN, 0)  # is left out that night
@example({"after": DAY, "at": "02:30"}, at(10, 24, 10, 0), BERLIN, 0)  # is shown twice
@example({"at": "02:30"}, at(10, 25, 0, 45), BERLIN, 0)  # between the two
@example({"after": {"hours": 2}, "at": "12:00"}, at(3, 2, 9, 0), BERLIN, 0)  # just then
@example({"before": {"field": "end", **DAY}, "working_hours": True}, at(3, 4, 9, 0), BERLIN, 27)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(when=times(), turn=turns, zone=st.sampled_from(ZONES), ahead=st.integers(-3, 9))
def test_a_rule_runs_in_the_minute_that_the_slow_clock_names(
    when: dict[str, Any], turn: datetime, zone: str, ahead: int
) -> None:
    day = turn.date() + timedelta(days=ahead)
    here = World(turn)
    here.publish(
        pipeline(
            stage("draft", to_stage("timed", "done", time=when)),
            stage("done"),
            time_zone=zone,
            calendar={"hours": HOURS, "days_off": [one.isoformat() for one in DAYS_OFF]},
            fields={"end": {"type": "date"}},
        )
    )
    here.connect(connection())
    made = here.tell("docusign", [event("document.created")])
    here.edit(made.id, Edit(values={"end": day.isoformat()}), by="ben@acme.example")
    # Its turn came with the document; the date is told in the same minute.
    wanted = fires(when, turn, ZoneInfo(zone), day)
    if wanted is not None and wanted > turn:
        here.advance(wanted - turn - timedelta(seconds=1))
        assert here.document(made.id).stage == "draft", f"too early; wanted is {wanted}"
        here.advance(timedelta(seconds=1))
    run = run_of(here, made, "timed")
    assert run.state == ("skipped" if wanted is None else "done"), f"{wanted}: {run.reason}"
    assert here.document(made.id).stage == ("draft" if wanted is None else "done")
