"""GetAccept: what it sends, what that means, and that nothing of it is proven."""

from __future__ import annotations

import json
from datetime import timedelta
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
from tests.unit.providers.attacks import NoProof, at

ID = "nq3vx7bk"
NO = "Another offer was better"
ARRIVED = "2026-06-11T00:00:00Z"

ANNA_ASKED = Signer(
    name="Anna Berger",
    email="anna.berger@acme.example",
    role="signer",
    order=1,
    status="notified",
)
ANNA_SIGNED = ANNA_ASKED.model_copy(update={"status": "signed"})
KLARA_ASKED = Signer(
    name="Klara Vogel",
    email="klara.vogel@kunde.example",
    role="signer",
    order=2,
    status="notified",
)
KLARA_VIEWED = KLARA_ASKED.model_copy(update={"status": "viewed"})
KLARA_SIGNED = KLARA_ASKED.model_copy(
    update={"status": "signed", "signed_at": at("2026-05-12T13:40:12Z")}
)
KLARA_DECLINED = KLARA_ASKED.model_copy(update={"status": "declined", "reason": NO})
PAUL_ASKED = KLARA_ASKED.model_copy(
    update={
        "name": "Paul Winter",
        "email": "paul.winter@kunde.example",
    }
)
MARA_APPROVED = Signer(
    name="Mara Stein",
    email="mara.stein@acme.example",
    role="approver",
    order=1,
    action="approve",
    status="signed",
)


def ref(signer: Signer) -> SignerRef:
    """How an event names that signer."""
    return SignerRef(
        email=signer.email,
        name=signer.name,
        role=signer.role,
        order=signer.order,
        phone=signer.phone,
    )


def document(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=ID,
        title="Offer and contract ACME and Kunde",
        status=status,
        signers=signers,
        all_signers=False,
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-05-11T08:00:00Z"),
        sent_at=at("2026-05-11T08:05:00Z"),
        expires_at=at("2026-06-10T21:59:00Z"),
        custom_fields={"external_id": "V-2026-0085", "value": "18400", "currency": "EUR"},
    )
    return state.model_copy(update=more)


def event(
    kind: Any, action: str, rest: str, when: str = ARRIVED, **more: Any
) -> tuple[SigningEvent]:
    """The one event of an example; ``rest`` ends its key."""
    name = f"document.{action}"
    given = {"key": f"{name}:{ID}{rest}", "envelope": ID, **more}
    return (SigningEvent(kind=kind, provider_event=name, occurred_at=at(when), **given),)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "document.created": event(
        "document.created",
        "created",
        "",
        "2026-05-11T08:00:00Z",
        state=document("created", sent_at=None),
    ),
    "document.sent": event(
        "document.sent",
        "sent",
        ":2026-05-11T08:05:00+00:00",
        "2026-05-11T08:05:00Z",
        state=document("sent", ANNA_ASKED),
    ),
    "document.partially_signed_director": event(
        "signer.signed",
        "partially_signed",
        ":anna.berger@acme.example:Anna Berger:1",
        signer=ref(ANNA_SIGNED),
        state=document("sent", ANNA_SIGNED),
    ),
    "document.viewed_client": event(
        "document.viewed",
        "viewed",
        ":klara.vogel@kunde.example:Klara Vogel:2",
        signer=ref(KLARA_VIEWED),
        state=document("sent", KLARA_VIEWED),
    ),
    "document.reviewed_client": event(
        "document.modified",
        "reviewed",
        ":klara.vogel@kunde.example:Klara Vogel:2",
        state=document("sent", KLARA_VIEWED),
        detail={"change": "reviewed"},
    ),
    "document.signed": event(
        "document.completed",
        "signed",
        "",
        "2026-05-12T13:40:12Z",
        state=document("completed", KLARA_SIGNED, completed_at=at("2026-05-12T13:40:12Z")),
    ),
    "document.rejected": event(
        "document.declined",
        "rejected",
        "",
        signer=ref(KLARA_DECLINED),
        reason=NO,
        state=document("declined", KLARA_DECLINED, reason=NO),
    ),
    "document.expired": event(
        "document.expired",
        "expired",
        ":2026-06-10T21:59:00+00:00",
        "2026-06-10T21:59:00Z",
        state=document("expired"),
    ),
    "document.forwarded_client": event(
        "signer.reassigned",
        "forwarded",
        ":paul.winter@kunde.example:Paul Winter:2",
        signer=ref(PAUL_ASKED),
        state=document("sent", PAUL_ASKED),
    ),
    "document.hardbounced_client": event(
        "signer.delivery_failed",
        "hardbounced",
        ":klara.vogel@kunde.example:Klara Vogel:2",
        signer=ref(KLARA_ASKED),
        state=document("sent", KLARA_ASKED),
    ),
    "document.approved": event(
        "signer.signed",
        "approved",
        ":mara.stein@acme.example:Mara Stein:1",
        signer=ref(MARA_APPROVED),
        state=document("sent", MARA_APPROVED),
        detail={"action": "approved"},
    ),
    "document.commented_client": event(
        "comment.added",
        "commented",
        ":klara.vogel@kunde.example:Klara Vogel:2",
        signer=ref(KLARA_VIEWED),
        state=document("sent", KLARA_VIEWED),
    ),
    "document.framed": event(
        "other",
        "framed",
        ":anna.berger@acme.example:Anna Berger:1",
        state=document("sent", ANNA_SIGNED),
    ),
}


