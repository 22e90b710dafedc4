"""Standard Webhooks: what a sender may send, how it is mapped, and what must not pass for it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from countersign.model.signing_event import Envelope, Signer, SignerRef, SigningEvent
from countersign.providers.base import Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, TimeSigned, at

ID = "env_7QK2V9MZ4D"
ANNA: dict[str, Any] = {
    "name": "Anna Berger",
    "email": "anna.berger@acme.example",
    "role": "Director",
}
KLARA: dict[str, Any] = {
    "name": "Klara Vogel",
    "email": "klara.vogel@kunde.example",
    "role": "Client",
}
PAUL: dict[str, Any] = {"name": "Paul Winter", "email": "paul.winter@kunde.example"}
STATE = Envelope(id=ID, title="Maintenance contract ACME and Kunde", all_signers=False)


def event(kind: Any, number: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    given = {"envelope": ID, "state": STATE, "provider_event": kind, **more}
    return (
        SigningEvent(kind=kind, key=f"message:msg_3fXb7Rk{number}", occurred_at=at(when), **given),
    )


def by(recipient: str, who: dict[str, Any], order: int | None = None) -> dict[str, Any]:
    """The acting signer, as the event and its state name him."""
    signer = Signer(id=recipient, order=order, **who)
    return {
        "signer": SignerRef(id=recipient, order=order, **who),
        "state": STATE.model_copy(update={"signers": (signer,)}),
    }


NO = "We sign only with the other annex"
MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "document.sent": event(
        "document.sent",
        "1",
        "2026-03-16T09:05:01.1Z",
        state=STATE.model_copy(
            update={"custom_fields": {"countersign_document": "d-44", "amount": "4800"}}
        ),
    ),
    "signer.signed_director": event(
        "signer.signed", "2", "2026-03-16T11:20:00.688Z", **by("rcp_01", ANNA, 1)
    ),
    "document.viewed_client": event(
        "document.viewed", "3", "2026-03-17T16:40:00Z", **by("rcp_02", KLARA, 2)
    ),
    "signer.signed_client": event(
        "signer.signed", "4", "2026-03-17T16:42:00.311Z", **by("rcp_02", KLARA, 2)
    ),
    "document.completed": event("document.completed", "5", "2026-03-17T16:42:05Z"),
    "document.declined": event(
        "document.declined", "6", "2026-03-17T16:50:00.9Z", reason=NO, **by("rcp_02", KLARA, 2)
    ),
    "document.voided": event(
        "document.voided", "7", "2026-03-18T08:00:00.5Z", reason="Replaced by a new offer"
    ),
    "document.expired": event("document.expired", "8", "2026-04-15T22:00:00Z"),
    "signer.reassigned_client": event(
        "signer.reassigned", "9", "2026-03-17T09:00:00Z", **by("rcp_03", PAUL)
    ),
    "invoice.created": event(
        "other",
        "a",
        "2026-03-16T12:00:00Z",
        provider_event="invoice.created",
        envelope="",
        state=None,
    ),
}


class TestStandardWebhooks(TimeSigned, BodySigned, ProofInHeader):
    name = "standard_webhooks"
    example = "signer.signed_director"
    now = at("2026-03-16T11:20:03Z")
    proof = "webhook-signature"
    doubled = True
    stale_after = timedelta(minutes=5)
    meanings = MEANINGS
    telling = ("type", "data.envelope_id", "data.id")
    hidden = ("https://sign.sender.example/s/opens-the-signing-page",)

    def signed(self, request: Request, secret: str, sent: datetime | None = None) -> Request:
        """Signed by the specification's own library, where it takes the secret at all."""
        moment, message = sent or self.now, request.headers["webhook-id"]
        headers = {"webhook-timestamp": str(int(moment.timestamp()))}
        try:
            signature = Webhook(secret).sign(message, moment, request.body.decode())
        except (binascii.Error, RuntimeError, UnicodeDecodeError):
            signature = self.by_hand(request, message, moment, secret.encode())
        except Exception as error:
            if type(error).__name__ != "EmptyWebhookSecretError":
                raise
            signature = self.by_hand(request, message, moment, b"")
        headers["webhook-signature"] = signature
        return request.model_copy(update={"headers": {**request.headers, **headers}})

    @staticmethod
    def by_hand(request: Request, message: str, moment: datetime, key: bytes) -> str:
        signed = f"{message}.{int(moment.timestamp())}.".encode() + request.body
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode()}"

    def retried(self, request: Request) -> Request:
        """Another attempt: the same id and body, signed anew."""
        return self.signed(request, SECRET, self.now + timedelta(hours=10))

    def with_json(self, text: bytes) -> Request:
        headers = {"content-type": "application/json", "webhook-id": "msg_1"}
        return Request(headers=headers, body=text, received_at=self.now)

    def event_name(self, message: Any) -> str:
        return str(message["type"])

    # The proof

    def test_the_official_vector_is_accepted(self) -> None:
        request = Request(
            headers={
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
            body=b'{"test": 2432232314}',
            received_at=self.now,
        )
        then = datetime.fromtimestamp(1614265330, UTC)
        assert self.accepted(request, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=then)
        assert not self.accepted(request, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", now=then)

    @pytest.mark.parametrize(
        "form",
        [
            "whsec_{}",
            "{}",
            " whsec_{}\n",
            "{}==",
        ],
    )
    def test_a_secret_may_be_written_in_several_ways(self, form: str) -> None:
        key = b"twenty-five bytes of key!"
        secret = base64.b64encode(key).decode().rstrip("=")
        request = self.read(self.example)
        message = request.headers["webhook-id"]
        headers = {
            **request.headers,
            "webhook-timestamp": str(int(self.now.timestamp())),
            "webhook-signature": self.by_hand(request, message, self.now, key),
        }
        signed = request.model_copy(update={"headers": headers})
        assert self.accepted(signed, form.format(secret))

    def test_a_secret_in_the_alphabet_of_addresses_is_the_same_key(self) -> None:
        standard, urlsafe = "whsec_+/+/+/+/+/+/+/+/", "-_-_-_-_-_-_-_-_"
        assert self.accepted(self.genuine(standard), urlsafe)

    @pytest.mark.parametrize("secret", ["whsec_", "whsec_====", "not Base64!", "whsec_A", "ä"])
    def test_a_secret_that_is_no_key_opens_nothing(self, secret: str) -> None:
        request = self.read(self.example)
        message = request.headers["webhook-id"]
        for key in (b"", secret.encode()):
            headers = {
                **request.headers,
                "webhook-timestamp": str(int(self.now.timestamp())),
                "webhook-signature": self.by_hand(request, message, self.now, key),
            }
            with pytest.raises(UnauthorizedError, match="Base64"):
                self.subject.verify(
                    request.model_copy(update={"headers": headers}),
                    self.secrets(secret),
                    self.now,
                )

    @pytest.mark.parametrize(
        ("form", "accepted"),
        [
            ("{true}", True),
            ("{false} {true}", True),
            ("{true} {false}", True),
            ("v1a,{key} {true}", True),
            ("v2,odd {true}", True),
            ("{false} {false}", False),
            ("v1a,{bare}", False),
            ("v0,{bare}", False),
            ("xv1,{bare}", False),
            ("{bare}", False),
            ("v1 {bare}", False),
            ("v1={bare}", False),
        ],
    )
    def test_one_right_signature_of_the_scheme_is_enough(self, form: str, accepted: bool) -> None:
        true, false = self.proof_of(self.genuine()), self.proof_of(self.genuine("zzzz"))
        key = base64.b64encode(b"k" * 64).decode()
        value = form.format(true=true, false=false, bare=true.removeprefix("v1,"), key=key)
        assert self.accepted(self.with_proof(self.genuine(), value), SECRET) is accepted

    @pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_no_header_may_be_missing_or_changed(self, header: str) -> None:
        request = self.genuine()
        without = {name: one for name, one in request.headers.items() if name != header}
        assert not self.accepted(request.model_copy(update={"headers": without}), SECRET)
        changed = {**request.headers, header: request.headers[header] + "1"}
        assert not self.accepted(request.model_copy(update={"headers": changed}), SECRET)

    def test_a_connection_may_set_another_limit_of_age(self) -> None:
        request, later = self.genuine(), self.now + timedelta(hours=3)
        for hours, accepted in (("4", True), ("2", False), ("0", True)):
            secrets = self.secrets(SECRET, max_age_hours=hours)
            assert self.subject.problems(secrets) == ()
            with nullcontext() if accepted else pytest.raises(UnauthorizedError):
                self.subject.verify(request, secrets, later)

    @pytest.mark.parametrize("timestamp", ["noon", "-5", "1773660003.5", "9" * 12, "²"])
    def test_a_timestamp_that_is_no_number_of_seconds_is_refused(self, timestamp: str) -> None:
        request = self.read(self.example)
        key = base64.b64decode(SECRET.replace(" ", ""))
        signed = f"{request.headers['webhook-id']}.{timestamp}.".encode() + request.body
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        headers = {
            **request.headers,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        assert not self.accepted(request.model_copy(update={"headers": headers}), SECRET)

    def test_svix_may_send_the_same_headers_by_its_own_name(self) -> None:
        request = self.genuine()
        headers = {name.replace("webhook-", "svix-"): one for name, one in request.headers.items()}
        theirs = request.model_copy(update={"headers": headers})
        assert self.accepted(theirs, SECRET)
        assert self.subject.parse(theirs) == self.subject.parse(request)

    def test_headers_of_two_families_are_not_mixed(self) -> None:
        request = self.genuine()
        headers = {
            "svix-id" if name == "webhook-id" else name: one
            for name, one in request.headers.items()
        }
        assert not self.accepted(request.model_copy(update={"headers": headers}), SECRET)
