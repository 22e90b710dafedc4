"""Reads a PandaDoc document into our words.

Shapes: developers.pandadoc.com/docs/webhook-events and the request_body of
/public/v1/webhook-events/{id} in PandaDoc/pandadoc-openapi-specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._loose import custom_fields
from countersign.providers.base import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
    Payload,
)

STATUSES: dict[str, EnvelopeStatus] = {
    "document.uploaded": "created",
    "document.draft": "created",
    "document.scheduled": "created",
    "document.waiting_approval": "created",
    "document.approved": "created",
    "document.rejected": "created",
    "document.external_review": "created",
    "document.sent": "sent",
    "document.viewed": "sent",
    "document.waiting_pay": "sent",
    "document.paid": "sent",
    "document.completed": "completed",
    "document.declined": "declined",
    "document.cancelled": "voided",
    # PandaDoc's own table of states explains this word as "expired".
    "document.voided": "expired",
}
ACTIONS: dict[str, SignerAction] = {"SIGNER": "sign", "APPROVER": "approve", "CC": "copy"}


class Person(Payload):
    """A user or a recipient, as PandaDoc names people."""

    id: MaybeId = None
    email: MaybeEmail = None
    first_name: MaybeText = None
    last_name: MaybeText = None

    @property
    def name(self) -> str | None:
        """Both names, or None."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or None

    @property
    def key(self) -> str:
        """The id, else the address; empty where there is neither."""
        return self.id or (self.email or "").lower()


class Recipient(Person):
    """One recipient of a document."""

    recipient_type: MaybeText = None
    role: MaybeText = None
    signing_order: MaybeOrder = None
    has_completed: bool | None = None


class Value(Payload):
    """A variable or a field of the document."""

    name: MaybeText = None
    field_id: MaybeText = None
    value: Any = None


class Money(Payload):
    """An amount; its members are texts or numbers."""

    amount: MaybeText = None
    currency: MaybeText = None


class Reference(Payload):
    """Another thing that a message names."""

    id: MaybeId = None


Values = Annotated[tuple[Value, ...], Field(max_length=2_000)]


class Document(Payload):
    """A document, or what else an event is about."""

    id: MaybeId = None
    document_id: MaybeId = None
    document: Reference | None = None
    name: MaybeText = None
    status: MaybeText = None
    date_created: MaybeIsoTime = None
    date_modified: MaybeIsoTime = None
    date_sent: MaybeIsoTime = None
    date_completed: MaybeIsoTime = None
    expiration_date: MaybeIsoTime = None
    created_by: Person | None = None
    sent_by: Person | None = None
    action_by: Person | None = None
    action_date: MaybeIsoTime = None
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None
    grand_total: Money | None = None
    tokens: Values | None = None
    fields: Values | None = None
    metadata: Any = None
    error: Any = None


def read_document(envelope: str, document: Document, at: datetime) -> Envelope:
    """The document in our words; ``at`` is when the message's fact came about."""
    status = STATUSES.get(document.status or "")
    signers = {one.id: one for one in _signers(document, status)}
    sender = document.sent_by or document.created_by
    return Envelope(
        id=envelope,
        title=document.name,
        status=status,
        signers=tuple(signers.values()),
        all_signers=document.recipients is not None,
        sender=Sender(name=sender.name, email=sender.email) if sender else None,
        created_at=document.date_created,
        sent_at=document.date_sent,
        completed_at=(document.date_completed or at) if status == "completed" else None,
        expires_at=document.expiration_date,
        custom_fields=_fields(document),
    )


def _signers(document: Document, status: EnvelopeStatus | None) -> Iterator[Signer]:
    recipients = [one for one in document.recipients or () if one.key]
    turn = min(
        (one.signing_order for one in recipients if not one.has_completed and one.signing_order),
        default=None,
    )
    actor = document.action_by.key if document.action_by else ""
    for one in recipients:
        action = ACTIONS.get((one.recipient_type or "").upper(), "sign")
        asked = status == "sent" and turn in (None, one.signing_order or turn)
        state: SignerStatus = "notified" if asked else "waiting"
        if action == "copy":
            # Whether and when a copy went out is not told.
            state = "waiting"
        elif one.has_completed:
            state = "signed"
        yield Signer(
            id=one.key,
            name=one.name,
            email=one.email,
            role=one.role,
            order=one.signing_order,
            action=action,
            status=state,
            signed_at=document.action_date if state == "signed" and one.key == actor else None,
        )


def _fields(document: Document) -> dict[str, str]:
    """Fields, variables, the total and the metadata; the latter win."""
    total = document.grand_total
    return custom_fields(
        {one.name or one.field_id or "": one.value for one in document.fields or ()},
        {one.name or "": one.value for one in document.tokens or ()},
        {"grand_total.amount": total.amount, "grand_total.currency": total.currency}
        if total
        else None,
        document.metadata,
    )
