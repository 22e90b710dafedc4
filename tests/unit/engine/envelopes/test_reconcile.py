"""What a message says beyond what is known: who the signers are, and who replaced whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.model.document import Document
from countersign.model.signing_event import SignerRef
from countersign.simulation.world import START, World
from tests.builders import ANNA, KLARA, envelope, event, pipeline, signed, stage, world

PIPELINE = pipeline(stage("draft"))
MAX = "max@kunde.example"


def heard(here: World, document: Document) -> dict[str, str | None]:
    """What each happening on the timeline was to the document, by its kind."""
    return {
        one.event: one.applied
        for one in here.documents.timeline(document.id)
        if one.event is not None
    }


def part(**signer: Any) -> dict[str, Any]:
    """The state of a message that tells of one signer only."""
    return {"state": envelope(None, signers=[signer], all_signers=False)}


def test_a_message_about_one_signer_neither_drops_nor_reorders_the_others() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    told = part(id="1", name="Anna Berger", email=ANNA)
    after = here.tell("docusign", [event("document.viewed", ANNA, minute=1, **told)])
    assert [(s.id, s.name) for s in after.signers] == [("1", "Anna Berger"), ("2", "Klara")]


def test_a_message_about_one_signer_does_not_make_a_copy_a_signature() -> None:
    here = world(PIPELINE)
    archive = {"id": "3", "email": "archive@acme.example", "action": "copy"}
    state = envelope(signers=[*envelope().model_dump()["signers"], archive])
    here.tell("docusign", [event("document.sent", state=state)])
    told = part(id="3", email="archive@acme.example")
    after = here.tell("docusign", [event("document.viewed", minute=1, **told)])
    assert after.signers[2].action == "copy"


def test_who_handed_on_is_replaced_at_his_place_and_not_counted_as_having_signed() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", MAX, minute=1, previous_signer=previous)])
    after = here.tell("docusign", [event("document.completed", minute=2)])
    assert [(s.email, s.order, s.status) for s in after.signers] == [
        (ANNA, 1, "signed"),
        (MAX, 2, "signed"),
    ]


def test_who_handed_on_is_kept_while_nobody_knows_to_whom() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", minute=1, previous_signer=previous)])
    after = here.tell("docusign", [event("signer.signed", ANNA, minute=2)])
    assert [(s.email, s.status) for s in after.signers] == [(ANNA, "signed"), (KLARA, "waiting")]
    assert after.status == "sent"


@pytest.mark.parametrize("kind", ["document.delivered", "comment.added", "document.sent"])
@pytest.mark.parametrize("minute", [2, 4])
def test_a_list_of_before_a_signer_handed_on_does_not_bring_them_back(
    kind: str, minute: int
) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.created", minute=1, state=envelope("created"))])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", MAX, minute=5, previous_signer=previous)])
    after = here.tell("docusign", [event(kind, minute=minute, state=envelope())])
    assert [one.email for one in after.signers] == [ANNA, MAX]


def test_a_list_of_after_a_signer_handed_on_says_who_is_there() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.created", minute=1, state=envelope("created"))])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", MAX, minute=5, previous_signer=previous)])
    after = here.tell("docusign", [event("comment.added", minute=6, state=envelope())])
    assert [one.email for one in after.signers] == [ANNA, KLARA]


def test_what_was_known_to_be_newer_than_a_hand_over_stays_newer() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", minute=9, state=envelope())])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", MAX, minute=5, previous_signer=previous)])
    told = event("comment.added", minute=7, state=envelope(title="An older title"))
    after = here.tell("docusign", [told])
    assert (after.title, after.state_at) == ("Service agreement", START + timedelta(minutes=9))


def test_a_signature_given_before_is_kept_though_the_signer_is_said_to_be_replaced() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.signed", KLARA, minute=1)])
    previous = SignerRef(email=KLARA)
    after = here.tell(
        "docusign", [event("signer.reassigned", MAX, minute=2, previous_signer=previous)]
    )
    assert [s.email for s in after.signers] == [ANNA, KLARA]


def test_a_signer_met_by_address_is_the_same_once_an_id_is_told() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("signer.signed", ANNA)])
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1, state=envelope())])
    assert [(s.id, s.email, s.status) for s in after.signers] == [
        ("1", ANNA, "signed"),
        ("2", KLARA, "viewed"),
    ]


# --- what one message tells of several


def test_the_signature_of_one_does_not_hide_that_another_signed_too() -> None:
    """The provider's message of Klara carries the state in which Anna has signed as well."""
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    state = envelope(signers=signed(ANNA, KLARA, at=START + timedelta(minutes=3)))
    after = here.tell("docusign", [event("signer.signed", KLARA, minute=5, state=state)])
    assert [(s.email, s.status) for s in after.signers] == [(ANNA, "signed"), (KLARA, "signed")]
    told = [(one.event, one.signer) for one in here.documents.timeline(after.id) if one.signer]
    assert told == [("signer.signed", ANNA), ("signer.signed", KLARA)]


