"""PandaDoc: what it sends, what that means, and what must not pass for it."""

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
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import SECRET, BodySigned, at

ID = "hT3mWq9LrVxEcKbZ2sYdPn"
ANNA_ID, KLARA_ID = "rA4nNaBeRgEr1", "rK1aRaVoGeL22"

ANNA_WAITS = Signer(
    id=ANNA_ID, name="Anna Berger", email="anna.berger@acme.example", role="Director", order=1
)
ANNA_ASKED = ANNA_WAITS.model_copy(update={"status": "notified"})
ANNA_SIGNED = ANNA_WAITS.model_copy(update={"status": "signed"})
ANNA_SIGNS = ANNA_SIGNED.model_copy(update={"signed_at": at("2026-05-04T09:02:33.12Z")})
KLARA_WAITS = Signer(
    id=KLARA_ID, name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=2
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_SIGNED = KLARA_WAITS.model_copy(update={"status": "signed"})
KLARA_SIGNS = KLARA_SIGNED.model_copy(update={"signed_at": at("2026-05-05T14:20:11.45Z")})
ARCHIVE = Signer(
    id="rL3gAlArChV33", name="Legal Archive", email="archive@acme.example", action="copy"
)
ANNA = SignerRef(
    id=ANNA_ID, email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id=KLARA_ID, email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
DONE = at("2026-05-05T14:20:14.8Z")


def document(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=ID,
        title="Licence agreement ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-05-04T07:30:00.114744Z"),
        expires_at=at("2026-06-03T07:31:00Z"),
        custom_fields={
            "grand_total.amount": "12500.00",
            "grand_total.currency": "EUR",
            "contract_number": "V-2026-0058",
        },
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> SigningEvent:
    """One event of an example."""
    given = {"envelope": ID, **more}
    return SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given)


def changed(
    kind: Any, state: str, when: str, written: str, envelope: Envelope, **more: Any
) -> tuple[SigningEvent]:
    """The one event of an example in which the document's state changed."""
    key = f"{state}:{ID}:-:{written}+00:00"
    return (event(kind, "document_state_changed", key, when, state=envelope, **more),)


KLARAS = event(
    "signer.signed",
    "recipient_completed",
    f"recipient_completed:{ID}:{KLARA_ID}:2026-05-05 14:20:11.450000+00:00",
    "2026-05-05T14:20:11.45Z",
    signer=KLARA,
    state=document("sent", ANNA_SIGNED, KLARA_SIGNS),
)
COMPLETED = document("completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=DONE)

LEASE, GROUP_ID = "wK8pRd2NfXbVtQzH5jLmGc", "gP5rChAsInG77"
GROUP_SIGNED = Signer(
    id=GROUP_ID,
    name="Kunde Purchasing",
    members=("bea.lang@kunde.example", "cem.aydin@kunde.example"),
    role="Client",
    order=2,
    status="signed",
    signed_at=at("2026-05-05T14:20:11.45Z"),
)

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "document_state_changed_draft": changed(
        "document.created",
        "document.draft",
        "2026-05-04T07:30:02.157758Z",
        "2026-05-04 07:30:02.157758",
        document("created", ANNA_WAITS, KLARA_WAITS),
    ),
    "document_state_changed_waiting_approval": changed(
        "document.modified",
        "document.waiting_approval",
        "2026-05-04T07:30:40.000001Z",
        "2026-05-04 07:30:40.000001",
        document("created", ANNA_WAITS, KLARA_WAITS),
        detail={"change": "approval", "state": "waiting_approval"},
    ),
    "document_state_changed_sent": changed(
        "document.sent",
        "document.sent",
        "2026-05-04T07:31:00.25Z",
        "2026-05-04 07:31:00.250000",
        document("sent", ANNA_ASKED, KLARA_WAITS),
    ),
    "recipient_completed_director": (
        event(
            "signer.signed",
            "recipient_completed",
            f"recipient_completed:{ID}:{ANNA_ID}:2026-05-04 09:02:33.120000+00:00",
            "2026-05-04T09:02:33.12Z",
            signer=ANNA,
            state=document("sent", ANNA_SIGNS, KLARA_ASKED),
        ),
    ),
    "document_state_changed_viewed_client": changed(
        "document.viewed",
        "document.viewed",
        "2026-05-05T14:12:00.9Z",
        "2026-05-05 14:12:00.900000",
        document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "recipient_completed_client": (KLARAS,),
    "recipient_completed_group": (
        event(
            "signer.signed",
            "recipient_completed",
            f"recipient_completed:{LEASE}:{GROUP_ID}:2026-05-05 14:20:11.450000+00:00",
            "2026-05-05T14:20:11.45Z",
            envelope=LEASE,
            signer=SignerRef(id=GROUP_ID, name="Kunde Purchasing", role="Client", order=2),
            state=document(
                "sent", id=LEASE, title="Lease of a workshop", signers=(ANNA_SIGNED, GROUP_SIGNED)
            ),
        ),
    ),
    "document_state_changed_completed": (
        KLARAS,
        event(
            "document.completed",
            "document_state_changed",
            f"document.completed:{ID}",
            "2026-05-05T14:20:14.8Z",
            state=COMPLETED,
        ),
    ),
    "document_completed_pdf_ready": (
        event(
            "document.artifact_ready",
            "document_completed_pdf_ready",
            f"document_completed_pdf_ready:{ID}",
            "2026-05-05T14:20:15.01Z",
            state=COMPLETED,
        ),
    ),
    "document_state_changed_declined": changed(
        "document.declined",
        "document.declined",
        "2026-05-05T15:00:00Z",
        "2026-05-05 15:00:00",
        document("declined", ANNA_SIGNED, KLARA_WAITS),
    ),
    "document_state_changed_cancelled": changed(
        "document.voided",
        "document.cancelled",
        "2026-05-06T08:00:00.5Z",
        "2026-05-06 08:00:00.500000",
        document("voided", ANNA_SIGNED, KLARA_WAITS),
    ),
    "document_state_changed_expired": changed(
        "document.expired",
        "document.voided",
        "2026-06-03T07:31:05Z",
        "2026-06-03 07:31:05",
        document("expired", ANNA_SIGNED, KLARA_WAITS),
    ),
    "document_creation_failed": (
        event(
            "document.failed",
            "document_creation_failed",
            f"document_creation_failed:{ID}:-:-",
            "2026-05-04T09:02:34Z",
            reason="The template has no role Client",
        ),
    ),
    "document_deleted": (
        event(
            "document.deleted",
            "document_deleted",
            f"document_deleted:{ID}",
            "2026-05-04T07:30:30Z",
            state=document("created", ANNA_WAITS, KLARA_WAITS),
        ),
    ),
    "document_unheard_of": (
        event(
            "other",
            "document_unheard_of",
            f"document_unheard_of:{ID}:-:2026-05-04 10:00:00+00:00",
            "2026-05-04T10:00:00Z",
            state=document("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "template_created": (
        event(
            "template.changed",
            "template_created",
            "template_created:tP9wE4rT:-:2026-01-12 10:00:00+00:00",
            "2026-01-12T10:00:00Z",
            envelope="",
            detail={"change": "created", "template": "tP9wE4rT"},
        ),
    ),
}


TELLING = ("event", "data.id", "data.status")


class TestPandaDoc(BodySigned):
    name = "pandadoc"
    example = "recipient_completed_director"
    now = at("2026-05-04T09:02:34Z")
    meanings = MEANINGS
    same_fact = (frozenset({"recipient_completed_client", "document_state_changed_completed"}),)
    telling = tuple(f"{item}.{member}" for item in "01" for member in TELLING)
    hidden = (
        "https://app.pandadoc.com/document/opens-for-anna",
        "https://app.pandadoc.com/document/opens-for-klara",
    )

    def event_name(self, message: Any) -> str:
        return str(message[0]["event"])

    def signed(self, request: Request, secret: str) -> Request:
        digest = hmac.new(secret.encode(), request.body, hashlib.sha256)
        return self.with_proof(request, digest.hexdigest())

    def with_proof(self, request: Request, value: str | None) -> Request:
        query = {} if value is None else {"signature": value}
        return request.model_copy(update={"query": query})

    def proof_of(self, request: Request) -> str:
        return request.query["signature"]

    def retried(self, request: Request) -> Request:
        """Written anew, under another id: what is not signed must not make a difference."""
        body = json.dumps(json.loads(request.body), indent=1, sort_keys=True).encode()
        headers = {**request.headers, "x-pandadoc-webhook-event-id": "another"}
        return request.model_copy(update={"body": body, "headers": headers})

    def test_a_parameter_sent_twice_is_refused(self) -> None:
        true, false = self.proof_of(self.genuine()), self.proof_of(self.genuine("wrong"))
        for joined in (f"{true},{false}", f"{false},{true}", f"{true},{true}"):
            assert not self.accepted(self.with_proof(self.genuine(), joined), SECRET)

    def test_a_proof_in_a_header_is_none(self) -> None:
        bare = self.with_proof(self.genuine(), None)
        headers = {**bare.headers, "x-pd-signature": self.proof_of(self.genuine())}
        assert not self.accepted(bare.model_copy(update={"headers": headers}), SECRET)

    def test_other_parameters_may_stand_beside_it(self) -> None:
        request = self.genuine()
        query = {"workspace": "3", **request.query}
        assert self.accepted(request.model_copy(update={"query": query}), SECRET)

    def test_an_event_that_stands_alone_counts_like_an_array_of_one(self) -> None:
        request = self.read(self.example)
        alone = json.dumps(json.loads(request.body)[0]).encode()
        assert self.subject.parse(self.with_json(alone)) == self.subject.parse(request)

    def test_what_an_array_tells_twice_counts_once(self) -> None:
        items = json.loads(self.read(self.example).body)
        found = self.subject.parse(self.with_json(json.dumps([*items, *items]).encode()))
        assert found == MEANINGS[self.example]

    @pytest.mark.parametrize("body", [b"[]", b"[[]]", b"[null]", b"[{}, 7]"])
    def test_an_array_without_events_is_malformed(self, body: bytes) -> None:
        with pytest.raises(MalformedError):
            self.subject.parse(self.with_json(body))

    def test_one_call_may_tell_of_several_documents(self) -> None:
        one, other = ({"id": name, "status": "document.sent"} for name in ("d1", "d2"))
        items = [{"event": "document_state_changed", "data": data} for data in (one, other)]
        found = self.subject.parse(self.with_json(json.dumps(items).encode()))
        assert [(event.kind, event.envelope) for event in found] == [
            ("document.sent", "d1"),
            ("document.sent", "d2"),
        ]

    @pytest.mark.parametrize(
        ("status", "kind", "change"),
        [
            ("document.uploaded", "document.created", None),
            ("document.scheduled", "document.created", None),
            ("document.error", "document.failed", None),
            ("document.approved", "document.modified", "approval"),
            ("document.rejected", "document.modified", "approval"),
            ("document.waiting_pay", "document.modified", "payment"),
            ("document.paid", "document.modified", "payment"),
            ("document.external_review", "document.modified", "review"),
            ("document.shredded", "other", None),
            (None, "other", None),
        ],
    )
    def test_a_state_tells_what_happened(
        self, status: str | None, kind: str, change: str | None
    ) -> None:
        found = self.parse("document_state_changed", id=ID, status=status)
        assert (found.kind, found.detail.get("change")) == (kind, change)

    @pytest.mark.parametrize(
        ("name", "kind", "change"),
        [
            ("document_updated", "document.modified", "back to draft"),
            ("document_section_added", "document.modified", "section added"),
            ("quote_updated", "document.modified", "quote updated"),
        ],
    )
    def test_an_edit_is_told_with_what_was_edited(self, name: str, kind: str, change: str) -> None:
        found = self.parse(name, id=ID, status="document.draft")
        assert (found.kind, found.detail, found.envelope) == (kind, {"change": change}, ID)

    @pytest.mark.parametrize(
        "data", [{"id": "q1", "document_id": ID}, {"id": "q1", "document": {"id": ID}}]
    )
    def test_a_quote_belongs_to_its_document(self, data: dict[str, Any]) -> None:
        assert self.parse("quote_updated", **data).envelope == ID

    def test_a_quote_that_names_no_document_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match="must name its document"):
            self.parse("quote_updated", id="q1")

    @pytest.mark.parametrize(
        ("recipients", "signer"),
        [([{"id": "r1"}], "r1"), ([{"id": "r1"}, {"id": "r2"}], None), ([], None), (None, None)],
    )
    def test_who_opened_it_is_named_only_where_there_is_but_one(
        self, recipients: list[dict[str, str]] | None, signer: str | None
    ) -> None:
        found = self.parse(
            "document_state_changed", id=ID, status="document.viewed", recipients=recipients
        )
        assert (found.signer and found.signer.id) == signer

    @pytest.mark.parametrize(
        ("action_by", "signer"),
        [
            ({"id": "r2"}, SignerRef(id="r2", email="k@kunde.example")),
            (
                {"id": "user-9", "email": "K@kunde.example"},
                SignerRef(id="r2", email="k@kunde.example"),
            ),
            # Nobody of the list: who hosts a signature in person, for example.
            ({"id": "r9", "first_name": "Paul", "last_name": "Winter"}, None),
            ("r2", SignerRef(id="r2", email="k@kunde.example")),
            (" K@Kunde.example", SignerRef(id="r2", email="k@kunde.example")),
            ("", None),
            ([], None),
            (7, None),
            ({}, None),
            (None, None),
        ],
    )
    def test_who_completed_is_found_by_id_else_by_address(
        self, action_by: Any, signer: SignerRef | None
    ) -> None:
        found = self.parse(
            "recipient_completed",
            id=ID,
            status="document.sent",
            recipients=[{"id": "r1"}, {"id": "r2", "email": "k@kunde.example"}],
            action_by=action_by,
        )
        assert found.signer == signer

    @pytest.mark.parametrize(
        ("recipients", "states"),
        [
            ([(1, False), (2, False)], ["notified", "waiting"]),
            ([(1, True), (2, False)], ["signed", "notified"]),
            ([(1, False), (1, False), (2, False)], ["notified", "notified", "waiting"]),
            ([(None, False), (None, False)], ["notified", "notified"]),
            ([(1, False), (None, False)], ["notified", "notified"]),
        ],
    )
    def test_whose_turn_it_is_follows_from_the_signing_order(
        self, recipients: list[tuple[int | None, bool]], states: list[str]
    ) -> None:
        found = self.parse(
            "document_state_changed",
            id=ID,
            status="document.sent",
            recipients=[
                {"id": number, "signing_order": order, "has_completed": done}
                for number, (order, done) in enumerate(recipients)
            ],
        )
        assert found.state is not None
        assert [one.status for one in found.state.signers] == states

    def test_fields_variables_and_metadata_become_custom_fields(self) -> None:
        found = self.parse(
            "document_state_changed",
            id=ID,
            status="document.sent",
            fields=[{"field_id": "f1", "value": True}, {"name": "a", "value": "field"}],
            tokens=[{"name": "a", "value": "token"}, {"name": "b", "value": 2}, {"value": 3}],
            metadata={"b": "metadata", "list": [1]},
        )
        assert found.state is not None
        assert found.state.custom_fields == {"f1": "true", "a": "token", "b": "metadata"}

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            ("No role", "No role"),
            ({"message": "No role"}, "No role"),
            ({"detail": ["No role"]}, None),
            (["No role"], None),
            (" ", None),
            (None, None),
        ],
    )
    def test_why_it_failed_is_told_where_it_is_a_text(self, error: Any, reason: str | None) -> None:
        assert self.parse("document_creation_failed", id=ID, error=error).reason == reason

    def parse(self, name: str, **data: Any) -> SigningEvent:
        body = json.dumps([{"event": name, "data": data}]).encode()
        (found,) = self.subject.parse(self.with_json(body))
        return found
