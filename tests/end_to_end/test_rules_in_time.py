"""Time, leaving, order, re-entry and pause of rules, on the real template."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.builders import mail, pipeline, stage, to_stage
from tests.end_to_end.conftest import Running
from tests.end_to_end.process import Process, until

SENDER = "contracts@acme.example"


def arrived(running: Running, name: str, *rules: dict[str, Any]) -> Process:
    """A document has just arrived in a stage with these rules."""
    stages = (
        stage("draft"),
        stage("sent", *rules, triggers=[{"id": "sent", "kind": "sent"}]),
        stage("aside"),
    )
    fields = {"due": {"type": "datetime"}}
    process = Process(running, name, pipeline(*stages, senders=[SENDER], fields=fields))
    process.tell("envelope-sent")
    return process


def after(rule_id: str, *, seconds: int, **more: Any) -> dict[str, Any]:
    return mail(rule_id, time={"after": {"seconds": seconds}}, **more)


def test_a_delay_of_seconds_is_kept_by_the_queue(running: Running) -> None:
    process = arrived(running, "short-delay", after("soon", seconds=3))
    assert process.subjects() == []
    assert process.until_mailed("soon") == ["soon"]
    run = process.run("soon")
    assert run.due == run.planned_at + timedelta(seconds=3)
    assert run.started_at is not None
    assert run.started_at >= run.due - timedelta(seconds=1)
    assert process.schedules() == []


def test_a_delay_beyond_a_quarter_of_an_hour_is_kept_by_a_schedule_that_reaches_the_lane(
    running: Running,
) -> None:
    process = arrived(running, "long-delay", after("later", seconds=1200))
    (schedule,) = until(process.schedules)
    run = process.run("later")
    assert run.due == run.planned_at + timedelta(minutes=20)
    # No message comes before its time, so a part of a second is rounded up.
    fires = datetime.fromisoformat(schedule["ScheduleExpression"][3:-1] + "Z")
    assert timedelta(0) <= fires - run.due < timedelta(seconds=1)
    assert process.deliver("RunEmail", schedule["Target"]["Input"]) == {"batchItemFailures": []}
    assert (process.subjects(), process.run("later").state) == ([], "ready")

    process.make_due("later")
    process.fire_soon(schedule)
    assert process.until_mailed("later") == ["later"]
    assert until(process.schedules, lambda found: not found) == []


def test_a_document_that_leaves_before_the_time_gets_no_mail_unless_the_rule_is_kept(
    running: Running,
) -> None:
    alone = {"execution": "independent"}
    process = arrived(
        running,
        "leaving",
        after("never", seconds=3, **alone),
        after("kept", seconds=3, on_leave="keep", **alone),
    )
    process.edit(stage="aside")
    wanted = {"2.never": "cancelled", "2.kept": "done"}
    assert process.until_states(wanted) == wanted
    assert process.subjects() == ["kept"]
    assert process.run("never").reason == "the document left the stage sent before it began"


def test_a_run_moves_with_its_date_field_and_its_old_message_is_harmless(running: Running) -> None:
    process = arrived(running, "date-field", mail("due", time={"on": {"field": "due"}}))
    assert process.states() == {"2.due": "no_date"}
    process.edit(values={"due": datetime.now(UTC) + timedelta(days=20)})
    (old,) = until(process.schedules)
    process.edit(values={"due": datetime.now(UTC) + timedelta(seconds=2)})
    assert process.until_mailed("due") == ["due"]
    assert until(process.schedules, lambda found: not found) == []
    assert process.deliver("RunEmail", old["Target"]["Input"]) == {"batchItemFailures": []}
    assert (process.subjects(), process.states()) == (["due"], {"2.due": "done"})


def test_a_rule_that_fails_does_not_hold_up_the_chain(running: Running) -> None:
    broken = mail("broken")
    broken["settings"] |= {"to": ["role:nobody"]}
    process = arrived(running, "chain", mail("first"), broken, mail("last"))
    wanted = {"2.first": "done", "2.broken": "failed", "2.last": "done"}
    assert process.until_states(wanted) == wanted
    assert process.subjects() == ["first", "last"]
    assert process.run("broken").reason == (
        'to "role:nobody": the envelope has no such signer; correct it at the provider'
    )


def test_a_document_that_comes_back_runs_the_rules_again(running: Running) -> None:
    once = mail("once", on_reentry="once")
    process = arrived(running, "re-entry", mail("always"), once, to_stage("on", "aside"))
    wanted = {"2.always": "done", "2.once": "done", "2.on": "done"}
    assert process.until_states(wanted) == wanted
    process.edit(stage="sent")
    wanted |= {"4.always": "done", "4.once": "skipped", "4.on": "done"}
    assert process.until_states(wanted) == wanted
    assert process.subjects() == ["always", "once", "always"]
    assert (process.document().stage, process.document().entry) == ("aside", 5)


def test_a_paused_pipeline_keeps_messages_and_runs_until_it_is_resumed(running: Running) -> None:
    process = arrived(running, "paused", after("timed", seconds=2))
    before = process.document()
    process.pause()
    process.tell("recipient-completed-director")
    body, due = process.message("timed"), process.run("timed").due
    assert due is not None
    until(lambda: datetime.now(UTC), lambda now: now > due)
    assert process.deliver("RunEmail", body) == {"batchItemFailures": []}
    assert (process.document(), process.states()) == (before, {"2.timed": "ready"})
    assert process.subjects() == []

    resumed = process.resume()
    assert (resumed.messages, resumed.runs) == (1, 1)
    assert process.until_mailed("timed") == ["timed"]
    signed = [one.name for one in process.document().signers if one.status == "signed"]
    assert signed == ["Anna Berger"]
