"""A message that says the same thing twice is applied once, whatever provider it is of."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.signing_event import SigningEvent
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import START, World
from countersign.use_cases.messages.receive import WebhookResult, receive
from tests.builders import KLARA, envelope, event, mail, pipeline, stage, trigger, world

STAGES = (
    stage("draft"),
    stage("sent", mail("greet"), triggers=[trigger("sent")]),
    stage("read", triggers=[trigger("viewed")]),
)
SENT = event("document.sent", state=envelope())
VIEWED = event("document.viewed", KLARA, minute=1)


def each(events: Sequence[SigningEvent]) -> tuple[SigningEvent, ...]:
    """The events, each at its first place."""
    return tuple(one for n, one in enumerate(events) if one not in events[:n])


def told(here: World, events: Sequence[SigningEvent]) -> Document:
    """The document after these events came in one message."""
    return here.tell("docusign", events)


@pytest.mark.parametrize(
    "events",
    [
        (SENT, SENT),
        (SENT, VIEWED, SENT),
        (SENT, VIEWED, VIEWED, VIEWED),
        (SENT,) * 25,
        (SENT, VIEWED) * 12,
    ],
)
def test_an_event_that_stands_twice_in_a_message_is_applied_once(
    events: tuple[SigningEvent, ...],
) -> None:
    once, often = world(pipeline(*STAGES)), world(pipeline(*STAGES))
    distinct = each(events)
    assert told(often, events) == told(once, distinct)
    keys = [one.key for one in often.documents.events(told_id(often))]
    assert keys == [one.key for one in distinct]


def told_id(here: World) -> str:
    """The id of the only document."""
    (document,) = here.documents.in_stage("contracts")
    return document.id


@given(st.lists(st.sampled_from([SENT, VIEWED, event("document.delivered", minute=2)]), min_size=1))
def test_how_often_a_message_says_a_thing_changes_nothing(events: list[SigningEvent]) -> None:
    once, often = world(pipeline(*STAGES)), world(pipeline(*STAGES))
    assert told(often, events) == told(once, each(events))


def oneflow(events: list[dict[str, object]]) -> WebhookResult:
    """What a webhook of Oneflow with these events is answered."""
    here = World()
    here.publish(pipeline(*STAGES))
    here.connect(
        Connection(id="of", provider="oneflow", pipeline="contracts"),
        ConnectionCredentials(
            connection="of", provider="oneflow", pipeline="contracts",
            secrets=("k-1",), tokens=("t-1",),
        ),
    )  # fmt: skip
    body = {"callback_id": "c-1", "contract": {"id": 77}, "events": events}
    request = Request(body=json.dumps(body).encode(), received_at=START)
    signed = provider("oneflow").sign(
        request.model_copy(update={"headers": {"content-type": "application/json"}}), "k-1", START
    )
    return receive(here.receiver, "of.t-1", signed)


@pytest.mark.parametrize("times", [2, 3, 40])
def test_a_webhook_with_one_event_many_times_is_not_parked(times: int) -> None:
    one = {"id": 5, "type": "contract:publish", "created_time": "2026-03-16T09:05:01Z"}
    received = oneflow([one] * times)
    assert (received.outcome, received.answer.status) == ("applied", 200)
