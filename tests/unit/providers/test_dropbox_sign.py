"""Dropbox Sign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
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
from countersign.providers.base import Answer, MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, TimeSigned, at

ID = "8e1f4b7a2c9d05e36f8a1b4c7d0e3f6a9b2c5d81"
ANNA_ID = "1a2b3c4d5e6f708192a3b4c5d6e7f809"
KLARA_ID = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
PAUL_ID = "0c1d2e3f4a5b60718293a4b5c6d7e8f9"

ANNA_WAITS = Signer(
    id=ANNA_ID, name="Anna Berger", email="anna.berger@acme.example", role="Director", order=0
)
ANNA_ASKED = ANNA_WAITS.model_copy(update={"status": "notified"})
ANNA_SIGNED = ANNA_WAITS.model_copy(
    update={
        "status": "signed",
        "viewed_at": at("2026-03-09T10:01:00Z"),
        "signed_at": at("2026-03-09T10:02:00Z"),
    }
)
KLARA_WAITS = Signer(
    id=KLARA_ID, name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=1
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_VIEWED = KLARA_WAITS.model_copy(
    update={"status": "viewed", "viewed_at": at("2026-03-10T15:10:00Z")}
)
KLARA_SIGNED = KLARA_VIEWED.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-10T15:12:00Z")}
)
NO = "The price is not what we agreed on"
KLARA_DECLINED = KLARA_VIEWED.model_copy(update={"status": "declined", "reason": NO})
PAUL_ASKED = Signer(
    id=PAUL_ID,
    name="Paul Winter",
    email="paul.winter@kunde.example",
    role="Client",
    order=1,
    status="notified",
)
ARCHIVE = Signer(email="archive@acme.example", action="copy")
ANNA = SignerRef(
    id=ANNA_ID, email="anna.berger@acme.example", name="Anna Berger", role="Director", order=0
)
KLARA = SignerRef(
    id=KLARA_ID, email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=1
)
PAUL = SignerRef(
    id=PAUL_ID, email="paul.winter@kunde.example", name="Paul Winter", role="Client", order=1
)


def request(status: EnvelopeStatus | None, *signers: Signer, **more: Any) -> Envelope:
    """The example request in one of its states."""
    state = Envelope(
        id=ID,
        title="Service agreement ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(email="jonas.feld@acme.example"),
        created_at=at("2026-03-09T09:00:00Z"),
        expires_at=at("2026-04-08T09:00:00Z"),
        custom_fields={"currency": "EUR", "contract_number": "V-2026-0043", "amount": "4800.00"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    given = {"envelope": ID, **more}
    return (SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given),)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "signature_request_prepared": event(
        "document.created",
        "signature_request_prepared",
        f"signature_request_prepared:{ID}:-:1773046800",
        "2026-03-09T09:00:00Z",
        state=request(None, ANNA_WAITS, KLARA_WAITS),
    ),
    "signature_request_sent": event(
        "document.sent",
        "signature_request_sent",
        f"signature_request_sent:{ID}:-:1773046805",
        "2026-03-09T09:00:05Z",
        state=request(None, ANNA_ASKED, KLARA_WAITS, sent_at=at("2026-03-09T09:00:05Z")),
    ),
    "signature_request_signed_director": event(
        "signer.signed",
        "signature_request_signed",
        f"signature_request_signed:{ID}:{ANNA_ID}",
        "2026-03-09T10:02:00Z",
        signer=ANNA,
        state=request(None, ANNA_SIGNED, KLARA_ASKED),
    ),
    "signature_request_viewed_client": event(
        "document.viewed",
        "signature_request_viewed",
        f"signature_request_viewed:{ID}:{KLARA_ID}:1773155400",
        "2026-03-10T15:10:00Z",
        signer=KLARA,
        state=request(None, ANNA_SIGNED, KLARA_VIEWED),
    ),
    "signature_request_signed_client": event(
        "signer.signed",
        "signature_request_signed",
        f"signature_request_signed:{ID}:{KLARA_ID}",
        "2026-03-10T15:12:00Z",
        signer=KLARA,
        state=request(None, ANNA_SIGNED, KLARA_SIGNED),
    ),
    "signature_request_all_signed": event(
        "document.completed",
        "signature_request_all_signed",
        f"signature_request_all_signed:{ID}",
        "2026-03-10T15:12:03Z",
        signer=KLARA,
        state=request(
            "completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=at("2026-03-10T15:12:03Z")
        ),
    ),
    "signature_request_downloadable": event(
        "document.artifact_ready",
        "signature_request_downloadable",
        f"signature_request_downloadable:{ID}:-:1773155560",
        "2026-03-10T15:12:40Z",
        state=request("completed", ANNA_SIGNED, KLARA_SIGNED),
    ),
    "signature_request_declined": event(
        "document.declined",
        "signature_request_declined",
        f"signature_request_declined:{ID}",
        "2026-03-10T15:20:00Z",
        signer=KLARA,
        reason=NO,
        state=request("declined", ANNA_SIGNED, KLARA_DECLINED, reason=NO),
    ),
    "signature_request_canceled": event(
        "document.voided",
        "signature_request_canceled",
        f"signature_request_canceled:{ID}",
        "2026-03-11T08:00:00Z",
        state=request(None, ANNA_SIGNED, KLARA_ASKED),
    ),
    "signature_request_expired": event(
        "document.expired",
        "signature_request_expired",
        f"signature_request_expired:{ID}",
        "2026-04-08T09:00:00Z",
        state=request(None, ANNA_SIGNED, KLARA_VIEWED),
    ),
    "signature_request_email_bounce": event(
        "signer.delivery_failed",
        "signature_request_email_bounce",
        f"signature_request_email_bounce:{ID}:{KLARA_ID}:1773050580",
        "2026-03-09T10:03:00Z",
        signer=KLARA,
        reason="Mailbox unavailable",
        state=request(None, ANNA_SIGNED, KLARA_ASKED),
    ),
    "signature_request_reassigned": event(
        "signer.reassigned",
        "signature_request_reassigned",
        f"signature_request_reassigned:{ID}:{PAUL_ID}:1773155460",
        "2026-03-10T15:11:00Z",
        signer=PAUL,
        previous_signer=SignerRef(id=KLARA_ID, email="klara.vogel@kunde.example"),
        state=request(None, ANNA_SIGNED, PAUL_ASKED),
    ),
    "signature_request_unheard_of": event(
        "other",
        "signature_request_unheard_of",
        f"signature_request_unheard_of:{ID}:-:1773050530",
        "2026-03-09T10:02:10Z",
        state=request(None, ANNA_SIGNED, KLARA_ASKED),
    ),
    "template_created": event(
        "template.changed",
        "template_created",
        "template_created:5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f:-:1773046800",
        "2026-03-09T09:00:00Z",
        envelope="",
        detail={"change": "created", "template": "5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f"},
    ),
    "callback_test": event(
        "webhook.test",
        "callback_test",
        "callback_test:-:-:1773046800",
        "2026-03-09T09:00:00Z",
        envelope="",
    ),
}


class TestDropboxSign(TimeSigned):
    name = "dropbox_sign"
    example = "signature_request_signed_director"
    now = at("2026-03-09T10:02:00Z")
    upper_case = True
    stale_after = timedelta(days=4)
    meanings = MEANINGS
    telling = ("event.event_type", "signature_request.signature_request_id")
    hidden = (f"https://app.hellosign.com/sign/{ID}",)

    def with_json(self, text: bytes) -> Request:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="json"\r\n\r\n' + text + b"\r\n--b--\r\n"
        )
        headers = {"content-type": "multipart/form-data; boundary=b"}
        return Request(headers=headers, body=body, received_at=self.now)

    def value(self, request: Request) -> Any:
        return json.loads(request.body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0])

    def signed(self, request: Request, secret: str) -> Request:
        event = self.value(request)["event"]
        text = (event["event_time"] + event["event_type"]).encode()
        return self.with_proof(request, hmac.new(secret.encode(), text, hashlib.sha256).hexdigest())

    def with_proof(self, request: Request, value: str | None) -> Request:
        message = self.value(request)
        message["event"]["event_hash"] = value
        return self.with_json(json.dumps(message).encode())

    def proof_of(self, request: Request) -> str:
        proof: str = self.value(request)["event"]["event_hash"]
        return proof

    def retried(self, request: Request) -> Request:
        """By the app's callback, after the account's: another boundary, another reporter."""
        message = self.value(request)
        metadata = message["event"]["event_metadata"]
        metadata.update(reported_for_account_id=None, reported_for_app_id="a1b2c3")
        return self.with_json(json.dumps(message).encode())

    @pytest.mark.parametrize(
        ("time", "kind", "expected"),
        [
            (
                "1669926463",
                "account_confirmed",
                "ff8b03439122f9160500c3fb855bdee5a9ccba5fff27d3b258745d8f3074832f",
            ),
            (
                "1348177752",
                "signature_request_sent",
                "08d45a6b7677492b78be030cef18cfeaece8fe67e163cc8e526ee638ad483756",
            ),
        ],
    )
    def test_the_published_vectors_pass(self, time: str, kind: str, expected: str) -> None:
        key = "324e3b0840f065eb51f3fd63231d0d33daa35d4ed10d27718839e81737065782"
        event = {"event_time": time, "event_type": kind, "event_hash": expected}
        request = self.with_json(json.dumps({"event": event}).encode())
        secrets = self.secrets(key, max_age_hours="0")
        assert self.subject.verify(request, secrets, self.now) == "shared_secret"

    def test_the_body_beside_time_and_type_is_not_covered_as_the_authenticity_says(self) -> None:
        message = self.value(self.genuine())
        message["signature_request"]["title"] = "Another title"
        assert self.accepted(self.with_json(json.dumps(message).encode()), SECRET)

    @pytest.mark.parametrize("member", ["event_time", "event_type"])
    def test_a_changed_time_or_type_is_refused(self, member: str) -> None:
        message = self.value(self.genuine())
        message["event"][member] = {"event_time": "1773050521", "event_type": "file_error"}[member]
        assert not self.accepted(self.with_json(json.dumps(message).encode()), SECRET)

    @pytest.mark.parametrize(
        ("hours", "age", "accepted"),
        [
            ("0", timedelta(days=4000), True),
            ("1", timedelta(minutes=59), True),
            ("1", timedelta(minutes=61), False),
            ("200", timedelta(days=8), True),
            ("soon", timedelta(0), False),
            ("-1", timedelta(0), False),
            ("9999999999999", timedelta(0), False),
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

    def test_a_message_from_the_future_is_refused(self) -> None:
        assert not self.accepted(self.genuine(), SECRET, now=self.now - timedelta(hours=2))

    def test_an_old_example_is_signed_with_the_present_time(self) -> None:
        now = self.now + timedelta(days=400)
        request = self.subject.sign(self.read(self.example), SECRET, now)
        assert self.accepted(request, SECRET, now=now)
        assert [one.occurred_at for one in self.subject.parse(request)] == [now]

    def test_it_is_answered_with_the_words_it_looks_for(self) -> None:
        answer = self.subject.answer(self.genuine(), self.secrets(SECRET))
        assert answer == Answer(
            status=200, body="Hello API Event Received", headers={"content-type": "text/plain"}
        )

    def test_its_hash_is_not_kept(self) -> None:
        kept = self.subject.redact(self.genuine())
        assert json.loads(kept)["event"]["event_hash"] == "[redacted]"

    @pytest.mark.parametrize(
        ("name", "signatures", "signer"),
        [
            ("signature_request_signed", [("a", 5, None), ("b", 9, None)], "b"),
            ("signature_request_signed", [("a", 9, None), ("b", 9, None)], None),
            ("signature_request_viewed", [("a", None, 3), ("b", None, 2)], "a"),
            ("signature_request_viewed", [("a", None, None)], None),
            ("signature_request_remind", [("a", 5, 3)], None),
        ],
    )
    def test_a_signer_who_is_not_named_is_read_off_the_state_where_it_is_clear(
        self, name: str, signatures: list[tuple[str, int | None, int | None]], signer: str | None
    ) -> None:
        (found,) = self.parse_request(
            name,
            signatures=[
                {"signature_id": one, "signed_at": signed, "last_viewed_at": viewed}
                for one, signed, viewed in signatures
            ],
        )
        assert (found.signer and found.signer.id) == signer

    def test_an_event_without_its_request_has_no_effect(self) -> None:
        event = {"event_time": "1348177752", "event_type": "signature_request_sent"}
        (found,) = self.subject.parse(self.with_json(json.dumps({"event": event}).encode()))
        assert (found.kind, found.envelope) == ("other", "")

    def test_fields_become_text_and_metadata_wins(self) -> None:
        (found,) = self.parse_request(
            "signature_request_sent",
            custom_fields=[
                {"name": "agreed", "type": "checkbox", "value": True},
                {"name": "amount", "value": "1"},
                {"name": "empty", "value": None},
            ],
            metadata={"amount": 4800, "nested": {"not": "kept"}},
        )
        assert found.state is not None
        assert found.state.custom_fields == {"agreed": "true", "amount": "4800", "empty": ""}

    @pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 12, True, None, {}])
    def test_a_time_that_is_none_is_refused_and_costs_no_event_where_it_was_let_in(
        self, time: object
    ) -> None:
        event = {"event_time": time, "event_type": "callback_test"}
        request = self.with_json(json.dumps({"event": event}).encode())
        with pytest.raises(UnauthorizedError):
            self.subject.verify(request, self.secrets(SECRET, max_age_hours="0"), self.now)
        (found,) = self.subject.parse(request)
        assert (found.kind, found.occurred_at) == ("webhook.test", self.now)

    def parse_request(self, name: str, **more: Any) -> tuple[SigningEvent, ...]:
        event = {"event_time": "1773050520", "event_type": name}
        body = {"event": event, "signature_request": {"signature_request_id": ID, **more}}
        return self.subject.parse(self.with_json(json.dumps(body).encode()))

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            (
                'multipart/form-data; boundary="a b"',
                b'--a b\r\n%s; name="json"\r\n\r\n%j\r\n--a b--',
            ),
            ("multipart/form-data; boundary=x", b"--x\n%s; name=json\n\n%j\n--x--\n"),
            (
                "multipart/form-data; charset=utf-8; boundary=x",
                b'ignored\r\n--x\r\nContent-Type: text/plain\r\n%s; name="json"\r\n\r\n%j\r\n--x--',
            ),
            (
                "multipart/form-data; boundary=x",
                b'--x\r\n%s; name="other"; filename="json"\r\n\r\nno\r\n'
                b'--x\r\n%s; name="json"\r\n\r\n%j\r\n--x--',
            ),
        ],
    )
    def test_the_form_may_be_written_in_several_ways(self, content_type: str, body: bytes) -> None:
        text = b'{"event":{"event_time":"1773046800","event_type":"callback_test"}}'
        full = body.replace(b"%s", b"Content-Disposition: form-data").replace(b"%j", text)
        headers = {"content-type": content_type}
        request = Request(headers=headers, body=full, received_at=self.now)
        assert [one.kind for one in self.subject.parse(request)] == ["webhook.test"]

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("", b"{}"),
            ("multipart/form-data", b"--x"),
            ("multipart/form-data; boundary=", b"--"),
            ("multipart/form-data; boundary=" + "x" * 71, b"--x"),
            ("multipart/form-data; boundary=x", b""),
            ("multipart/form-data; boundary=x", b"--x--\r\n"),
            ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: a; name="json"'),
            ("multipart/form-data; boundary=x", b"--x\r\n" * 10_000),
            ("multipart/form-data; boundary=x", b'--x\r\n\r\nname="json"\r\n\r\n{}\r\n--x--'),
            ("multipart/form-data; boundary=\udcff", b"--x"),
        ],
    )
    def test_a_form_without_the_field_is_malformed(self, content_type: str, body: bytes) -> None:
        request = Request(headers={"content-type": content_type}, body=body, received_at=self.now)
        with pytest.raises(MalformedError):
            self.subject.parse(request)
        assert not self.accepted(request, SECRET)