class TestGetAccept(NoProof):
    name = "getaccept"
    example = "document.partially_signed_director"
    now = at(ARRIVED)
    telling = ("event", "document.id")
    meanings = MEANINGS
    hidden = (
        "https://media.getaccept.com/preview/picture-of-page-one.png",
        "opens-the-document",
        "opens-the-download",
    )

    def retried(self, request: Request) -> Request:
        """Two days later, by now with a later state."""
        message = json.loads(request.body)
        message["document"].update(status="signed", sign_date="2026-06-12T00:00:00+00:00")
        if message["recipient"]:
            message["recipient"]["status"] = "signed"
        later = request.received_at + timedelta(hours=48)
        update = {"body": json.dumps(message, indent=1).encode(), "received_at": later}
        return request.model_copy(update=update)

    @pytest.mark.parametrize(
        ("name", "member", "text", "when"),
        [
            ("document.sent", "send_date", "2026-05-11T10:05:00+02:00", "2026-05-11T08:05:00Z"),
            # What has no zone, or is no time, or is still to come: dated by its arrival.
            ("document.sent", "send_date", "2026-05-11 08:05:00", ARRIVED),
            ("document.sent", "send_date", "", ARRIVED),
            ("document.expired", "expiration_date", "2026-10-31", ARRIVED),
            ("document.expired", "expiration_date", "2026-10-31T00:00:00+00:00", ARRIVED),
            ("document.signed", "sign_date", 17, ARRIVED),
            ("document.viewed", "send_date", "2026-05-11T08:05:00+00:00", ARRIVED),
        ],
    )
    def test_an_event_is_dated_by_the_document_where_that_can_be(
        self, name: str, member: str, text: object, when: str
    ) -> None:
        assert self.parse(name, {member: text}).occurred_at == at(when)

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            (
                {"currency": "EUR", "size": 9, "agreed": True},
                {"currency": "EUR", "size": "9", "agreed": "true"},
            ),
            ([{"name": "currency", "value": "EUR"}, {"value": "x"}, "odd"], {"currency": "EUR"}),
            ("odd", {}),
            (None, {}),
        ],
    )
    def test_custom_fields_are_an_object_or_a_list(
        self, fields: object, expected: dict[str, str]
    ) -> None:
        found = self.parse("document.sent", {}, custom_fields=fields)
        assert found.state is not None
        assert found.state.custom_fields == expected

    @pytest.mark.parametrize(
        ("recipient", "signer"),
        [
            ({"email": "A@Kunde.example"}, SignerRef(email="A@Kunde.example")),
            ({"email": "", "mobile": "+491701234567"}, SignerRef(phone="+491701234567")),
            ({"id": 71, "email": "a@b.example"}, SignerRef(id="71", email="a@b.example")),
            ({"first_name": "Ida", "last_name": "Ek"}, SignerRef(name="Ida Ek")),
            ({"email": "", "mobile": "", "order_num": "2"}, None),
            (None, None),
        ],
    )
    def test_a_recipient_is_known_by_all_that_is_said_of_him(
        self, recipient: Any, signer: SignerRef | None
    ) -> None:
        assert self.parse("document.viewed", {}, recipient=recipient).signer == signer

    def test_of_recipients_with_one_address_each_has_a_key_of_its_own(self) -> None:
        house = {"email": "hof@lindgren.example", "role": "signer", "status": "signed"}
        several = (
            {**house, "fullname": "Ida Ek", "order_num": "1"},
            {**house, "fullname": "Bo Ek", "order_num": "2"},
            {**house, "fullname": "Bo Ek", "order_num": "3"},
            {**house, "fullname": "Bo Ek", "order_num": "3", "id": "r9"},
        )
        name = "document.partially_signed"
        assert len({self.parse(name, {}, recipient=each).key for each in several}) == 4

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("signed", "document.completed"),
            ("", "document.completed"),
            ("another", "document.completed"),
            ("partially_signed", "signer.signed"),
            ("Sent", "signer.signed"),
        ],
    )
    def test_signed_ends_no_document_that_its_status_calls_open(
        self, status: str, kind: str
    ) -> None:
        assert self.parse("document.signed", {"status": status}).kind == kind

    def test_who_approves_has_not_signed(self) -> None:
        who = {"email": "m@acme.example", "role": "signer", "status": "approved"}
        event = self.parse("document.approved", {}, recipient=who)
        assert event.state is not None
        assert [(each.action, each.has_signed) for each in event.state.signers] == [
            ("approve", False)
        ]

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("draft", "created"),
            ("scheduled", "created"),
            ("partially_signed", "sent"),
            ("signed", "completed"),
            ("rejected", "declined"),
            ("expired", "expired"),
            ("recalled", "voided"),
            ("another", None),
        ],
    )
    def test_a_documents_status_in_our_words(self, word: str, status: str | None) -> None:
        found = self.parse("document.downloaded", {"status": word})
        assert found.kind == "other"
        assert found.state is not None
        assert found.state.status == status

    def test_an_imported_document_was_made_elsewhere(self) -> None:
        found = self.parse("document.imported", {})
        assert (found.kind, found.detail) == ("document.created", {"change": "imported"})

    def test_a_known_event_without_its_document_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match=r"document\.id"):
            self.subject.parse(self.with_json(b'{"event":"document.signed"}'))

    def parse(self, name: str, of_document: dict[str, object], **more: Any) -> SigningEvent:
        body = {"event": name, "document": {"id": ID, **of_document}, **more}
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return found
