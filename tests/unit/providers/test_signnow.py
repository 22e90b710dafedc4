"""SignNow: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, at

ID = "9c4e7a1f0b8d43e6a25f7c90d1b3e8f46a2c5d07"
GROUP = "b7d2f0a94c6e48138e5f1a3b9c0d7e6425f8a1b0"
TITLE = "Consulting agreement ACME and Kunde"
ANNA = SignerRef(id="51f0c9e3a7b84d26", email="anna.berger@acme.example")
KLARA = SignerRef(id="7d28b6f4e0c19a53", email="klara.vogel@kunde.example")
PAUL = SignerRef(id="e94a07d1c5b3f268", email="paul.winter@kunde.example")


def invited(who: SignerRef, status: SignerStatus, **times: str) -> tuple[Signer, ...]:
    """The one signer that a message of an invite tells of."""
    assert who.id is not None
    given = {name: at(text) for name, text in times.items()}
    return (Signer(id=who.id, email=who.email, status=status).model_copy(update=given),)


def told(status: EnvelopeStatus | None, **more: Any) -> Envelope:
    """As much of the example document as a message tells."""
    return Envelope(id=ID, status=status, all_signers=False).model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    given = {"envelope": ID, **more}
    return (SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given),)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "user.document.create": event(
        "document.created",
        "user.document.create",
        f"document.create:{ID}:-:-",
        "2026-06-15T08:00:00Z",
        state=told(None, title=TITLE),
    ),
    "document.fieldinvite.sent_director": event(
        "signer.notified",
        "document.fieldinvite.sent",
        f"document.fieldinvite.sent:{ID}:{ANNA.id}:-",
        "2026-06-15T08:05:00Z",
        signer=ANNA,
        state=told(None, signers=invited(ANNA, "notified", notified_at="2026-06-15T08:05:00Z")),
    ),
    "document.fieldinvite.signed_director": event(
        "signer.signed",
        "document.fieldinvite.signed",
        f"document.fieldinvite.signed:{ID}:{ANNA.id}:-",
        "2026-06-15T09:10:00Z",
        signer=ANNA,
        state=told(None, signers=invited(ANNA, "signed", signed_at="2026-06-15T09:10:00Z")),
    ),
    "user.document.fieldinvite.signed_director": event(
        "signer.signed",
        "user.document.fieldinvite.signed",
        f"document.fieldinvite.signed:{ID}:{ANNA.id}:-",
        "2026-06-15T09:10:01Z",
        signer=ANNA,
        state=told(None, signers=invited(ANNA, "signed", signed_at="2026-06-15T09:10:01Z")),
    ),
    "document.open_client": event(
        "document.viewed",
        "document.open",
        f"document.open:{ID}:c0d5a2e8f17b43960a8c:2026-06-16 10:00:00+00:00",
        "2026-06-16T10:00:00Z",
        state=told(None, title=TITLE),
    ),
    "document.fieldinvite.signed_client": event(
        "signer.signed",
        "document.fieldinvite.signed",
        f"document.fieldinvite.signed:{ID}:{KLARA.id}:-",
        "2026-06-16T10:07:00Z",
        signer=KLARA,
        state=told(None, signers=invited(KLARA, "signed", signed_at="2026-06-16T10:07:00Z")),
    ),
    "document.complete": event(
        "document.completed",
        "document.complete",
        f"document.complete:{ID}:-:-",
        "2026-06-16T10:07:02Z",
        state=told(None, title=TITLE),
    ),
    "user.document.complete": event(
        "signer.signed",
        "user.document.complete",
        f"user.document.complete:{ID}:-:2026-06-15 09:10:02+00:00",
        "2026-06-15T09:10:02Z",
        state=told(None, title=TITLE),
    ),
    "document.fieldinvite.decline_client": event(
        "signer.declined",
        "document.fieldinvite.decline",
        f"document.fieldinvite.decline:{ID}:{KLARA.id}:-",
        "2026-06-16T10:20:00Z",
        signer=KLARA,
        state=told(None, signers=invited(KLARA, "declined", declined_at="2026-06-16T10:20:00Z")),
    ),
    "document.fieldinvite.reassign_client": event(
        "signer.reassigned",
        "document.fieldinvite.reassign",
        f"document.fieldinvite.reassign:{ID}:{PAUL.id}:-",
        "2026-06-16T10:02:00Z",
        signer=PAUL,
        previous_signer=SignerRef(id=KLARA.id),
        state=told(None, signers=invited(PAUL, "waiting")),
        detail={"change": "by the signer"},
    ),
    "document.fieldinvite.delete_client": event(
        "document.voided",
        "document.fieldinvite.delete",
        f"document.fieldinvite.delete:{ID}:{KLARA.id}:-",
        "2026-06-17T07:00:00Z",
        state=told(None),
        detail={"change": "invite deleted"},
    ),
    "invite.expired_client": event(
        "signer.expired",
        "invite.expired",
        f"invite.expired:{ID}:{KLARA.id}:-",
        "2026-07-15T08:05:00Z",
        signer=KLARA,
        state=told(None, signers=invited(KLARA, "expired")),
    ),
    "document.delete": event(
        "document.deleted",
        "document.delete",
        f"document.delete:{ID}:-:-",
        "2026-06-18T07:00:00Z",
        state=told(None, title=TITLE),
    ),
    "document_group.invite.create": event(
        "document.sent",
        "document_group.invite.create",
        f"document_group.invite.create:{GROUP}:5e1b9f:-",
        "2026-06-15T08:06:00Z",
        envelope=GROUP,
        state=told(None, id=GROUP),
    ),
    "document_group.complete": event(
        "document.completed",
        "document_group.complete",
        f"document_group.complete:{GROUP}:-:-",
        "2026-06-16T11:00:00Z",
        envelope=GROUP,
        state=told(None, id=GROUP, title="Onboarding pack"),
    ),
    "document.invite.signed_client": event(
        "signer.signed",
        "document.invite.signed",
        f"document.invite.signed:{ID}:{KLARA.id}:-",
        "2026-06-16T10:07:05Z",
        signer=KLARA,
        state=told(
            None,
            title=TITLE,
            signers=invited(KLARA, "signed", signed_at="2026-06-16T10:07:05Z"),
        ),
    ),
    "document.fieldinvite.email.delivery.failed_client": event(
        "signer.delivery_failed",
        "document.fieldinvite.email.delivery.failed",
        f"document.fieldinvite.email.delivery.failed:{ID}:{KLARA.id}:2026-06-16 09:02:05+00:00",
        "2026-06-16T09:02:05Z",
        signer=KLARA,
        state=told(None, signers=invited(KLARA, "waiting")),
    ),
    "document_group.invite.sent": event(
        "document.sent",
        "document_group.invite.sent",
        f"document_group.invite.sent:{GROUP}:5e1b9f:-",
        "2026-06-15T08:06:05Z",
        envelope=GROUP,
        state=told(None, id=GROUP),
    ),
    "template.copy": event(
        "template.changed",
        "template.copy",
        f"template.copy:a8f3c6:{ID}:2026-06-15 08:00:00+00:00",
        "2026-06-15T08:00:00Z",
        envelope="",
        detail={"change": "copied", "template": "a8f3c6", "document": ID},
    ),
    "document.unheard_of": event(
        "other",
        "document.unheard_of",
        f"document.unheard_of:{ID}:-:2026-06-15 12:00:00+00:00",
        "2026-06-15T12:00:00Z",
        state=told(None),
    ),
}


class TestSignNow(BodySigned, ProofInHeader):
    name = "signnow"
    example = "document.fieldinvite.signed_director"
    now = at("2026-06-15T09:10:03Z")
    # An invitation that expired and names nobody, by id or address, is the document's.
    telling = ("meta.event", "content.document_id", "content.group_id", "content.signer")
    proof = "x-signnow-signature"
    meanings = MEANINGS
    same_fact = (
        frozenset(
            {"document.fieldinvite.signed_director", "user.document.fieldinvite.signed_director"}
        ),
    )
    hidden = (
        "opens-the-account-of-acme",
        "https://hooks.acme.example/webhooks/signnow.unguessable-part",
    )

    def event_name(self, message: Any) -> str:
        return str(message["meta"]["event"])

    def signed(self, request: Request, secret: str) -> Request:
        digest = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
        return self.with_proof(request, base64.b64encode(digest).decode())

    def retried(self, request: Request) -> Request:
        """Written anew; whether the time stays is not published: only what may repeat needs it."""
        message = json.loads(request.body)
        repeats = {"document.open", "user.document.complete", "template.copy"}
        repeats |= {"document.unheard_of", "document.fieldinvite.email.delivery.failed"}
        if message["meta"]["event"] not in repeats:
            message["meta"]["timestamp"] += 90
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def test_a_signature_in_hexadecimal_counts_too(self) -> None:
        request = self.genuine()
        digest = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        assert self.accepted(self.with_proof(request, digest), SECRET)
        assert not self.accepted(self.with_proof(request, digest.upper()), SECRET)
        assert not self.accepted(self.with_proof(request, f"sha256={digest}"), SECRET)

    @pytest.mark.parametrize(
        ("option", "header", "value", "authenticity"),
        [
            ("x-our-secret", "x-our-secret", SECRET, "shared_secret"),
            ("x-our-secret", "x-our-secret", "wrong", None),
            ("x-our-secret", "x-another", SECRET, None),
            (None, "x-our-secret", SECRET, None),
        ],
    )
    def test_an_unsigned_message_counts_only_by_the_secret_header_the_connection_names(
        self, option: str | None, header: str, value: str, authenticity: str | None
    ) -> None:
        options = {} if option is None else {"secret_header": option}
        request = self.read(self.example)
        request = request.model_copy(update={"headers": {**request.headers, header: value}})
        try:
            found = self.subject.verify(request, self.secrets(SECRET, **options), self.now)
        except UnauthorizedError:
            assert authenticity is None
        else:
            assert found == authenticity

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("document.update", "document.modified"),
            ("document.fieldinvite.create", "document.created"),
            ("document.fieldinvite.replace", "signer.reassigned"),
            ("document.freeform.create", "signer.notified"),
            ("document.freeform.signed", "signer.signed"),
            ("document_group.create", "document.created"),
            ("document_group.update", "document.modified"),
            ("document_group.delete", "document.deleted"),
            ("document_group.invite.resend", "reminder.sent"),
            ("document_group.invite.update", "signer.updated"),
            ("document_group.invite.cancel", "document.voided"),
            ("document.invite.sent", "signer.notified"),
            ("document.invite.signed", "signer.signed"),
            ("document.invite.declined", "signer.declined"),
            ("document.invite.cancel", "document.voided"),
            ("document.invite.reminder.sent", "reminder.sent"),
            ("document.count.unsent", "other"),
            ("document.fieldinvite.consent.agreed", "signer.updated"),
            ("document.fieldinvite.consent.declined", "signer.updated"),
            ("document.fieldinvite.consent.withdrawn", "signer.updated"),
            ("document.fieldinvite.authentication.failed", "signer.authentication_failed"),
            ("document.fieldinvite.email.delivery.failed", "signer.delivery_failed"),
            ("document_group.invite.sent", "document.sent"),
            ("document_group.invite.declined", "document.declined"),
            ("document_group.invite.consent.agreed", "signer.updated"),
            ("document_group.invite.consent.declined", "signer.updated"),
            ("document_group.invite.consent.withdrawn", "signer.updated"),
            ("document_group.invite.authentication.failed", "signer.authentication_failed"),
            ("document_group.invite.email.delivery.failed", "signer.delivery_failed"),
            ("document_group.freeform.create", "document.sent"),
            ("document_group.freeform.resend", "reminder.sent"),
            ("document_group.freeform.signed", "signer.signed"),
            ("document_group.freeform.cancel", "document.voided"),
        ],
    )
    @pytest.mark.parametrize("prefix", ["", "user."])
    def test_an_event_is_told_in_our_words_whoever_is_subscribed_to(
        self, prefix: str, name: str, kind: str
    ) -> None:
        found = self.parse(prefix + name, document_id=ID, group_id=GROUP, invite_id="i1")
        assert found.kind == kind
        assert found.provider_event == prefix + name
        assert found.envelope == (GROUP if name.startswith("document_group") else ID)

    def test_the_account_tells_of_completion_only_where_the_status_says_so(self) -> None:
        content = {"document_id": ID, "user_id": "u1"}
        name = "user.document.complete"
        by_status = {
            status: self.parse(name, **content, status=status)
            for status in ("Completed", "complete", "pending", None)
        }
        assert {status: found.kind for status, found in by_status.items()} == {
            "Completed": "document.completed",
            "complete": "document.completed",
            "pending": "signer.signed",
            None: "signer.signed",
        }
        assert {
            status: found.state and found.state.status for status, found in by_status.items()
        } == {
            "Completed": "completed",
            "complete": "completed",
            "pending": "sent",
            None: None,
        }
        assert by_status["complete"].key == self.parse("document.complete", **content).key

    @pytest.mark.parametrize(
        ("viewer", "kind"), [("u1", "other"), ("u2", "document.viewed"), (None, "document.viewed")]
    )
    def test_the_owners_own_look_at_the_document_is_no_view(
        self, viewer: str | None, kind: str
    ) -> None:
        found = self.parse(
            "document.open", document_id=ID, user_id="u1", viewer_user_unique_id=viewer
        )
        assert (found.kind, found.signer) == (kind, None)

    def test_an_expiry_that_names_nobody_is_the_documents(self) -> None:
        found = self.parse("user.invite.expired", document_id=ID)
        assert (found.kind, found.signer) == ("document.expired", None)

    @pytest.mark.parametrize(
        ("signer", "ref"),
        [
            ("K@Kunde.example", SignerRef(email="K@Kunde.example")),
            ("+49 151 5550137", SignerRef(phone="+49 151 5550137")),
        ],
    )
    def test_a_signer_without_an_invite_has_no_id_but_the_address_or_the_number(
        self, signer: str, ref: SignerRef
    ) -> None:
        event = self.parse("document.freeform.signed", document_id=ID, signer=signer)
        assert event.signer == ref
        assert event.state is not None
        assert [each.id for each in event.state.signers] == [""]

    def test_of_two_signers_with_one_address_neither_signature_is_lost(self) -> None:
        content = {"document_id": ID, "signer": "praxis@kunde.example"}
        first, second = (
            self.parse_at(timestamp, "document.freeform.signed", **content)
            for timestamp in (1781514600, 1781518200)
        )
        assert first.key != second.key

    @pytest.mark.parametrize("name", ["document.complete", "document_group.complete"])
    def test_a_known_event_without_its_document_is_malformed(self, name: str) -> None:
        with pytest.raises(MalformedError, match="must name its document"):
            self.parse(name)

    def test_an_unknown_event_without_a_document_is_other(self) -> None:
        found = self.parse("user.something.new")
        assert (found.kind, found.envelope) == ("other", "")

    def parse(self, name: str, **content: Any) -> SigningEvent:
        return self.parse_at(1781514600, name, **content)

    def parse_at(self, timestamp: int, name: str, **content: Any) -> SigningEvent:
        body = {"meta": {"event": name, "timestamp": timestamp}, "content": content}
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return found
