"""Xodo Sign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from countersign.model.signing_event import Envelope, Signer, SignerRef, SigningEvent
from countersign.providers.base import MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, TimeSigned, at

ID = "kD7vRm2XqLw9Tz"
ANNA_NAMED = Signer(
    id="1", name="Anna Berger", email="anna.berger@acme.example", role="Director", order=1
)
ANNA_SIGNED = ANNA_NAMED.model_copy(update={"status": "signed"})
KLARA_NAMED = Signer(
    id="2", name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=2
)
KLARA_VIEWED = KLARA_NAMED.model_copy(update={"status": "viewed"})
KLARA_SIGNED = KLARA_NAMED.model_copy(update={"status": "signed"})
KLARA_DECLINED = KLARA_NAMED.model_copy(update={"status": "declined"})
PAUL_NAMED = Signer(
    id="3", name="Paul Winter", email="paul.winter@kunde.example", role="Client", order=2
)
ANNA = SignerRef(
    id="1", email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id="2", email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
PAUL = SignerRef(
    id="3", email="paul.winter@kunde.example", name="Paul Winter", role="Client", order=2
)


def document(*signers: Signer, **more: Any) -> Envelope:
    """What little a message tells of the example document."""
    return Envelope(id=ID, signers=signers, all_signers=False, **more)


def event(kind: Any, name: str, rest: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example; ``rest`` ends its key."""
    given = {"key": f"{name}:{ID}{rest}", "envelope": ID, **more}
    return (SigningEvent(kind=kind, provider_event=name, occurred_at=at(when), **given),)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "document_created": event(
        "document.created",
        "document_created",
        ":-:1777273080",
        "2026-04-27T06:58:00Z",
        state=document(created_at=at("2026-04-27T06:58:00Z")),
    ),
    "document_sent": event(
        "document.sent",
        "document_sent",
        ":1:1777273200",
        "2026-04-27T07:00:00Z",
        state=document(ANNA_NAMED, sent_at=at("2026-04-27T07:00:00Z")),
    ),
    "document_signed_director": event(
        "signer.signed",
        "document_signed",
        ":1",
        "2026-04-27T08:20:00Z",
        signer=ANNA,
        state=document(ANNA_SIGNED),
    ),
    "document_viewed_client": event(
        "document.viewed",
        "document_viewed",
        ":2:1777377900",
        "2026-04-28T12:05:00Z",
        signer=KLARA,
        state=document(KLARA_VIEWED),
    ),
    "document_signed_client": event(
        "signer.signed",
        "document_signed",
        ":2",
        "2026-04-28T12:11:00Z",
        signer=KLARA,
        state=document(KLARA_SIGNED),
    ),
    "document_completed": event(
        "document.completed",
        "document_completed",
        "",
        "2026-04-28T12:11:02Z",
        state=document(KLARA_NAMED, completed_at=at("2026-04-28T12:11:02Z")),
    ),
    "document_declined": event(
        "document.declined",
        "document_declined",
        "",
        "2026-04-28T12:30:00Z",
        signer=KLARA,
        state=document(KLARA_DECLINED),
    ),
    "document_revoked": event(
        "document.voided",
        "document_revoked",
        "",
        "2026-04-29T06:00:00Z",
        state=document(ANNA_NAMED),
    ),
    "document_cancelled": event(
        "document.voided",
        "document_cancelled",
        "",
        "2026-04-29T06:10:00Z",
        state=document(),
    ),
    "document_expired": event(
        "document.expired",
        "document_expired",
        ":2:1779919201",
        "2026-05-27T22:00:01Z",
        state=document(KLARA_NAMED),
    ),
    "document_forwarded_client": event(
        "signer.reassigned",
        "document_forwarded",
        ":3:1777378080",
        "2026-04-28T12:08:00Z",
        signer=PAUL,
        state=document(PAUL_NAMED),
    ),
    "signer_removed_client": event(
        "signer.updated",
        "signer_removed",
        ":2:1777356000",
        "2026-04-28T06:00:00Z",
        signer=KLARA,
        state=document(),
        detail={"change": "removed"},
    ),
    "signer_bounced_client": event(
        "signer.delivery_failed",
        "signer_bounced",
        ":2:1777278060",
        "2026-04-27T08:21:00Z",
        signer=KLARA,
        state=document(KLARA_NAMED),
    ),
    "email_validation_waived": event(
        "other",
        "email_validation_waived",
        ":1:1777273260",
        "2026-04-27T07:01:00Z",
        state=document(ANNA_NAMED),
    ),
    "document_unheard_of": event(
        "other",
        "document_unheard_of",
        ":-:1777278120",
        "2026-04-27T08:22:00Z",
        state=document(),
    ),
}


