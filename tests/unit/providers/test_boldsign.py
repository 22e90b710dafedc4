"""BoldSign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
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
from countersign.providers.base import MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, TimeSigned, at

ID = "c4a1e6d2-58f3-4b07-9a6e-3d2f81b7c905"
ANNA_ID = "a17c3f52-0b6d-4e18-8c95-72d4e0f6b3a1"
KLARA_ID = "b93e5d74-2c8a-4f60-9d17-51e6a3c8f2b4"
TEMPLATE_ID = "91f0c7d3-6a2e-4b58-bd14-0e7a3c95f682"
NO = "The notice period is too long"
WRONG = "Sent with the wrong annex"

ANNA_WAITS = Signer(
    id=ANNA_ID, name="Anna Berger", email="anna.berger@acme.example", role="Director", order=1
)
ANNA_ASKED = ANNA_WAITS.model_copy(update={"status": "notified"})
ANNA_SIGNED = ANNA_WAITS.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-23T10:12:00Z")}
)
KLARA_WAITS = Signer(
    id=KLARA_ID, name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=2
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_VIEWED = KLARA_WAITS.model_copy(update={"status": "viewed"})
KLARA_SIGNED = KLARA_WAITS.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-24T15:08:00Z")}
)
KLARA_DECLINED = KLARA_WAITS.model_copy(
    update={"status": "declined", "declined_at": at("2026-03-24T15:19:58Z"), "reason": NO}
)
PAUL_ASKED = KLARA_ASKED.model_copy(
    update={"name": "Paul Winter", "email": "paul.winter@kunde.example"}
)
ARCHIVE = Signer(
    id="e2b7f4c6-91d3-4a58-8f0e-6c3d5a17b924", email="archive@acme.example", action="copy"
)
ANNA = SignerRef(
    id=ANNA_ID, email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id=KLARA_ID, email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
PAUL = SignerRef(
    id=KLARA_ID, email="paul.winter@kunde.example", name="Paul Winter", role="Client", order=2
)


def document(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=ID,
        title="Framework agreement ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-03-23T09:00:00Z"),
        expires_at=at("2026-04-22T21:59:59Z"),
        custom_fields={"contract_number": "V-2026-0061", "amount": "12500.00"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, number: int | None, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example; ``number`` ends the id that BoldSign gave it."""
    key = f"{name}:{ID}"
    if number is not None:
        key += f":f3d81c6a-4e27-4b95-8a03-{number:012x}"
    given = {"key": key, "envelope": ID, **more}
    return (SigningEvent(kind=kind, provider_event=name, occurred_at=at(when), **given),)


