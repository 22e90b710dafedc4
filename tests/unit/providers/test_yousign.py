"""Yousign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, at

ID = "6b0f3a7e-52c8-4d19-9e4b-1a7c0d5f8b26"
ANNA_ID = "a1f4c0de-7b32-4e58-8c61-2d9b0e3f5a74"
KLARA_ID = "c7e2b9a4-0d61-4f83-b5a9-6e1f3c8d0b47"
PAUL_ID = "90d5e1b3-c4a7-46f2-8e0b-7f3a2c1d6e58"
NO = "We cannot deliver before autumn"
TOO_MUCH = "The discount is too high"

ANNA = SignerRef(id=ANNA_ID, email="anna.berger@acme.example", name="Anna Berger", order=1)
KLARA = SignerRef(id=KLARA_ID, email="klara.vogel@kunde.example", name="Klara Vogel", order=2)
PAUL = SignerRef(id=PAUL_ID, email="paul.winter@acme.example", name="Paul Winter", role="approver")
REFUSED = {"declined_at": at("2026-06-09T13:20:00Z"), "reason": NO}


def anna(status: SignerStatus, **more: Any) -> Signer:
    """The director as the request lists her: by her id and her state."""
    return Signer(id=ANNA_ID, order=1, status=status).model_copy(update=more)


def klara(status: SignerStatus, **more: Any) -> Signer:
    """The client, likewise."""
    return Signer(id=KLARA_ID, order=2, status=status).model_copy(update=more)


def paul(status: SignerStatus, **more: Any) -> Signer:
    """The colleague who approves."""
    approver = Signer(id=PAUL_ID, role="approver", action="approve", status=status)
    return approver.model_copy(update=more)


def named(signer: Signer) -> Signer:
    """The signer as the message names the one who acted."""
    who = {ANNA_ID: ANNA, KLARA_ID: KLARA, PAUL_ID: PAUL}[signer.id]
    return signer.model_copy(update={"name": who.name, "email": who.email})


def request(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example request in one of its states."""
    state = Envelope(
        id=ID,
        title="Supply agreement ACME and Kunde",
        status=status,
        signers=signers,
        sender=Sender(email="jonas.feld@acme.example"),
        created_at=at("2026-06-08T07:00:00Z"),
        sent_at=at("2026-06-08T07:05:00Z"),
        expires_at=at("2026-07-08T21:59:00Z"),
        custom_fields={
            "cost_centre": "4100",
            "regions": "DE, AT",
            "external_id": "V-2026-0063",
        },
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> SigningEvent:
    """One event of an example."""
    given = {"envelope": ID, **more}
    return SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given)


