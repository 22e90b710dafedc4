"""What an arrival plans, run by run, with all that each of them has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.planner import (
    arm_again,
    is_behind,
    kept_of,
    plan,
    timing_of,
    with_times,
)
from countersign.model.document import Document, PendingUpdates
from countersign.model.pipeline import Version
from countersign.model.run import Run
from countersign.model.timing import IMMEDIATELY, Timing
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage, to_stage, trigger

DAY = timedelta(days=1)
SENDERS = ["contracts@acme.example"]
END = datetime(2026, 5, 1, tzinfo=UTC) - timedelta(hours=2)
"""The beginning of 1 May in Berlin."""


def program(*stages: dict[str, Any], version: int = 7) -> CompiledPipeline:
    """A published version with a date field."""
    wanted = pipeline(*stages, senders=SENDERS, fields={"end": {"type": "date"}})
    return CompiledPipeline(Version(number=version, pipeline=wanted))


def document(entry: int = 4, **more: Any) -> Document:
    given = {"id": "d1", "pipeline": "contracts", "stage": "sent", "entry": entry, **more}
    return Document.model_validate({"since": START, "created_at": START, "version": 9, **given})


def run(rule: str, state: str, **more: Any) -> Run:
    """A run of that entry as it is planned."""
    given = {
        "document": "d1",
        "entry": 4,
        "rule": rule,
        "pipeline": "contracts",
        "pipeline_version": 7,
        "stage": "sent",
        "kind": "send_email",
        "lane": "email",
        "state": state,
        "planned_at": START,
        "cause": "ben",
        **more,
    }
    return Run.model_validate(given)


def planned(found: CompiledPipeline, document: Document) -> tuple[Run, ...]:
    """What the arrival of the document plans, with the times that it has."""
    return with_times(found, plan(found, document, now=START, cause="ben"), document, turn=START)


TOMORROW = "1 day after its turn: Tue 2026-03-03 10:00 Europe/Berlin"
DATED = {"on": {"field": "end"}}


def test_each_rule_has_a_run_with_its_time_and_its_place_in_a_chain() -> None:
    asleep = {"stage": "sent", "after": {"days": 2}}
    found = program(
        stage("draft"),
        stage(
            "sent",
            mail("now", on_leave="keep"),
            mail("off", enabled=False),
            mail("below", on_reentry="once"),
            mail("alone", execution="independent", time={"after": {"days": 1}}),
            to_stage("on", "late", execution="independent", time=DATED),
            mail("twin", execution="independent", time={"after": {"days": 1}}),
        ),
        stage(
            "late",
            triggers=[
                trigger("no_reaction", "slow", settings=asleep),
                trigger("no_reaction", "off", settings=asleep, enabled=False),
                trigger("viewed"),
            ],
        ),
    )
    assert planned(found, document()) == (
        run("now", "ready", due=START, position=0, next="below", on_leave="keep"),
        run("below", "waiting", position=1, after="now", once=True, reason="waits for now"),
        run("alone", "ready", due=START + DAY, position=2, reason=TOMORROW),
        run(
            "on", "no_date", position=3, kind="change_stage", lane="document", date_field="end",
            date_field_version=9, reason="on end: the field end is empty",
        ),
        run("twin", "ready", due=START + DAY, position=4, reason=TOMORROW),
        run(
            "trigger.slow", "ready", due=START + 2 * DAY, position=5, kind="no_reaction",
            lane="document", reason="2 days after its turn: Wed 2026-03-04 10:00 Europe/Berlin",
        ),
    )  # fmt: skip


def test_a_run_on_a_date_is_due_then_and_knows_what_it_hangs_on() -> None:
    found = program(stage("sent", mail("a", time={**DATED, "at": "09:00"})))
    (one,) = planned(found, document(fields={"end": "2026-05-01"}))
    assert (one.state, one.due, one.date_field) == ("ready", END + timedelta(hours=9), "end")
    assert one.reason is not None


def test_a_stage_that_is_not_there_plans_nothing() -> None:
    found = program(stage("draft", mail("a")))
    assert planned(found, document()) == ()


def test_what_is_kept_of_a_plan_closes_ranks() -> None:
    kept = {"on_leave": "keep"}
    found = program(
        stage(
            "sent",
            mail("a"), mail("b", **kept, time={"after": {"days": 1}}), mail("c"), mail("d"),
            mail("e", **kept), mail("f"), mail("g", execution="independent", **kept), mail("h"),
        )
    )  # fmt: skip
    staying = kept_of(planned(found, document()))
    later = START + DAY
    assert with_times(found, staying, document(entry=5), turn=later) == (
        run(
            "b", "ready", position=1, due=later + DAY, next="e", **kept,
            reason="1 day after its turn: Wed 2026-03-04 10:00 Europe/Berlin",
        ),
        run("e", "waiting", position=4, after="b", reason="waits for b", **kept),
        run("g", "ready", position=6, due=START, **kept),
    )  # fmt: skip


# --- runs whose date has moved

AGAIN = program(
    stage(
        "sent",
        mail("again", time=DATED, again=True, on_leave="keep"),
        mail("once", time=DATED),
        mail("leaves", time=DATED, again=True),
    ),
    stage("late", triggers=[
        trigger("date_reached", "reached", settings={"time": {"on": {"field": "end"}}}),
    ]),
)  # fmt: skip
FILLED = document(fields={"end": "2026-05-01"})


def had(rule: str, state: str = "done", **more: Any) -> Run:
    return run(rule, state, date_field="end", date_field_version=3, position=2, attempts=1, **more)


def test_a_rule_that_is_armed_again_gets_a_run_of_its_own() -> None:
    later = START + DAY
    before = had("again", on_leave="keep", after="x", next="y", repeat=1, reason="r", once=True)
    assert arm_again(AGAIN, before, FILLED, now=later) == run(
        "again",
        "ready",
        repeat=2,
        position=2,
        planned_at=later,
        due=END,
        date_field="end",
        date_field_version=9,
        on_leave="keep",
        once=True,
        cause="ben > end has changed",
        reason="on end (end is Fri 2026-05-01 00:00): Fri 2026-05-01 00:00 Europe/Berlin",
    )


@pytest.mark.parametrize(
    ("before", "entry", "filled", "now", "armed"),
    [
        (had("again"), 4, True, START, True),
        (had("again", "failed"), 4, True, START, True),
        (had("again", "running"), 4, True, START, True),
        (had("again", "cancelled"), 4, True, START, False),
        (had("again", "no_date"), 4, True, START, False),
        (had("again", "ready"), 4, True, START, False),
        (had("again", "waiting"), 4, True, START, False),
        (had("once"), 4, True, START, False),
        (had("leaves"), 4, True, START, True),
        (had("leaves"), 5, True, START, False),
        (had("again", on_leave="keep"), 5, True, START, True),
        (had("again"), 4, False, START, False),
        (had("again"), 4, True, END, False),
        (had("again"), 4, True, END - timedelta(seconds=1), True),
        (had("trigger.reached", kind="date_reached", lane="document"), 4, True, START, True),
        (had("trigger.other", kind="date_reached", lane="document"), 4, True, START, False),
        (run("again", "done"), 4, True, START, False),
    ],
)
def test_only_what_has_begun_is_armed_again_for_a_time_ahead(
    before: Run, entry: int, filled: bool, now: datetime, armed: bool
) -> None:
    home = document(entry=entry, fields={"end": "2026-05-01"} if filled else {})
    assert (arm_again(AGAIN, before, home, now=now) is not None) == armed


def test_nobody_is_the_cause_of_what_has_none() -> None:
    one = arm_again(AGAIN, had("again", cause=None), FILLED, now=START)
    assert one is not None
    assert one.cause == "system > end has changed"


@pytest.mark.parametrize(
    ("date_field_version", "fields", "behind"),
    [
        (3, {"end": 4}, True),
        (4, {"end": 4}, False),
        (3, {"start": 4}, False),
        (3, {}, False),
        (3, None, False),
    ],
)
def test_a_run_is_behind_while_its_field_has_a_newer_version(
    date_field_version: int, fields: dict[str, int] | None, behind: bool
) -> None:
    home = document(pending_updates=None if fields is None else PendingUpdates(fields=fields))
    one = run("a", "ready", date_field="end", date_field_version=date_field_version)
    assert is_behind(one, home) is behind
    assert not is_behind(one.model_copy(update={"date_field": None}), home)


def test_the_time_of_a_run_is_its_rules_or_its_triggers() -> None:
    assert timing_of(AGAIN, run("again", "ready")) == Timing.model_validate(DATED)
    assert timing_of(AGAIN, run("gone", "ready")) == IMMEDIATELY
    assert timing_of(AGAIN, run("trigger.gone", "ready")) == IMMEDIATELY
    reached = timing_of(AGAIN, run("trigger.reached", "ready"))
    assert isinstance(reached, Timing)
    assert reached.field == "end"
