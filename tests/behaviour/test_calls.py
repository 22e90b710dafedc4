"""Calls from outside and by our own people: which trigger they fire, and on which document."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError
from countersign.model.actor import user
from countersign.model.connection import ConnectionCredentials
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import SigningEvent
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make
from countersign.use_cases.messages.receive import WebhookResult, receive, take_again
from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import connection, envelope, event, mail, pipeline, stage, subjects, trigger
from tests.builders import world as new_world

BEN = "ben@acme.example"
SENDERS = ["contracts@acme.example"]
MAIL = {"from": SENDERS[0], "to": ["responsible"], "subject": "approved", "text": "x"}


def waiting(kind: str, **more: Any) -> Pipeline:
    """A pipeline in which such triggers wait, one in each of the last two stages."""
    return pipeline(
        stage("draft"),
        stage(
            "approved",
            mail("approved") | {"settings": MAIL},
            triggers=[trigger(kind, "approve", settings={"code": "yes-7f3k"}, **more)],
        ),
        stage("refused", triggers=[trigger(kind, "refuse", settings={"code": "no-2p9x"})]),
        senders=SENDERS,
    )


def world(wanted: Pipeline, *secrets: str) -> World:
    """A world with a connection for calls beside DocuSign's, and a document made by hand."""
    here = new_world(wanted)
    calls = connection(id="calls", provider="incoming_call")
    known = ConnectionCredentials(
        connection="calls",
        provider="incoming_call",
        pipeline="contracts",
        tokens=("token",),
        secrets=secrets,
    )
    here.connect(calls, known)
    make(here.store, NewDocument(id="lease", pipeline="contracts", values={}), user(BEN))
    return here


def follow(here: World, document: str, code: str, **more: Any) -> WebhookResult:
    """Somebody follows a link to the connection's address."""
    query = {"document": document, "code": code}
    given = {"method": "GET", "query": query, "received_at": here.now, **more}
    received = receive(here.receiver, "calls.token", Request.model_validate(given))
    here.settle()
    return received


def reason(here: World, document: Document) -> dict[str, str]:
    """Why each trigger was passed over by the document's newest event."""
    lines = [one for one in here.documents.timeline(document.id) if one.kind == "event"]
    return {one.trigger: one.reason for one in lines[-1].passed}


# --- from outside: the trigger's own address


@pytest.mark.parametrize(
    ("code", "stage_after", "mails"),
    [("yes-7f3k", "approved", ["approved"]), ("no-2p9x", "refused", []), ("maybe", "draft", [])],
)
def test_a_call_fires_the_trigger_of_its_code_and_no_other(
    code: str, stage_after: str, mails: list[str]
) -> None:
    here = world(waiting("incoming_call"))
    received = follow(here, "lease", code)
    assert (received.answer.status, received.outcome) == (200, "applied")
    assert (here.document("lease").stage, subjects(here)) == (stage_after, mails)


def test_why_a_trigger_did_not_fire_tells_nobody_its_code() -> None:
    here = world(waiting("incoming_call"))
    follow(here, "lease", "maybe")
    other = "the call carried another code than the trigger's"
    assert reason(here, here.document("lease")) == {"approve": other, "refuse": other}


def test_a_call_leaves_the_document_free_for_its_envelope() -> None:
    here = world(waiting("incoming_call"))
    follow(here, "lease", "yes-7f3k")
    assert here.document("lease").envelope is None
    state = envelope(custom_fields={"countersign_document": "lease"})
    after = here.tell("docusign", [event("document.sent", state=state)])
    assert (after.id, after.envelope, after.stage) == ("lease", "env-1", "approved")


def test_a_payment_leaves_the_document_free_for_its_envelope_too() -> None:
    here = world(pipeline(stage("draft")))
    detail = {"document": "lease", "amount": "500.00", "currency": "EUR"}
    paid = event("payment.received", envelope="pay-1", detail=detail)
    here.receive("docusign", [paid])
    assert here.document("lease").envelope is None


def test_a_call_reaches_a_document_whose_envelope_has_ended() -> None:
    here = world(waiting("incoming_call"))
    done = event("document.completed", minute=9, state=envelope("completed"))
    document = here.tell("docusign", [done])
    follow(here, document.id, "yes-7f3k")
    after = here.document(document.id)
    assert (after.stage, after.envelope, after.status) == ("approved", "env-1", "completed")


@pytest.mark.parametrize("document", ["nowhere", "theirs"])
def test_a_call_for_a_document_that_is_not_there_is_told_so_every_time_and_makes_none(
    document: str,
) -> None:
    here = world(waiting("incoming_call"))
    here.publish(waiting("incoming_call").model_copy(update={"pipeline": "others"}))
    make(here.store, NewDocument(id="theirs", pipeline="others", values={}), user(BEN))
    for _ in range(2):
        received = follow(here, document, "yes-7f3k")
        assert (received.outcome, received.answer.status, received.answer.body) == (
            "unmatched",
            404,
            "there is no such document",
        )
    assert [one.id for one in here.documents.in_stage("contracts")] == ["lease"]
    assert here.document("theirs").stage == "draft"


