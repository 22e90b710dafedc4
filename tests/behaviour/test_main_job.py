"""The main job on the in-memory adapters: events move a document, rules send mail."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import (
    ANNA,
    KLARA,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    signed,
    stage,
    states,
    subjects,
    trigger,
    world,
)

CONTRACTS = pipeline(
    stage("draft"),
    stage(
        "sent",
        mail("contract"),
        mail("reminder", time={"after": {"days": 3}, "at": "09:00"}),
        triggers=[trigger("signed_by_company")],
    ),
    stage("signed", triggers=[trigger("signed_by_all")]),
    stage("not-signed", kind="failure", triggers=[trigger("declined"), trigger("voided")]),
    senders=["contracts@acme.example"],
)


def test_a_document_appears_in_the_first_stage_when_its_envelope_is_sent() -> None:
    found = world(CONTRACTS).tell("docusign", [event("document.sent", state=envelope())])
    assert (found.stage, found.entry, found.title) == ("draft", 1, "Service agreement")
    assert [(s.email, s.party) for s in found.signers] == [(ANNA, "company"), (KLARA, "client")]


def test_the_directors_signature_moves_it_and_mails_the_client() -> None:
    here = world(CONTRACTS)
    here.tell("docusign", [event("document.sent", state=envelope())])
    moved = here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    assert (moved.stage, moved.entry, moved.moved_by) == ("sent", 2, ANNA)
    assert subjects(here) == ["contract"]
    assert here.mailbox.sent[0].to == (KLARA,)
    assert states(here, moved, 2) == {"contract": "done", "reminder": "ready"}


def test_the_reminder_comes_when_nobody_signs() -> None:
    here = world(CONTRACTS)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    here.advance(timedelta(days=4))
    assert subjects(here) == ["contract", "reminder"]


def test_the_reminder_never_comes_once_the_client_has_signed() -> None:
    here = world(CONTRACTS)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    done = event(
        "document.completed", minute=2, state=envelope("completed", signers=signed(ANNA, KLARA))
    )
    final = here.tell("docusign", [done])
    here.advance(timedelta(days=4))
    assert final.stage == "signed"
    assert subjects(here) == ["contract"]
    reminder = run_of(here, final, "reminder")
    assert (reminder.state, reminder.reason) == (
        "cancelled",
        "the document left the stage sent before it began",
    )


def test_a_lost_signature_is_found_in_the_next_message_and_handled_first() -> None:
    here = world(CONTRACTS)
    here.tell("docusign", [event("document.sent", state=envelope())])
    late = event(
        "document.completed", minute=9, state=envelope("completed", signers=signed(ANNA, KLARA))
    )
    final = here.tell("docusign", [late])
    timeline = [
        (line.event, line.signer, line.applied)
        for line in here.documents.timeline(final.id)
        if line.kind == "event"
    ]
    assert timeline == [
        ("document.sent", None, "new"),
        ("signer.signed", ANNA, "derived"),
        ("signer.signed", KLARA, "derived"),
        ("document.completed", None, "new"),
    ]
    assert final.stage == "signed"
    assert final.entry == 3
    assert subjects(here) == []


def test_an_event_that_was_seen_before_changes_nothing() -> None:
    here = world(CONTRACTS)
    sent = event("document.sent", state=envelope())
    before = here.tell("docusign", [sent])
    assert here.tell("docusign", [sent]) == before


def test_a_late_viewed_cannot_undo_completed() -> None:
    here = world(CONTRACTS)
    here.tell(
        "docusign",
        [
            event(
                "document.completed",
                minute=5,
                state=envelope("completed", signers=signed(ANNA, KLARA)),
            )
        ],
    )
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    assert after.status == "completed"
    assert {s.status for s in after.signers} == {"signed"}
    assert here.documents.timeline(after.id)[-1].applied == "late"
