"""Reads the state of a SignWell document into our words.

Shape: developers.signwell.com/reference, the document of "Get Document".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerStatus,
)
from countersign.providers._loose import custom_fields
from countersign.providers._times import PerhapsIsoTime
from countersign.providers.base import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    Payload,
)

ENDED: dict[EventKind, EnvelopeStatus] = {
    "document.completed": "completed",
    "document.declined": "declined",
    "document.voided": "voided",
    "document.expired": "expired",
}
STATUSES: dict[str, EnvelopeStatus] = {
    "draft": "created",
    "created": "created",
    "sent": "sent",
    "viewed": "sent",
    "pending": "sent",
    "in progress": "sent",
    "bounced": "sent",
    "completed": "completed",
    "manually completed": "completed",
    "declined": "declined",
    "canceled": "voided",
    "cancelled": "voided",
    "expired": "expired",
}
SIGNER_STATUSES: dict[str, SignerStatus] = {
    "sent": "notified",
    "pending": "notified",
    "bounced": "notified",
    "viewed": "viewed",
    "in progress": "started",
    "completed": "signed",
    "manually completed": "signed",
    "signed": "signed",
    "declined": "declined",
    "expired": "expired",
}


class Recipient(Payload):
    """One recipient; ids are the sender's own, often just 1, 2, 3."""

    id: MaybeId = None
    name: MaybeText = None
    email: MaybeEmail = None
    status: MaybeText = None
    placeholder_name: MaybeText = None
    signing_order: MaybeOrder = None
    bounced: bool | None = None
    bounced_details: MaybeText = None
    declined_reason: MaybeText = None

    @property
    def key(self) -> str | None:
        """The id, else the address."""
        return self.id or (self.email.lower() if self.email else None)


class Document(Payload):
    """The document or template that the message is about."""

    id: MaybeId = None
    name: MaybeText = None
    status: MaybeText = None
    requester_email_address: MaybeEmail = None
    custom_requester_name: MaybeText = None
    created_at: PerhapsIsoTime = None
    metadata: Any = None
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None
    copied_contacts: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None


def word(text: str | None) -> str:
    """A status in lower case, its words parted by blanks: SignWell writes it in several ways."""
    return (text or "").lower().replace("_", " ").replace("-", " ")


def read_document(envelope: str, document: Document, kind: EventKind, at: datetime) -> Envelope:
    """The document in our words, as it is after an event of that kind."""
    requester = document.requester_email_address
    return Envelope(
        id=envelope,
        title=document.name,
        status=ENDED.get(kind) or STATUSES.get(word(document.status)),
        signers=tuple(_signers(document)),
        all_signers=document.recipients is not None,
        sender=Sender(name=document.custom_requester_name, email=requester) if requester else None,
        created_at=document.created_at,
        sent_at=at if kind == "document.sent" else None,
        completed_at=at if kind == "document.completed" else None,
        reason=next(
            (one.declined_reason for one in document.recipients or () if one.declined_reason), None
        ),
        custom_fields=custom_fields(document.metadata),
    )


def _signers(document: Document) -> Iterator[Signer]:
    for one in document.recipients or ():
        if one.key:
            yield Signer(
                id=one.key,
                name=one.name,
                email=one.email,
                role=one.placeholder_name,
                order=one.signing_order,
                status=SIGNER_STATUSES.get(word(one.status), "waiting"),
                reason=one.declined_reason,
            )
    for one in document.copied_contacts or ():
        # Ids of contacts are no recipients' ids, and may be the same.
        if one.email:
            yield Signer(id=one.email.lower(), name=one.name, email=one.email, action="copy")
