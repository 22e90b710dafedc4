"""Reads the state of a BoldSign document into our words.

Shapes: boldsign/api-csharp-sdk, src/BoldSign/Model/Webhook. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._loose import custom_fields
from countersign.providers.base import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    MaybeUnixTime,
    Payload,
    read_payload,
)

ENDED: dict[EventKind, EnvelopeStatus] = {
    "document.completed": "completed",
    "document.declined": "declined",
    "document.voided": "voided",
    "document.expired": "expired",
}
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


class CamelPayload(Payload):
    """An edge model whose members are written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


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
    def key(self) -> str | None:
        """The id, else the address."""
        return self.id or (self.signer_email.lower() if self.signer_email else None)

    @property
    def names(self) -> frozenset[str]:
        """Every id and address by which an event may mean this signer."""
        people: tuple[Recipient | Member, ...] = (self, *(self.group_signers or ()))
        ids = {one.id.lower() for one in people if one.id}
        return frozenset(ids | {one.signer_email.lower() for one in people if one.signer_email})


class Copied(CamelPayload):
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
    cc_details: Annotated[tuple[Copied, ...], Field(max_length=500)] | None = None
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
    """The document in our words, as it is after an event of that kind."""
    sender = document.sender_detail
    dates = read_payload(
        Dates, {"createdDate": document.created_date, "expiryDate": document.expiry_date}
    )
    status = ENDED.get(kind) or STATUSES.get((document.status or "").lower())
    refusals = (one.decline_message for one in document.recipients if one.status == "Declined")
    return Envelope(
        id=envelope,
        title=document.message_title,
        status=status,
        signers=(*_signers(document, status, at), *_copies(document)),
        all_signers=document.signer_details is not None,
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
        one.order
        for one in document.recipients
        if one.status != "Completed" and one.order is not None
    ]
    for one in document.recipients:
        if one.key is None:
            continue
        early = status == "created" or (
            bool(document.enable_signing_order)
            and one.order is not None
            and one.order > min(open_orders, default=one.order)
        )
        own = _status(one, early=early)
        # Who comes back after signing is active again; what is told has happened before.
        acted_at = min(one.last_activity_date, at) if one.last_activity_date else None
        yield Signer(
            id=one.key,
            name=one.signer_name,
            email=one.signer_email,
            role=one.signer_role,
            order=one.order,
            action=ACTIONS.get((one.signer_type or "").lower(), "sign"),
            status=own,
            signed_at=acted_at if own == "signed" else None,
            declined_at=acted_at if own == "declined" else None,
            reason=one.decline_message,
        )


def _status(one: Recipient, *, early: bool) -> SignerStatus:
    if one.status in ("Completed", "Declined"):
        return "signed" if one.status == "Completed" else "declined"
    if one.is_viewed:
        return "viewed"
    return "waiting" if early else "notified"


def _copies(document: Document) -> Iterator[Signer]:
    for one in document.cc_details or ():
        key = one.id or (one.email_address.lower() if one.email_address else None)
        if key:
            yield Signer(id=key, email=one.email_address, action="copy")