class TestXodoSign(TimeSigned):
    name = "xodo_sign"
    example = "document_signed_director"
    now = at("2026-04-27T08:20:00Z")
    upper_case = True
    stale_after = timedelta(days=4)
    telling = ("event_type", "meta.related_document_hash")
    meanings = MEANINGS
    # Its messages carry neither signing links nor files.
    hidden = ()

    def signed(self, request: Request, secret: str) -> Request:
        message = json.loads(request.body)
        text = f"{message['event_time']}{message['event_type']}".encode()
        return self.with_proof(request, hmac.new(secret.encode(), text, hashlib.sha256).hexdigest())

    def with_proof(self, request: Request, value: str | None) -> Request:
        message = {**json.loads(request.body), "event_hash": value}
        return request.model_copy(update={"body": json.dumps(message).encode()})

    def proof_of(self, request: Request) -> str:
        proof: str = json.loads(request.body)["event_hash"]
        return proof

    def event_name(self, message: Any) -> str:
        return str(message["event_type"])

    def retried(self, request: Request) -> Request:
        """By the app's webhook, after the account's; the time as text."""
        message = json.loads(request.body)
        message["meta"]["related_app_id"] = "a1b2c3"
        message["event_time"] = str(message["event_time"])
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def test_its_hash_is_not_kept(self) -> None:
        kept = self.subject.redact(self.genuine())
        assert json.loads(kept)["event_hash"] == "[redacted]"

    def test_the_body_beside_time_and_type_is_not_covered_as_the_authenticity_says(self) -> None:
        message = json.loads(self.genuine().body)
        message["meta"]["related_document_hash"] = "another"
        assert self.accepted(self.with_json(json.dumps(message).encode()), SECRET)

    @pytest.mark.parametrize(
        ("member", "value"), [("event_time", 1777278001), ("event_type", "document_sent")]
    )
    def test_a_changed_time_or_type_is_refused(self, member: str, value: object) -> None:
        message = {**json.loads(self.genuine().body), member: value}
        assert not self.accepted(self.with_json(json.dumps(message).encode()), SECRET)

    def test_a_message_from_the_future_is_refused(self) -> None:
        assert not self.accepted(self.genuine(), SECRET, now=self.now - timedelta(hours=2))

    @pytest.mark.parametrize(
        ("hours", "age", "accepted"),
        [
            ("0", timedelta(days=4000), True),
            ("1", timedelta(minutes=61), False),
            ("200", timedelta(days=8), True),
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

    def test_an_old_example_is_signed_with_the_present_time(self) -> None:
        now = self.now + timedelta(days=400)
        request = self.subject.sign(self.read(self.example), SECRET, now)
        assert self.accepted(request, SECRET, now=now)
        assert [one.occurred_at for one in self.subject.parse(request)] == [now]

    @pytest.mark.parametrize(
        ("signer", "key", "ref"),
        [
            (
                {"id": 4, "email": "A@kunde.example"},
                f"document_signed:{ID}:4",
                SignerRef(id="4", email="A@kunde.example"),
            ),
            (
                {"id": "", "email": "A@kunde.example"},
                f"document_signed:{ID}:a@kunde.example:-:-",
                SignerRef(email="A@kunde.example"),
            ),
            # Two who share an address, and one who has none.
            (
                {"email": "hof@kunde.example", "name": "Ute", "order": 1},
                f"document_signed:{ID}:hof@kunde.example:Ute:1",
                SignerRef(email="hof@kunde.example", name="Ute", order=1),
            ),
            (
                {"email": "hof@kunde.example", "name": "Veit", "order": "2"},
                f"document_signed:{ID}:hof@kunde.example:Veit:2",
                SignerRef(email="hof@kunde.example", name="Veit", order=2),
            ),
            (
                {"id": {}, "email": None, "name": "Ute", "role": "Tenant"},
                f"document_signed:{ID}:-:Ute:-",
                SignerRef(name="Ute", role="Tenant"),
            ),
            # Nobody is named: only the time tells two signatures apart.
            ({}, f"document_signed:{ID}:-:1777278000", None),
            (None, f"document_signed:{ID}:-:1777278000", None),
        ],
    )
    def test_a_signer_is_known_by_number_or_by_all_that_is_said(
        self, signer: Any, key: str, ref: SignerRef | None
    ) -> None:
        body = {
            "event_time": 1777278000,
            "event_type": "document_signed",
            "meta": {"related_document_hash": ID},
            "signer": signer,
        }
        (event,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        assert (event.key, event.signer) == (key, ref)

    def test_a_known_event_without_its_document_is_malformed(self) -> None:
        body = {"event_time": 1777278000, "event_type": "document_sent", "meta": {}}
        with pytest.raises(MalformedError, match="related_document_hash"):
            self.subject.parse(self.with_json(json.dumps(body).encode()))

    @pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 12, True, None, {}])
    def test_an_event_whose_time_cannot_be_read_is_dated_by_its_arrival(self, time: object) -> None:
        meta = {"related_document_hash": ID}
        body = {"event_time": time, "event_type": "document_sent", "meta": meta}
        (event,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        assert (event.kind, event.occurred_at) == ("document.sent", self.now)

    @pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 12, True, None, {}])
    def test_a_time_that_cannot_be_read_proves_nothing(self, time: object) -> None:
        text = f"{'' if time is None else time}document_sent".encode()
        made = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
        body = {"event_time": time, "event_type": "document_sent", "event_hash": made}
        assert not self.accepted(self.with_json(json.dumps(body).encode()), SECRET)