DECLINED_STATE = request(
    "declined", anna("signed"), named(klara("declined", **REFUSED)), paul("signed"), reason=NO
)
REJECTED = {"declined_at": at("2026-06-08T08:15:00Z"), "reason": TOO_MUCH}
REJECTED_STATE = request(
    "declined",
    anna("waiting"),
    klara("waiting"),
    named(paul("declined", **REJECTED)),
    reason=TOO_MUCH,
)

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "signature_request.activated": (
        event(
            "document.sent",
            "signature_request.activated",
            f"signature_request.activated:{ID}:-:2026-06-08 07:05:00+00:00",
            "2026-06-08T07:05:00Z",
            state=request(
                "sent", anna("waiting"), klara("waiting"), paul("notified"), sent_at=None
            ),
        ),
    ),
    "approver.approved": (
        event(
            "signer.signed",
            "approver.approved",
            f"approver.approved:{ID}:{PAUL_ID}:-",
            "2026-06-08T08:10:29Z",
            signer=PAUL,
            state=request(
                "sent",
                anna("notified"),
                klara("waiting"),
                named(paul("signed", signed_at=at("2026-06-08T08:10:29Z"))),
            ),
        ),
    ),
    "signer.notified_director": (
        event(
            "signer.notified",
            "signer.notified",
            f"signer.notified:{ID}:{ANNA_ID}:2026-06-08 08:10:32+00:00",
            "2026-06-08T08:10:32Z",
            signer=ANNA,
            state=request("sent", named(anna("notified")), klara("waiting"), paul("signed")),
        ),
    ),
    "signer.done_director": (
        event(
            "signer.signed",
            "signer.done",
            f"signer.done:{ID}:{ANNA_ID}:-",
            "2026-06-08T09:30:04Z",
            signer=ANNA,
            state=request(
                "sent",
                named(anna("signed", signed_at=at("2026-06-08T09:30:04Z"))),
                klara("waiting"),
                paul("signed"),
            ),
        ),
    ),
    "signer.link_opened_client": (
        event(
            "document.viewed",
            "signer.link_opened",
            f"signer.link_opened:{ID}:{KLARA_ID}:2026-06-09 13:00:12+00:00",
            "2026-06-09T13:00:12Z",
            signer=KLARA,
            state=request("sent", anna("signed"), named(klara("notified")), paul("signed")),
        ),
    ),
    "signer.done_client": (
        event(
            "signer.signed",
            "signer.done",
            f"signer.done:{ID}:{KLARA_ID}:-",
            "2026-06-09T13:06:40Z",
            signer=KLARA,
            state=request(
                "sent",
                anna("signed"),
                named(klara("signed", signed_at=at("2026-06-09T13:06:40Z"))),
                paul("signed"),
            ),
        ),
    ),
    "signature_request.done": (
        event(
            "document.completed",
            "signature_request.done",
            f"signature_request.done:{ID}:-:-",
            "2026-06-09T13:06:48Z",
            state=request(
                "completed",
                anna("signed"),
                klara("signed"),
                paul("signed"),
                completed_at=at("2026-06-09T13:06:48Z"),
            ),
        ),
    ),
    "signer.declined_client": (
        event(
            "signer.declined",
            "signer.declined",
            f"signer.declined:{ID}:{KLARA_ID}:-",
            "2026-06-09T13:20:00Z",
            signer=KLARA,
            reason=NO,
            state=DECLINED_STATE,
        ),
        event(
            "document.declined",
            "signer.declined",
            f"signature_request.declined:{ID}:-:-",
            "2026-06-09T13:20:00Z",
            signer=KLARA,
            reason=NO,
            state=DECLINED_STATE,
        ),
    ),
    "signature_request.declined": (
        event(
            "document.declined",
            "signature_request.declined",
            f"signature_request.declined:{ID}:-:-",
            "2026-06-09T13:20:00Z",
            signer=SignerRef(id=KLARA_ID, order=2),
            reason=NO,
            state=request(
                "declined",
                anna("signed"),
                klara("declined", **REFUSED),
                paul("signed"),
                reason=NO,
            ),
        ),
    ),
    "approver.rejected": (
        event(
            "signer.declined",
            "approver.rejected",
            f"approver.rejected:{ID}:{PAUL_ID}:-",
            "2026-06-08T08:15:00Z",
            signer=PAUL,
            reason=TOO_MUCH,
            state=REJECTED_STATE,
        ),
        event(
            "document.declined",
            "approver.rejected",
            f"signature_request.rejected:{ID}:-:-",
            "2026-06-08T08:15:00Z",
            signer=PAUL,
            reason=TOO_MUCH,
            state=REJECTED_STATE,
        ),
    ),
    "signature_request.canceled": (
        event(
            "document.voided",
            "signature_request.canceled",
            f"signature_request.canceled:{ID}:-:-",
            "2026-06-10T07:00:00Z",
            state=request("voided", anna("signed"), klara("waiting"), paul("signed")),
        ),
    ),
    "signature_request.expired": (
        event(
            "document.expired",
            "signature_request.expired",
            f"signature_request.expired:{ID}:-:2026-07-08 21:59:05+00:00",
            "2026-07-08T21:59:05Z",
            state=request("expired", anna("signed"), klara("notified"), paul("signed")),
        ),
    ),
    "signature_request.reactivated": (
        event(
            "document.modified",
            "signature_request.reactivated",
            f"signature_request.reactivated:{ID}:-:2026-07-09 07:00:00+00:00",
            "2026-07-09T07:00:00Z",
            state=request(
                "sent",
                anna("signed"),
                klara("notified"),
                paul("signed"),
                expires_at=at("2026-08-08T21:59:00Z"),
            ),
            detail={"change": "reactivated"},
        ),
    ),
    "signer.notification_delivery_failed_client": (
        event(
            "signer.delivery_failed",
            "signer.notification_delivery_failed",
            f"signer.notification_delivery_failed:{ID}:{KLARA_ID}:2026-06-08 09:31:00+00:00",
            "2026-06-08T09:31:00Z",
            signer=KLARA,
            reason="bounced",
            state=request("sent", anna("signed"), named(klara("notified")), paul("signed")),
        ),
    ),
    "signer.unheard_of": (
        event(
            "other",
            "signer.unheard_of",
            f"signer.unheard_of:{ID}:00157c1e5b9d4f0a83e2d6b1c0f9a7e5:2026-06-08 09:32:00+00:00",
            "2026-06-08T09:32:00Z",
        ),
    ),
    "contact.created": (
        event(
            "other",
            "contact.created",
            "contact.created:-:00167c1e5b9d4f0a83e2d6b1c0f9a7e5:2026-06-08 07:00:00+00:00",
            "2026-06-08T07:00:00Z",
            envelope="",
        ),
    ),
}


