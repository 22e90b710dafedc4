"""Laws: where a set of messages leads does not depend on the order in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.model.signing_event import SigningEvent
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.messages.apply_message import apply_to_envelope
from tests.builders import KLARA, connection, envelope, event, incoming, pipeline, stage, trigger

BEFORE_THE_END = (
    ("document.sent", None),
    ("document.delivered", None),
    ("signer.notified", KLARA),
    ("document.viewed", KLARA),
    ("signer.signed", KLARA),
)
"""What a provider may tell of one envelope, one message each, in the order of a life."""
ENDS = ("document.completed", "document.declined", "document.voided", "document.expired")
LIVES = tuple((*BEFORE_THE_END, (end, None)) for end in ENDS)

TRIGGERS: dict[str, dict[str, Any]] = {
    "sent": {},
    "delivered": {},
    "signers_turn": {},
    "viewed": {},
    "signed_by_count": {"settings": {"count": 1}},
    "signed_by_all": {},
    "declined": {},
    "voided": {},
    "expired": {},
}
"""A trigger for each step, in a stage of its own that bears its name."""


PLACE = tuple(TRIGGERS)


def outcome(
    triggers: Sequence[str], messages: Sequence[SigningEvent], **more: Any
) -> tuple[Any, ...]:
    """Where the messages lead in this order, and what the document then knows."""
    here = World()
    stages = (stage(kind, triggers=[trigger(kind, **TRIGGERS[kind], **more)]) for kind in triggers)
    here.publish(pipeline(stage("draft"), *stages))
    here.connect(connection())
    for message in messages:
        document = here.tell("docusign", [message])
    signed = {signer.email for signer in document.signers if signer.status == "signed"}
    return document.stage, document.status, document.status_at, document.sent_at, signed


def messages_of(life: Sequence[tuple[str, str | None]]) -> list[SigningEvent]:
    """One message without a state for each step, a minute apart."""
    return [event(kind, who, minute=minute) for minute, (kind, who) in enumerate(life)]


@given(data=st.data(), triggers=st.permutations(tuple(TRIGGERS)), life=st.sampled_from(LIVES))
@settings(max_examples=200, deadline=None)
def test_where_messages_lead_does_not_depend_on_their_order(
    data: st.DataObject, triggers: list[str], life: tuple[tuple[str, str | None], ...]
) -> None:
    there = triggers[: data.draw(st.integers(1, len(triggers)))]
    told = data.draw(st.sets(st.sampled_from(range(len(life))), min_size=1))
    messages = [one for place, one in enumerate(messages_of(life)) if place in told]
    shuffled = data.draw(st.permutations(messages))
    assert outcome(there, shuffled) == outcome(there, messages)


def with_states(life: Sequence[tuple[str, str | None]]) -> list[SigningEvent]:
    """The same, of which each carries the state of its moment, and is not known by itself."""
    told: list[SigningEvent] = []
    klara: dict[str, Any] = {"id": "2", "name": "Klara", "email": KLARA}
    status = None
    for minute, (kind, who) in enumerate(life):
        word = kind.partition(".")[2]
        if who is None:
            status = word
        else:
            at = {"viewed": "viewed_at", "signed": "signed_at", "notified": "notified_at"}[word]
            klara = {**klara, "status": word, at: START + timedelta(minutes=minute)}
        state = envelope(status, signers=[klara])
        told.append(event("other", minute=minute, key=kind, state=state))
    return told


@given(data=st.data(), triggers=st.permutations(tuple(TRIGGERS)), life=st.sampled_from(LIVES))
@settings(max_examples=200, deadline=None)
def test_nor_does_it_where_only_states_tell_what_has_happened(
    data: st.DataObject, triggers: list[str], life: tuple[tuple[str, str | None], ...]
) -> None:
    """A pipeline need not have a stage for any of the steps, nor for the end."""
    there = sorted(triggers[: data.draw(st.integers(1, len(triggers)))], key=PLACE.index)
    told = data.draw(st.sets(st.sampled_from(range(len(life))), min_size=1))
    messages = [one for place, one in enumerate(with_states(life)) if place in told]
    shuffled = data.draw(st.permutations(messages))
    stage, status, _, sent_at, signed = outcome(there, shuffled)
    in_order = outcome(there, messages)
    assert (stage, status, sent_at, signed) == (*in_order[:2], *in_order[3:])


def test_a_delivery_that_only_a_state_tells_counts_behind_the_end() -> None:
    sent, delivered, completed = with_states(
        (("document.sent", None), ("document.delivered", None), ("document.completed", None))
    )
    assert outcome(["delivered"], [sent, completed, delivered])[0] == "delivered"
    assert outcome(["delivered"], [completed, delivered, sent])[0] == "delivered"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("kind", "told", "who"),
    [
        ("sent", "document.sent", None),
        ("delivered", "document.delivered", None),
        ("viewed", "document.viewed", KLARA),
        ("viewed", "document.viewed", None),
        ("signers_turn", "signer.notified", KLARA),
    ],
)
def test_a_step_that_is_told_after_the_end_moves_on_who_waits_for_it(
    kind: str, told: str, who: str | None, end: str
) -> None:
    step, last = event(told, who, minute=1), event(end, minute=2)
    assert outcome([kind], [last, step])[0] == kind


def test_what_is_told_late_is_told_once() -> None:
    steps = [event("document.completed", minute=2), event("document.sent", minute=1)]
    here = World()
    here.publish(pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")])))
    here.connect(connection())
    for message in steps:
        document = here.tell("docusign", [message])
    here.edit(document.id, Edit(stage="draft"), by="ben@acme.example")
    again = event("document.sent", minute=3)
    assert here.tell("docusign", [again]).stage == "draft"


def led(*messages: str, stages: Sequence[dict[str, Any]]) -> tuple[str, list[str]]:
    """The stage that the messages lead to, and why the last one's triggers did not fire."""
    here = World()
    here.publish(pipeline(stage("draft"), *stages))
    here.connect(connection())
    for minute, kind in enumerate(messages):
        document = here.tell("docusign", [event(kind, minute=99 - minute)])
    told = [line for line in here.documents.timeline(document.id) if line.kind == "event"]
    return document.stage, [passed.reason for passed in told[-1].passed]