def test_the_same_call_within_a_second_counts_once_and_later_anew() -> None:
    here = world(waiting("incoming_call", allow_return=True))
    outcomes = [follow(here, "lease", "yes-7f3k").outcome for _ in range(2)]
    here.advance(timedelta(seconds=1))
    outcomes.append(follow(here, "lease", "yes-7f3k").outcome)
    assert outcomes == ["applied", "duplicate", "applied"]
    assert here.document("lease").entry == 2


@pytest.mark.parametrize(
    ("authenticity", "secrets", "stage_after"),
    [
        ("none", (), "approved"),
        ("shared_secret", (), "draft"),
        ("shared_secret", ("s3cret",), "approved"),
        ("signed", ("s3cret",), "draft"),
    ],
)
def test_a_trigger_can_ask_for_the_connections_secret(
    authenticity: str, secrets: tuple[str, ...], stage_after: str
) -> None:
    here = world(waiting("incoming_call", authenticity=authenticity), *secrets)
    headers = {"authorization": "Bearer s3cret"}
    assert follow(here, "lease", "yes-7f3k", headers=headers).outcome == "applied"
    assert here.document("lease").stage == stage_after


def test_a_call_without_the_connections_secret_is_refused() -> None:
    here = world(waiting("incoming_call"), "s3cret")
    assert follow(here, "lease", "yes-7f3k").answer.status == 401
    assert here.document("lease").stage == "draft"


def test_a_call_during_a_pause_is_kept_and_applied_on_resume() -> None:
    here = world(waiting("incoming_call"))
    pause(here.pipelines, "contracts")
    assert follow(here, "lease", "yes-7f3k").outcome == "postponed"
    assert here.document("lease").stage == "draft"
    resume(here.receiver, here.pipelines, "contracts")
    here.settle()
    assert here.document("lease").stage == "approved"


def test_a_call_that_had_to_be_parked_is_taken_again_as_the_same_call() -> None:
    here = world(waiting("incoming_call"))
    working = here.documents.commit

    def broken(change: object) -> None:
        raise RuntimeError("no database")

    here.documents.commit = broken  # type: ignore[method-assign]
    assert follow(here, "lease", "yes-7f3k").outcome == "parked"
    here.documents.commit = working  # type: ignore[method-assign]
    ((_, parked),) = here.parked.take()
    assert take_again(here.receiver, parked).outcome == "applied"
    assert take_again(here.receiver, parked).outcome == "duplicate"
    assert here.document("lease").stage == "approved"


def test_what_is_kept_of_a_call_does_not_hold_its_code() -> None:
    here = world(waiting("incoming_call"))
    follow(here, "lease", "maybe")
    kept = [one.model_dump(mode="json") for one in here.documents.timeline("lease")]
    events = here.documents.recent_events("calls", 9)
    kept += [one.model_dump(mode="json") for one in events]
    assert len(events) == 1
    assert "maybe" not in json.dumps(kept)


def test_a_provider_without_messages_by_get_still_has_none() -> None:
    here = world(waiting("incoming_call"))
    request = Request(method="GET", received_at=here.now)
    assert receive(here.receiver, "docusign.token", request).answer.status == 401


# --- by our own people: the command line and the API


@pytest.mark.parametrize(
    ("kind", "stage_after"), [("called_by_code", "approved"), ("incoming_call", "draft")]
)
def test_a_user_calls_by_code_and_fires_only_triggers_of_that_kind(
    kind: str, stage_after: str
) -> None:
    here = world(waiting(kind))
    decision = call_by_code(here.store, "lease", "yes-7f3k", user(BEN)).outcome
    here.settle()
    assert (decision.document.stage, here.document("lease").stage) == (stage_after, stage_after)
    line = next(one for one in here.documents.timeline("lease") if one.event == "api.called")
    assert (line.text, line.by) == (f"{BEN} called the document by a code", BEN)


def test_a_call_from_outside_does_not_fire_what_waits_for_our_own_people() -> None:
    here = world(waiting("called_by_code"))
    follow(here, "lease", "yes-7f3k")
    assert here.document("lease").stage == "draft"


def test_a_users_call_counts_every_time_and_sets_the_count_of_automatic_moves_back() -> None:
    here = world(waiting("called_by_code", allow_return=True))
    for code in ("yes-7f3k", "no-2p9x", "yes-7f3k"):
        call_by_code(here.store, "lease", code, user(BEN))
        here.settle()
    after = here.document("lease")
    assert (after.stage, after.entry, after.automatic_moves) == ("approved", 4, 1)


def test_a_users_call_for_a_document_that_is_not_there_is_an_error() -> None:
    here = world(waiting("called_by_code"))
    with pytest.raises(NotFoundError, match=r"^there is no document nowhere$"):
        call_by_code(here.store, "nowhere", "yes-7f3k", user(BEN))


def test_an_event_of_a_signing_provider_is_no_call() -> None:
    here = world(waiting("incoming_call"))
    sent: SigningEvent = event("document.sent", state=envelope())
    assert reason(here, here.tell("docusign", [sent])) == {}
