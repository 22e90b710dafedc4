"""Acrobat Sign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

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
from countersign.providers.base import Answer, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, ProofInHeader, at

ID = "CBJCHBCAABAAxq7Lm2Vt9RkWbEoYp4sNdUf8"
NO = "The territory is too small"
ANNA_SET, CLIENT_SET = "SETdirector01", "SETclient0002"

ANNA_ASKED = Signer(
    id=ANNA_SET,
    name="Anna Berger",
    email="anna.berger@acme.example",
    role="Director",
    order=1,
    status="notified",
)
ANNA_SIGNED = ANNA_ASKED.model_copy(update={"status": "signed"})
KLARA_WAITS = Signer(
    id=CLIENT_SET,
    name="Klara Vogel",
    email="klara.vogel@kunde.example",
    role="Client",
    order=2,
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_SIGNED = KLARA_WAITS.model_copy(update={"status": "signed"})
PAUL_ASKED = KLARA_ASKED.model_copy(
    update={"name": "Paul Winter", "email": "paul.winter@kunde.example"}
)
ARCHIVE = Signer(email="archive@acme.example", action="copy")
ANNA = SignerRef(
    id=ANNA_SET, email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id=CLIENT_SET, email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
PAUL = SignerRef(
    id=CLIENT_SET, email="paul.winter@kunde.example", name="Paul Winter", role="Client", order=2
)


def after(signer: Signer, **more: Any) -> Signer:
    """The signer with what the event says of it."""
    return signer.model_copy(update=more)


def agreement(status: EnvelopeStatus | None, *signers: Signer, **more: Any) -> Envelope:
    """The example agreement in one of its states."""
    state = Envelope(
        id=ID,
        title="Distribution agreement ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(email="jonas.feld@acme.example"),
        created_at=at("2026-07-06T07:00:00Z"),
        expires_at=at("2026-08-05T07:00:00Z"),
        custom_fields={"externalId": "V-2026-0071"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> SigningEvent:
    """One event of an example."""
    given = {"envelope": ID, **more}
    return SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given)


NEW = agreement("sent", ANNA_ASKED, KLARA_WAITS)
LOCKED = agreement("voided", ANNA_SIGNED, KLARA_ASKED)

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "AGREEMENT_CREATED": (
        event(
            "document.created",
            "AGREEMENT_CREATED",
            f"AGREEMENT_CREATED:{ID}:-",
            "2026-07-06T07:00:00Z",
            state=NEW.model_copy(update={"status": "created"}),
        ),
        event(
            "document.sent",
            "AGREEMENT_CREATED",
            f"sent:{ID}",
            "2026-07-06T07:00:01Z",
            state=NEW,
        ),
    ),
    "AGREEMENT_ACTION_REQUESTED_director": (
        event(
            "signer.notified",
            "AGREEMENT_ACTION_REQUESTED",
            f"AGREEMENT_ACTION_REQUESTED:{ID}:{ANNA_SET}:2026-07-06 07:00:05+00:00",
            "2026-07-06T07:00:05Z",
            signer=ANNA,
            state=agreement(
                "sent", after(ANNA_ASKED, notified_at=at("2026-07-06T07:00:05Z")), KLARA_WAITS
            ),
        ),
    ),
    "AGREEMENT_ACTION_COMPLETED_director": (
        event(
            "signer.signed",
            "AGREEMENT_ACTION_COMPLETED",
            f"AGREEMENT_ACTION_COMPLETED:{ID}:{ANNA_SET}",
            "2026-07-06T08:20:11Z",
            signer=ANNA,
            state=agreement(
                "sent", after(ANNA_SIGNED, signed_at=at("2026-07-06T08:20:11Z")), KLARA_ASKED
            ),
            detail={"action": "ESIGNED"},
        ),
    ),
    "AGREEMENT_PARTICIPANT_COMPLETED_director": (
        event(
            "signer.signed",
            "AGREEMENT_PARTICIPANT_COMPLETED",
            f"AGREEMENT_PARTICIPANT_COMPLETED:{ID}:{ANNA_SET}",
            "2026-07-06T08:20:12Z",
            signer=ANNA,
            state=agreement(
                "sent", after(ANNA_SIGNED, signed_at=at("2026-07-06T08:20:12Z")), KLARA_ASKED
            ),
        ),
    ),
    "AGREEMENT_EMAIL_VIEWED_client": (
        event(
            "document.viewed",
            "AGREEMENT_EMAIL_VIEWED",
            f"AGREEMENT_EMAIL_VIEWED:{ID}:{CLIENT_SET}:2026-07-07 12:00:00+00:00",
            "2026-07-07T12:00:00Z",
            signer=KLARA,
            state=agreement(
                "sent",
                ANNA_SIGNED,
                after(KLARA_ASKED, status="viewed", viewed_at=at("2026-07-07T12:00:00Z")),
            ),
        ),
    ),
    "AGREEMENT_DOCUMENTS_VIEWED_sender": (
        event(
            "other",
            "AGREEMENT_DOCUMENTS_VIEWED",
            f"AGREEMENT_DOCUMENTS_VIEWED:{ID}:jonas.feld@acme.example:2026-07-07 12:01:00+00:00",
            "2026-07-07T12:01:00Z",
            state=agreement("sent", ANNA_SIGNED, KLARA_ASKED),
            detail={"change": "viewed by no participant"},
        ),
    ),
    "AGREEMENT_ACTION_COMPLETED_client": (
        event(
            "signer.signed",
            "AGREEMENT_ACTION_COMPLETED",
            f"AGREEMENT_ACTION_COMPLETED:{ID}:{CLIENT_SET}",
            "2026-07-07T12:09:40Z",
            signer=KLARA,
            state=agreement(
                "completed", ANNA_SIGNED, after(KLARA_SIGNED, signed_at=at("2026-07-07T12:09:40Z"))
            ),
            detail={"action": "ESIGNED"},
        ),
    ),
    "AGREEMENT_WORKFLOW_COMPLETED": (
        event(
            "document.completed",
            "AGREEMENT_WORKFLOW_COMPLETED",
            f"AGREEMENT_WORKFLOW_COMPLETED:{ID}:-",
            "2026-07-07T12:09:44Z",
            state=agreement(
                "completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=at("2026-07-07T12:09:44Z")
            ),
        ),
    ),
    "AGREEMENT_VAULTED": (
        event(
            "document.artifact_ready",
            "AGREEMENT_VAULTED",
            f"AGREEMENT_VAULTED:{ID}:jonas.feld@acme.example:2026-07-07 12:15:00+00:00",
            "2026-07-07T12:15:00Z",
            state=agreement("completed", ANNA_SIGNED, KLARA_SIGNED),
        ),
    ),
    "AGREEMENT_REJECTED": (
        event(
            "document.declined",
            "AGREEMENT_REJECTED",
            f"AGREEMENT_REJECTED:{ID}:{CLIENT_SET}:2026-07-07 12:30:00+00:00",
            "2026-07-07T12:30:00Z",
            signer=KLARA,
            reason=NO,
            state=agreement(
                "declined",
                ANNA_SIGNED,
                after(
                    KLARA_ASKED,
                    status="declined",
                    declined_at=at("2026-07-07T12:30:00Z"),
                    reason=NO,
                ),
                reason=NO,
            ),
        ),
    ),
    "AGREEMENT_RECALLED": (
        event(
            "document.voided",
            "AGREEMENT_RECALLED",
            f"recalled:{ID}:-:2026-07-08 07:00:00+00:00",
            "2026-07-08T07:00:00Z",
            reason="Wrong annex",
            state=agreement("voided", ANNA_SIGNED, KLARA_ASKED, reason="Wrong annex"),
            detail={"sub_event": "RECALLED"},
        ),
    ),
    "AGREEMENT_RECALLED_MAX_SIGNING_EMAIL_OTP_ATTEMPTS": (
        event(
            "signer.authentication_failed",
            "AGREEMENT_RECALLED_MAX_SIGNING_EMAIL_OTP_ATTEMPTS",
            f"locked out:{ID}:-:2026-07-07 13:00:00+00:00",
            "2026-07-07T13:00:00Z",
            signer=KLARA,
            state=LOCKED,
        ),
        event(
            "document.voided",
            "AGREEMENT_RECALLED_MAX_SIGNING_EMAIL_OTP_ATTEMPTS",
            f"recalled:{ID}:-:2026-07-07 13:00:00+00:00",
            "2026-07-07T13:00:00Z",
            state=LOCKED,
        ),
    ),
    "AGREEMENT_EXPIRED": (
        event(
            "document.expired",
            "AGREEMENT_EXPIRED",
            f"AGREEMENT_EXPIRED:{ID}:klara.vogel@kunde.example:2026-08-05 07:00:10+00:00",
            "2026-08-05T07:00:10Z",
            state=agreement("expired", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "AGREEMENT_ACTION_DELEGATED_client": (
        event(
            "signer.reassigned",
            "AGREEMENT_ACTION_DELEGATED",
            f"AGREEMENT_ACTION_DELEGATED:{ID}:{CLIENT_SET}:2026-07-07 12:05:00+00:00",
            "2026-07-07T12:05:00Z",
            signer=PAUL,
            previous_signer=SignerRef(email="klara.vogel@kunde.example"),
            state=agreement("sent", ANNA_SIGNED, PAUL_ASKED),
            detail={"change": "delegated"},
        ),
    ),
    "AGREEMENT_EMAIL_BOUNCED_client": (
        event(
            "signer.delivery_failed",
            "AGREEMENT_EMAIL_BOUNCED",
            f"AGREEMENT_EMAIL_BOUNCED:{ID}:{CLIENT_SET}:2026-07-06 08:21:00+00:00",
            "2026-07-06T08:21:00Z",
            signer=KLARA,
            state=agreement("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "AGREEMENT_REMINDER_SENT": (
        event(
            "reminder.sent",
            "AGREEMENT_REMINDER_SENT",
            f"AGREEMENT_REMINDER_SENT:{ID}:{CLIENT_SET}:2026-07-09 07:00:00+00:00",
            "2026-07-09T07:00:00Z",
            signer=KLARA,
            state=agreement("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "AGREEMENT_RESTARTED": (
        event(
            "document.modified",
            "AGREEMENT_RESTARTED",
            f"AGREEMENT_RESTARTED:{ID}:jonas.feld@acme.example:2026-08-06 07:00:00+00:00",
            "2026-08-06T07:00:00Z",
            state=agreement("sent", ANNA_SIGNED, KLARA_ASKED),
            detail={"change": "restarted"},
        ),
    ),
    "AGREEMENT_UNHEARD_OF": (
        event(
            "other",
            "AGREEMENT_UNHEARD_OF",
            f"AGREEMENT_UNHEARD_OF:{ID}:jonas.feld@acme.example:2026-07-06 09:00:00+00:00",
            "2026-07-06T09:00:00Z",
            state=agreement("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "AGREEMENT_ACTION_COMPLETED_short": (
        event(
            "signer.signed",
            "AGREEMENT_ACTION_COMPLETED",
            "AGREEMENT_ACTION_COMPLETED:CBJCHBCAABAAshort1:anna.berger@acme.example:"
            "2026-07-06 10:00:00+00:00",
            "2026-07-06T10:00:00Z",
            envelope="CBJCHBCAABAAshort1",
            signer=SignerRef(email="anna.berger@acme.example"),
            state=Envelope(
                id="CBJCHBCAABAAshort1",
                title="Note",
                status="sent",
                signers=(Signer(email="anna.berger@acme.example", action="approve"),),
                all_signers=False,
            ),
            detail={"action": "APPROVED"},
        ),
    ),
    "LIBRARY_DOCUMENT_CREATED": (
        event(
            "template.changed",
            "LIBRARY_DOCUMENT_CREATED",
            "LIBRARY_DOCUMENT_CREATED:CBJCHBCAABAAlib77:-:2026-03-02 09:00:00+00:00",
            "2026-03-02T09:00:00Z",
            envelope="",
            detail={"change": "created", "template": "CBJCHBCAABAAlib77"},
        ),
    ),
}


class TestAdobeSign(ProofInHeader):
    name = "adobe_sign"
    example = "AGREEMENT_ACTION_COMPLETED_director"
    now = at("2026-07-06T08:20:13Z")
    proof = "x-adobesign-clientid"
    meanings = MEANINGS
    telling = (
        "event",
        "agreement.id",
        # Whether a new agreement was sent, and whether who looked at one is a participant.
        "agreement.status",
        "agreement.participantSetsInfo.participantSets.1",
    )
    hidden = (
        "https://hooks.acme.example/webhooks/adobe.unguessable-part",
        "JVBERi0xLjcgdGhlIHNpZ25lZCBkb2N1bWVudA==",
    )

    def signed(self, request: Request, secret: str) -> Request:
        return self.with_proof(request, secret)

    def retried(self, request: Request) -> Request:
        """By another webhook that covers the same agreement: another name, another number."""
        message = json.loads(request.body)
        message.update(webhookId="w2", webhookNotificationId="n2", webhookScope="GROUP")
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def asked(self, method: str = "GET", **headers: str) -> Request:
        return Request(method=method, headers=headers, received_at=self.now)

    # The handshake and the echo

    @pytest.mark.parametrize("secrets", [("app-1",), ("old", "app-1"), (" app-1 ", "")])
    def test_the_question_is_answered_with_the_client_id(self, secrets: tuple[str, ...]) -> None:
        request = self.asked(**{"x-adobesign-clientid": "app-1"})
        assert self.subject.handshake(request, self.secrets(*secrets)) == Answer(
            status=200,
            body='{"xAdobeSignClientId":"app-1"}',
            headers={"content-type": "application/json", "X-AdobeSign-ClientId": "app-1"},
        )

    @pytest.mark.parametrize(
        ("given", "secrets"),
        [
            ("app-2", ("app-1",)),
            ("", ("app-1",)),
            ("app-1", ()),
            ("", ("",)),
            ("APP-1", ("app-1",)),
        ],
    )
    def test_a_stranger_gets_no_success(self, given: str, secrets: tuple[str, ...]) -> None:
        request = self.asked(**{"x-adobesign-clientid": given})
        with pytest.raises(UnauthorizedError):
            self.subject.handshake(request, self.secrets(*secrets))

    def test_a_question_without_a_client_id_gets_no_success(self) -> None:
        with pytest.raises(UnauthorizedError):
            self.subject.handshake(self.asked(), self.secrets("app-1"))

    @pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
    def test_only_a_get_is_a_question(self, method: str) -> None:
        request = self.asked(method, **{"x-adobesign-clientid": "app-1"})
        assert self.subject.handshake(request, self.secrets("app-1")) is None

    def test_every_message_is_answered_with_its_own_client_id(self) -> None:
        for own in ("app-1", "app-2"):
            answer = self.subject.answer(self.genuine(own), self.secrets("app-1", "app-2"))
            assert answer.status == 200
            assert answer.headers["X-AdobeSign-ClientId"] == own
            assert json.loads(answer.body) == {"xAdobeSignClientId": own}

    def test_a_client_id_that_is_not_ours_is_never_echoed(self) -> None:
        answer = self.subject.answer(self.genuine("app-2"), self.secrets("app-1"))
        assert answer == Answer()

    def test_the_client_id_that_everybody_knows_proves_nothing(self) -> None:
        secrets = self.secrets("UB7E5BXCXY", SECRET)
        assert self.subject.verify(self.genuine("UB7E5BXCXY"), secrets, self.now) == "none"
        assert self.subject.verify(self.genuine(), secrets, self.now) == "shared_secret"
        with pytest.raises(UnauthorizedError):
            self.subject.verify(self.genuine("UB7E5BXCXY"), self.secrets(SECRET), self.now)

    # What it means

    @pytest.mark.parametrize(
        ("name", "kind", "change"),
        [
            ("AGREEMENT_DOCUMENTS_VIEWED_PASSWORD_PROTECTED", "document.viewed", None),
            ("AGREEMENT_READY_TO_VAULT", "document.artifact_ready", None),
            ("AGREEMENT_EXPIRATION_UPDATED", "document.modified", "expiration updated"),
            ("AGREEMENT_MODIFIED", "document.modified", "modified"),
            ("AGREEMENT_SHARED", "document.modified", "shared"),
            ("AGREEMENT_UNSHARED", "document.modified", "unshared"),
            ("AGREEMENT_UNSHARED_AUTO", "document.modified", "unshared"),
            ("AGREEMENT_OFFLINE_SYNC", "document.modified", "offline sync"),
            (
                "AGREEMENT_USER_ACK_AGREEMENT_MODIFIED",
                "document.modified",
                "modification acknowledged",
            ),
            ("AGREEMENT_READY_TO_NOTARIZE", "document.modified", "ready to notarize"),
            ("AGREEMENT_UPLOADED_BY_SENDER", "document.modified", "uploaded by sender"),
            ("AGREEMENT_AUTO_CANCELLED_CONVERSION_PROBLEM", "document.failed", None),
            ("AGREEMENT_DELETED", "document.deleted", "deleted"),
            ("AGREEMENT_DOCUMENTS_DELETED", "document.deleted", "documents deleted"),
            ("AGREEMENT_ACTION_REPLACED_SIGNER", "signer.reassigned", "replaced"),
            ("AGREEMENT_PARTICIPANT_REPLACED", "signer.reassigned", "replaced"),
            ("AGREEMENT_SIGNER_NAME_CHANGED_BY_SIGNER", "signer.updated", "name"),
            ("AGREEMENT_KBA_AUTHENTICATED", "signer.authentication_succeeded", None),
            ("AGREEMENT_WEB_IDENTITY_AUTHENTICATED", "signer.authentication_succeeded", None),
            ("AGREEMENT_EMAIL_OTP_AUTHENTICATED", "signer.authentication_succeeded", None),
            ("AGREEMENT_REMINDER_INITIATED", "other", "reminder initiated"),
            ("AGREEMENT_PARTICIPANT_COMPLETED", "other", "participant completed"),
        ],
    )
    def test_an_event_is_told_in_our_words(self, name: str, kind: str, change: str | None) -> None:
        (found,) = self.parse(name)
        assert (found.kind, found.detail.get("change"), found.envelope) == (kind, change, ID)

    @pytest.mark.parametrize(
        ("name", "member", "change"),
        [
            ("WIDGET_DISABLED", "widget", "disabled"),
            ("MEGASIGN_RECALLED", "megaSign", "recalled"),
            ("MEGASIGN_REMINDER_SENT", "megasign", "reminder sent"),
            (
                "LIBRARY_DOCUMENT_AUTO_CANCELLED_CONVERSION_PROBLEM",
                "libraryDocument",
                "auto cancelled conversion problem",
            ),
        ],
    )
    def test_what_agreements_are_made_of_is_no_agreement(
        self, name: str, member: str, change: str
    ) -> None:
        (found,) = self.parse(name, agreement=None, **{member: {"id": "t1"}})
        assert (found.kind, found.envelope) == ("template.changed", "")
        assert found.detail == {"change": change, "template": "t1"}

    def test_an_agreements_event_without_its_agreement_is_other(self) -> None:
        for agreement in (None, {}, {"id": ""}):
            (found,) = self.parse("AGREEMENT_WORKFLOW_COMPLETED", agreement=agreement)
            assert (found.kind, found.envelope) == ("other", "")

    def test_a_recall_after_too_many_attempts_names_nobody_where_it_speaks_of_the_sender(
        self,
    ) -> None:
        found = self.parse(
            "AGREEMENT_RECALLED",
            subEvent="MAX_SIGNING_KBA_ATTEMPTS_EXCEEDED",
            participantUserEmail="s@acme.example",
            agreement={"id": ID, "senderEmail": "s@acme.example"},
        )
        assert [(one.kind, one.signer) for one in found] == [
            ("signer.authentication_failed", None),
            ("document.voided", None),
        ]

    def test_a_draft_is_created_and_not_sent(self) -> None:
        found = self.parse("AGREEMENT_CREATED", agreement={"id": ID, "status": "DRAFT"})
        assert [one.kind for one in found] == ["document.created"]

    def test_cancelled_may_mean_either_and_tells_nothing(self) -> None:
        (found,) = self.parse("AGREEMENT_VAULTED", agreement={"id": ID, "status": "CANCELLED"})
        assert found.state is not None
        assert found.state.status is None

    @pytest.mark.parametrize(
        ("sets", "more", "signer"),
        [
            ([("s1", "SIGNER", "COMPLETED", "u1")], {}, "s1"),
            ([("s1", "SIGNER", "COMPLETED", "u2")], {}, None),
            (
                [("s1", "APPROVER", "COMPLETED", "u1"), ("s2", "SIGNER", "COMPLETED", "u1")],
                {"participantRole": "SIGNER"},
                "s2",
            ),
            (
                [
                    ("s1", "SIGNER", "COMPLETED", "u1"),
                    ("s2", "SIGNER", "WAITING_FOR_MY_SIGNATURE", "u1"),
                ],
                {},
                "s1",
            ),
            ([("s1", "SIGNER", "COMPLETED", "u1"), ("s2", "SIGNER", "COMPLETED", "u1")], {}, None),
        ],
    )
    def test_who_signed_is_the_one_set_that_fits(
        self, sets: list[tuple[str, str, str, str]], more: dict[str, str], signer: str | None
    ) -> None:
        listed = [
            {"id": key, "role": role, "status": status, "memberInfos": [{"userId": user}]}
            for key, role, status, user in sets
        ]
        (found,) = self.parse(
            "AGREEMENT_ACTION_COMPLETED",
            agreement={"id": ID, "participantSetsInfo": {"participantSets": listed}},
            participantUserId="u1",
            **more,
        )
        assert (found.signer and found.signer.id) == signer

    def test_a_group_is_one_signer_and_the_one_who_signed_stands_for_it(self) -> None:
        members = [
            {"email": "gone@kunde.example", "status": "REPLACED"},
            {"email": "first@kunde.example", "status": "ACTIVE"},
            {"email": "second@kunde.example", "name": "Second", "status": "ACTIVE"},
        ]
        sets = [{"id": "g1", "role": "SIGNER", "status": "COMPLETED", "memberInfos": members}]
        agreement = {"id": ID, "participantSetsInfo": {"participantSets": sets}}
        (viewed,) = self.parse("AGREEMENT_VAULTED", agreement=agreement)
        (signed,) = self.parse(
            "AGREEMENT_ACTION_COMPLETED",
            agreement=agreement,
            participantUserEmail="Second@kunde.example",
        )
        faces = [
            [(one.id, one.email) for one in (e.state or Envelope(id="")).signers]
            for e in (viewed, signed)
        ]
        assert faces == [[("g1", "first@kunde.example")], [("g1", "second@kunde.example")]]
        assert signed.signer == SignerRef(
            id="g1", email="second@kunde.example", name="Second", role="SIGNER"
        )

    @pytest.mark.parametrize(
        ("role", "action"),
        [
            ("SIGNER", "sign"),
            ("DELEGATE_TO_SIGNER", "sign"),
            ("APPROVER", "approve"),
            ("DELEGATE_TO_APPROVER", "approve"),
            ("ACCEPTOR", "acknowledge"),
            ("CERTIFIED_RECIPIENT", "acknowledge"),
            ("FORM_FILLER", "fill"),
            ("SHARE", "view"),
            ("NOTARY_SIGNER", "sign"),
        ],
    )
    def test_a_role_tells_what_a_participant_does(self, role: str, action: str) -> None:
        sets = {"participantSets": [{"id": "s1", "role": role}]}
        (found,) = self.parse(
            "AGREEMENT_VAULTED", agreement={"id": ID, "participantSetsInfo": sets}
        )
        assert found.state is not None
        assert [one.action for one in found.state.signers] == [action]

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            ("APPROVED", "signed"),
            ("FORM_FILLED", "signed"),
            ("WAITING_FOR_MY_APPROVAL", "notified"),
            ("WAITING_FOR_VERIFICATION", "notified"),
            ("WAITING_FOR_OTHERS", "waiting"),
            ("CANCELLED", "waiting"),
            ("", "waiting"),
        ],
    )
    def test_a_sets_word_tells_the_state(self, status: str, expected: str) -> None:
        sets = {"participantSets": [{"id": "s1", "status": status}]}
        (found,) = self.parse(
            "AGREEMENT_VAULTED", agreement={"id": ID, "participantSetsInfo": sets}
        )
        assert found.state is not None
        assert [one.status for one in found.state.signers] == [expected]

    def test_copies_may_be_addresses_alone(self) -> None:
        (found,) = self.parse(
            "AGREEMENT_VAULTED",
            agreement={"id": ID, "ccs": ["A@b.example", {"email": "c@d.example"}]},
        )
        assert found.state is not None
        assert [(one.id, one.email) for one in found.state.signers] == [
            ("", "A@b.example"),
            ("", "c@d.example"),
        ]

    @pytest.mark.parametrize("time", ["", "soon", "2026-07-06T08:00:00", 17, None, [], "2" * 500])
    def test_a_time_that_cannot_be_read_holds_nothing_up(self, time: Any) -> None:
        (found,) = self.parse(
            "AGREEMENT_MODIFIED",
            eventDate=time,
            agreement={"id": ID, "createdDate": time, "expirationTime": time},
        )
        assert found.occurred_at == self.now
        assert found.key == f"AGREEMENT_MODIFIED:{ID}:-:n1"

    def parse(self, name: str, **more: Any) -> tuple[SigningEvent, ...]:
        body = {
            "event": name,
            "eventDate": "2026-07-06T12:00:00Z",
            "webhookNotificationId": "n1",
            "agreement": {"id": ID, "status": "OUT_FOR_SIGNATURE"},
            **more,
        }
        return self.subject.parse(self.with_json(json.dumps(body).encode()))