RETURN = trigger("declined", allow_return=True)
SENT = stage("sent", triggers=[trigger("sent")])
SENT_ALLOWED = stage("sent", triggers=[trigger("sent", allow_return=True)])


@pytest.mark.parametrize(
    ("stages", "end", "stays", "reason"),
    [
        (
            [stage("rework", triggers=[RETURN]), SENT],
            "document.declined",
            "rework",
            "the message is late, and a trigger for what came after it allows a return",
        ),
        (
            [stage("draft-2"), SENT_ALLOWED, stage("signed", triggers=[trigger("signed_by_all")])],
            "document.completed",
            "signed",
            "the message is late and does not move the document back",
        ),
        (
            [
                stage("signed", kind="success", triggers=[trigger("signed_by_all")]),
                stage("sent", triggers=[trigger("sent", allow_return=True)]),
            ],
            "document.completed",
            "signed",
            "the message is late, and the document is in a final stage",
        ),
        (
            [stage("sent", kind="failure", triggers=[trigger("sent")])],
            "document.completed",
            "draft",
            "the message is late and does not end the document as failed",
        ),
    ],
)
def test_what_is_told_late_undoes_nothing(
    stages: list[dict[str, Any]], end: str, stays: str, reason: str
) -> None:
    assert led(end, "document.sent", stages=stages) == (stays, [reason])


def test_who_is_first_heard_of_after_the_end_had_signed_on_the_way_there() -> None:
    count = ["signed_by_count"]
    seen, end = event("document.viewed", KLARA, minute=1), event("document.completed", minute=2)
    assert outcome(count, [end, seen]) == outcome(count, [seen, end])
    assert outcome(count, [end, seen])[0] == "signed_by_count"
    later = event("document.viewed", KLARA, minute=3)
    assert outcome(count, [end, later]) == outcome(count, [later, end])


@pytest.mark.parametrize("status", ["sent", "delivered"])
def test_an_unknown_event_makes_a_document_if_it_carries_the_envelopes_state(status: str) -> None:
    """Otherwise it would matter whether it comes before or after the first known event."""
    unknown = event("other", minute=1, state=envelope(status))
    known = event("signer.notified", KLARA, minute=2)
    triggers = ["sent", "signers_turn"]
    assert outcome(triggers, [unknown])[:2] == ("sent", status)
    assert outcome(triggers, [unknown, known]) == outcome(triggers, [known, unknown])


def test_an_unknown_event_without_a_state_makes_none() -> None:
    here = World()
    here.publish(pipeline(stage("draft")))
    here.connect(connection())
    secrets = here.secrets.get("docusign")
    assert secrets is not None
    for told in (event("other"), event("other", minute=1, state=envelope(None, signers=[]))):
        apply_to_envelope(here.receiver, incoming(secrets, told))
    assert here.state.documents == {}
