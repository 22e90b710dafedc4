"""Sweeping: what should have happened and did not is set going again, or reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import InDoubtError, LeftStageError, StaleRunError, UnavailableError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MailEvent
from countersign.model.message import Email
from countersign.model.run import RunKey
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.messages.apply_message import apply_to_envelope
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.change_run import resolve_run
from countersign.use_cases.runs.sweep import SilentConnection, sweep
from tests.builders import (
    KLARA,
    connection,
    envelope,
    event,
    incoming,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    to_stage,
    trigger,
)

SENDERS = ["contracts@acme.example"]
MINUTES = timedelta(minutes=1)
TWO = (mail("hello"), mail("then"))


class Killed(BaseException):
    """The function dies: out of memory, out of time."""


class DeadlyMailer(MemoryMailer):
    """Takes the mail, and the function with it."""

    def send(self, email: Email) -> str:
        super().send(email)
        raise Killed


def no_answer(_: object) -> Exception:
    return InDoubtError("SES gave no answer")


def start(*stages: dict[str, Any], mailbox: MemoryMailer | None = None) -> World:
    here = World(mailbox=mailbox)
    here.publish(pipeline(*stages, senders=SENDERS))
    here.connect(connection())
    return here


def tell(here: World) -> Document:
    return here.tell("docusign", [event("document.sent", state=envelope())])


def lost(*rules: dict[str, Any], **more: Any) -> tuple[World, Document]:
    """A document whose runs became ready, and whose messages were lost."""
    here = start(stage("sent", *rules, **more), stage("next"))
    secrets = here.secrets.get("docusign")
    assert secrets is not None
    sent = event("document.sent", state=envelope())
    name, _ = apply_to_envelope(here.receiver, incoming(secrets, sent))
    here.state.take_ready()
    return here, here.document(name)


def found(here: World) -> list[tuple[str, str]]:
    return [(run.split(".")[-1], finding) for run, finding in here.sweep().runs]


def in_doubt(*rules: dict[str, Any]) -> tuple[World, Document]:
    here = start(stage("sent", *rules), stage("next"), mailbox=MemoryMailer(refusal=no_answer))
    return here, tell(here)


# --- lost messages and schedules


def test_a_run_whose_message_was_lost_is_sent_to_its_lane_again() -> None:
    here, document = lost(*TWO)
    here.advance(3 * MINUTES)
    assert found(here) == [("hello", "lost")]
    assert states(here, document) == {"hello": "done", "then": "done"}
    assert subjects(here) == ["hello", "then"]


@pytest.mark.parametrize(("late", "found_"), [(2, []), (3, [("hello", "lost")])])
def test_two_minutes_late_is_not_lost_yet(late: int, found_: list[tuple[str, str]]) -> None:
    here, _ = lost(mail("hello"))
    here.advance(late * MINUTES)
    assert found(here) == found_


def test_a_run_that_waits_for_its_time_is_left_alone() -> None:
    here = start(stage("sent", mail("hello", time={"after": {"days": 1}})))
    document = tell(here)
    here.advance(60 * MINUTES)
    assert found(here) == []
    assert run_of(here, document, "hello").generation == 1


def test_the_message_that_turns_up_after_all_is_void() -> None:
    here = start(stage("sent", mail("hello", time={"after": {"hours": 1}})), stage("next"))
    document = tell(here)
    (old,) = here.lanes.take_due(here.now + 60 * MINUTES)
    here.advance(63 * MINUTES)
    here.sweep()
    assert subjects(here) == ["hello"]
    assert here.deliver(old).result == "void"
    assert subjects(here) == ["hello"]
    assert states(here, document) == {"hello": "done"}


def sweeps_without_a_lane(here: World, times: int, *, lane_works: bool = True) -> list[str]:
    """Sweep every five minutes while nothing of what is dispatched arrives."""
    findings: list[str] = []
    for _ in range(times):
        here.now += 5 * MINUTES
        if lane_works:
            here.heartbeats.beat("lane email", here.now)
        findings += [finding for _, finding in sweep(here.sweeper).runs]
        here.state.take_ready()
    return findings


def test_a_lane_that_is_far_behind_is_asked_less_and_less_often() -> None:
    here, document = lost(mail("hello"))
    assert len(sweeps_without_a_lane(here, 60 // 5)) == 3
    assert run_of(here, document, "hello").swept == 3
    assert len(sweeps_without_a_lane(here, 240 // 5)) == 2


def test_a_run_that_is_never_performed_fails_and_the_chain_goes_on() -> None:
    here, document = lost(*TWO)
    findings = sweeps_without_a_lane(here, 14 * 60 // 5)
    assert findings[:9] == ["lost"] * 8 + ["failed"]
    run = run_of(here, document, "hello")
    assert (run.state, run.reason) == (
        "failed",
        "it was sent to its lane 9 times and never performed, while the lane performed others; "
        "the lane's dead letters and log say why",
    )
    assert states(here, document)["then"] == "ready"


@pytest.mark.parametrize("hours", [17, 72, 30 * 24])
def test_a_lane_that_is_off_fails_no_run_however_long(hours: int) -> None:
    here, document = lost(*TWO)
    findings = sweeps_without_a_lane(here, hours * 12, lane_works=False)
    assert set(findings) == {"lost"}
    assert len(findings) <= 5 + hours / 2
    assert run_of(here, document, "hello").state == "ready"
    here.advance(3 * 60 * MINUTES)
    here.sweep()
    assert subjects(here) == ["hello", "then"]


def test_once_the_lane_is_on_again_a_run_has_hours_to_be_performed() -> None:
    here, _ = lost(*TWO)
    sweeps_without_a_lane(here, 72 * 12, lane_works=False)
    assert "failed" not in sweeps_without_a_lane(here, 6 * 12)
    assert sweeps_without_a_lane(here, 6 * 12).count("failed") == 1


def test_another_lane_at_work_says_nothing_of_this_one() -> None:
    here, _ = lost(*TWO)
    for _ in range(24 * 12):
        here.heartbeats.beat("lane web", here.now)
        assert "failed" not in sweeps_without_a_lane(here, 1, lane_works=False)


def test_a_lane_tells_by_what_it_performs_that_it_is_at_work() -> None:
    here = start(stage("sent", mail("hello"), to_stage("go", "next")), stage("next"))
    tell(here)
    assert here.heartbeats.last("lane email") == here.now
    assert here.heartbeats.last("lane document") == here.now
    assert here.heartbeats.last("lane web") is None


def test_a_run_whose_document_has_left_is_concluded() -> None:
    here, document = lost(*TWO)
    here.edit(document.id, Edit(stage="next"), by="ben@acme.example")
    here.state.take_ready()
    here.lanes.take_due(here.now)
    here.advance(3 * MINUTES)
    assert found(here) == [("hello", "left")]
    assert states(here, document, 1) == {"hello": "cancelled", "then": "cancelled"}
    assert found(here) == []
    assert subjects(here) == []


def test_a_run_that_is_kept_runs_though_its_document_has_left() -> None:
    here, document = lost(mail("hello", on_leave="keep"))
    here.edit(document.id, Edit(stage="next"), by="ben@acme.example")
    here.advance(3 * MINUTES)
    assert found(here) == [("hello", "lost")]
    assert states(here, document, 1) == {"hello": "done"}


def test_a_paused_pipeline_is_left_alone() -> None:
    here, document = lost(*TWO)
    pause(here.pipelines, "contracts")
    here.advance(60 * MINUTES)
    before = here.documents.runs(document.id)
    assert found(here) == []
    assert here.documents.runs(document.id) == before


# --- functions that died, mails in doubt


def test_a_function_that_died_over_a_mail_leaves_its_run_in_doubt() -> None:
    here = start(stage("sent", *TWO), mailbox=DeadlyMailer())
    with pytest.raises(Killed):
        tell(here)
    (run,) = (run for run in here.state.runs.values() if run.rule == "hello")
    assert (run.state, found(here)) == ("running", [])
    here.advance(4 * MINUTES)
    assert found(here) == [("hello", "lease_ended")]
    after = here.state.runs[run.key]
    assert (after.state, after.doubt_until) == ("in_doubt", here.now + 60 * MINUTES)
    assert after.reason == (
        "the function that performed it ended without a report; it may have taken effect"
    )


AGAIN = (mail("hello", on_doubt="send_again"), mail("then"))


def another_mail_is_reported(here: World) -> None:
    """The mail service reports on a mail of another deployment's run, say."""
    run = RunKey(document="d-other", entry=1, rule="other")
    here.report(MailEvent(kind="sent", at=here.now, message_id="m-9", run=run, recipients=()))


