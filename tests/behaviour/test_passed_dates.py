"""semantics, section 3: a run before a date never runs after it, and what a rule says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.engine.validation.pipeline import check
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.change_run import resolve_run
from tests.builders import (
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    trigger,
    world,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEN = "ben@acme.example"
DATED: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "fields": {"ends": {"type": "date"}, "until": {"type": "datetime"}},
    "calendar": {"hours": {"mon-fri": "09:00-18:00"}, "days_off": ["2026-03-06"]},
}


def start(*stages: dict[str, Any]) -> tuple[World, Document]:
    """A world on Monday, 2 March 2026, 10:00 in Berlin, with a document in the first stage."""
    here = world(pipeline(*stages, **DATED))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def until(here: World, text: str) -> None:
    """Let time pass up to a moment in UTC."""
    here.advance(datetime.fromisoformat(text).replace(tzinfo=UTC) - here.now)


def fill(here: World, document: Document, **values: str | None) -> Document:
    return here.edit(document.id, Edit(values=dict(values)), by=BEN)


def outcome(here: World, document: Document) -> tuple[str, str | None]:
    run = run_of(here, document, "warn")
    return run.state, run.reason


IN_HOURS = {"before": {"field": "ends", "days": 1}, "working_hours": True}
PASSED: dict[str, tuple[dict[str, Any], str, dict[str, str], str | None]] = {
    # The time, the moment at which the field is filled, what it is filled with, why it is skipped.
    "on a Saturday for the Sunday, in working hours": (
        IN_HOURS,
        "2026-03-14T10:00",
        {"ends": "2026-03-15"},
        "its time has passed: 1 day before ends, in working hours (ends is Sun 2026-03-15 00:00): "
        "skipped, because Fri 2026-03-13 09:00 has passed, as has all working time up to the date",
    ),
    "in the evening before a day off that is the date": (
        IN_HOURS,
        "2026-03-05T18:30",
        {"ends": "2026-03-06"},
        "its time has passed: 1 day before ends, in working hours (ends is Fri 2026-03-06 00:00): "
        "skipped, because Thu 2026-03-05 09:00 has passed, as has all working time up to the date",
    ),
    "after office hours for a moment of the same evening": (
        {"before": {"field": "until", "hours": 2}, "working_hours": True},
        "2026-03-04T19:00",
        {"until": "2026-03-04T23:00+01:00"},
        "its time has passed: 2 hours before until, in working hours (until is Wed 2026-03-04 "
        "23:00): skipped, because Wed 2026-03-04 09:00 has passed, as has all working time up to "
        "the date",
    ),
    "for a date of last week": (
        {"before": {"field": "ends", "days": 3}},
        "2026-03-10T10:00",
        {"ends": "2026-03-05"},
        "its time has passed: 3 days before ends (ends is Thu 2026-03-05 00:00): "
        "skipped, because Mon 2026-03-02 00:00 has passed, as has the date",
    ),
    "for a moment of an hour ago": (
        {"before": {"field": "until", "working_hours": 4}},
        "2026-03-10T10:00",
        {"until": "2026-03-10T10:00+01:00"},
        "its time has passed: 4 working hours before until (until is Tue 2026-03-10 10:00): "
        "skipped, because Mon 2026-03-09 15:00 has passed, as has the date",
    ),
    # What has passed and is still before the date runs at once, as any date in the past does.
    "a day before a date that is tomorrow": (
        {"before": {"field": "ends", "days": 30}},
        "2026-03-10T10:00",
        {"ends": "2026-03-11"},
        None,
    ),
    "on the very day, which is not over": (
        {"before": {"field": "ends", "weeks": 2}},
        "2026-03-10T10:00",
        {"ends": "2026-03-10"},
        None,
    ),
    "at a clock time that has gone, in working hours": (
        {"before": {"field": "ends", "days": 1}, "at": "09:30", "working_hours": True},
        "2026-03-10T10:00",
        {"ends": "2026-03-11"},
        None,
    ),
    # A date in the past runs at once where it is not before it.
    "on a date of last week": ({"on": {"field": "ends"}}, "2026-03-10T10:00",
                               {"ends": "2026-03-05"}, None),
}  # fmt: skip


@pytest.mark.parametrize(("time", "now", "values", "reason"), PASSED.values(), ids=PASSED)
def test_what_is_due_before_a_date_never_runs_after_it(
    time: dict[str, Any], now: str, values: dict[str, str], reason: str | None
) -> None:
    here, document = start(stage("draft", mail("warn", time=time), mail("below")))
    until(here, now)
    fill(here, document, **values)
    expected = ("done", None) if reason is None else ("skipped", reason)
    assert outcome(here, document) == expected
    # Concluded at once, so that the chain below goes on.
    assert subjects(here) == (["warn", "below"] if reason is None else ["below"])


def test_a_time_in_working_hours_whose_date_is_still_to_come_waits_for_them() -> None:
    here, document = start(stage("draft", mail("warn", time=IN_HOURS)))
    until(here, "2026-03-14T10:00")  # a Saturday
    fill(here, document, ends="2026-03-16")
    until(here, "2026-03-16T07:59")
    assert subjects(here) == []
    until(here, "2026-03-16T08:00")  # the date itself, which is not over
    assert subjects(here) == ["warn"]


@pytest.mark.parametrize(
    ("time", "ends"),
    [
        ({"before": {"field": "ends", "days": 30}}, "2026-03-20"),
        ({"on": {"field": "ends"}}, "2026-03-05"),
        ({"after": {"field": "ends", "months": 1}}, "2026-02-08"),
        ({**IN_HOURS, "before": {"field": "ends", "weeks": 1}}, "2026-03-12"),
    ],
)
@pytest.mark.parametrize("if_passed", ["run", "skip"])
def test_a_rule_says_whether_it_runs_when_its_time_has_passed(
    time: dict[str, Any], ends: str, if_passed: str
) -> None:
    here, document = start(stage("draft", mail("warn", time=time, if_passed=if_passed)))
    until(here, "2026-03-10T10:00")
    fill(here, document, ends=ends)
    assert states(here, document) == {"warn": "done" if if_passed == "run" else "skipped"}
    assert subjects(here) == (["warn"] if if_passed == "run" else [])


def test_a_time_that_is_still_to_come_is_not_skipped() -> None:
    time = {"before": {"field": "ends", "days": 3}, "at": "09:00"}
    here, document = start(stage("draft", mail("warn", time=time, if_passed="skip")))
    fill(here, document, ends="2026-03-20")
    here.advance(20 * DAY)
    assert outcome(here, document) == ("done", None)


def test_a_run_that_a_pause_holds_back_past_its_date_is_skipped() -> None:
    time = {"before": {"field": "ends", "days": 2}}
    here, document = start(stage("draft", mail("warn", time=time)))
    fill(here, document, ends="2026-03-10")
    pause(here.pipelines, "contracts")
    until(here, "2026-03-11T09:00")
    resume(here.receiver, here.pipelines, "contracts")
    here.settle()
    assert outcome(here, document) == (
        "skipped",
        "its time has passed: 2 days before ends (ends is Tue 2026-03-10 00:00): "
        "Sun 2026-03-08 00:00 Europe/Berlin",
    )


def test_a_run_whose_date_moves_ahead_before_it_is_resumed_runs_before_the_new_one() -> None:
    time = {"before": {"field": "ends", "days": 2}}
    here, document = start(stage("draft", mail("warn", time=time)))
    fill(here, document, ends="2026-03-10")
    pause(here.pipelines, "contracts")
    until(here, "2026-03-11T09:00")
    fill(here, document, ends="2026-04-10")
    resume(here.receiver, here.pipelines, "contracts")
    until(here, "2026-04-09T09:00")
    assert subjects(here) == ["warn"]


def test_a_timer_before_a_date_never_fires_after_it() -> None:
    waits = {"time": {"before": {"field": "ends", "days": 2}}}
    here, document = start(
        stage("draft"), stage("soon", triggers=[trigger("date_reached", settings=waits)])
    )
    until(here, "2026-03-10T10:00")
    fill(here, document, ends="2026-03-09")
    assert states(here, document) == {"trigger.date-reached": "skipped"}
    assert here.document(document.id).stage == "draft"


def test_a_person_may_have_a_failed_run_tried_again_after_its_date() -> None:
    rule = mail("warn", time={"before": {"field": "ends", "days": 2}})
    rule["settings"] = {**rule["settings"], "to": ["role:director"]}
    here, document = start(stage("draft", rule))
    fill(here, document, ends="2026-03-10")
    until(here, "2026-03-09T10:00")
    run = run_of(here, document, "warn")
    assert run.state == "failed"
    until(here, "2026-03-20T10:00")
    resolve_run(here.store, run.key, "retry", user(BEN))  # the date is over, and the person knows
    here.settle()
    assert run_of(here, document, "warn").state == "failed"
    assert "role:director" in (run_of(here, document, "warn").reason or "")


@pytest.mark.parametrize("setting", [{"again": True}, {"if_passed": "skip"}])
@pytest.mark.parametrize("time", ["immediately", {"after": {"days": 3}}, {"at": "09:00"}])
def test_what_only_means_something_with_a_date_field_is_refused_without(
    setting: dict[str, Any], time: Any
) -> None:
    raw = {"pipeline": "p", **DATED, "stages": [stage("a", mail("m", time=time, **setting))]}
    _, found = check(raw, today=datetime(2026, 3, 2, tzinfo=UTC).date())
    (name,) = setting
    assert [(one.place, one.text) for one in found] == [
        (
            ("stages", 0, "rules", 0, name),
            f'"{name}" needs a time before, on or after a date field, '
            "such as before: {field: …, days: 30}",
        )
    ]


@pytest.mark.parametrize("setting", [{"again": True}, {"if_passed": "skip"}, {"on_leave": "keep"}])
def test_what_a_rule_says_beside_its_time_is_not_looked_for_under_it(
    setting: dict[str, Any],
) -> None:
    time = {"before": {"field": "ends", "days": 3}, **setting}
    raw = {"pipeline": "p", **DATED, "stages": [stage("a", mail("m", time=time))]}
    _, found = check(raw, today=datetime(2026, 3, 2, tzinfo=UTC).date())
    (name,) = setting
    assert [(one.place, one.text) for one in found] == [
        (("stages", 0, "rules", 0, "time", name), f'"{name}" stands beside time, not under it')
    ]
