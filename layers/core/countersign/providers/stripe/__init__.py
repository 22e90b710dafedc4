"""Stripe: payments, for the trigger that waits for one; it signs no envelopes.

Facts: docs.stripe.com/webhooks (signatures, retries) and docs.stripe.com/api/events/types. One
payment is reported by several objects, so it has one key, made of the payment and the document.

Checked 2026-11: docs.stripe.com/event-destinations. Thin events (``v1.payment_intent.succeeded``)
carry no object, so they are ``other``: an endpoint has to send snapshot events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, Envelope, EventKind, SigningEvent
from countersign.providers._toolkit.ages import AGE_OPTION
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.payload import MaybeId, Payload, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    check_age,
    header_bytes,
    hex_hmac,
    require_match,
    usable,
)
from countersign.providers._toolkit.times import read_iso, read_unix
from countersign.providers.base import NO_OPTIONS, Provider, Request, UnauthorizedError
from countersign.providers.stripe.payment import ENVELOPE_FIELD, StripeObject
from countersign.standards.stripe_amounts import DOCUMENT_FIELD

TOLERANCE = timedelta(minutes=5)
"""As Stripe's own libraries have it; each attempt is signed anew."""

PAID: dict[str, str] = {
    "checkout.session.completed": "amount_total",
    "checkout.session.async_payment_succeeded": "amount_total",
    "payment_intent.succeeded": "amount_received",
    "charge.succeeded": "amount_captured",
    "charge.captured": "amount_captured",
    "invoice.paid": "amount_paid",
    "invoice.payment_succeeded": "amount_paid",
}
"""The events by which money has come, and the member of their object that says how much."""
REFUNDED = "charge.refunded"


class Data(Payload):
    """What the event is about."""

    object: Any = None


class Event(Payload):
    """One event; those of API version 2 carry no object and an ISO time."""

    id: MaybeId = None
    type: ProviderId
    created: Any = None
    data: Data = Data()


class Stripe(Provider):
    """Stripe's payment events."""

    title = "Stripe"
    authenticity = "signed"
    retries = "for three days with growing pauses; the endpoint is switched off when all fail"
    setup = (
        "Developers > Webhooks > Add endpoint: {url}, snapshot events checkout.session.completed, "
        "checkout.session.async_payment_succeeded, payment_intent.succeeded, invoice.paid and "
        "charge.refunded",
        "Copy the endpoint's signing secret, whsec_..., here ({secret})",
        f"Give payments the metadata {DOCUMENT_FIELD} (or {ENVELOPE_FIELD}), so that they reach "
        "their document; of a checkout as payment_intent_data.metadata too",
    )
    options = AGE_OPTION
    secrets_chosen_by = "provider"
    tells_sender = False
    tells_signers = False
    # Who knows a client secret may go on with the payment; the others are pages and files.
    secret_names = frozenset(
        {
            "client_secret",
            "hosted_invoice_url",
            "hosted_voucher_url",
            "invoice_pdf",
            "receipt_url",
            "url",
        }
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """Any ``v1`` of ``Stripe-Signature: t=...,v1=...`` made with any of our secrets.

        Each is the hex HMAC-SHA256 over time, dot and raw body, with the whole secret as text.
        Five minutes old at most, or the connection's option ``max_age_hours``.
        """
        keys = usable(secrets)
        pairs = [part.strip().partition("=") for part in _header(request).split(",")]
        times = {value for name, _, value in pairs if name == "t"}
        given = [header_bytes(value) for name, _, value in pairs if name == "v1"]
        time = times.pop() if len(times) == 1 else ""
        if not re.fullmatch(r"[0-9]{1,11}", time):
            raise UnauthorizedError("no Stripe-Signature header with one time: t=...,v1=...")
        signed = time.encode() + b"." + request.body
        require_match(
            given,
            (hex_hmac(key, signed) for key in keys),
            f"none of {len(given)} signatures was made with any of our {len(keys)} secrets",
        )
        check_age(read_unix(time, "t"), now, secrets, TOLERANCE)
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event. A payment that names no document is ``other``: it moves nothing."""
        event = read_payload(Event, read_json(request.body))
        if isinstance(event.created, str):
            at = read_iso(event.created)
        else:
            at = read_unix(event.created, "created")
        value = event.data.object
        money = event.type in PAID or event.type == REFUNDED
        stripe_object = read_payload(StripeObject, value) if money else None
        return (_signing_event(event, stripe_object, at or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its header."""
        time = str(int(now.timestamp()))
        signature = hex_hmac(secret, time.encode() + b"." + request.body).decode()
        return request.with_headers({"stripe-signature": f"t={time},v1={signature}"})


def _header(request: Request) -> str:
    return request.header("stripe-signature") or ""


def _signing_event(event: Event, stripe_object: StripeObject | None, at: datetime) -> SigningEvent:
    kind, key, detail = (
        _meaning(event, stripe_object)
        if stripe_object and stripe_object.envelope
        else _nothing(event)
    )
    envelope = stripe_object.envelope if stripe_object and kind != "other" else None
    if stripe_object and stripe_object.document and envelope:
        detail = {**detail, "document": stripe_object.document}
    return SigningEvent(
        kind=kind,
        key=key,
        provider_event=event.type,
        occurred_at=at,
        envelope=envelope or "",
        state=Envelope(id=envelope, all_signers=False, custom_fields=stripe_object.metadata)
        if stripe_object and envelope
        else None,
        detail=detail,
    )


def _meaning(event: Event, stripe_object: StripeObject) -> tuple[EventKind, str, dict[str, str]]:
    if event.type == REFUNDED:
        # Money that goes back is not a payment received; every further part raises the sum.
        minor, detail = stripe_object.money("amount_refunded")
        key = event_key("refund", stripe_object.payment, stripe_object.envelope, minor)
        return "document.modified", key, {"change": "refunded", **detail}
    if not _has_come(event.type, stripe_object):
        return _nothing(event)
    minor, detail = stripe_object.money(PAID[event.type])
    if minor == 0:
        return _nothing(event)
    return (
        "payment.received",
        event_key("payment", stripe_object.payment, stripe_object.envelope),
        detail,
    )


def _has_come(name: str, stripe_object: StripeObject) -> bool:
    """Whether the money is there: a checkout may end before it, a charge may only reserve it."""
    if name.startswith("checkout."):
        return stripe_object.payment_status == "paid"
    return not (name.startswith("charge.") and stripe_object.captured is False)


def _nothing(event: Event) -> tuple[EventKind, str, dict[str, str]]:
    stamp = event.created if isinstance(event.created, str | int) else None
    return "other", event_key("event", event.id or f"{event.type}/{stamp}"), {}