def test_a_mail_in_doubt_stays_in_doubt_until_somebody_resolves_it() -> None:
    here, document = in_doubt(*TWO)
    here.mailbox = MemoryMailer()
    findings = []
    for _ in range(12):
        another_mail_is_reported(here)
        here.advance(61 * MINUTES)
        findings += found(here)
    assert findings == [("hello", "given_up")]
    assert states(here, document) == {"hello": "in_doubt", "then": "waiting"}
    assert subjects(here) == []
    run = run_of(here, document, "hello")
    assert list(here.documents.troubled()) == [run]
    resolve_run(here.store, run.key, "retry", user("ben@acme.example"))
    here.settle()
    assert subjects(here) == ["hello", "then"]


def test_a_late_report_still_ends_the_doubt() -> None:
    here, document = in_doubt(*TWO)
    here.mailbox = MemoryMailer()
    here.advance(timedelta(days=3))
    found(here)
    key = run_of(here, document, "hello").key
    here.report(MailEvent(kind="sent", at=START, message_id="m-1", run=key, recipients=(KLARA,)))
    assert states(here, document) == {"hello": "done", "then": "done"}
    assert subjects(here) == ["then"]


def test_a_rule_may_choose_that_its_mail_in_doubt_is_sent_again_after_an_hour() -> None:
    here, document = in_doubt(*AGAIN)
    here.advance(59 * MINUTES)
    another_mail_is_reported(here)
    assert found(here) == []
    here.mailbox = MemoryMailer()
    here.advance(MINUTES)
    assert found(here) == [("hello", "tried_again")]
    assert states(here, document) == {"hello": "done", "then": "done"}
    assert subjects(here) == ["hello", "then"]


