"""Stripe: which of its events are payments, for which document, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from countersign.model.signing_event import Envelope, SigningEvent
from countersign.providers.base import Request
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, TimeSigned, at

ID = "env-stripe-44"
VECTOR = "ced97190e6fc58f5e5ef511c02d0df24323cf20995c0af1e8fad60b22eafee68"
"""What stripe-python 16.1 makes of the time, body and secret of the test that uses it."""
METADATA = {"countersign_document": "d-44", "envelope": ID, "offer": "V-2026-0044"}


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    return (SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **more),)


def named(**metadata: str) -> dict[str, Any]:
    """The envelope that the metadata name, and what they tell besides."""
    envelope = metadata.get("envelope") or metadata["countersign_document"]
    state = Envelope(id=envelope, all_signers=False, custom_fields=metadata)
    return {"envelope": envelope, "state": state}


def paid(name: str, payment: str, when: str) -> tuple[SigningEvent]:
    """4,800 euros have come for document 44."""
    detail = {"amount": "4800.00", "currency": "EUR", "payment": payment, "document": "d-44"}
    key = f"payment:{payment}:{ID}"
    return event("payment.received", name, key, when, detail=detail, **named(**METADATA))


def refunded(minor: int, amount: str, when: str) -> tuple[SigningEvent]:
    """Some of the euros have gone back."""
    detail = {
        "change": "refunded",
        "amount": amount,
        "currency": "EUR",
        "payment": "pi_acme_0001",
        "document": "d-44",
    }
    key = f"refund:pi_acme_0001:{ID}:{minor}"
    return event(
        "document.modified", "charge.refunded", key, when, detail=detail, **named(**METADATA)
    )


def nothing(name: str, number: str, when: str) -> tuple[SigningEvent]:
    """An event without effect."""
    return event("other", name, f"event:evt_acme_00{number}", when, envelope="")


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "checkout.session.completed": paid(
        "checkout.session.completed", "pi_acme_0001", "2026-03-17T11:40:00Z"
    ),
    "payment_intent.succeeded": paid(
        "payment_intent.succeeded", "pi_acme_0001", "2026-03-17T11:39:59Z"
    ),
    "charge.succeeded": paid("charge.succeeded", "pi_acme_0001", "2026-03-17T11:39:58Z"),
    "checkout.session.completed_unpaid": nothing(
        "checkout.session.completed", "04", "2026-03-17T11:46:40Z"
    ),
    "checkout.session.async_payment_succeeded": paid(
        "checkout.session.async_payment_succeeded", "pi_acme_0002", "2026-03-19T11:46:40Z"
    ),
    "charge.succeeded_reserved": nothing("charge.succeeded", "06", "2026-03-17T12:03:20Z"),
    "invoice.paid": event(
        "payment.received",
        "invoice.paid",
        "payment:in_acme_0001:d-45",
        "2026-03-17T12:20:00Z",
        detail={
            "amount": "750000",
            "currency": "JPY",
            "payment": "in_acme_0001",
            "document": "d-45",
        },
        **named(countersign_document="d-45"),
    ),
    "charge.refunded_part": refunded(30000, "300.00", "2026-03-18T10:33:20Z"),
    "charge.refunded_all": refunded(480000, "4800.00", "2026-03-18T13:20:00Z"),
    "payment_intent.succeeded_unnamed": nothing(
        "payment_intent.succeeded", "10", "2026-03-17T12:36:40Z"
    ),
    "payment_intent.payment_failed": nothing(
        "payment_intent.payment_failed", "11", "2026-03-17T12:53:20Z"
    ),
    "thin_event": nothing("v1.billing.meter.no_meter_found", "12", "2026-03-17T12:00:00.5Z"),
}


class TestStripe(TimeSigned, BodySigned, ProofInHeader):
    name = "stripe"
    example = "payment_intent.succeeded"
    now = at("2026-03-17T11:40:02Z")
    proof = "stripe-signature"
    doubled = True
    stale_after = timedelta(minutes=5)
    meanings = MEANINGS
    same_fact = (
        frozenset({"checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"}),
    )
    telling = (
        "type",
        "data.object.metadata.countersign_document",
        "data.object.metadata.envelope",
        "data.object.amount*",
        "data.object.payment_status",
        "data.object.captured",
    )
    hidden = (
        "_secret_goes-on-with-the-payment",
        "https://pay.acme.example/c/opens-the-payment-page",
        "https://pay.acme.example/r/shows-the-receipt",
        "https://pay.acme.example/i/opens-the-invoice",
    )

    def signed(self, request: Request, secret: str, sent: datetime | None = None) -> Request:
        time = str(int((sent or self.now).timestamp()))
        digest = self.digest(time, request.body, secret)
        headers = {**request.headers, self.proof: f"t={time},v1={digest}"}
        return request.model_copy(update={"headers": headers})

    @staticmethod
    def digest(time: str, body: bytes, secret: str) -> str:
        return hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()

    def retried(self, request: Request) -> Request:
        """Another attempt: signed anew, and another endpoint has answered meanwhile."""
        message = json.loads(request.body)
        message["pending_webhooks"] = 0
        changed = request.model_copy(update={"body": json.dumps(message).encode()})
        return self.signed(changed, SECRET, self.now + timedelta(hours=20))

    def event_name(self, message: Any) -> str:
        return str(message["type"])

    def test_a_vector_made_with_stripes_own_library_is_accepted(self) -> None:
        request = Request(
            headers={self.proof: f"t=1773747602,v1={VECTOR}"},
            body=b'{"id":"evt_1","type":"payment_intent.succeeded"}',
            received_at=self.now,
        )
        assert self.accepted(request, "whsec_made_up_for_this_test")

    @pytest.mark.parametrize(
        ("form", "accepted"),
        [
            ("t={t},v1={true}", True),
            ("t={t},v1={false},v1={true}", True),
            ("t={t}, v1={true}, v0={false}", True),
            ("v1={true},t={t}", True),
            ("t={t},v1={false}", False),
            ("t={t},v0={true}", False),
            ("t={t},V1={true}", False),
            ("t={t}", False),
            ("v1={true}", False),
            ("t={t},t={later},v1={true}", False),
            ("t={later},v1={true}", False),
            ("t= {t},v1={true}", False),
            ("t={t}.0,v1={true}", False),
            ("t=-{t},v1={true}", False),
            ("t=,v1={true}", False),
        ],
    )
    def test_one_right_signature_with_its_time_is_enough(self, form: str, accepted: bool) -> None:
        request, time = self.read(self.example), str(int(self.now.timestamp()))
        value = form.format(
            t=time,
            later=int(time) + 1,
            true=self.digest(time, request.body, SECRET),
            false=self.digest(time, request.body, "wrong"),
        )
        assert self.accepted(self.with_proof(request, value), SECRET) is accepted

    @pytest.mark.parametrize(
        ("minor", "currency", "amount"),
        [
            (1, "eur", "0.01"),
            (123450, "usd", "1234.50"),
            (100000000000, "chf", "1000000000.00"),
            (5000, "jpy", "5000"),
            (5000, "krw", "5000"),
            (5120, "kwd", "5.120"),
            # Without smaller units, and yet written with two decimals.
            (500, "isk", "5.00"),
            (500, "ugx", "5.00"),
        ],
    )
    def test_an_amount_is_told_in_major_units(self, minor: int, currency: str, amount: str) -> None:
        found = self.paid(amount_received=minor, currency=currency)
        assert found.detail["amount"] == amount
        assert found.detail["currency"] == currency.upper()

    @pytest.mark.parametrize(
        ("metadata", "envelope", "document"),
        [
            ({"envelope": "e-1"}, "e-1", None),
            ({"countersign_document": "d-1"}, "d-1", "d-1"),
            ({"countersign_document": "d-1", "envelope": "e-1"}, "e-1", "d-1"),
            ({"countersign_document": " ", "envelope": " e-1 "}, "e-1", None),
            ({"envelope": "x" * 201, "countersign_document": "d-1"}, "d-1", "d-1"),
        ],
    )
    def test_the_metadata_name_the_document(
        self, metadata: dict[str, str], envelope: str, document: str | None
    ) -> None:
        found = self.paid(metadata=metadata)
        assert (found.kind, found.envelope) == ("payment.received", envelope)
        assert found.detail.get("document") == document

    @pytest.mark.parametrize(
        "thing",
        [
            {"metadata": {}},
            {"metadata": None},
            {"metadata": {"envelope": "a\nb"}},
            {"metadata": {"envelope": {"no": "text"}}},
            {"amount_received": 0},
        ],
    )
    def test_what_names_no_document_or_brings_no_money_has_no_effect(self, thing: Any) -> None:
        found = self.paid(**thing)
        assert (found.kind, found.envelope, found.state) == ("other", "", None)

    @pytest.mark.parametrize(
        ("name", "thing", "payment"),
        [
            ("invoice.paid", {"id": "in_1", "amount_paid": 5}, "in_1"),
            ("invoice.paid", {"id": "in_1", "amount_paid": 5, "payment_intent": "pi_1"}, "pi_1"),
            (
                "checkout.session.completed",
                {"id": "cs_1", "amount_total": 5, "payment_status": "paid", "invoice": "in_1"},
                "in_1",
            ),
            (
                "charge.captured",
                {"id": "ch_1", "amount_captured": 5, "payment_intent": {"id": "pi_1"}},
                "pi_1",
            ),
            ("charge.succeeded", {"id": "ch_1", "amount_captured": 5, "captured": True}, "ch_1"),
        ],
    )
    def test_a_payment_has_one_id_whichever_object_tells_of_it(
        self, name: str, thing: dict[str, Any], payment: str
    ) -> None:
        found = self.parse(name, {"currency": "eur", "metadata": {"envelope": "e"}, **thing})
        assert (found.kind, found.detail["payment"]) == ("payment.received", payment)
        assert found.key == f"payment:{payment}:e"

    def test_one_payment_for_two_documents_is_two_facts(self) -> None:
        keys = {self.paid(metadata={"envelope": name}).key for name in ("e-1", "e-2")}
        assert len(keys) == 2

    @pytest.mark.parametrize(
        ("thing", "says"),
        [
            ({"amount_received": None}, "data.object.amount_received"),
            ({"amount_received": -5}, "amount_received"),
            ({"amount_received": "much"}, "amount_received"),
            ({"currency": None}, "data.object.amount_received"),
            ({"currency": "euro"}, "data.object.amount_received"),
        ],
    )
    def test_a_payment_whose_amount_or_currency_cannot_be_read_is_taken_without_it(
        self, thing: dict[str, Any], says: str
    ) -> None:
        found = self.paid(**thing)
        assert (found.kind, found.envelope) == ("payment.received", "e")
        assert "amount" not in found.detail
        assert says in found.warnings[-1]

    def paid(self, **thing: Any) -> SigningEvent:
        usual = {"id": "pi_1", "amount_received": 5, "currency": "eur"}
        metadata = {"envelope": "e"}
        return self.parse("payment_intent.succeeded", {**usual, "metadata": metadata, **thing})

    def parse(self, name: str, thing: dict[str, Any]) -> SigningEvent:
        body = {"id": "evt_1", "type": name, "created": 1773747600, "data": {"object": thing}}
        (found,) = self.subject.read(self.with_json(json.dumps(body).encode()))
        return found
