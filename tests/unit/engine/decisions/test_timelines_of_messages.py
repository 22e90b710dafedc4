"""Whole timelines: what is told late, known already or attached, line by line as people read it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from countersign.model.actor import user
from countersign.simulation.world import START, World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import (
    ANNA,
    KLARA,
    connection,
    envelope,
    event,
    pipeline,
    signed,
    stage,
    timeline,
    trigger,
    world,
)


def test_what_is_read_off_a_state_known_or_late_is_told_so() -> None:
    here = world(pipeline(stage("draft"), stage("end", triggers=[trigger("signed_by_all")])))
    state = envelope(signers=signed(ANNA, at=START + timedelta(minutes=2)))
    document = here.tell("docusign", [event("document.viewed", KLARA, minute=3, state=state)])
    here.tell("docusign", [event("signer.signed", ANNA, minute=2)])
    here.tell("docusign", [event("document.completed", minute=4)])
    here.tell("docusign", [event("document.voided", minute=5)])
    document = here.tell("docusign", [event("comment.added", minute=1)])
    assert timeline(here, document) == [
        {
            "kind": "created",
            "text": "docusign reported the envelope env-1",
            "by": "provider:docusign",
            "entry": 1,
            "to_stage": "draft",
            "pipeline_version": 1,
            "cause": "provider:docusign document.viewed",
        },
        {
            "kind": "event",
            "text": "signer.signed (anna@acme.example), read off the state that document.viewed "
            "carried",
            "by": "provider:docusign",
            "entry": 1,
            "event": "signer.signed",
            "key": "document.viewed:klara@kunde.example:3",
            "occurred_at": 2,
            "applied": "derived",
            "signer": "anna@acme.example",
            "cause": "provider:docusign document.viewed",
        },
        {
            "kind": "event",
            "text": "document.sent, read off the state that document.viewed carried",
            "by": "provider:docusign",
            "entry": 1,
            "event": "document.sent",
            "key": "document.viewed:klara@kunde.example:3",
            "occurred_at": 3,
            "applied": "derived",
            "cause": "provider:docusign document.viewed",
        },
        {
            "kind": "event",
            "text": "document.viewed (klara@kunde.example)",
            "by": "provider:docusign",
            "entry": 1,
            "event": "document.viewed",
            "key": "document.viewed:klara@kunde.example:3",
            "occurred_at": 3,
            "applied": "new",
            "signer": "klara@kunde.example",
            "cause": "provider:docusign document.viewed",
        },
        {
            "kind": "event",
            "text": "signer.signed (anna@acme.example): known already",
            "by": "provider:docusign",
            "entry": 1,
            "event": "signer.signed",
            "key": "signer.signed:anna@acme.example:2",
            "occurred_at": 2,
            "applied": "known",
            "signer": "anna@acme.example",
            "cause": "provider:docusign signer.signed",
        },
        {
            "kind": "event",
            "text": "signer.signed (klara@kunde.example), read off the state that "
            "document.completed carried",
            "by": "provider:docusign",
            "entry": 1,
            "event": "signer.signed",
            "key": "document.completed:None:4",
            "occurred_at": 4,
            "applied": "derived",
            "signer": "klara@kunde.example",
            "cause": "provider:docusign document.completed",
        },
        {
            "kind": "event",
            "text": "document.completed",
            "by": "provider:docusign",
            "entry": 1,
            "event": "document.completed",
            "key": "document.completed:None:4",
            "occurred_at": 4,
            "applied": "new",
            "fired": {"trigger": "signed-by-all", "stage": "end", "kind": "signed_by_all"},
            "cause": "provider:docusign document.completed",
        },
        {
            "kind": "moved",
            "text": "moved from draft to end as anna@acme.example",
            "by": "trigger:signed-by-all",
            "entry": 2,
            "from_stage": "draft",
            "to_stage": "end",
            "pipeline_version": 1,
            "cause": "provider:docusign document.completed > trigger:signed-by-all",
        },
        {
            "kind": "event",
            "text": "document.voided: late, older than what is known",
            "by": "provider:docusign",
            "entry": 2,
            "event": "document.voided",
            "key": "document.voided:None:5",
            "occurred_at": 5,
            "applied": "late",
            "cause": "provider:docusign document.voided",
        },
        {
            "kind": "event",
            "text": "comment.added: late, older than what is known",
            "by": "provider:docusign",
            "entry": 2,
            "event": "comment.added",
            "key": "comment.added:None:1",
            "occurred_at": 1,
            "applied": "late",
            "cause": "provider:docusign comment.added",
        },
    ]


def test_a_document_that_is_made_by_hand_tells_who_made_it_and_what_was_attached() -> None:
    here = World()
    here.publish(pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")])))
    here.connect(connection())
    make(
        here.store,
        NewDocument(id="lease", pipeline="contracts", values={"amount": 5, "title": "Lease"}),
        user(ANNA),
    )
    state = envelope(custom_fields={"countersign_document": "lease"}, title="Lease 7")
    here.tell("docusign", [event("document.sent", state=state)])
    document = here.document("lease")
    assert timeline(here, document) == [
        {
            "kind": "created",
            "text": "anna@acme.example made the document",
            "by": "anna@acme.example",
            "entry": 1,
            "to_stage": "draft",
            "pipeline_version": 1,
            "changes": (
                {"field": "amount", "new": Decimal("5")},
                {"field": "title", "new": "Lease"},
            ),
            "cause": "anna@acme.example",
        },
        {
            "kind": "attached",
            "text": "the envelope env-1 of docusign is attached",
            "by": "provider:docusign",
            "entry": 1,
        },
        {
            "kind": "warning",
            "text": 'the envelope says "Lease 7", but title stays as a person set it; empty the '
            "field to take the next value from the envelope",
            "by": "provider:docusign",
            "entry": 1,
            "key": "document.sent:None:0",
        },
        {
            "kind": "event",
            "text": "document.sent",
            "by": "provider:docusign",
            "entry": 1,
            "event": "document.sent",
            "key": "document.sent:None:0",
            "occurred_at": 0,
            "applied": "new",
            "fired": {"trigger": "sent", "stage": "sent", "kind": "sent"},
            "cause": "provider:docusign document.sent",
        },
        {
            "kind": "moved",
            "text": "moved from draft to sent as anna@acme.example",
            "by": "trigger:sent",
            "entry": 2,
            "from_stage": "draft",
            "to_stage": "sent",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent > trigger:sent",
        },
    ]


def test_what_fields_a_message_brings_and_whom_it_may_mean_is_told_with_the_message() -> None:
    wanted = pipeline(stage("draft"), fields={"price": {"type": "number"}, "end": {"type": "date"}})
    sources = [{"source": name.title(), "field": name} for name in ("price", "end")]
    here = world(wanted, fields=sources)
    office = "office@kunde.example"
    signers = [{"id": str(n), "email": office, "name": f"Signer {n}"} for n in (1, 2)]
    state = envelope(custom_fields={"Price": "12", "End": "soon"}, signers=signers)
    document = here.tell("docusign", [event("document.sent", state=state)])
    here.tell("docusign", [event("document.viewed", office, minute=1)])
    lines = [line for line in timeline(here, document) if line["kind"] in ("warning", "edited")]
    common = {"by": "provider:docusign", "entry": 1}
    assert lines == [
        {
            **common,
            "kind": "warning",
            "text": 'the custom field "End" of the envelope was not taken over: end: "soon" is not '
            "a valid date; expected YYYY-MM-DD, such as 2026-05-31; if people fill it in, set the "
            "connection's locale: countersign connections update ID --locale NAME",
            "key": "document.sent:None:0",
            "cause": "provider:docusign document.sent",
        },
        {
            **common,
            "kind": "edited",
            "text": "provider:docusign changed price",
            "key": "document.sent:None:0",
            "changes": ({"field": "price", "new": Decimal("12")},),
            "cause": "provider:docusign document.sent",
        },
        {
            **common,
            "kind": "warning",
            "text": "document.viewed may mean 2 signers equally well (Signer 1, Signer 2): none of "
            "them was marked",
            "key": f"document.viewed:{office}:1",
            "cause": "provider:docusign document.viewed",
        },
    ]


def test_what_was_not_read_of_a_message_is_told_once_with_the_message() -> None:
    here = world(pipeline(stage("draft")))
    odd = "title of the message was not read: odd"
    messages = [
        event("document.sent", state=envelope()).model_copy(update={"warnings": (odd, odd)}),
        event("document.viewed", minute=1).model_copy(update={"warnings": (odd,)}),
    ]
    document = here.tell("docusign", messages)
    lines = [line for line in timeline(here, document) if line["kind"] == "warning"]
    assert lines == [
        {
            "kind": "warning",
            "text": odd,
            "by": "provider:docusign",
            "entry": 1,
            "key": "document.sent:None:0",
            "cause": lines[0]["cause"],
        }
    ]
