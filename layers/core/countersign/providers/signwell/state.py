"""Reads the state of a SignWell document into our words.

Shape: developers.signwell.com/reference, the document of "Get Document"; checked 2026-11.
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
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    Payload,
)
from countersign.providers._toolkit.times import PerhapsIsoTime
from countersign.text.folding import fold

STATUSES: dict[str, EnvelopeStatus] = {
    "draft": "created",
    "created": "created",
    "sending": "created",
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
    def is_somebody(self) -> bool:
        """Whether anything is said by which the recipient is known."""
        known_by = (self.id, self.name, self.email, self.placeholder_name, self.signing_order)
        return any(part is not None for part in known_by)

    def read(self) -> Signer:
        """The recipient in our words."""
        return Signer(
            id=self.id or "",
            name=self.name,
            email=self.email,
            role=self.placeholder_name,
            order=self.signing_order,
            status=SIGNER_STATUSES.get(word(self.status), "waiting"),
            reason=self.declined_reason,
        )


class Document(Payload):
    """The document or template that the message is about."""

    id: MaybeId = None
    name: MaybeText = None
    status: MaybeText = None
    requester_email_address: MaybeEmail = None
    decline_message: MaybeText = None
    custom_requester_name: MaybeText = None
    created_at: PerhapsIsoTime = None
    metadata: Any = None
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None
    copied_contacts: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None


def word(text: str | None) -> str:
    """A status in lower case, its words parted by blanks: SignWell writes it in several ways."""
    return fold((text or "").replace("_", " ").replace("-", " "))


def read_document(envelope: str, document: Document, kind: EventKind, at: datetime) -> Envelope:
    """The document in our words, after an event of that kind at that time."""
    requester = document.requester_email_address
    recipients = document.recipients or ()
    reasons = (recipient.declined_reason for recipient in recipients if recipient.declined_reason)
    return Envelope(
        id=envelope,
        title=document.name,
        status=STATUSES.get(word(document.status)),
        signers=(
            *(recipient.read() for recipient in recipients if recipient.is_somebody),
            *_copies(document),
        ),
        all_signers=document.recipients is not None
        and all(recipient.is_somebody for recipient in recipients),
        sender=Sender(name=document.custom_requester_name, email=requester) if requester else None,
        created_at=document.created_at,
        sent_at=at if kind == "document.sent" else None,
        completed_at=at if kind == "document.completed" else None,
        reason=next(reasons, document.decline_message),
        custom_fields=custom_fields(document.metadata),
    )


def _copies(document: Document) -> Iterator[Signer]:
    """Contacts who get a copy. Their ids are not recipients' ids, and may be the same."""
    for contact in document.copied_contacts or ():
        if contact.email:
            yield Signer(name=contact.name, email=contact.email, action="copy")