def test_it_is_sent_again_twice_at_most_and_then_a_person_must_tell() -> None:
    here, document = in_doubt(*AGAIN)
    findings = []
    for _ in range(10):
        here.advance(30 * MINUTES)
        another_mail_is_reported(here)
        here.advance(31 * MINUTES)
        findings += found(here)
    assert findings == [("hello", "tried_again")] * 2
    run = run_of(here, document, "hello")
    assert (run.state, run.attempts, run.doubt_until) == ("in_doubt", 3, None)
    assert list(here.documents.troubled()) == [run]


def test_nothing_is_sent_again_while_no_report_of_any_mail_comes() -> None:
    here, document = in_doubt(*AGAIN)
    here.mailbox = MemoryMailer()
    findings = []
    for _ in range(72):
        here.advance(60 * MINUTES)
        findings += found(here)
    assert findings == [("hello", "waits_on")] * 72
    assert run_of(here, document, "hello").state == "in_doubt"
    assert subjects(here) == []


def test_a_report_from_before_the_doubt_does_not_count() -> None:
    here = start(stage("sent", *AGAIN), mailbox=MemoryMailer(refusal=no_answer))
    another_mail_is_reported(here)
    here.advance(MINUTES)
    tell(here)
    here.advance(60 * MINUTES)
    assert found(here) == [("hello", "waits_on")]


def test_once_reports_come_again_the_mail_waits_for_its_own_before_it_is_sent_again() -> None:
    here, _ = in_doubt(*AGAIN)
    here.advance(60 * MINUTES)
    assert found(here) == [("hello", "waits_on")]
    here.advance(5 * MINUTES)
    another_mail_is_reported(here)
    assert found(here) == []
    here.mailbox = MemoryMailer()
    here.advance(55 * MINUTES)
    assert found(here) == [("hello", "tried_again")]
    assert subjects(here) == ["hello", "then"]


def test_a_mail_in_doubt_is_not_sent_again_for_a_document_that_has_left() -> None:
    here, document = in_doubt(mail("hello", on_doubt="send_again"))
    here.edit(document.id, Edit(stage="next"), by="ben@acme.example")
    here.advance(61 * MINUTES)
    assert found(here) == [("hello", "given_up")]
    assert found(here) == []
    assert states(here, document, 1) == {"hello": "in_doubt"}


def test_a_mail_in_doubt_is_not_sent_again_after_the_date_that_it_was_due_before() -> None:
    time = {"before": {"field": "ends", "hours": 1}}
    before = mail("hello", time=time, on_doubt="send_again")
    here = World(mailbox=MemoryMailer(refusal=no_answer))
    fields = {"ends": {"type": "datetime"}}
    here.publish(pipeline(stage("draft", before), senders=SENDERS, fields=fields))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    ends = (here.now + 90 * MINUTES).isoformat()
    here.edit(document.id, Edit(values={"ends": ends}), by="ben@acme.example")
    here.advance(31 * MINUTES)
    assert run_of(here, document, "hello").state == "in_doubt"
    here.advance(30 * MINUTES)
    another_mail_is_reported(here)
    here.advance(31 * MINUTES)
    assert found(here) == [("hello", "given_up")]
    run = run_of(here, document, "hello")
    assert (run.state, run.doubt_until, run.reason) == ("in_doubt", None, "SES gave no answer")