def test_an_event_that_names_nobody_is_heard_while_the_envelope_is_open() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.declined", minute=1)])
    here.tell("docusign", [event("document.voided", minute=2)])
    document = here.tell("docusign", [event("signer.signed", minute=3)])
    assert heard(here, document) == {
        "document.sent": "new",
        "signer.declined": "new",
        "document.voided": "new",
        "signer.signed": "late",
    }
    assert [one.status for one in document.signers] == ["waiting", "waiting"]


@pytest.mark.parametrize("kind", ["payment.received", "call.received"])
def test_what_names_a_document_knows_nothing_of_its_envelope(kind: str) -> None:
    here = world(PIPELINE)
    before = here.tell("docusign", [event("document.sent", state=envelope())])
    state = envelope("completed", title="Other", signers=signed(ANNA, KLARA))
    told = event(kind, minute=1, state=state, detail={"document": before.id})
    after = here.tell("docusign", [told])
    assert (after.title, after.status, after.signers) == (
        before.title,
        before.status,
        before.signers,
    )
    assert heard(here, after) == {"document.sent": "new", kind: "new"}


# --- when it came about


def test_when_it_was_sent_stays_the_first_time() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.created", state=envelope("created"))])
    first = here.tell("docusign", [event("document.sent", minute=1)])
    assert first.sent_at == START + timedelta(minutes=1)
    here.tell("docusign", [event("document.voided", minute=2, reason="a wrong annex")])
    again = here.tell(
        "docusign", [event("document.modified", minute=3, detail={"change": "restarted"})]
    )
    assert (again.status, again.sent_at) == ("sent", START + timedelta(minutes=1))


def test_an_envelope_that_is_only_told_of_by_its_state_has_a_time_of_sending_too() -> None:
    here = world(PIPELINE)
    told = envelope(sent_at=START - timedelta(days=1))
    document = here.tell("docusign", [event("document.viewed", KLARA, state=told)])
    assert (document.status, document.sent_at) == ("sent", START - timedelta(days=1))


@pytest.mark.parametrize(
    ("step", "applied"),
    [("document.delivered", "new"), ("document.completed", "late"), ("document.voided", "late")],
)
@pytest.mark.parametrize("kind", ["comment.added", "signer.updated", "reminder.sent"])
def test_what_is_older_than_the_end_is_late(kind: str, step: str, applied: str) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event(step, minute=5)])
    document = here.tell("docusign", [event(kind, minute=4)])
    assert heard(here, document)[kind] == applied
    document = here.tell("docusign", [event("comment.added", minute=5)])
    assert [one.applied for one in here.documents.timeline(document.id)][-1] == "new"


# --- how it ended


def test_why_it_was_voided_is_kept() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    voided = here.tell("docusign", [event("document.voided", minute=1, reason="a wrong annex")])
    assert (voided.status, voided.reason) == ("voided", "a wrong annex")


@pytest.mark.parametrize("late", ["declined", "voided", "expired"])
def test_what_is_complete_stays_complete_whatever_comes_late(late: str) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.completed", minute=2)])
    after = here.tell("docusign", [event(f"document.{late}", minute=3)])
    assert (after.status, after.status_at) == ("completed", START + timedelta(minutes=2))
    assert heard(here, after)[f"document.{late}"] == "late"


def test_what_signers_did_is_known_though_it_is_told_after_the_end() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.voided", minute=3)])
    here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=2)])
    assert [(s.email, s.status) for s in after.signers] == [(ANNA, "signed"), (KLARA, "viewed")]
    assert after.status == "voided"
    told = [line.applied for line in here.documents.timeline(after.id) if line.kind == "event"]
    assert told[-2:] == ["new", "late"]


@pytest.mark.parametrize("change", ["reactivated", "restarted", "revived"])
@pytest.mark.parametrize(("minute", "status"), [(1, "expired"), (2, "sent"), (3, "sent")], ids=str)
def test_an_envelope_is_open_again_unless_it_was_reopened_before_it_ended(
    change: str, minute: int, status: str
) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.expired", minute=2)])
    after = here.tell(
        "docusign", [event("document.modified", minute=minute, detail={"change": change})]
    )
    assert (after.status, after.status_at) == (status, START + timedelta(minutes=max(2, minute)))


def test_a_change_of_another_sort_reopens_nothing() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.expired", minute=2)])
    after = here.tell(
        "docusign", [event("document.modified", minute=3, detail={"change": "corrected"})]
    )
    assert after.status == "expired"


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (("document.viewed", "signer.started"), "started"),
        (("signer.started", "document.viewed"), "started"),
        (("signer.notified", "document.viewed"), "viewed"),
        (("document.viewed", "signer.notified"), "viewed"),
        (("signer.started", "signer.signed"), "signed"),
        (("signer.signed", "signer.started"), "signed"),
    ],
)
def test_a_signer_only_ever_goes_on(kinds: tuple[str, ...], status: str) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    for minute, kind in enumerate(kinds, start=1):
        after = here.tell("docusign", [event(kind, KLARA, minute=minute)])
    assert after.signers[1].status == status