class TestYousign(BodySigned, ProofInHeader):
    name = "yousign"
    example = "signer.done_director"
    now = at("2026-06-08T09:30:06Z")
    proof = "x-yousign-signature-256"
    telling = ("event_name", "data.signature_request.id")
    meanings = MEANINGS
    same_fact = (frozenset({"signer.declined_client", "signature_request.declined"}),)
    hidden = (
        "https://yousign.app/signatures/opens-for-anna",
        "https://yousign.app/signatures/opens-for-klara",
        "https://yousign.app/approvals/opens-for-paul",
    )

    def event_name(self, message: Any) -> str:
        return str(message["event_name"])

    def signed(self, request: Request, secret: str) -> Request:
        digest = hmac.new(secret.encode(), request.body, hashlib.sha256)
        return self.with_proof(request, f"sha256={digest.hexdigest()}")

    def retried(self, request: Request) -> Request:
        """Written anew, with a higher counter, by another subscription where that may be."""
        message = json.loads(request.body)
        message["subscription_id"] = "another"
        body = json.dumps(message, indent=1).encode()
        headers = {**request.headers, "x-yousign-retry": "4"}
        return request.model_copy(update={"body": body, "headers": headers})

    @pytest.mark.parametrize(
        ("proof", "accepted"),
        [
            ("sha256={right}", True),
            ("{right}", False),
            ("SHA256={right}", False),
            ("sha512={right}", False),
            ("sha256={right}0", False),
            ("sha256=sha256={right}", False),
        ],
    )
    def test_only_the_documented_form_counts(self, proof: str, accepted: bool) -> None:
        right = self.proof_of(self.genuine()).removeprefix("sha256=")
        request = self.with_proof(self.genuine(), proof.replace("{right}", right))
        assert self.accepted(request, SECRET) is accepted

    @pytest.mark.parametrize(
        ("name", "kind", "change"),
        [
            ("signature_request.paused", "document.modified", "paused"),
            ("signature_request.resumed", "document.modified", "resumed"),
            ("signature_request.approved", "document.modified", "approved"),
            ("signature_request.reminder_executed", "reminder.sent", None),
            ("signature_request.automatic_reminder_executed", "reminder.sent", None),
            ("signature_request.rejected", "document.declined", "rejected by an approver"),
            ("signature_request.deleted", "document.deleted", "deleted"),
            ("signature_request.permanently_deleted", "document.deleted", "permanently deleted"),
            ("signer.identification_failed", "signer.authentication_failed", "failed"),
            ("signer.identification_blocked", "signer.authentication_failed", "blocked"),
            ("signer.identification_expired", "signer.authentication_failed", "expired"),
            ("signer.identification_succeeded", "signer.authentication_succeeded", None),
            ("signer.identity_saved", "signer.authentication_succeeded", "identity saved"),
            ("signer.sender_contacted", "comment.added", None),
            ("signer.error", "document.failed", None),
            ("approver.notified", "signer.notified", None),
            ("approver.notification_delivery_failed", "signer.delivery_failed", None),
            ("electronic_seal.done", "document.artifact_ready", None),
            ("electronic_seal.error", "document.failed", None),
            ("document_analysis.done", "other", None),
            ("verification.company.done", "other", None),
            ("workflow_session.done", "other", None),
            ("applicant.notified", "other", None),
        ],
    )
    def test_an_event_of_a_request_is_told_in_our_words(
        self, name: str, kind: str, change: str | None
    ) -> None:
        (found,) = self.parse(name, {"signature_request": {"id": ID, "status": "ongoing"}})
        assert (found.kind, found.detail.get("change"), found.envelope) == (kind, change, ID)

    @pytest.mark.parametrize("name", ["electronic_seal.done", "user.completed", "whatever"])
    @pytest.mark.parametrize("data", [{}, {"electronic_seal": {"id": "s1"}}])
    def test_what_belongs_to_no_request_has_no_effect(
        self, name: str, data: dict[str, Any]
    ) -> None:
        (found,) = self.parse(name, data)
        assert (found.kind, found.envelope, found.state) == ("other", "", None)

    def test_a_signers_event_without_its_request_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match="signature_request"):
            self.parse("signer.done", {"signer": {"id": "s1"}})

    @pytest.mark.parametrize("data", [None, 17, [], "text", {"signature_request": 5}])
    def test_an_unknown_event_is_other_whatever_it_carries(self, data: Any) -> None:
        (found,) = self.parse("signer.unheard_of", data)
        assert (found.kind, found.envelope) == ("other", "")

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("initiated", "waiting"),
            ("notified", "notified"),
            ("verified", "started"),
            ("processing", "started"),
            ("consent_given", "started"),
            ("signed", "signed"),
            ("declined", "declined"),
            ("aborted", "waiting"),
            ("error", "waiting"),
            (None, "waiting"),
        ],
    )
    def test_a_signers_word_tells_the_state(self, word: str | None, status: str) -> None:
        (found,) = self.parse(
            "signature_request.approved",
            {"signature_request": {"id": ID, "signers": [{"id": "s1", "status": word}]}},
        )
        assert found.state is not None
        assert [one.status for one in found.state.signers] == [status]

    def test_a_short_message_does_not_claim_to_list_everyone(self) -> None:
        (found,) = self.parse(
            "signer.notified",
            {"signature_request": {"id": ID}, "signer": {"id": "s1", "status": "notified"}},
        )
        assert found.state == Envelope(
            id=ID, signers=(Signer(id="s1", status="notified"),), all_signers=False
        )

    def test_a_signer_is_numbered_only_where_the_order_is_kept(self) -> None:
        signers = [{"id": "s1"}, {"id": "s2"}]
        for ordered, orders in ((True, [1, 2]), (False, [None, None])):
            (found,) = self.parse(
                "signature_request.approved",
                {"signature_request": {"id": ID, "ordered_signers": ordered, "signers": signers}},
            )
            assert found.state is not None
            assert [one.order for one in found.state.signers] == orders

    @pytest.mark.parametrize(
        ("notification", "reason"),
        [
            ({"reason": "full", "status": "bounced"}, "full"),
            ({"error_status": "spam"}, "spam"),
            ("spam", "spam"),
            ({"status": 5}, None),
            ([], None),
            (None, None),
        ],
    )
    def test_why_a_mail_failed_is_told_where_it_is_a_text(
        self, notification: Any, reason: str | None
    ) -> None:
        (found,) = self.parse(
            "signer.notification_delivery_failed",
            {"signature_request": {"id": ID}, "notification": notification},
        )
        assert found.reason == reason

    @pytest.mark.parametrize("name", ["signer.declined", "approver.rejected"])
    @pytest.mark.parametrize("status", [None, "", 7, "declined", "another"])
    def test_a_refusal_ends_the_request_unless_its_status_says_otherwise(
        self, name: str, status: Any
    ) -> None:
        events = self.parse(name, {"signature_request": {"id": ID, "status": status}})
        assert [each.kind for each in events] == ["signer.declined", "document.declined"]

    @pytest.mark.parametrize(
        "acting",
        [
            {"id": "s2", "info": {"email": "hof@kunde.example", "last_name": "Veit"}},
            {"id": "s2", "info": None, "status": None},
            {"id": "s2", "info": {"email": ["odd"], "first_name": 4}},
        ],
    )
    def test_the_acting_signer_is_known_by_the_id_whatever_else_is_odd(self, acting: Any) -> None:
        request = {"id": ID, "signers": [{"id": "s1"}, {"id": "s2", "status": "signed"}]}
        (event,) = self.parse("signer.done", {"signature_request": request, "signer": acting})
        assert event.signer is not None
        assert event.signer.id == "s2"
        assert event.state is not None
        assert [(s.id, s.status) for s in event.state.signers] == [
            ("s1", "waiting"),
            ("s2", "signed"),
        ]

    def test_an_acting_signer_without_an_id_is_told_by_name_and_makes_no_third(self) -> None:
        request = {"id": ID, "status": "ongoing", "signers": [{"id": "s1"}, {"id": "s2"}]}
        signer = {"id": None, "info": {"email": "hof@kunde.example", "phone_number": "+49 30 1"}}
        (event,) = self.parse("signer.done", {"signature_request": request, "signer": signer})
        assert event.signer == SignerRef(email="hof@kunde.example", phone="+49 30 1")
        assert event.state is not None
        assert [each.id for each in event.state.signers] == ["s1", "s2"]

    @pytest.mark.parametrize("name", ["Ute", "Veit"])
    def test_of_two_listed_without_ids_the_one_who_is_named_acted(self, name: str) -> None:
        people = [
            {"info": {"email": "hof@kunde.example", "first_name": each}} for each in ("Ute", "Veit")
        ]
        signer = {"info": {"email": "hof@kunde.example", "first_name": name}, "status": "signed"}
        request = {"id": ID, "status": "ongoing", "signers": people}
        (event,) = self.parse("signer.done", {"signature_request": request, "signer": signer})
        assert event.state is not None
        assert [each.name for each in event.state.signers if each.status == "signed"] == [name]
        assert len(event.state.signers) == 2

    def test_a_recipient_of_whom_nothing_is_said_leaves_the_list_in_doubt(self) -> None:
        request = {"id": ID, "status": "ongoing", "signers": [{"id": "s1"}, {"status": "signed"}]}
        (event,) = self.parse("signature_request.paused", {"signature_request": request})
        assert event.state is not None
        assert (len(event.state.signers), event.state.all_signers) == (1, False)

    @pytest.mark.parametrize("deadline", ["2026-12-01", "soon", 17, None, {}])
    def test_a_deadline_that_cannot_be_read_costs_no_signature(self, deadline: Any) -> None:
        request = {"id": ID, "status": "ongoing", "expiration_date": deadline}
        (event,) = self.parse("signer.done", {"signature_request": request, "signer": {"id": "s"}})
        assert (event.kind, event.signer and event.signer.id) == ("signer.signed", "s")
        assert event.state is not None
        assert event.state.expires_at is None

    def test_a_refusal_that_ends_nothing_tells_of_the_signer_alone(self) -> None:
        found = self.parse(
            "signer.declined",
            {"signature_request": {"id": ID, "status": "ongoing"}, "signer": {"id": "s1"}},
        )
        assert [one.kind for one in found] == ["signer.declined"]

    def parse(self, name: str, data: Any) -> tuple[SigningEvent, ...]:
        body = {"event_id": "e1", "event_name": name, "event_time": "1780911006", "data": data}
        return self.subject.parse(self.with_json(json.dumps(body).encode()))