# --- messages left over from a pause


def test_a_message_that_came_while_its_pipeline_was_resumed_is_applied() -> None:
    here = start(stage("sent"), stage("seen", triggers=[trigger("viewed")]))
    document = tell(here)
    here.held.add(
        IncomingMessage(
            pipeline="contracts",
            connection="docusign",
            received_at=here.now,
            authenticity="signed",
            events=(event("document.viewed", KLARA, minute=1),),
        )
    )
    assert here.sweep().messages == 1
    assert here.document(document.id).stage == "seen"
    assert here.sweep().messages == 0


def test_a_message_that_cannot_be_applied_is_told_by_the_sweep() -> None:
    here = start(stage("sent"))
    here.held.add(
        IncomingMessage(
            pipeline="contracts",
            connection="gone",
            received_at=START,
            authenticity="signed",
            events=(event("document.viewed", KLARA, minute=1),),
        )
    )
    swept = here.sweep()
    assert (swept.messages, swept.problems) == (
        0,
        (
            "pipeline contracts: a message of gone of 2026-03-02 09:00:00 UTC was not applied: the "
            "connection gone has been removed; create it again, then run countersign "
            "held-messages retry contracts; it is set aside",
        ),
    )


def test_what_waits_for_a_paused_pipeline_goes_on_waiting() -> None:
    here = start(stage("sent"))
    tell(here)
    pause(here.pipelines, "contracts")
    here.receive("docusign", [event("document.viewed", KLARA, minute=1)])
    assert here.sweep().messages == 0
    assert len(list(here.held.list("contracts"))) == 1


def test_a_run_that_is_tried_again_is_not_waited_for_any_more() -> None:
    here, document = in_doubt(mail("hello", on_doubt="send_again"))
    here.heartbeats.beat("mail reports", here.now + 30 * MINUTES)
    here.now += timedelta(hours=2)
    sweep(here.sweeper)
    run = run_of(here, document, "hello")
    assert (run.state, run.doubt_until, run.swept) == ("ready", None, 1)
    assert run.reason == "nobody reported that its mail was sent; its rule has it sent again"


@pytest.mark.parametrize(("seconds", "state"), [(0, "ready"), (-1, "in_doubt")])
def test_a_report_counts_from_the_moment_on_from_which_one_is_waited_for(
    seconds: int, state: str
) -> None:
    here, document = in_doubt(mail("hello", on_doubt="send_again"))
    until = run_of(here, document, "hello").doubt_until
    assert until is not None
    here.heartbeats.beat("mail reports", until - 60 * MINUTES + timedelta(seconds=seconds))
    here.now += timedelta(hours=2)
    sweep(here.sweeper)
    assert run_of(here, document, "hello").state == state


# --- silent connections


@pytest.mark.parametrize(
    ("silent_after", "heard", "days", "silent"),
    [
        (None, True, 400, None),
        (7, True, 7, None),
        (7, True, 8, START),
        (7, False, 8, START - timedelta(days=1)),
        (7, False, 5, None),
    ],
)
def test_a_connection_is_silent_when_its_last_event_is_too_long_ago(
    silent_after: int | None, heard: bool, days: int, silent: datetime | None
) -> None:
    here = start(stage("sent"))
    made = START - timedelta(days=1)
    here.connect(connection(silent_after=silent_after, created_at=made))
    if heard:
        tell(here)
    here.advance(timedelta(days=days))
    told = (SilentConnection(connection="docusign", last=silent),) if silent else ()
    assert here.sweep().silent == told


def test_a_connection_that_may_be_silent_hides_no_other() -> None:
    here = start(stage("sent"))
    here.connect(connection(id="adobe", silent_after=None, created_at=START))
    here.connect(connection(id="docusign", silent_after=3, created_at=START))
    here.connect(connection(id="yousign", silent_after=9, created_at=START))
    here.connect(connection(id="zoho", silent_after=4, created_at=START))
    here.advance(timedelta(days=5))
    assert [one.connection for one in here.sweep().silent] == ["docusign", "zoho"]


