"""Xodo Sign (eversign): thin JSON without title or status; a hash inside proves time and type only.

Facts: eversign.com/api/documentation/webhooks and help.eversign.com 9170555745565. Events checked
2026-11: the components for eversign in PipedreamHQ/pipedream, the thirteen below; the official SDKs
(eversign/eversign-php-sdk of 2023 and its like) know no webhooks, and nothing newer was found.
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
    Signer,
    SignerStatus,
    SigningEvent,
)
from countersign.providers._toolkit.ages import AGE_OPTION
from countersign.providers._toolkit.events import EventKeys, details
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
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
from countersign.providers._toolkit.signers import reference
from countersign.providers._toolkit.times import read_unix
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.text.folding import fold_address

MAX_AGE = timedelta(days=4)
"""The last retry comes about 40 hours after the event; a hash older than this is a replay."""

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "document_created": ("document.created", None),
    "document_sent": ("document.sent", None),
    "document_viewed": ("document.viewed", None),
    "document_signed": ("signer.signed", None),
    "document_declined": ("document.declined", None),
    "document_forwarded": ("signer.reassigned", None),
    "document_completed": ("document.completed", None),
    "document_expired": ("document.expired", None),
    "document_revoked": ("document.voided", None),
    "document_cancelled": ("document.voided", None),
    "signer_removed": ("signer.updated", "removed"),
    "signer_bounced": ("signer.delivery_failed", None),
    "email_validation_waived": ("other", None),
}
SIGNER_STATUSES: dict[EventKind, SignerStatus] = {
    "document.viewed": "viewed",
    "signer.signed": "signed",
    "document.declined": "declined",
}
ABOUT_A_SIGNER: frozenset[EventKind] = frozenset(
    {*SIGNER_STATUSES, "signer.reassigned", "signer.updated", "signer.delivery_failed"}
)

KEYS = EventKeys(
    once=frozenset(
        {"document_completed", "document_declined", "document_revoked", "document_cancelled"}
    ),
    once_per_signer=frozenset({"document_signed"}),
)
"""End a document for good, as a signature ends one signer's part."""


class Meta(Payload):
    """Which document it is about."""

    related_document_hash: MaybeId = None


class Recipient(Payload):
    """The signer that the event is about."""

    id: MaybeId = None
    name: MaybeText = None
    email: MaybeEmail = None
    role: MaybeText = None
    order: MaybeOrder = None

    @property
    def key(self) -> tuple[object, ...]:
        """The id, which counts the signers of the document; without one, all that is said of the
        signer, as two may share an address. Empty for nobody."""
        if self.id:
            return (self.id,)
        email = fold_address(self.email) if self.email else None
        return (email, self.name, self.order) if email or self.name else ()


class Signed(Payload):
    """As much of a message as the check needs, and as the hash covers."""

    event_type: ProviderId
    event_time: ProviderId
    event_hash: MaybeId = None


class Message(Payload):
    """One call of the webhook."""

    event_type: ProviderId
    event_time: MaybeUnixTime = None
    meta: Meta = Meta()
    signer: Recipient | None = None


class XodoSign(Provider):
    """Xodo Sign, formerly eversign."""

    title = "Xodo Sign"
    authenticity = "shared_secret"
    retries = "6 times, after 1, 10, 60, 120, 240 and 480 min, and once more after 24 h"
    setup = (
        "Developer > Webhook URL: {url}",
        "Copy the API key of the same page here ({secret}): it signs time and type of each event",
        "Save; documents sent from now on are reported, whether sent by hand or by the API",
    )
    secrets_chosen_by = "provider"
    tells_sender = False
    # A hash that was seen opens any message of the same time and type: kept nowhere.
    options = AGE_OPTION
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"event_hash", "embedded_signing_url", "signing_url", "pin"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``event_hash`` is the hex HMAC-SHA256 of time and type, with the API key.

        It covers nothing else, hence ``shared_secret``, and a limit: four days, or the connection's
        option ``max_age_hours`` (0 for none).
        """
        keys = usable(secrets)
        try:
            message = read_payload(Signed, read_json(request.body))
        except MalformedError as error:
            raise UnauthorizedError(f"no readable event_hash: {error}") from error
        given = header_bytes((message.event_hash or "").lower())
        require_match(
            [given],
            (_hash(key, message) for key in keys),
            f"event_hash was made with none of our {len(keys)} API keys",
        )
        check_age(read_unix(message.event_time, "event_time"), now, secrets, MAX_AGE)
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.event_time or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The message with its hash; an event too old to be accepted is given the present time."""
        value = read_json(request.body)
        at = read_unix(read_payload(Signed, value).event_time, "event_time")
        if not is_recent(at, now, MAX_AGE):
            value = {**value, "event_time": int(now.timestamp())}
        made = _hash(secret, read_payload(Signed, value)).decode()
        return request.model_copy(update={"body": to_json({**value, "event_hash": made})})


def _hash(key: str, message: Signed) -> bytes:
    text = message.event_time + message.event_type
    return hex_hmac(key, text.encode("utf-8", "replace"))


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, envelope = message.event_type, message.meta.related_document_hash
    kind, change = EVENTS.get(name, ("other", None))
    if envelope is None and kind != "other":
        raise MalformedError(f"meta.related_document_hash: {name} must name its document")
    signer = _signer(message.signer, kind)
    about = signer if kind in ABOUT_A_SIGNER else None
    return SigningEvent(
        kind=kind,
        key=_key(message, envelope),
        provider_event=name,
        occurred_at=at,
        envelope=envelope or "",
        signer=reference(about),
        state=_state(envelope, kind, signer, at) if envelope else None,
        detail=details(change=change),
    )


def _key(message: Message, envelope: str | None) -> str:
    who = message.signer.key if message.signer else ()
    time = int(message.event_time.timestamp()) if message.event_time else None
    return KEYS.key(message.event_type, envelope, who or (None,), time, identified=bool(who))


def _signer(recipient: Recipient | None, kind: EventKind) -> Signer | None:
    if recipient is None or not recipient.key:
        return None
    return Signer(
        id=recipient.id or "",
        name=recipient.name,
        email=recipient.email,
        role=recipient.role,
        order=recipient.order,
        # Of events about the whole document nothing follows for the one signer they name.
        status=SIGNER_STATUSES.get(kind, "waiting"),
    )


def _state(envelope: str, kind: EventKind, signer: Signer | None, at: datetime) -> Envelope:
    """What little the message tells: one signer's place and role. It has no word for a status."""
    return Envelope(
        id=envelope,
        # One who was removed is not to be learnt again.
        signers=(signer,) if signer and kind != "signer.updated" else (),
        all_signers=False,
        created_at=at if kind == "document.created" else None,
        sent_at=at if kind == "document.sent" else None,
        completed_at=at if kind == "document.completed" else None,
    )
