"""Yousign (API v3): one JSON message for each event, its body signed.

Facts: developers.yousign.com/docs/use-webhooks-in-your-app, .../failure-and-retry-policy and
.../manage-notification-delivery-failures. What was checked of its events, and when:
events.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EventKind,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers._toolkit.events import details, event_key, known_by
from countersign.providers._toolkit.json_access import first_text, inner, loose_id
from countersign.providers._toolkit.payload import MaybeId, MaybeUnixTime, Payload, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import header_bytes, hex_hmac, require_match, usable
from countersign.providers._toolkit.signers import SignerIndex, reference
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.yousign.calls import YousignCalls
from countersign.providers.yousign.events import ENDS, EVENTS, GOES_ON, ONCE
from countersign.providers.yousign.state import Info, Recipient, SignatureRequest, read_request

PREFIX = "sha256="


class Data(Payload):
    """What the event is about."""

    signature_request: SignatureRequest | None = None
    signer: Recipient | None = None
    approver: Recipient | None = None
    notification: Any = None
    """Of a mail that was not delivered; its shape is not published."""

    @property
    def acting(self) -> Recipient | None:
        """The signer or the approver."""
        return self.signer or self.approver


class Message(Payload):
    """One call of the webhook."""

    event_id: MaybeId = None
    event_name: ProviderId
    event_time: MaybeUnixTime = None
    """When it happened: the same on every attempt."""
    data: Data = Data()


class OtherEvent(Payload):
    """As much as is read of an event of no signing meaning."""

    event_id: MaybeId = None
    event_name: ProviderId
    event_time: MaybeUnixTime = None
    data: Any = None


class Yousign(YousignCalls, Provider):
    """Yousign."""

    title = "Yousign"
    authenticity = "signed"
    retries = "8 times in 4 days: 2 min, 6 min, 30 min, 1 h, 5 h, 18 h, 1 d, 2 d"
    setup = (
        "Integrations > Webhooks > Create a webhook: {url}, with automatic retries on",
        "Choose the events of signature requests, signers and approvers",
        "Copy the webhook's secret key here: {secret}",
    )
    secrets_chosen_by = "provider"
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"signature_link", "approval_link", "signature_image_preview"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``X-Yousign-Signature-256: sha256=<hex HMAC-SHA256 of the raw body>``.

        ``X-Yousign-Issued-At`` is not covered by it, so no time is checked.
        """
        keys = usable(secrets)
        given = (request.header("x-yousign-signature-256") or "").strip()
        if not given.startswith(PREFIX):
            raise UnauthorizedError("no X-Yousign-Signature-256 header that begins with sha256=")
        require_match(
            [header_bytes(given.removeprefix(PREFIX))],
            (hex_hmac(key, request.body) for key in keys),
            f"X-Yousign-Signature-256 was made with none of our {len(keys)} secrets",
        )
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, or two where a recipient's refusal ended the request."""
        value = read_json(request.body)
        known = read_payload(OtherEvent, value)
        at = known.event_time or request.received_at
        if known.event_name not in EVENTS:
            return (_aside(known, at),)
        message = read_payload(Message, value)
        if message.data.signature_request is None:
            if known.event_name.startswith(("signature_request.", "signer.", "approver.")):
                raise MalformedError(f"data.signature_request: {known.event_name} must carry it")
            # Seals and analyses also stand by themselves, apart from any request.
            return (_aside(known, at),)
        return _signing_events(message, message.data.signature_request, at)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature."""
        proof = PREFIX + hex_hmac(secret, request.body).decode()
        return request.with_headers({"x-yousign-signature-256": proof})


def _aside(known: OtherEvent, at: datetime) -> SigningEvent:
    """An event of no signing meaning, or one that we don't know."""
    envelope = loose_id(inner(known.data, "signature_request", "id")) or ""
    return SigningEvent(
        kind="other",
        key=event_key(known.event_name, envelope, known.event_id, known.event_time),
        provider_event=known.event_name,
        occurred_at=at,
        envelope=envelope,
    )


def _signing_events(
    message: Message, request: SignatureRequest, at: datetime
) -> tuple[SigningEvent, ...]:
    name, data = message.event_name, message.data
    kind, change = EVENTS[name]
    state = read_request(request, data.signer, data.approver)
    signer = _acting(kind, data, request, state)
    acting = data.acting if data.acting and data.acting.is_somebody else None
    time = None if name in ONCE else message.event_time
    first = SigningEvent(
        kind=kind,
        key=event_key(name, state.id, *_who(acting), time),
        provider_event=name,
        occurred_at=_when(kind, signer, state) or at,
        envelope=state.id,
        signer=_reference(signer, acting),
        reason=_reason(kind, data, state),
        state=state,
        detail=details(change=change),
    )
    if name in ENDS and request.status not in GOES_ON:
        # The key that Yousign's own message of it gets: whichever comes first counts.
        key = event_key(ENDS[name], state.id, None, None)
        return first, first.model_copy(update={"kind": "document.declined", "key": key})
    return (first,)


def _reference(signer: Signer | None, acting: Recipient | None) -> SignerRef | None:
    """Who acted: from the request's list, or as the message names the recipient beside it."""
    return reference(signer or (acting.read("sign") if acting else None))


def _who(acting: Recipient | None) -> tuple[object, ...]:
    """The id for a key; without one, all that is said of the recipient."""
    if acting is None:
        return (None,)
    info = acting.info or Info()
    return known_by(acting.id, info.email, info.phone_number, info.name)


def _acting(
    kind: EventKind, data: Data, request: SignatureRequest, state: Envelope
) -> Signer | None:
    index = SignerIndex(state.signers)
    if data.acting and data.acting.is_somebody:
        ref = reference(data.acting.read("sign"))
        return index.by_reference(ref) if ref else None
    if kind == "document.declined" and request.refusal and request.refusal.by:
        return index.by_id(request.refusal.by)
    return None


def _when(kind: EventKind, signer: Signer | None, state: Envelope) -> datetime | None:
    """When it happened, by the state, which is finer than a message's whole seconds."""
    if kind == "signer.signed" and signer:
        return signer.signed_at
    if kind in ("signer.declined", "document.declined") and signer:
        return signer.declined_at
    return state.completed_at if kind == "document.completed" else None


def _reason(kind: EventKind, data: Data, state: Envelope) -> str | None:
    if kind in ("signer.declined", "document.declined"):
        return state.reason
    if kind == "signer.delivery_failed":
        return first_text(data.notification, "reason", "error_status", "status")
    return None