LEASE, GROUP_ID = "7be20d94-3c61-4f85-a97d-5e08c14b6f32", "5f93a1c8-2e47-4d06-8b1f-c0d7e4a92b65"
GROUP_SIGNED = Signer(
    id=GROUP_ID,
    name="ACME Facilities",
    members=("anna.berger@acme.example", "ben.krug@acme.example"),
    role="Landlord",
    order=1,
    status="signed",
    signed_at=at("2026-03-23T10:12:00Z"),
)
TOM_ASKED = Signer(
    name="Tom Sand", phone="+49 1525550123", role="Guarantor", order=2, status="notified"
)

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "DraftCreated": event(
        "document.created",
        "DraftCreated",
        1,
        "2026-03-23T09:00:00Z",
        state=document("created", ANNA_WAITS, KLARA_WAITS),
    ),
    "Sent": event(
        "document.sent",
        "Sent",
        2,
        "2026-03-23T09:05:00Z",
        state=document("sent", ANNA_ASKED, KLARA_WAITS, sent_at=at("2026-03-23T09:05:00Z")),
    ),
    "Signed_director": event(
        "signer.signed",
        "Signed",
        3,
        "2026-03-23T10:12:00Z",
        signer=ANNA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "Signed_group": event(
        "signer.signed",
        "Signed",
        None,
        "2026-03-23T10:12:00Z",
        key=f"Signed:{LEASE}:f3d81c6a-4e27-4b95-8a03-000000000021",
        envelope=LEASE,
        signer=SignerRef(id=GROUP_ID, name="ACME Facilities", role="Landlord", order=1),
        state=document(
            "sent", id=LEASE, title="Lease of a workshop", signers=(GROUP_SIGNED, TOM_ASKED)
        ),
    ),
    "Viewed_client": event(
        "document.viewed",
        "Viewed",
        4,
        "2026-03-24T15:03:00Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "Signed_client": event(
        "signer.signed",
        "Signed",
        5,
        "2026-03-24T15:08:00Z",
        signer=KLARA,
        state=document("completed", ANNA_SIGNED, KLARA_SIGNED),
    ),
    "Completed": event(
        "document.completed",
        "Completed",
        None,
        "2026-03-24T15:08:04Z",
        state=document(
            "completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=at("2026-03-24T15:08:04Z")
        ),
    ),
    "Declined": event(
        "document.declined",
        "Declined",
        None,
        "2026-03-24T15:20:00Z",
        signer=KLARA,
        reason=NO,
        state=document("declined", ANNA_SIGNED, KLARA_DECLINED, reason=NO),
    ),
    "Revoked": event(
        "document.voided",
        "Revoked",
        None,
        "2026-03-25T08:00:00Z",
        reason=WRONG,
        state=document("voided", ANNA_SIGNED, KLARA_VIEWED, reason=WRONG),
    ),
    "Expired": event(
        "document.expired",
        "Expired",
        9,
        "2026-04-22T22:00:05Z",
        state=document("expired", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "Reassigned_client": event(
        "signer.reassigned",
        "Reassigned",
        10,
        "2026-03-24T15:05:00Z",
        signer=PAUL,
        previous_signer=SignerRef(
            id=KLARA_ID, email="klara.vogel@kunde.example", name="Klara Vogel"
        ),
        state=document("sent", ANNA_SIGNED, PAUL_ASKED),
    ),
    "DeliveryFailed_client": event(
        "signer.delivery_failed",
        "DeliveryFailed",
        11,
        "2026-03-23T10:13:00Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
        detail={"mode": "Email"},
    ),
    "AuthenticationFailed_client": event(
        "signer.authentication_failed",
        "AuthenticationFailed",
        12,
        "2026-03-24T14:58:00Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "Reminder_client": event(
        "reminder.sent",
        "Reminder",
        13,
        "2026-03-24T09:00:00Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "SomethingNew": event(
        "other",
        "SomethingNew",
        14,
        "2026-03-23T10:15:00Z",
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "IdentityVerificationSucceeded_client": event(
        "signer.authentication_succeeded",
        "IdentityVerificationSucceeded",
        15,
        "2026-03-24T15:01:00Z",
        signer=KLARA,
        state=Envelope(
            id=ID,
            title="Framework agreement ACME and Kunde",
            status="sent",
            signers=(KLARA_ASKED,),
            all_signers=False,
            sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        ),
    ),
    "TemplateCreated": event(
        "template.changed",
        "TemplateCreated",
        None,
        "2026-03-20T08:00:00Z",
        key=f"TemplateCreated:{TEMPLATE_ID}:f3d81c6a-4e27-4b95-8a03-000000000010",
        envelope="",
        detail={"change": "created", "template": TEMPLATE_ID},
    ),
    "Verification": event(
        "webhook.test",
        "Verification",
        None,
        "2026-03-23T10:12:03Z",
        key="Verification",
        envelope="",
    ),
}


class TestBoldSign(ProofInHeader, BodySigned, TimeSigned):
    name = "boldsign"
    example = "Signed_director"
    now = at("2026-03-23T10:12:03Z")
    proof = "x-boldsign-signature"
    stale_after = timedelta(days=2)
    meanings = MEANINGS
    telling = ("event.eventType", "data.documentId")
    # Its messages carry neither signing links nor files.
    hidden = ()

    def header(self, request: Request, *secrets: str, now: datetime | None = None) -> str:
        time = str(int((now or self.now).timestamp()))
        signed = time.encode() + b"." + request.body
        made = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
        return ", ".join([f"t={time}", *(f"s{place}={one}" for place, one in enumerate(made))])

    def signed(self, request: Request, secret: str) -> Request:
        return self.with_proof(request, self.header(request, secret))

    def event_name(self, message: Any) -> str:
        return str(message["event"]["eventType"])

    def retried(self, request: Request) -> Request:
        """Signed anew, the state by now a later one."""
        message = json.loads(request.body)
        if isinstance(message["data"], dict) and message["data"]["object"] == "document":
            message["data"]["status"] = "Completed"
        return request.model_copy(update={"body": json.dumps(message).encode()})

    def test_while_a_secret_is_rotated_both_signatures_are_sent_and_either_counts(self) -> None:
        request = self.read(self.example)
        both = self.with_proof(request, self.header(request, "new", "old"))
        assert self.accepted(both, "new")
        assert self.accepted(both, "old")
        assert not self.accepted(both, "other")

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda header: header.replace("s0=", "s2="),
            lambda header: header.replace("s0=", "s0:"),
            lambda header: header.replace("t=", "x="),
            lambda header: header.split(", ")[0],
            lambda header: header.split(", ")[1],
            lambda header: f"{header}, {header.split(', ')[0]}",
            lambda header: header.replace("t=", "t=0"),
            lambda header: "x=," * 9 + header,
        ],
    )
    def test_a_header_of_another_form_is_refused(self, spoil: Any) -> None:
        header = self.proof_of(self.genuine())
        assert not self.accepted(self.with_proof(self.genuine(), spoil(header)), SECRET)

    @pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 12])
    def test_a_time_that_is_none_is_refused_even_if_it_is_signed(self, time: str) -> None:
        request = self.read(self.example)
        signed = time.encode() + b"." + request.body
        made = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert not self.accepted(self.with_proof(request, f"t={time}, s0={made}"), SECRET)

    def test_a_message_from_the_future_is_refused(self) -> None:
        assert not self.accepted(self.genuine(), SECRET, now=self.now - timedelta(hours=2))

    @pytest.mark.parametrize(
        ("hours", "age", "accepted"),
        [
            ("1", timedelta(minutes=59), True),
            ("1", timedelta(minutes=61), False),
            ("0", timedelta(days=400), True),
            ("soon", timedelta(0), False),
        ],
    )
    def test_the_connection_may_set_another_age(
        self, hours: str, age: timedelta, accepted: bool
    ) -> None:
        secrets = self.secrets(SECRET, max_age_hours=hours)
        try:
            self.subject.verify(self.genuine(), secrets, self.now + age)
        except UnauthorizedError:
            assert not accepted
        else:
            assert accepted

    @pytest.mark.parametrize("secrets", [(), ("a secret",)])
    def test_the_check_of_an_address_is_let_in_before_there_is_a_secret_and_does_nothing(
        self, secrets: tuple[str, ...]
    ) -> None:
        request = self.read("Verification")
        assert self.subject.verify(request, self.secrets(*secrets), self.now) == "none"
        assert self.subject.parse(request) == MEANINGS["Verification"]

    @pytest.mark.parametrize("word", ["Verification", "verification", " VERIFICATION "])
    def test_a_message_that_poses_as_the_check_is_let_in_and_nothing_is_read_from_it(
        self, word: str
    ) -> None:
        request = self.read("Completed")
        posing = request.model_copy(
            update={"headers": {**request.headers, "x-boldsign-event": word}}
        )
        assert self.subject.verify(posing, self.secrets(SECRET), self.now) == "none"
        assert self.subject.parse(posing) == MEANINGS["Verification"]

    @pytest.mark.parametrize(
        ("name", "context", "signers", "expected"),
        [
            # By the actor, whatever the state says.
            ("Viewed", {"actor": {"userType": "Signer", "id": "2"}}, "viewed signed", "2"),
            ("Signed", {"actor": {"userType": "Signer", "id": "2@KUNDE.example"}}, "", None),
            (
                "Signed",
                {"actor": {"userType": "Signer", "id": "2@KUNDE.example"}},
                "signed signed",
                "2",
            ),
            # By what was different before.
            (
                "Reminder",
                {
                    "actor": {"userType": "Sender", "id": "9"},
                    "previousState": {"signerDetails": [{"id": "1"}]},
                },
                "asked asked",
                "1",
            ),
            # By the state alone: documents made before 2026 have no context.
            ("Signed", None, "signed asked", "1"),
            ("Signed", None, "signed+5 signed+7", "2"),
            ("Signed", None, "signed+5 signed+5", None),
            ("Viewed", None, "viewed asked", "1"),
            ("Viewed", None, "viewed viewed", None),
            ("Declined", None, "asked declined", "2"),
            ("Reminder", None, "asked asked", None),
            ("Sent", {"actor": {"userType": "Signer", "id": "1"}}, "asked asked", None),
            # In a form that nobody has announced.
            ("Signed", {"actor": "somebody", "previousState": 7}, "asked signed", "2"),
        ],
    )
    def test_who_acted_is_told_by_the_context_or_by_what_the_state_leaves(
        self, name: str, context: Any, signers: str, expected: str | None
    ) -> None:
        found = self.parse(
            name,
            context,
            [one_signer(number, word) for number, word in enumerate(signers.split(), 1)],
        )
        assert (found.signer and found.signer.id) == expected

    @pytest.mark.parametrize(
        ("active", "when"),
        [(4, "1970-01-01T00:00:04Z"), (9, "1970-01-01T00:00:06Z"), (None, "1970-01-01T00:00:06Z")],
    )
    def test_a_signature_is_dated_by_the_signer_but_not_after_it_was_told(
        self, active: int | None, when: str
    ) -> None:
        signers = [{**one_signer(1, "signed"), "lastActivityDate": active}]
        found = self.parse("Signed", None, signers, told_at=6)
        assert found.occurred_at == at(when)

    def test_a_member_of_a_group_acts_for_the_group(self) -> None:
        group = {**one_signer(1, "signed"), "groupSigners": [{"id": "m1"}, {"id": "m2"}]}
        context = {"actor": {"userType": "Signer", "id": "M2"}}
        found = self.parse("Signed", context, [group, one_signer(2, "signed")])
        assert found.signer == SignerRef(id="1", email="1@kunde.example")

    def test_a_signer_without_an_id_is_known_by_the_address(self) -> None:
        signers = [{"signerEmail": "Anna.Berger@acme.example", "status": "Completed"}]
        found = self.parse("Signed", None, signers)
        assert found.signer == SignerRef(email="Anna.Berger@acme.example")

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("Draft", "created"),
            ("Scheduled", "created"),
            ("InProgress", "sent"),
            ("Completed", "completed"),
            ("Declined", "declined"),
            ("Revoked", "voided"),
            ("Expired", "expired"),
            ("Another", None),
        ],
    )
    def test_a_documents_status_in_our_words(self, word: str, status: str | None) -> None:
        found = self.parse("SomethingNew", None, [], status=word)
        assert found.state is not None
        assert found.state.status == status

    def test_without_a_signing_order_everybody_is_asked_at_once(self) -> None:
        signers = [one_signer(1, "asked"), one_signer(2, "asked")]
        found = self.parse("Sent", None, signers, enableSigningOrder=False)
        assert found.state is not None
        assert [one.status for one in found.state.signers] == ["notified", "notified"]

    def test_a_reviewer_has_to_confirm(self) -> None:
        signers = [{**one_signer(1, "asked"), "signerType": "Reviewer"}]
        found = self.parse("Sent", None, signers)
        assert found.state is not None
        assert [one.action for one in found.state.signers] == ["acknowledge"]

    def test_a_document_without_an_id_is_malformed(self) -> None:
        body = {"event": {"id": "1", "eventType": "Signed"}, "data": {"object": "document"}}
        with pytest.raises(MalformedError, match="documentId"):
            self.subject.parse(self.with_json(json.dumps(body).encode()))

    def parse(
        self,
        name: str,
        context: Any,
        signers: list[dict[str, Any]],
        told_at: int = 1774260720,
        **more: Any,
    ) -> SigningEvent:
        event = {"id": "1", "created": told_at, "eventType": name}
        data = {"documentId": ID, "status": "InProgress", "signerDetails": signers, **more}
        body = {"event": event, "context": context, "data": data}
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return found


def one_signer(number: int, word: str) -> dict[str, Any]:
    """One signer as BoldSign writes it; ``signed+5`` was last active at the fifth second."""
    status, _, second = word.partition("+")
    return {
        "id": str(number),
        "signerEmail": f"{number}@kunde.example",
        "status": {"signed": "Completed", "declined": "Declined"}.get(status, "NotCompleted"),
        "isViewed": status != "asked",
        "lastActivityDate": int(second) if second else None,
    }
