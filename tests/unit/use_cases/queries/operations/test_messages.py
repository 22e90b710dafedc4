"""Messages that need a person are listed oldest first, by pipeline or by queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError
from countersign.model.dead_letter import DeadLetter
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MailEvent
from countersign.model.message import RunMessage
from countersign.model.page import Counted
from countersign.model.run import RunKey
from countersign.simulation.world import START, World
from countersign.use_cases.queries.operations.messages import (
    dead_letter_queues,
    dead_letters,
    held_messages,
    pipeline_ids,
    set_aside_messages,
)
from tests.builders import KLARA, event
from tests.contract.adapters.test_held_messages import a_message
from tests.unit.use_cases.queries.scene import disordered, put, run

# --- messages that were set aside


def set_aside(here: World, envelope: str, minute: int, **more: Any) -> None:
    viewed = event("document.viewed", KLARA, envelope=envelope, key=envelope)
    message = IncomingMessage.model_validate(
        {
            "pipeline": "contracts",
            "connection": "docusign",
            "received_at": START + timedelta(minutes=minute),
            "authenticity": "signed",
            "events": (viewed,),
            **more,
        }
    )
    here.held.set_aside(message, f"{envelope} cannot be applied", at=here.now)


def envelopes(here: World, pipeline: str | None = None) -> list[str | None]:
    listed = set_aside_messages(here.held, here.pipelines, pipeline)
    return [aside.message.events[0].envelope for aside in listed]


def test_messages_set_aside_stand_by_pipeline_oldest_first() -> None:
    here = disordered()
    set_aside(here, "e-3", 30)
    set_aside(here, "e-1", 10, pipeline="leases")
    set_aside(here, "e-4", 20)
    set_aside(here, "e-6", 20, connection="adobe")
    set_aside(here, "e-5", 20)
    assert envelopes(here) == ["e-6", "e-4", "e-5", "e-3", "e-1"]
    assert envelopes(here, "leases") == ["e-1"]
    assert envelopes(here, "contracts") == ["e-6", "e-4", "e-5", "e-3"]
    listed = set_aside_messages(here.held, here.pipelines, "leases")
    assert [aside.reason for aside in listed] == ["e-1 cannot be applied"]


def test_reports_of_the_same_moment_on_mails_stand_by_their_mails() -> None:
    here = disordered()
    key = RunKey(document="d-1", entry=1, rule="hello")
    for mail in ("m-2", "m-3", "m-1"):
        report = MailEvent(kind="opened", at=START, message_id=mail, run=key)
        set_aside(here, mail, 5, connection="@mail", events=(), feedback=report)
    listed = set_aside_messages(here.held, here.pipelines)
    assert [aside.reason for aside in listed] == [
        "m-1 cannot be applied",
        "m-2 cannot be applied",
        "m-3 cannot be applied",
    ]


def test_messages_are_counted_while_their_pipeline_is_paused() -> None:
    here = disordered()
    for number in range(3):
        here.held.add(a_message(f"k{number}", pipeline="contracts"))
    here.held.add(a_message("k9", pipeline="leases"))
    head = here.state.heads["contracts"]
    assert held_messages(here.held, head) is None
    paused = head.model_copy(update={"paused": True})
    assert held_messages(here.held, paused) == Counted(3)
    for number in range(3, 100):
        here.held.add(a_message(f"k{number}", pipeline="contracts"))
    assert held_messages(here.held, paused) == Counted(100)
    here.held.add(a_message("one-more", pipeline="contracts"))
    assert held_messages(here.held, paused) == Counted(100, more=True)


def test_where_nothing_was_set_aside_nothing_is_listed() -> None:
    here = disordered()
    assert (envelopes(here), envelopes(here, "leases"), envelopes(World())) == ([], [], [])


def test_an_unknown_pipeline_is_an_error_that_names_those_there_are() -> None:
    here = disordered()
    assert pipeline_ids(here.pipelines) == ("contracts", "leases")
    assert pipeline_ids(here.pipelines, "leases") == ("leases",)
    with pytest.raises(NotFoundError) as raised:
        envelopes(here, "nda")
    assert str(raised.value) == 'there is no pipeline "nda"; published are contracts, leases'


# --- dead letters


def lay(here: World, name: str, minute: int, queue: str = "email", **more: Any) -> None:
    sent_at = START + timedelta(minutes=minute)
    letter = {"id": name, "queue": queue, "receipt": name, "sent_at": sent_at, "body": "{}", **more}
    here.dead_letters.resting.append(DeadLetter.model_validate(letter))


@pytest.fixture
def here() -> World:
    """Letters of a run that is ready, of one that is done, and of nothing that can be read."""
    made = disordered()
    put(made, "d-1")
    ready = RunMessage.of(run(made, "d-1", "hello", "ready", 0))
    done = RunMessage.of(run(made, "d-1", "bye", "done", 0))
    lay(made, "l-3", 20, run=done)
    lay(made, "l-2", 30, reason="it cannot be read")
    lay(made, "l-4", 20, run=ready)
    lay(made, "l-1", 40, "parked", webhook="docusign")
    lay(made, "l-5", 10, "parked", reason="it cannot be read")
    return made


def letters(here: World, *queue: str, **cure: Any) -> list[tuple[str, str]]:
    letters = dead_letters(here.documents, here.dead_letters, *queue, **cure)
    return [(finding.letter.id, finding.cure) for finding in letters]


def test_dead_letters_stand_by_queue_oldest_first_with_what_to_do(here: World) -> None:
    parked = [("l-5", "leave"), ("l-1", "send_back")]
    email = [("l-3", "remove"), ("l-4", "send_back"), ("l-2", "leave")]
    assert letters(here) == [*parked, *email]
    assert (letters(here, "email"), letters(here, "parked")) == (email, parked)


def test_dead_letters_are_found_by_what_to_do(here: World) -> None:
    assert letters(here, cure="leave") == [("l-5", "leave"), ("l-2", "leave")]
    assert letters(here, "email", cure="leave") == [("l-2", "leave")]
    assert letters(here, "email", cure="keep") == []


def test_looking_at_dead_letters_leaves_them_where_they_are(here: World) -> None:
    assert letters(here) == letters(here)
    assert len(here.dead_letters.resting) == 5
    assert here.dead_letters.sent_back == []


def test_queues_without_letters_list_none(here: World) -> None:
    assert letters(here, "document") == []


def test_an_unknown_queue_is_an_error_that_names_those_there_are(here: World) -> None:
    assert dead_letter_queues(here.dead_letters, "email") == ("email",)
    assert dead_letter_queues(here.dead_letters)[:2] == ("parked", "dispatch")
    for query in (
        lambda: letters(here, "e-mail"),
        lambda: dead_letter_queues(here.dead_letters, "e-mail"),
    ):
        with pytest.raises(NotFoundError) as raised:
            query()
        assert str(raised.value) == (
            'there is no dead-letter queue "e-mail"; there are parked, dispatch, statistics, '
            "schedule, email, web, document, feedback"
        )
