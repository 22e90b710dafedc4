"""Bursts and limits: much at once, long failures, long histories; nothing grows that should not."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.engine.runs.lifecycle import PAUSES
from countersign.engine.transaction_limits import MAX_RUNS
from countersign.errors import TransientError
from countersign.model.message import Email, RunMessage
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import SigningEvent
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.messages.apply_message import apply_to_envelope
from countersign.use_cases.runs.effect_lanes import perform_effect_run
from tests.builders import (
    ANNA,
    KLARA,
    connection,
    envelope,
    event,
    incoming,
    mail,
    pipeline,
    signed,
    stage,
    trigger,
)
from tests.crash.counting import CountingDocuments

BEN = "ben@acme.example"
SENDERS = ["contracts@acme.example"]
HOUR = timedelta(hours=1)
FIELDS = {"end": {"type": "date"}}


def counted(wanted: Pipeline, mailbox: MemoryMailer | None = None) -> World:
    """A world that counts what its documents cost."""
    here = World(START, mailbox)
    here.documents = CountingDocuments(here.state)
    here.publish(wanted)
    here.connect(connection())
    return here


def cost(here: World) -> dict[str, int]:
    """What was read and written since this was last asked."""
    assert isinstance(here.documents, CountingDocuments)
    return dict(here.documents.taken())


def take(here: World, one: SigningEvent) -> str:
    """A webhook comes, and nothing else has time to happen."""
    secrets = here.secrets.get("docusign")
    assert secrets is not None
    _, outcome = apply_to_envelope(here.receiver, incoming(secrets, one))
    return outcome


# --- 10,000 webhooks at once

ENVELOPES = 2_500
SIGNING = pipeline(
    stage("draft", mail("reminder", time={"after": {"days": 3}})),
    stage("half", triggers=[trigger("signed_by_company")]),
    stage("done", mail("thanks"), triggers=[trigger("signed_by_all")]),
    senders=SENDERS,
)


def messages_of(number: int) -> list[SigningEvent]:
    """The four messages of an envelope; the last also tells that it is completed."""
    name = f"env-{number}"
    told = [
        ("document.sent", None, []),
        ("document.viewed", KLARA, []),
        ("signer.signed", ANNA, [ANNA]),
        ("signer.signed", KLARA, [ANNA, KLARA]),
    ]
    return [
        event(
            kind,
            who,
            minute=minute,
            envelope=name,
            state=envelope(
                "completed" if len(have) == 2 else "sent",
                id=name,
                signers=signed(*have, at=START + timedelta(minutes=minute)),
            ),
        )
        for minute, (kind, who, have) in enumerate(told)
    ]


def test_ten_thousand_webhooks_at_once_are_applied_each_at_the_same_cost() -> None:
    here = counted(SIGNING)
    messages = [message for number in range(ENVELOPES) for message in messages_of(number)]
    Random(1).shuffle(messages)  # noqa: S311 - nothing secret
    trips, largest = Counter[int](), 0
    for message in messages:
        assert take(here, message) == "applied"
        spent = cost(here)
        trips[sum(spent.values()) - spent["items"]] += 1
        largest = max(largest, spent["items"])
    assert trips == {2: len(messages)}
    # document, its timeline, envelope, event, two rules of the stages it went through, nine words
    assert largest <= 15
    here.settle()
    assert Counter(one.stage for one in here.state.documents.values()) == {"done": ENVELOPES}
    assert len(here.state.events) == len(messages)
    assert Counter(one.to for one in here.mailbox.sent) == {(KLARA,): ENVELOPES}


# --- a rule that fails for an hour


def test_a_mail_service_that_is_away_for_an_hour_costs_few_tries_and_no_mail() -> None:
    tries = Counter[str]()

    def away(email: Email) -> Exception | None:
        tries[str(email.run)] += 1
        return TransientError("away") if here.now < START + HOUR else None

    here = counted(
        pipeline(stage("draft", mail("hello"), mail("below")), senders=SENDERS),
        MemoryMailer(refusal=away),
    )
    for number in range(100):
        take(here, messages_of(number)[0])
    here.advance(12 * HOUR)
    assert Counter(run.state for run in here.state.runs.values()) == {"done": 200}
    assert len({email.run for email in here.mailbox.sent}) == len(here.mailbox.sent) == 200
    within_the_hour = next(n for n in range(9) if sum(PAUSES[:n]) >= HOUR.total_seconds())
    assert max(tries.values()) <= within_the_hour + 1
    assert here.lanes.waiting == ()


# --- the same event 1,000 times


def test_the_same_event_a_thousand_times_leaves_the_state_as_it_was() -> None:
    here = counted(SIGNING)
    message = messages_of(0)[0]
    assert take(here, message) == "applied"
    here.settle()
    before = kept(here)
    cost(here)
    spent = []
    for _ in range(1_000):
        assert take(here, message) == "duplicate"
        spent.append(cost(here))
    assert kept(here) == before
    assert all(one == spent[0] for one in spent)
    assert {name: spent[0][name] for name in ("read_arrival", "commit")} == {
        "read_arrival": 1,
        "commit": 1,
    }
    assert here.state.take_ready() == ()


def kept(here: World) -> dict[str, Any]:
    """Everything that the state holds."""
    state = here.state
    return {
        "documents": dict(state.documents),
        "runs": dict(state.runs),
        "logs": {name: list(lines) for name, lines in state.logs.items()},
        "events": dict(state.events),
        "once": dict(state.once),
    }


# --- a document with 5,000 events


@pytest.mark.parametrize(
    ("kind", "who"), [("document.viewed", KLARA), ("comment.added", None), ("other", None)]
)
def test_the_five_thousandth_event_of_a_document_costs_what_the_tenth_did(
    kind: str, who: str | None
) -> None:
    here = counted(SIGNING)
    take(here, messages_of(0)[0])
    name = next(iter(here.state.documents))
    spent, sizes = [], []
    for number in range(5_000):
        cost(here)
        told = event(kind, who, minute=number, key=f"event {number}", envelope="env-0")
        assert take(here, told) == "applied"
        spent.append(cost(here))
        if number in (10, 4_999):
            sizes.append(len(here.state.documents[name].model_dump_json()))
    assert spent[10] == spent[-1]
    # The document itself keeps nothing of them but its version and a time.
    assert abs(sizes[1] - sizes[0]) < 20
    assert len(here.state.runs) == 1


# --- 50 timed rules in one stage, and as many as there may be


@pytest.mark.parametrize("number", [50, MAX_RUNS])
def test_many_timed_rules_of_one_stage_are_planned_moved_and_left_in_one_transaction(
    number: int,
) -> None:
    rules = [
        mail(f"r{n}", execution="independent", time={"before": {"field": "end", "hours": n + 1}})
        for n in range(number)
    ]
    here = counted(pipeline(stage("draft"), stage("timed", *rules), fields=FIELDS, senders=SENDERS))
    document = here.tell("docusign", [messages_of(0)[0]])
    for wanted, most in (
        (Edit(stage="timed"), number + 3),
        (Edit(values={"end": "2026-03-20"}), number + 3),
        (Edit(values={"end": "2026-03-21"}), number + 3),
        (Edit(stage="draft"), 3),
        (Edit(stage="timed"), number + 3),
    ):
        cost(here)
        here.edit(document.id, wanted, by=BEN)
        assert cost(here)["items"] <= most <= 100
    here.advance(timedelta(days=30))
    last = [run for run in here.state.runs.values() if run.entry == 4]
    assert Counter(run.state for run in last) == {"done": number}
    assert len(here.mailbox.sent) == number
    assert here.lanes.waiting == ()


# --- 10,000 runs due at the same second


def test_ten_thousand_runs_due_at_the_same_second_run_each_once() -> None:
    at_nine = {"on": {"field": "end"}, "at": "09:00"}
    rules = [mail(f"m{n}", execution="independent", time=at_nine) for n in range(80)]
    here = World(START)
    here.publish(pipeline(stage("draft", *rules), fields=FIELDS, senders=SENDERS))
    here.connect(connection(fields=[{"source": "end", "field": "end"}]))
    state = envelope(custom_fields={"end": "2026-03-06"})
    for place in range(125):
        name = f"env-{place}"
        one = event("document.sent", envelope=name, state=state.model_copy(update={"id": name}))
        assert take(here, one) == "applied"
    (due,) = {run.due for run in here.state.runs.values()}
    assert due is not None
    here.now = due
    messages = [RunMessage.of(run) for run in here.state.runs.values()]
    assert len(messages) == 10_000
    performer, effect = here.performer, EmailEffect(here.mailbox, here.attachments)
    for message in (*messages, *messages[:200]):  # some come twice
        perform_effect_run(performer, message, effect)
    assert Counter(run.state for run in here.state.runs.values()) == {"done": 10_000}
    assert len(here.mailbox.sent) == len({one.run for one in here.mailbox.sent}) == 10_000
