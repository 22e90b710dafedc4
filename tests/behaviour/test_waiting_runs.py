"""semantics, section 3: people run what waits now, shift it, or skip it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run, RunKey
from countersign.model.run_change import RunAction, RunChange
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import save
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.change_run import RunRequest, change_run
from countersign.use_cases.runs.migrate_runs import migrate_runs
from tests.builders import (
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    to_stage,
    trigger,
    world,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEN = "ben@acme.example"
NOON_OF_THE_4TH = datetime(2026, 3, 4, 12, tzinfo=UTC)
DATED: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "fields": {"ends": {"type": "date"}, "note": {"type": "text"}},
}
IN_3_DAYS = {"after": {"days": 3}}
BEFORE_END = {"before": {"field": "ends", "days": 1}}
AFTER_END = {"after": {"field": "ends", "days": 1}}


def start(*rules: dict[str, Any], triggers: tuple[Any, ...] = ()) -> tuple[World, Document]:
    """A world on Monday, 2 March 2026, 9:00 UTC, with a document in the first stage."""
    here = world(pipeline(stage("sent", *rules), stage("late", triggers=triggers), **DATED))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def want(here: World, document: Document, rule: str, **wanted: Any) -> Run:
    """What a person does with the newest run of a rule."""
    key = run_of(here, document, rule).key
    after = change_run(
        here.store, RunRequest(run=key, change=RunChange(**wanted), by=user(BEN))
    ).run
    here.settle()
    return after


def fill(here: World, document: Document, **values: str | None) -> Document:
    return here.edit(document.id, Edit(values=dict(values)), by=BEN)


def refusal(here: World, document: Document, rule: str, **wanted: Any) -> str:
    """Why it is refused; nothing is changed then."""
    before = here.documents.runs(document.id), here.document(document.id)
    with pytest.raises(PermanentError) as refused:
        want(here, document, rule, **wanted)
    assert (here.documents.runs(document.id), here.document(document.id)) == before
    return str(refused.value)


# --- run now


def test_a_run_that_waits_for_its_time_runs_now_and_once() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    want(here, document, "hello", action="now")
    assert subjects(here) == ["hello"]
    here.advance(30 * DAY)
    assert subjects(here) == ["hello"]
    assert states(here, document) == {"hello": "done"}


def test_who_ran_it_stands_on_the_timeline_and_on_the_run() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    here.advance(HOUR)
    before = run_of(here, document, "hello")
    after = want(here, document, "hello", action="now")
    assert after == before.model_copy(
        update={
            "generation": 2,
            "due": here.now,
            "reason": "run now by ben@acme.example; it was due 2026-03-05 09:00 UTC: "
            "3 days after its turn: Thu 2026-03-05 10:00 Europe/Berlin",
        }
    )
    assert here.documents.timeline(document.id)[-1] == LogEntry(
        at=here.now,
        kind="run",
        text="ben@acme.example ran the rule hello now; it was ready",
        by=BEN,
        entry=1,
        reason="3 days after its turn: Thu 2026-03-05 10:00 Europe/Berlin",
        pipeline_version=1,
    )


def test_the_chain_below_goes_on_from_there() -> None:
    here, document = start(
        mail("hello", time=IN_3_DAYS), mail("then", time={"after": {"hours": 1}})
    )
    want(here, document, "hello", action="now")
    here.advance(HOUR)
    assert subjects(here) == ["hello", "then"]


def test_its_condition_is_judged_then() -> None:
    condition = {"field": "note", "op": "equals", "value": "yes"}
    here, document = start(mail("hello", time=IN_3_DAYS, condition=condition))
    want(here, document, "hello", action="now")
    assert states(here, document) == {"hello": "skipped"}
    assert subjects(here) == []


def test_a_run_without_a_date_runs_now() -> None:
    here, document = start(mail("warn", time=AFTER_END))
    assert states(here, document) == {"warn": "no_date"}
    after = want(here, document, "warn", action="now")
    assert after.reason == (
        "run now by ben@acme.example; it was no date: 1 day after ends: the field ends is empty"
    )
    assert subjects(here) == ["warn"]


def test_a_timer_that_is_run_now_fires_its_trigger() -> None:
    waits = trigger("no_reaction", settings={"stage": "sent", "after": {"days": 7}})
    here, document = start(triggers=(waits,))
    want(here, document, "trigger.no-reaction", action="now")
    assert here.document(document.id).stage == "late"


def test_what_is_due_before_a_date_runs_now_until_the_date_is_over() -> None:
    here, document = start(mail("warn", time=BEFORE_END))
    fill(here, document, ends="2026-03-20")
    want(here, document, "warn", action="now")
    assert subjects(here) == ["warn"]


def test_a_run_is_not_run_now_after_the_date_that_it_is_due_before() -> None:
    here, document = start(mail("warn", time=BEFORE_END))
    fill(here, document, ends="2026-03-04")
    pause(here.pipelines, "contracts")
    here.advance(4 * DAY)
    assert refusal(here, document, "warn", action="now") == (
        f"the run {document.id}.1.warn is due since 2026-03-02 23:00 UTC; it runs as soon as its "
        "lane takes it"
    )


def test_while_the_pipeline_is_paused_it_waits_for_the_end_of_that() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    pause(here.pipelines, "contracts")
    want(here, document, "hello", action="now")
    assert subjects(here) == []
    resume(here.receiver, here.pipelines, "contracts")
    here.advance(3 * HOUR)
    here.sweep()
    assert subjects(here) == ["hello"]


# --- shift


def test_a_run_is_shifted_to_a_moment_and_the_time_of_before_is_void() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    after = want(here, document, "hello", action="shift", to=datetime(2026, 3, 9, 8, tzinfo=UTC))
    assert (after.due, after.generation, after.reason) == (
        datetime(2026, 3, 9, 8, tzinfo=UTC),
        2,
        "shifted to 2026-03-09 08:00 UTC by ben@acme.example; it was due 2026-03-05 09:00 UTC: "
        "3 days after its turn: Thu 2026-03-05 10:00 Europe/Berlin",
    )
    here.advance(6 * DAY + 22 * HOUR)
    assert subjects(here) == []
    here.advance(HOUR)
    assert subjects(here) == ["hello"]
    told = here.documents.timeline(document.id)[-1]
    assert (told.kind, told.text) == (
        "run",
        "ben@acme.example shifted the rule hello to 2026-03-09 08:00 UTC; it was ready",
    )


@pytest.mark.parametrize(
    ("by", "due"),
    [
        (timedelta(days=2), datetime(2026, 3, 7, 9, tzinfo=UTC)),
        (timedelta(hours=-70), datetime(2026, 3, 2, 11, tzinfo=UTC)),
        (timedelta(days=-3), datetime(2026, 3, 2, 9, tzinfo=UTC)),
    ],
)
def test_a_run_is_shifted_by_a_duration(by: timedelta, due: datetime) -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    assert want(here, document, "hello", action="shift", by=by).due == due
    here.advance(due - here.now)
    assert subjects(here) == ["hello"]


def test_a_person_s_time_counts_no_working_hours() -> None:
    here, document = start(mail("hello", time={**IN_3_DAYS, "working_hours": True}))
    sunday = datetime(2026, 3, 8, 3, tzinfo=UTC)
    want(here, document, "hello", action="shift", to=sunday)
    here.advance(sunday - here.now)
    assert subjects(here) == ["hello"]


def test_an_unrelated_change_does_not_move_a_shifted_run_back() -> None:
    here, document = start(mail("warn", time=AFTER_END))
    fill(here, document, ends="2026-03-10")
    want(here, document, "warn", action="shift", to=NOON_OF_THE_4TH)
    fill(here, document, note="unrelated")
    here.tell("docusign", [event("document.viewed", "klara@kunde.example", minute=3)])
    assert run_of(here, document, "warn").due == NOON_OF_THE_4TH
    here.advance(2 * DAY + 3 * HOUR)
    assert subjects(here) == ["warn"]


def test_a_change_of_its_date_that_a_run_was_yet_to_follow_does_not_move_it_after_the_shift() -> (
    None
):
    """What does not fit into the transaction of a change follows later."""
    rules = [mail(f"r{n}", time=AFTER_END, execution="independent") for n in range(5)]
    here, document = start(*rules)
    fill(here, document, ends="2026-03-10")
    here.state.most_items = 5
    save(here.store, document.id, Edit(values={"ends": "2026-03-12"}), user(BEN))
    pending = here.document(document.id).pending_updates
    assert pending is not None
    assert list(pending.fields) == ["ends"]
    behind = [
        run.rule
        for run in here.documents.runs(document.id)
        if run.due == datetime(2026, 3, 10, 23, tzinfo=UTC)
    ]
    want(here, document, behind[-1], action="shift", to=NOON_OF_THE_4TH)
    dues = {run.rule: run.due for run in here.documents.runs(document.id) if run.entry}
    assert dues.pop(behind[-1]) == NOON_OF_THE_4TH
    assert set(dues.values()) == {datetime(2026, 3, 12, 23, tzinfo=UTC)}


@pytest.mark.parametrize("action", ["now", "shift"])
def test_a_later_change_of_its_own_date_decides_anew(action: str) -> None:
    here, document = start(mail("warn", time=AFTER_END))
    fill(here, document, ends="2026-03-10")
    to = {"to": NOON_OF_THE_4TH} if action == "shift" else {}
    if action == "now":
        pause(here.pipelines, "contracts")  # so that it does not begin at once
    want(here, document, "warn", action=action, **to)
    fill(here, document, ends="2026-03-11")
    run = run_of(here, document, "warn")
    assert (run.due, run.reason) == (
        datetime(2026, 3, 11, 23, tzinfo=UTC),
        "1 day after ends (ends is Wed 2026-03-11 00:00): Thu 2026-03-12 00:00 Europe/Berlin",
    )
    resume(here.receiver, here.pipelines, "contracts")
    here.advance(5 * DAY)
    assert subjects(here) == []
    here.advance(5 * DAY)
    assert subjects(here) == ["warn"]


def test_an_emptied_date_parks_a_shifted_run() -> None:
    here, document = start(mail("warn", time=AFTER_END))
    fill(here, document, ends="2026-03-10")
    want(here, document, "warn", action="shift", to=NOON_OF_THE_4TH)
    fill(here, document, ends=None)
    assert states(here, document) == {"warn": "no_date"}
    here.advance(10 * DAY)
    assert subjects(here) == []


def test_a_run_without_a_date_is_shifted_to_a_moment_and_follows_the_date_once_there_is_one() -> (
    None
):
    here, document = start(mail("warn", time=AFTER_END))
    want(here, document, "warn", action="shift", to=NOON_OF_THE_4TH)
    assert states(here, document) == {"warn": "ready"}
    fill(here, document, ends="2026-03-10")
    assert run_of(here, document, "warn").due == datetime(2026, 3, 10, 23, tzinfo=UTC)


def test_a_shifted_run_of_a_stage_that_is_left_is_cancelled() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    want(here, document, "hello", action="shift", to=NOON_OF_THE_4TH)
    here.edit(document.id, Edit(stage="late"), by=BEN)
    here.advance(5 * DAY)
    assert (states(here, document, 1), subjects(here)) == ({"hello": "cancelled"}, [])


def test_what_is_due_before_a_date_is_shifted_up_to_the_date_and_not_beyond() -> None:
    here, document = start(mail("warn", time=BEFORE_END))
    fill(here, document, ends="2026-03-10")
    day_is_over = datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert refusal(here, document, "warn", action="shift", to=day_is_over) == (
        f"the run {document.id}.1.warn cannot be shifted to 2026-03-10 23:00 UTC: it is due before "
        "a date; expected 2026-03-10 22:59 UTC or earlier"
    )
    want(here, document, "warn", action="shift", to=day_is_over - HOUR)
    here.advance(day_is_over - HOUR - here.now)
    assert subjects(here) == ["warn"]


def test_moving_to_a_version_with_the_same_time_leaves_a_shift_and_with_another_decides_anew() -> (
    None
):
    here, document = start(mail("hello", time=IN_3_DAYS))
    want(here, document, "hello", action="shift", to=NOON_OF_THE_4TH)
    stages = (stage("sent", mail("hello", time=IN_3_DAYS)), stage("late"))
    for wanted, due in (
        (pipeline(*stages, **DATED), NOON_OF_THE_4TH),
        (
            pipeline(stage("sent", mail("hello", time={"after": {"days": 4}})), **DATED),
            datetime(2026, 3, 6, 9, tzinfo=UTC),
        ),
    ):
        here.publish(wanted)
        migrate_runs(here.store, here.programs.current("contracts"))
        assert run_of(here, document, "hello").due == due


# --- skip


def test_a_skipped_run_has_no_effect_and_the_chain_below_goes_on() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS), mail("then"))
    after = want(here, document, "hello", action="skip")
    assert (after.state, after.reason) == (
        "skipped",
        "skipped by ben@acme.example; it was due 2026-03-05 09:00 UTC: "
        "3 days after its turn: Thu 2026-03-05 10:00 Europe/Berlin",
    )
    assert subjects(here) == ["then"]
    here.advance(10 * DAY)
    assert subjects(here) == ["then"]
    assert here.documents.timeline(document.id)[-1].text == (
        "ben@acme.example skipped the rule hello; it was ready"
    )


def test_a_run_without_a_date_is_skipped_and_the_chain_below_goes_on() -> None:
    here, document = start(mail("warn", time=AFTER_END), mail("then"))
    want(here, document, "warn", action="skip")
    assert (states(here, document), subjects(here)) == (
        {"warn": "skipped", "then": "done"},
        ["then"],
    )


def test_a_run_that_waits_for_the_one_above_is_skipped_and_those_below_wait_on() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS), mail("then"), mail("last"))
    want(here, document, "then", action="skip")
    assert states(here, document) == {"hello": "ready", "then": "skipped", "last": "waiting"}
    assert subjects(here) == []
    here.advance(4 * DAY)
    assert subjects(here) == ["hello", "last"]


def test_the_last_two_of_a_chain_may_both_be_skipped_before_their_turn() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS), mail("then"), mail("more"), mail("last"))
    want(here, document, "more", action="skip")
    want(here, document, "then", action="skip")
    here.advance(4 * DAY)
    assert subjects(here) == ["hello", "last"]


def test_kept_rules_below_one_that_was_skipped_early_wait_for_the_kept_one_above() -> None:
    """Leaving frees only what waits for rules that end with the stage."""
    here, document = start(
        mail("hello", time=IN_3_DAYS, on_leave="keep"),
        mail("then", on_leave="keep"),
        mail("last", on_leave="keep"),
    )
    want(here, document, "then", action="skip")
    here.edit(document.id, Edit(stage="late"), by=BEN)
    assert states(here, document, 1) == {"hello": "ready", "then": "skipped", "last": "waiting"}
    here.advance(4 * DAY)
    assert subjects(here) == ["hello", "last"]


def test_a_skipped_timer_fires_no_more() -> None:
    waits = trigger("no_reaction", settings={"stage": "sent", "after": {"days": 7}})
    here, document = start(triggers=(waits,))
    want(here, document, "trigger.no-reaction", action="skip")
    here.advance(10 * DAY)
    assert here.document(document.id).stage == "sent"


def test_a_date_that_moves_ahead_arms_a_skipped_rule_again_if_it_says_so() -> None:
    here, document = start(mail("warn", time=AFTER_END, again=True))
    fill(here, document, ends="2026-03-10")
    want(here, document, "warn", action="skip")
    fill(here, document, ends="2026-03-12")
    assert run_of(here, document, "warn").key == RunKey(
        document=document.id, entry=1, rule="warn", repeat=1
    )
    here.advance(12 * DAY)
    assert subjects(here) == ["warn"]


# --- what is refused


@pytest.mark.parametrize("action", ["now", "shift", "skip"])
def test_what_is_done_cannot_be_changed(action: RunAction) -> None:
    here, document = start(mail("hello"))
    to = {"by": DAY} if action == "shift" else {}
    text = refusal(here, document, "hello", action=action, **to)
    assert text.startswith(f"the run {document.id}.1.hello is done; only ")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"action": "now"}, "cannot be run now: it waits for hello; change that run, or skip this"),
        ({"action": "shift", "by": DAY}, "cannot be shifted: it waits for hello; change that run"),
    ],
)
def test_what_waits_for_the_rule_above_has_no_time_yet(wanted: dict[str, Any], text: str) -> None:
    here, document = start(mail("hello", time=IN_3_DAYS), mail("then"))
    assert text in refusal(here, document, "then", **wanted)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (
            {"to": datetime(2026, 3, 2, 9, 59, tzinfo=UTC)},
            "cannot be shifted to 2026-03-02 09:59 UTC, which has passed; expected 2026-03-02 10:00"
            " UTC or later",
        ),
        (
            {"by": timedelta(days=-4)},
            "cannot be shifted to 2026-03-01 09:00 UTC, which has passed; expected 2026-03-02 10:00"
            " UTC or later",
        ),
        (
            {"by": timedelta(days=10**6 * 900)},
            "cannot be shifted by 900000000 days, 0:00:00, beyond",
        ),
    ],
)
def test_a_run_is_not_shifted_into_the_past_or_beyond_all_calendars(
    wanted: dict[str, Any], text: str
) -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    here.advance(HOUR)
    assert text in refusal(here, document, "hello", action="shift", **wanted)


def test_without_a_date_there_is_nothing_to_count_from() -> None:
    here, document = start(mail("warn", time=AFTER_END))
    assert refusal(here, document, "warn", action="shift", by=DAY) == (
        f"the run {document.id}.1.warn has no time to be shifted from: the field ends is empty; "
        "give a moment instead of a duration"
    )


@pytest.mark.parametrize("action", ["now", "shift", "skip"])
def test_what_ends_with_its_stage_is_not_changed_after_it(
    action: RunAction,
) -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    here.edit(document.id, Edit(stage="late"), by=BEN)
    wanted = RunChange(action=action, by=DAY if action == "shift" else None)
    key = RunKey(document=document.id, entry=1, rule="hello")
    with pytest.raises(
        PermanentError, match="the stage sent was left; the document is in late now"
    ):
        change_run(here.store, RunRequest(run=key, change=wanted, by=user(BEN)))


def test_what_is_not_there_is_told() -> None:
    here, document = start()
    key = RunKey(document=document.id, entry=1, rule="hello")
    with pytest.raises(NotFoundError, match="there is no run"):
        change_run(here.store, RunRequest(run=key, change=RunChange(action="now"), by=user(BEN)))


@pytest.mark.parametrize(
    "wanted",
    [
        {"action": "shift"},
        {"action": "shift", "to": NOON_OF_THE_4TH, "by": DAY},
        {"action": "now", "by": DAY},
        {"action": "skip", "to": NOON_OF_THE_4TH},
        {"action": "shift", "to": datetime(2026, 3, 4, 12)},  # noqa: DTZ001 - without a zone
        {"action": "sooner"},
    ],
)
def test_only_a_shift_has_a_time_and_it_has_one(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RunChange(**wanted)


# --- twice, or by a job


def test_a_job_s_change_is_made_once_however_often_it_is_asked_for() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    key = run_of(here, document, "hello").key
    request = RunRequest(
        run=key,
        change=RunChange(action="shift", by=DAY),
        by=user(BEN),
        job="j-1",
        generation=1,
    )
    first, second = change_run(here.store, request), change_run(here.store, request)
    assert first == second
    assert first.run.due == datetime(2026, 3, 6, 9, tzinfo=UTC)
    told = [line for line in here.documents.timeline(document.id) if line.kind == "run"]
    assert [line.cause for line in told] == ["job j-1"]


def test_a_run_that_has_changed_since_a_job_found_it_is_left_alone() -> None:
    here, document = start(mail("hello", time=IN_3_DAYS))
    want(here, document, "hello", action="shift", by=DAY)
    key = run_of(here, document, "hello").key
    request = RunRequest(
        run=key, change=RunChange(action="now"), by=user(BEN), job="j-1", generation=1
    )
    with pytest.raises(PermanentError, match="has changed since; it is ready"):
        change_run(here.store, request)


def test_a_rule_that_changes_the_stage_may_be_run_now() -> None:
    here, document = start(to_stage("give-up", "late", time=IN_3_DAYS))
    want(here, document, "give-up", action="now")
    assert here.document(document.id).stage == "late"
