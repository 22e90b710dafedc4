"""semantics, section 4: effects happen once, faults are retried or told, doubt is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from countersign.adapters.memory.mailbox import MemoryMailbox
from countersign.engine.runs import PAUSES
from countersign.errors import InDoubtError, PermanentError, TransientError
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
    here = World(mailbox=MemoryMailbox(refusal=refusal))
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


def test_a_passing_fault_is_tried_again_after_growing_pauses() -> None:
    here, document = arrive(failing(2, THROTTLED))
    run = run_of(here, document, "first")
    assert (run.state, run.due, run.reason) == (
        "ready",
        here.now + timedelta(seconds=PAUSES[0]),
        "try 1 met a passing fault: the mail service is busy",
    )
    here.advance(timedelta(seconds=PAUSES[0]))
    assert run_of(here, document, "first").due == here.now + timedelta(seconds=PAUSES[1])
    here.advance(timedelta(seconds=PAUSES[1]))
    assert subjects(here) == ["first", "second"]


def test_a_rule_that_is_being_tried_again_holds_its_chain_in_order() -> None:
    here, document = arrive(failing(1, THROTTLED))
    assert states(here, document) == {"first": "ready", "second": "waiting"}


def test_when_the_tries_are_used_up_the_run_has_failed_and_the_chain_goes_on() -> None:
    here, document = arrive(failing(99, THROTTLED))
    here.advance(timedelta(days=1))
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
    assert (run.state, run.reason) == ("unknown", str(NO_ANSWER))
    assert states(here, document)["second"] == "waiting"
    assert subjects(here) == []


def test_a_mail_in_doubt_is_never_sent_again_by_itself_however_long_it_lasts() -> None:
    here, document = arrive(failing(1, NO_ANSWER))
    for _ in range(5 * 24):
        here.heartbeats.beat("mail reports", here.now)
        here.advance(60 * MINUTE)
        here.sweep()
    assert states(here, document) == {"first": "unknown", "second": "waiting"}
    assert subjects(here) == []


def test_a_fault_nobody_foresaw_while_sending_leaves_the_mail_in_doubt() -> None:
    here, document = arrive(failing(1, RuntimeError("a bug")))
    run = run_of(here, document, "first")
    assert (run.state, run.reason) == ("unknown", "RuntimeError: a bug")


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

    here = World(mailbox=MemoryMailbox(refusal=dies))
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
    assert run_of(here, document, "first").state == "unknown"
    assert subjects(here) == []
