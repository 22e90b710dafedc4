"""A clock that goes back an hour: nothing is lost or done twice, and the order is by version."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.errors import InDoubtError
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from tests.builders import (
    KLARA,
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    subjects,
    trigger,
)

HOUR = timedelta(hours=1)


def start(*rules: dict[str, object], mailbox: MemoryMailer | None = None) -> tuple[World, str]:
    """A world three hours on, with a document that arrived in a stage with these rules."""
    here = World(START + 3 * HOUR, mailbox)
    seen = stage("seen", mail("seen"), triggers=[trigger("viewed")])
    here.publish(pipeline(stage("draft", *rules), seen, senders=["contracts@acme.example"]))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    return here, document.id


@pytest.mark.parametrize("minutes", [1, 20, 59, 90])
def test_a_timed_rule_runs_once_at_its_time_by_the_clock_that_is(minutes: int) -> None:
    here, name = start(mail("reminder", time={"after": {"minutes": minutes}}))
    here.now -= HOUR
    here.settle()
    here.advance(timedelta(hours=4))
    assert subjects(here) == ["reminder"]
    assert run_of(here, here.state.documents[name], "reminder").state == "done"


def test_messages_and_moves_after_it_are_applied_in_the_order_in_which_they_came() -> None:
    here, name = start()
    here.now -= HOUR
    document = here.tell("docusign", [event("document.viewed", KLARA, minute=5)])
    here.edit(name, Edit(stage="draft"), by="ben@acme.example")
    here.advance(2 * HOUR)
    assert document.stage == "seen"
    timeline = here.documents.timeline(name)
    moves = [(line.from_stage, line.to_stage) for line in timeline if line.kind == "moved"]
    assert moves == [("draft", "seen"), ("seen", "draft")]
    assert here.state.documents[name].version >= 3


def test_the_same_message_again_after_it_changes_nothing() -> None:
    here, name = start()
    told = event("document.viewed", KLARA, minute=5)
    here.tell("docusign", [told])
    before = here.state.documents[name]
    here.now -= HOUR
    here.tell("docusign", [told])
    assert here.state.documents[name] == before


def test_a_mail_in_doubt_is_not_sent_again_and_not_given_up() -> None:
    fails = MemoryMailer(refusal=lambda email: InDoubtError("no answer"))
    here, name = start(mail("hello"), mailbox=fails)
    here.settle()
    here.mailbox = MemoryMailer()
    here.now -= HOUR
    here.advance(timedelta(hours=3))
    run = run_of(here, here.state.documents[name], "hello")
    assert (run.state, subjects(here)) == ("in_doubt", [])