# --- one thing's trouble is not another's


@pytest.mark.parametrize("error", [StaleRunError, LeftStageError])
def test_a_run_that_somebody_has_taken_meanwhile_keeps_no_other_from_being_swept(
    error: type[Exception],
) -> None:
    class Taken(MemoryDocuments):
        first = True

        def commit(self, change: Transaction) -> None:
            if change.updates and self.first:
                self.first = False
                raise error("somebody was first")
            super().commit(change)

    here, _ = lost(mail("hello"), mail("other", execution="independent"))
    here.documents = Taken(here.state)
    here.advance(3 * MINUTES)
    swept = here.sweep()
    assert (len(swept.runs), swept.problems) == (1, ())


def test_a_run_that_cannot_be_swept_keeps_no_other_from_it() -> None:
    here, document = lost(mail("hello"), to_stage("go", "next", execution="independent"))
    hello = run_of(here, document, "hello").model_copy(update={"entry": 0, "pipeline_version": 9})
    here.state.runs = {hello.key: hello, **here.state.runs}
    here.advance(3 * MINUTES)
    swept = here.sweep()
    assert swept.problems == (f"run {hello.key}: pipeline contracts has no version 9",)
    assert sorted(finding for _, finding in swept.runs) == ["lost", "lost"]


def test_a_run_of_another_version_is_counted_told_and_left_alone() -> None:
    here, document = lost(mail("hello"), mail("other", execution="independent"))
    key = run_of(here, document, "hello").key
    here.state.spoiled.add(key)
    here.advance(3 * MINUTES)
    before = here.state.runs[key]
    swept = here.sweep()
    assert swept.runs == ((f"{document.id}.1.other", "lost"),)
    assert (swept.unreadable, swept.problems) == (
        1,
        (f"{key} cannot be read by this version",),
    )
    assert here.state.runs[key] == before
    here.state.spoiled.clear()
    assert found(here) == [("hello", "lost")]


@pytest.mark.parametrize("spoiled", [("connection", "pandadoc"), ("pipeline", "leases")])
def test_a_connection_or_pipeline_of_another_version_ends_no_sweep(
    spoiled: tuple[str, str],
) -> None:
    here, document = lost(mail("hello"))
    here.connect(connection(id="pandadoc"))
    here.publish(pipeline(stage("sent"), name="leases").model_copy(update={"pipeline": "leases"}))
    here.state.spoiled.add(spoiled)
    here.advance(3 * MINUTES)
    swept = here.sweep()
    assert (len(swept.runs), swept.unreadable) == (1, 1)
    assert states(here, document) == {"hello": "done"}


def test_runs_of_a_pipeline_that_cannot_be_read_are_left_alone_since_it_may_be_paused() -> None:
    here, document = lost(mail("hello"))
    here.state.spoiled.add(("pipeline", "contracts"))
    here.advance(timedelta(days=2))
    for _ in range(12):
        assert found(here) == []
    assert run_of(here, document, "hello").swept == 0


def test_a_resume_dispatches_the_other_runs() -> None:
    here, document = lost(mail("hello"), mail("other", execution="independent"))
    here.lanes.take_due(here.now)
    pause(here.pipelines, "contracts")
    here.state.spoiled.add(run_of(here, document, "hello").key)
    assert resume(here.receiver, here.pipelines, "contracts").runs == 1


def test_messages_of_one_pipeline_that_cannot_be_read_keep_none_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = start(stage("sent"))
    for name in ("a", "b", "z"):
        here.publish(pipeline(stage("sent")).model_copy(update={"pipeline": name}))
    here.pipelines.set_paused("b", True)
    there = here.held.list

    def partly(name: str) -> Any:
        if name == "a":
            raise UnavailableError("DynamoDB gave no answer")
        return there(name)

    monkeypatch.setattr(here.held, "list", partly)
    waiting = {"events": (event("document.viewed", KLARA),), "authenticity": "signed"}
    for name in ("b", "contracts"):
        here.held.add(
            IncomingMessage.model_validate(
                {"pipeline": name, "connection": "docusign", "received_at": START, **waiting}
            )
        )
    swept = here.sweep()
    assert swept.messages == 1
    assert swept.problems == ("pipeline a: DynamoDB gave no answer",)
    assert len(list(there("b"))) == 1


