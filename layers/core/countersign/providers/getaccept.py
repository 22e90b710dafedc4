"""GetAccept: JSON with the document and one recipient; nothing in it proves where it comes from.

Facts: getaccept/openapi, help.getaccept.com 8094998 and the components for GetAccept in
PipedreamHQ/pipedream. Events checked 2026-11: getaccept/openapi 1.6 of March 2026, the fifteen of
POST /subscriptions; its schema gives recipients an id, which captured deliveries lack. Its own test
(POST /subscriptions/test) sends a real document's event, and nothing marks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
    SigningEvent,
)
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.people import full_name
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signers import reference
from countersign.providers._toolkit.times import read_iso
from countersign.providers.base import NO_OPTIONS, MalformedError, Provider, Request
from countersign.text.folding import fold, fold_address

EVENTS: dict[str, tuple[EventKind, dict[str, str]]] = {
    "document.created": ("document.created", {}),
    "document.imported": ("document.created", {"change": "imported"}),
    "document.sent": ("document.sent", {}),
    "document.viewed": ("document.viewed", {}),
    "document.reviewed": ("document.modified", {"change": "reviewed"}),
    "document.partially_signed": ("signer.signed", {}),
    "document.approved": ("signer.signed", {"action": "approved"}),
    # Told once, when the last one has signed.
    "document.signed": ("document.completed", {}),
    "document.rejected": ("document.declined", {}),
    "document.expired": ("document.expired", {}),
    "document.forwarded": ("signer.reassigned", {}),
    "document.hardbounced": ("signer.delivery_failed", {}),
    "document.commented": ("comment.added", {}),
    "document.downloaded": ("other", {}),
    "document.printed": ("other", {}),
}
STATUSES: dict[str, EnvelopeStatus] = {
    "draft": "created",
    "created": "created",
    "scheduled": "created",
    "sent": "sent",
    "viewed": "sent",
    "reviewed": "sent",
    "approved": "sent",
    "partially_signed": "sent",
    "forwarded": "sent",
    "signed": "completed",
    "rejected": "declined",
    "expired": "expired",
    "recalled": "voided",
}
SIGNER_STATUSES: dict[str, SignerStatus] = {
    "sent": "notified",
    "hardbounced": "notified",
    "viewed": "viewed",
    "reviewed": "viewed",
    "signed": "signed",
    "approved": "signed",
    "rejected": "declined",
    "expired": "expired",
}
ACTED: dict[EventKind, SignerStatus] = {
    "document.viewed": "viewed",
    "signer.signed": "signed",
    "document.declined": "declined",
}
ACTIONS: dict[str, SignerAction] = {"signer": "sign", "approver": "approve", "cc": "copy"}
ABOUT_A_SIGNER: frozenset[EventKind] = frozenset(
    {*ACTED, "signer.reassigned", "signer.delivery_failed", "comment.added"}
)


class Document(Payload):
    """The document."""

    id: MaybeId = None
    name: MaybeText = None
    status: MaybeText = None
    value: Any = None
    external_id: MaybeText = None
    sender_name: MaybeText = None
    sender_email: MaybeEmail = None
    created_at: MaybeText = None
    send_date: MaybeText = None
    sign_date: MaybeText = None
    expiration_date: MaybeText = None
    reject_reason: MaybeText = None


class Recipient(Payload):
    """The recipient the event is about. Mostly without an id, and two may share an address."""

    id: MaybeId = None
    fullname: MaybeText = None
    first_name: MaybeText = None
    last_name: MaybeText = None
    email: MaybeEmail = None
    mobile: MaybeText = None
    role: MaybeText = None
    status: MaybeText = None
    order_num: MaybeOrder = None

    @property
    def name(self) -> str | None:
        """The whole name."""
        return self.fullname or full_name(self.first_name, self.last_name)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the recipient apart from the document's others; empty for nobody."""
        reached = self.id or (fold_address(self.email) if self.email else self.mobile)
        parts = (reached, self.name, self.order_num)
        return parts if reached or self.name else ()


class Message(Payload):
    """One call of the webhook."""

    event: ProviderId
    document: Document = Document()
    recipient: Recipient | None = None
    custom_fields: Any = None


