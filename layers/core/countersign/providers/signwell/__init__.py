"""SignWell: JSON with the document's state; a hash inside it proves its time and type only.

Facts: developers.signwell.com/reference/events, .../event-data, .../event-hash-verification. Events
checked 2026-11: the page of July 2026; they are the fourteen below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic_core import to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EventKind,
    SignerRef,
    SigningEvent,
)
from countersign.providers._toolkit.ages import AGE_OPTION
from countersign.providers._toolkit.events import EventKeys, details, event_key
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeText,
    MaybeUnixTime,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    check_age,
    header_bytes,
    hex_hmac,
    is_recent,
    require_match,
    usable,
)
from countersign.providers._toolkit.signers import SignerIndex, only, reference
from countersign.providers._toolkit.times import read_unix
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.signwell.calls import SignWellCalls
from countersign.providers.signwell.state import Document, read_document
from countersign.text.folding import fold_address

MAX_AGE = timedelta(days=4)
"""SignWell does not say how long it retries; a hash older than this is a replay."""

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "document_created": ("document.created", None),
    "document_sent": ("document.sent", None),
    "document_viewed": ("document.viewed", None),
    "document_in_progress": ("signer.started", None),
    "document_signed": ("signer.signed", None),
    "document_recipients_updated": ("signer.updated", "recipients"),
    "document_completed": ("document.completed", None),
    "document_expired": ("document.expired", None),
    "document_canceled": ("document.voided", None),
    "document_declined": ("document.declined", None),
    "document_bounced": ("signer.delivery_failed", None),
    "document_error": ("document.failed", None),
    "template_created": ("template.changed", "created"),
    "template_error": ("template.changed", "error"),
}

KEYS = EventKeys(once=frozenset({"document_completed", "document_canceled", "document_declined"}))
"""These end a document for good."""


class RelatedSigner(Payload):
    """Who acted."""

    email: MaybeEmail = None
    name: MaybeText = None


class HashInput(Payload):
    """What the hash covers, and the hash."""

    type: ProviderId
    time: ProviderId
    hash: MaybeId = None


class Event(Payload):
    """What happened, and when."""

    type: ProviderId
    time: MaybeUnixTime = None
    related_signer: RelatedSigner | None = None


class Data(Payload):
    """What the event is about."""

    object: Document = Document()


class Signed(Payload):
    """As much of a message as the check needs."""

    event: HashInput


class Message(Payload):
    """One call of the webhook."""

    event: Event
    data: Data = Data()


class SignWell(SignWellCalls, Provider):
    """SignWell."""

    title = "SignWell"
    authenticity = "shared_secret"
    retries = "not documented"
    setup = (
        "Settings > API > Webhooks > Add webhook (or POST /api/v1/hooks): {url}",
        "Copy the webhook's id, by which it signs, here ({secret}): it is in the answer of "
        "POST or GET /api/v1/hooks",
        "Send a document in test mode and see it arrive",
    )
    secrets_chosen_by = "provider"
    # A hash that was seen opens any message of the same time and type: kept nowhere.
    options = AGE_OPTION
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {
            "hash",
            "passcode",
            "signing_url",
            "embedded_signing_url",
            "embedded_edit_url",
            "embedded_preview_url",
            "file_url",
            "file_base64",
        }
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``event.hash`` is the hex HMAC-SHA256 of ``<type>@<time>`` with the webhook's id.

        It covers nothing else, hence ``shared_secret``, and a limit: four days, or the connection's
        option ``max_age_hours`` (0 for none).
        """
        keys = usable(secrets)
        try:
            event = read_payload(Signed, read_json(request.body)).event
        except MalformedError as error:
            raise UnauthorizedError(f"no readable event.hash: {error}") from error
        given = header_bytes((event.hash or "").lower())
        require_match(
            [given],
            (_hash(key, event) for key in keys),
            f"event.hash was made with none of our {len(keys)} webhook ids",
        )
        check_age(read_unix(event.time, "event.time"), now, secrets, MAX_AGE)
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.event.time or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The message with its hash; an event too old to be accepted is given the present time."""
        value = read_json(request.body)
        at = read_unix(read_payload(Signed, value).event.time, "event.time")
        event = value["event"]
        if not is_recent(at, now, MAX_AGE):
            event = {**event, "time": int(now.timestamp())}
        made = _hash(secret, read_payload(HashInput, event)).decode()
        body = to_json({**value, "event": {**event, "hash": made}})
        return request.model_copy(update={"body": body})


def _hash(key: str, event: HashInput) -> bytes:
    return hex_hmac(key, f"{event.type}@{event.time}".encode("utf-8", "replace"))


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    event, document = message.event, message.data.object
    name = event.type
    kind, change = EVENTS.get(name, ("other", None))
    detail = details(change=change)
    if kind == "template.changed" or document.id is None:
        if kind not in ("template.changed", "other"):
            raise MalformedError(f"data.object.id: {name} must name its document")
        return SigningEvent(
            kind=kind,
            key=event_key(name, document.id, _second(event)),
            provider_event=name,
            occurred_at=at,
            envelope="",
            detail=details(change=change, template=document.id),
        )
    state = read_document(document.id, document, kind, at)
    signer = _acting(kind, event.related_signer, document, state)
    return SigningEvent(
        kind=kind,
        key=KEYS.key(name, document.id, _who(event), _second(event)),
        provider_event=name,
        occurred_at=at,
        envelope=document.id,
        signer=signer,
        reason=_reason(kind, document, state, signer),
        state=state,
        detail=detail,
    )


def _who(event: Event) -> tuple[object, ...]:
    """Who acted, for a key: of two who share an address the name tells them apart."""
    who = event.related_signer
    if who is None or not (who.email or who.name):
        return (None,)
    return fold_address(who.email) if who.email else None, who.name


def _second(event: Event) -> int | None:
    return int(event.time.timestamp()) if event.time else None


def _acting(
    kind: EventKind, related: RelatedSigner | None, document: Document, state: Envelope
) -> SignerRef | None:
    """The signer the event names; where it names none, whom the state shows."""
    if related and (related.email or related.name):
        ref = SignerRef(email=related.email, name=related.name)
        signers = tuple(signer for signer in state.signers if signer.action != "copy")
        return reference(SignerIndex(signers).by_reference(ref)) or ref
    if kind == "document.declined":
        return reference(SignerIndex(state.signers).by_status("declined"))
    if kind == "signer.delivery_failed":
        bounced = only(recipient for recipient in document.recipients or () if recipient.bounced)
        return reference(bounced.read()) if bounced and bounced.is_somebody else None
    return None


def _reason(
    kind: EventKind, document: Document, state: Envelope, signer: SignerRef | None
) -> str | None:
    if kind == "document.declined":
        return state.reason
    if kind == "signer.delivery_failed" and signer:
        recipients = (
            recipient
            for recipient in document.recipients or ()
            if reference(recipient.read()) == signer
        )
        return next((recipient.bounced_details for recipient in recipients), None)
    return None
