"""Reads the state of a BoldSign document into our words.

Shapes: boldsign/api-csharp-sdk, src/BoldSign/Model/Webhook. Times are Unix seconds.
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
    SignerAction,
    SignerStatus,
)
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    MaybeUnixTime,
)
from countersign.providers._toolkit.people import Phone, address_unless_hosts
from countersign.providers._toolkit.reading import read_payload
from countersign.text.folding import fold, fold_address, unique

STATUSES: dict[str, EnvelopeStatus] = {
    "draft": "created",
    "scheduled": "created",
    "inprogress": "sent",
    "completed": "completed",
    "declined": "declined",
    "revoked": "voided",
    "expired": "expired",
}
# A reviewer reads and confirms; the document waits for it as for a signature.
ACTIONS: dict[str, SignerAction] = {"reviewer": "acknowledge"}


class Member(CamelPayload):
    """One person of a group that signs together."""

    id: MaybeId = None
    signer_email: MaybeEmail = None


class Recipient(CamelPayload):
    """One signer or reviewer; documents made before 2026 give no ids."""

    id: MaybeId = None
    signer_name: MaybeText = None
    signer_email: MaybeEmail = None
    signer_role: MaybeText = None
    signer_type: MaybeText = None
    phone_number: Phone | None = None
    host_name: MaybeText = None
    host_email: MaybeEmail = None
    status: MaybeText = None
    order: MaybeOrder = None
    is_viewed: bool | None = None
    is_delivery_failed: bool | None = None
    is_authentication_failed: bool | None = None
    is_reassigned: bool | None = None
    decline_message: MaybeText = None
    last_activity_date: MaybeUnixTime = None
    group_signers: Annotated[tuple[Member, ...], Field(max_length=500)] | None = None

    @property
    def email(self) -> str | None:
        """The address of the one who signs, never that of the host of an in-person session."""
        return address_unless_hosts(
            self.signer_email,
            self.signer_name,
            host_email=self.host_email,
            host_name=self.host_name,
        )

    @property
    def names(self) -> frozenset[str]:
        """Every id and address by which an event may mean this signer, folded for comparing."""
        people: tuple[Recipient | Member, ...] = (self, *(self.group_signers or ()))
        addresses = (self.email, *(member.signer_email for member in self.group_signers or ()))
        ids = frozenset(fold(person.id) for person in people if person.id)
        return ids | {fold_address(address) for address in addresses if address}


class CopyRecipient(CamelPayload):
    """Somebody who is sent a copy."""

    id: MaybeId = None
    email_address: MaybeEmail = None


class SenderDetail(CamelPayload):
    """Who sent the document."""

    name: MaybeText = None
    email_address: MaybeEmail = None


class Document(CamelPayload):
    """What a message is about: a document, a signer's identity check, or a template."""

    document_id: MaybeId = None
    template_id: MaybeId = None
    message_title: MaybeText = None
    status: MaybeText = None
    sender_detail: SenderDetail | None = None
    signer_details: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None
    signer_detail: Recipient | None = None
    """The one signer that an identity check is about."""
    cc_details: Annotated[tuple[CopyRecipient, ...], Field(max_length=500)] | None = None
    # A template writes its dates otherwise, and none of them is needed.
    created_date: Any = None
    expiry_date: Any = None
    enable_signing_order: bool | None = None
    revoke_message: MaybeText = None
    error_message: MaybeText = None
    failed_delivery_mode: MaybeText = None
    meta_data: Any = None

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """The signers the message tells of."""
        return self.signer_details or ((self.signer_detail,) if self.signer_detail else ())


class Dates(CamelPayload):
    """The dates of a document."""

    created_date: MaybeUnixTime = None
    expiry_date: MaybeUnixTime = None


def read_document(envelope: str, document: Document, kind: EventKind, at: datetime) -> Envelope:
    """The document in our words; its signers stand first and in the order of the message."""
    sender = document.sender_detail
    dates = read_payload(
        Dates, {"createdDate": document.created_date, "expiryDate": document.expiry_date}
    )
    word = fold(document.status or "")
    status = STATUSES.get(word)
    refusals = (
        recipient.decline_message
        for recipient in document.recipients
        if recipient.status == "Declined"
    )
    return Envelope(
        id=envelope,
        title=document.message_title,
        status=status,
        signers=(*_signers(document, status, at), *_copies(document)),
        # A word we do not know may mean that the document waits for more than signatures.
        all_signers=document.signer_details is not None and (status is not None or not word),
        sender=Sender(name=sender.name, email=sender.email_address) if sender else None,
        created_at=dates.created_date,
        sent_at=at if kind == "document.sent" else None,
        completed_at=at if kind == "document.completed" else None,
        expires_at=dates.expiry_date,
        reason=document.revoke_message or next(refusals, None),
        custom_fields=custom_fields(document.meta_data),
    )


def _signers(document: Document, status: EnvelopeStatus | None, at: datetime) -> Iterator[Signer]:
    open_orders = [
        recipient.order
        for recipient in document.recipients
        if recipient.status != "Completed" and recipient.order is not None
    ]
    for recipient in document.recipients:
        early = status == "created" or (
            bool(document.enable_signing_order)
            and recipient.order is not None
            and recipient.order > min(open_orders, default=recipient.order)
        )
        own = _status(recipient, early=early)
        # A signer who comes back after signing is active again; what is reported happened before.
        acted_at = min(recipient.last_activity_date, at) if recipient.last_activity_date else None
        yield Signer(
            id=recipient.id or "",
            name=recipient.signer_name,
            email=recipient.email,
            phone=recipient.phone_number.text if recipient.phone_number else None,
            members=unique(m.signer_email for m in recipient.group_signers or () if m.signer_email),
            role=recipient.signer_role,
            order=recipient.order,
            action=ACTIONS.get(fold(recipient.signer_type or ""), "sign"),
            status=own,
            signed_at=acted_at if own == "signed" else None,
            declined_at=acted_at if own == "declined" else None,
            reason=recipient.decline_message,
        )


def _status(recipient: Recipient, *, early: bool) -> SignerStatus:
    if recipient.status in ("Completed", "Declined"):
        return "signed" if recipient.status == "Completed" else "declined"
    if recipient.is_viewed:
        return "viewed"
    return "waiting" if early else "notified"


def _copies(document: Document) -> Iterator[Signer]:
    for recipient in document.cc_details or ():
        yield Signer(id=recipient.id or "", email=recipient.email_address, action="copy")