class GetAccept(Provider):
    """GetAccept."""

    title = "GetAccept"
    authenticity = "none"
    retries = "after 1, 12, 24 and 48 h, then by a mail to the owner"
    setup = (
        "Settings > Integrations > Webhook, or POST /subscriptions of the API: {url}, once for "
        "each event",
        "Choose at least sent, viewed, partially signed, signed, rejected and expired",
        "Keep the address to yourself: it is all that lets a message in, and it can be renewed",
    )
    secrets_chosen_by = "nobody"
    secret_required = False
    # Each of these links opens the document without signing in.
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"preview_url", "download_url", "thumb_url", "document_url", "sign_url"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """Always ``none``: GetAccept signs nothing, the unguessable address is all there is."""
        return "none"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, dated by the document where that has its time, else by its arrival."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request as it is."""
        return request


def _signing_event(message: Message, received_at: datetime) -> SigningEvent:
    name, document = message.event, message.document
    kind, detail = EVENTS.get(name, ("other", {}))
    if kind == "document.completed" and _status(document) == "sent":
        kind = "signer.signed"  # one of several, by the document's own word
    if document.id is None and kind != "other":
        raise MalformedError(f"document.id: {name} must name its document")
    at = _when(kind, document, received_at)
    signer = _signer(message, kind, at)
    return SigningEvent(
        kind=kind,
        key=_key(message, kind),
        provider_event=name,
        occurred_at=at,
        envelope=document.id or "",
        signer=reference(signer) if kind in ABOUT_A_SIGNER else None,
        reason=document.reject_reason if kind == "document.declined" else None,
        state=_state(document.id, message, kind, signer, at) if document.id else None,
        detail=dict(detail),
    )


def _when(kind: EventKind, document: Document, received_at: datetime) -> datetime:
    """The event itself has no time."""
    texts: dict[EventKind, str | None] = {
        "document.created": document.created_at,
        "document.sent": document.send_date,
        "document.completed": document.sign_date,
        "document.expired": document.expiration_date,
    }
    return min(read_iso(texts.get(kind)) or received_at, received_at)


def _key(message: Message, kind: EventKind) -> str:
    """Without a time, so a second view or comment of the same recipient counts as the first."""
    name, document = message.event, message.document
    if kind in ("document.created", "document.completed", "document.declined"):
        return event_key(name, document.id)
    if kind == "document.sent":
        return event_key(name, document.id, document.send_date)
    if kind == "document.expired":
        return event_key(name, document.id, document.expiration_date)
    return event_key(name, document.id, *(message.recipient.key if message.recipient else ()))


def _signer(message: Message, kind: EventKind, at: datetime) -> Signer | None:
    recipient = message.recipient
    if recipient is None or not recipient.key:
        return None
    status = SIGNER_STATUSES.get(fold(recipient.status or "")) or ACTED.get(kind, "waiting")
    if kind == "document.declined":
        status = "declined"
    action = ACTIONS.get(fold(recipient.role or ""), "sign")
    return Signer(
        id=recipient.id or "",
        name=recipient.name,
        email=recipient.email,
        phone=recipient.mobile,
        role=recipient.role,
        order=recipient.order_num,
        action="approve" if message.event == "document.approved" else action,
        status=status,
        signed_at=at if status == "signed" and kind == "document.completed" else None,
        reason=message.document.reject_reason if status == "declined" else None,
    )


def _status(document: Document) -> EnvelopeStatus | None:
    return STATUSES.get(fold(document.status or ""))


def _state(
    envelope: str, message: Message, kind: EventKind, signer: Signer | None, at: datetime
) -> Envelope:
    document = message.document
    known = (document.sender_name, document.sender_email)
    return Envelope(
        id=envelope,
        title=document.name,
        status=_status(document),
        signers=(signer,) if signer else (),
        all_signers=False,
        sender=Sender(name=known[0], email=known[1]) if any(known) else None,
        created_at=read_iso(document.created_at),
        sent_at=read_iso(document.send_date),
        completed_at=at if kind == "document.completed" else None,
        expires_at=read_iso(document.expiration_date),
        reason=document.reject_reason if kind == "document.declined" else None,
        custom_fields=custom_fields(
            {"external_id": document.external_id} if document.external_id else None,
            {"value": document.value} if document.value else None,
            _named(message.custom_fields),
        ),
    )


def _named(fields: Any) -> Any:
    """Custom fields by name: in deliveries an object, by the documentation a list."""
    if not isinstance(fields, list):
        return fields
    return {
        str(field["name"]): field.get("value")
        for field in fields
        if isinstance(field, Mapping) and isinstance(field.get("name"), str)
    }
