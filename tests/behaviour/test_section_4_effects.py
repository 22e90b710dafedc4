"""semantics, section 4: effects happen once, faults are retried or told, doubt is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.errors import (
    InDoubtError,
    OutageError,
    PermanentError,
    ThrottledError,
    TransientError,
    UnavailableError,
)
from countersign.model.document import Document
from countersign.model.message import Email, RunMessage
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import (
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
)

MINUTE = timedelta(minutes=1)
THROTTLED = TransientError("the mail service is busy")
NO_ANSWER = InDoubtError("the mail service gave no answer within 15 s")
UNVERIFIED = PermanentError("the sender is not verified; verify it with SES")


def failing(times: int, error: Exception) -> Callable[[Email], Exception | None]:
    """A mail service that fails so many times with the mails of the rule ``first``."""
    left = times

    def refusal(email: Email) -> Exception | None:
        nonlocal left
        if email.subject != "first" or left == 0:
            return None
        left -= 1
        return error

    return refusal


def arrive(refusal: Callable[[Email], Exception | None]) -> tuple[World, Document]:
    """A document that has arrived where two mails go out one after the other."""
    here = World(mailbox=MemoryMailer(refusal=refusal))
    senders = ["contracts@acme.example"]
    here.publish(pipeline(stage("draft", mail("first"), mail("second")), senders=senders))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def test_an_effect_happens_once_though_its_message_is_delivered_twice() -> None:
    here, document = arrive(failing(0, THROTTLED))
    for rule in ("first", "second"):
        message = RunMessage.of(run_of(here, document, rule))
        here.lanes.send("email", message, due=here.now, now=here.now)
    here.settle()
    assert subjects(here) == ["first", "second"]


def next_pause(here: World, document: Document) -> float:
    """Seconds until the next try of the rule ``first``."""
    due = run_of(here, document, "first").due
    assert due is not None
    return (due - here.now).total_seconds()


def test_a_passing_fault_is_tried_again_after_growing_pauses() -> None:
    here, document = arrive(failing(8, THROTTLED))
    run = run_of(here, document, "first")
    assert (run.state, run.reason) == (
        "ready",
        "try 1 failed temporarily: the mail service is busy",
    )
    for generation, shortest in enumerate((10, 30, 120, 600, 1800, 3600, 10800, 21600), 2):
        assert run_of(here, document, "first").generation == generation
        pause = next_pause(here, document)
        assert shortest <= pause <= 2 * shortest
        here.advance(timedelta(seconds=pause))
    assert subjects(here) == ["first", "second"]


def test_what_failed_in_the_same_moment_is_not_tried_again_in_the_same_moment() -> None:
    here = World(mailbox=MemoryMailer(refusal=lambda email: THROTTLED))
    rules = (mail(f"m{n}", execution="independent") for n in range(60))
    here.publish(pipeline(stage("draft", *rules), senders=["contracts@acme.example"]))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    due = [run.due for run in here.documents.runs(document.id) if run.due is not None]
    seconds = Counter(int((moment - here.now).total_seconds()) for moment in due)
    assert sum(seconds.values()) == 60
    assert len(seconds) == 10
    assert max(seconds.values()) < 15


# --- outages


OUTAGES = {
    "throttled": ThrottledError("Maximum sending rate exceeded"),
    "paused": OutageError("sending is paused for this account"),
    "the parameter store is away": UnavailableError("SSM gave no answer"),
}


def during(hours: float, error: Exception) -> tuple[World, Document]:
    """A document whose mails are refused for so long."""
    here: World

    def away(email: Email) -> Exception | None:
        return error if here.now < end else None

    here = World(mailbox=MemoryMailer(refusal=away))
    end = here.now + timedelta(hours=hours)
    senders = ["contracts@acme.example"]
    here.publish(pipeline(stage("draft", mail("first"), mail("second")), senders=senders))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


@pytest.mark.parametrize("error", OUTAGES.values(), ids=OUTAGES)
@pytest.mark.parametrize("hours", [1, 11, 72, 14 * 24])
def test_an_outage_however_long_fails_no_run_and_loses_nothing(
    hours: int, error: Exception
) -> None:
    here, document = during(hours, error)
    here.advance(timedelta(hours=hours) - MINUTE)
    run = run_of(here, document, "first")
    assert (run.state, run.attempts) == ("ready", 0)
    paced = isinstance(error, ThrottledError)
    why = "mails go at the pace of the account; its turn is at " if paced else str(error)
    assert (run.reason or "").startswith(f"waits, without using up a try: {why}")
    assert states(here, document)["second"] == "waiting"
    here.advance(timedelta(hours=1, minutes=2))
    assert subjects(here) == ["first", "second"]


def test_the_pauses_of_an_outage_grow_and_end_at_an_hour() -> None:
    here, document = during(72, OUTAGES["paused"])
    for generation, shortest in enumerate((10, 30, 60, 120, 300, 600, 900, 1800, 1800, 1800), 2):
        assert run_of(here, document, "first").generation == generation
        pause = next_pause(here, document)
        assert shortest <= pause <= 2 * shortest
        here.advance(timedelta(seconds=pause))


def test_after_an_outage_a_run_has_all_its_tries() -> None:
    here, document = during(72, OUTAGES["paused"])
    here.advance(timedelta(hours=73))
    assert states(here, document) == {"first": "done", "second": "done"}
    asked = iter([OUTAGES["paused"]] * 30 + [THROTTLED] * 8)
    here.mailbox = MemoryMailer(refusal=lambda email: next(asked, None))
    other = event("document.sent", state=envelope(), envelope="env-2")
    document = here.tell("docusign", [other])
    here.advance(timedelta(days=4))
    assert states(here, document) == {"first": "done", "second": "done"}


def test_secrets_that_cannot_be_read_use_up_no_try(monkeypatch: pytest.MonkeyPatch) -> None:
    here, document = arrive(failing(99, THROTTLED))

    def away(self: object, kind: object, context: object) -> None:
        raise UnavailableError("SSM gave no answer")

    monkeypatch.setattr("countersign.use_cases.effects.email.EmailEffect.prepare", away)
    tries = run_of(here, document, "first").attempts
    here.advance(timedelta(hours=72))
    run = run_of(here, document, "first")
    assert (run.state, run.attempts) == ("ready", tries)


def test_a_rule_that_is_being_tried_again_holds_its_chain_in_order() -> None:
    here, document = arrive(failing(1, THROTTLED))
    assert states(here, document) == {"first": "ready", "second": "waiting"}


def test_when_the_tries_are_used_up_the_run_has_failed_and_the_chain_goes_on() -> None:
    here, document = arrive(failing(99, THROTTLED))
    here.advance(timedelta(days=2))
    run = run_of(here, document, "first")
    assert (run.state, run.reason) == ("failed", "the mail service is busy (after 9 tries)")
    assert subjects(here) == ["second"]


def test_a_lasting_fault_is_not_tried_again_and_the_reason_is_kept() -> None:
    here, document = arrive(failing(99, UNVERIFIED))
    run = run_of(here, document, "first")
    assert (run.state, run.attempts, run.reason) == ("failed", 1, str(UNVERIFIED))
    assert subjects(here) == ["second"]


def test_without_an_answer_the_run_is_unknown_and_nothing_is_sent_by_itself() -> None:
    here, document = arrive(failing(1, NO_ANSWER))
    here.advance(30 * MINUTE)
    run = run_of(here, document, "first")
    assert (run.state, run.reason) == ("in_doubt", str(NO_ANSWER))
    assert states(here, document)["second"] == "waiting"
    assert subjects(here) == []


def test_a_mail_in_doubt_is_never_sent_again_by_itself_however_long_it_lasts() -> None:
    here, document = arrive(failing(1, NO_ANSWER))
    for _ in range(5 * 24):
        here.heartbeats.beat("mail reports", here.now)
        here.advance(60 * MINUTE)
        here.sweep()
    assert states(here, document) == {"first": "in_doubt", "second": "waiting"}
    assert subjects(here) == []


def test_a_fault_nobody_foresaw_while_sending_leaves_the_mail_in_doubt() -> None:
    here, document = arrive(failing(1, RuntimeError("a bug")))
    run = run_of(here, document, "first")
    assert (run.state, run.reason) == ("in_doubt", "RuntimeError: a bug")


def test_a_message_that_comes_early_for_a_stage_that_was_left_ends_its_run() -> None:
    here, document = arrive(failing(1, THROTTLED))
    here.publish(pipeline(stage("draft"), stage("sent"), senders=["contracts@acme.example"]))
    here.edit(document.id, Edit(stage="sent"), by="ben@acme.example")
    message = RunMessage.of(run_of(here, document, "first"))
    here.lanes.send("email", message, due=here.now, now=here.now)
    here.settle()
    assert run_of(here, document, "first").state == "cancelled"


class Death(BaseException):
    """The function is gone in the middle of its work."""


def test_a_function_that_died_over_a_mail_leaves_it_in_doubt() -> None:
    def dies(email: Email) -> Exception | None:
        raise Death

    here = World(mailbox=MemoryMailer(refusal=dies))
    here.publish(pipeline(stage("draft", mail("first")), senders=["contracts@acme.example"]))
    here.connect(connection())
    with pytest.raises(Death):
        here.tell("docusign", [event("document.sent", state=envelope())])
    (document,) = here.documents.in_stage("contracts")
    run = run_of(here, document, "first")
    assert run.state == "running"
    here.now += 4 * MINUTE
    here.lanes.send("email", RunMessage.of(run), due=here.now, now=here.now)
    here.settle()
    assert run_of(here, document, "first").state == "in_doubt"
    assert subjects(here) == []