def test_a_sweep_ends_when_its_time_is_up_and_the_next_goes_on() -> None:
    here, _ = lost(*(mail(f"m{n}", execution="independent") for n in range(5)))
    here.advance(3 * MINUTES)
    ticks = iter([False] * 4 + [True] * 100)
    first = sweep(replace(here.sweeper, time_is_up=lambda: next(ticks)))
    assert (first.finished, 0 < len(first.runs) < 5) == (False, True)
    assert len(first.runs) + len(here.sweep().runs) == 5


def test_a_sweep_of_a_world_at_rest_changes_nothing() -> None:
    here = start(stage("sent", *TWO))
    document = tell(here)
    before = here.document(document.id), here.documents.runs(document.id)
    here.advance(timedelta(days=30))
    swept = here.sweep()
    assert (swept.runs, swept.silent, swept.messages, swept.problems) == ((), (), 0, ())
    assert (here.document(document.id), here.documents.runs(document.id)) == before


def test_a_connection_whose_events_cannot_be_read_is_told_and_the_others_are_looked_at() -> None:
    class Partly(MemoryDocuments):
        def recent_events(self, connection: str, number: int) -> tuple[ProcessedEvent, ...]:
            if connection == "first":
                raise UnavailableError("DynamoDB gave no answer")
            return super().recent_events(connection, number)

    here = World()
    here.publish(pipeline(stage("sent")))
    for name in ("first", "second"):
        here.connect(connection(id=name, silent_after=7, created_at=here.now))
    here.documents = Partly(here.state)
    here.advance(timedelta(days=8))
    here.connect(connection(id="before", created_at=START))
    swept = here.sweep()
    assert [one.connection for one in swept.silent] == ["second"]
    assert swept.problems == ("connection first: DynamoDB gave no answer",)


def test_a_sweep_whose_time_is_up_from_the_first_does_nothing() -> None:
    here, document = lost(mail("hello"))
    here.connect(connection(id="silent", silent_after=1, created_at=here.now))
    here.held.add(incoming_of_docusign(here))
    here.advance(timedelta(days=3))
    before = here.documents.runs(document.id)
    swept = sweep(replace(here.sweeper, time_is_up=lambda: True))
    assert (swept.silent, swept.messages, swept.runs, swept.jobs, swept.removed) == (
        (),
        0,
        (),
        (),
        (),
    )
    assert swept.finished is False
    assert here.documents.runs(document.id) == before
    after = here.sweep()
    assert [one.connection for one in after.silent] == ["silent"]
    assert (after.messages, len(after.runs), after.finished) == (1, 1, True)


def incoming_of_docusign(here: World) -> IncomingMessage:
    known = here.secrets.get("docusign")
    assert known is not None
    return incoming(known, event("document.viewed", KLARA, minute=1))


@pytest.mark.parametrize(
    ("doubtful", "more", "finding", "reason"),
    [
        (
            False,
            {},
            "lost",
            "it was due 2026-03-02 09:00 UTC and was not performed; sent to its lane again",
        ),
        (
            True,
            {"repeatable": True},
            "tried_again",
            "no answer came, and it is safe to retry; it is tried again",
        ),
        (
            True,
            {},
            "tried_again",
            "nobody reported that its mail was sent; its rule has it sent again",
        ),
    ],
)
def test_a_run_that_is_set_going_again_says_why(
    doubtful: bool, more: dict[str, Any], finding: str, reason: str
) -> None:
    here, document = lost(mail("hello", on_doubt="send_again"))
    run = run_of(here, document, "hello")
    if doubtful:
        waits = {"state": "in_doubt", "due": None, "doubt_until": here.now, "started_at": here.now}
        here.state.runs[run.key] = run.model_copy(update={**waits, **more})
    here.heartbeats.beat("mail reports", here.now + timedelta(days=1))
    here.now += 3 * MINUTES
    swept = sweep(here.sweeper)
    assert [one for _, one in swept.runs] == [finding]
    after = run_of(here, document, "hello")
    assert (after.state, after.due, after.reason) == ("ready", here.now, reason)
    assert (after.doubt_until, after.generation) == (None, run.generation + 1)


def test_a_report_counts_its_runs_by_what_was_found() -> None:
    here, _ = lost(mail("hello"), mail("other", execution="independent"))
    here.now += 5 * MINUTES
    report = sweep(here.sweeper)
    assert sorted(finding for _, finding in report.runs) == ["lost", "lost"]
    assert report.counts == {"lost": 2}
    assert sweep(here.sweeper).counts == {}
