"""Reads a PandaDoc document into our words.

Shapes: developers.pandadoc.com/docs/webhook-events and the request_body of
/public/v1/webhook-events/{id} in PandaDoc/pandadoc-openapi-specification.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
    Payload,
)
from countersign.providers._toolkit.people import full_name
from countersign.providers._toolkit.signers import only
from countersign.text.folding import fold, same, same_address, unique

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
ACTIONS: dict[str, SignerAction] = {"signer": "sign", "approver": "approve", "cc": "copy"}


class Person(Payload):
    """A user or a recipient, as PandaDoc names people."""

    id: MaybeId = None
    email: MaybeEmail = None
    first_name: MaybeText = None
    last_name: MaybeText = None

    @property
    def full_name(self) -> str | None:
        """Both names, or None."""
        return full_name(self.first_name, self.last_name)


def _as_person(value: Any) -> Any:
    """A person may come as an address alone."""
    if not isinstance(value, str):
        return value
    return {"email" if "@" in value else "id": value} if value.strip() else None


MaybePerson = Annotated[Person | None, BeforeValidator(_as_person)]


class Recipient(Person):
    """One recipient of a document, or a group of which one signs."""

    name: MaybeText = None
    phone: MaybeText = None
    recipient_type: MaybeText = None
    role: MaybeText = None
    roles: Annotated[tuple[MaybeText, ...], Field(max_length=50)] | None = None
    signing_order: MaybeOrder = None
    has_completed: bool | None = None
    members: Annotated[tuple[Person, ...], Field(max_length=500)] | None = None

    @property
    def action(self) -> SignerAction:
        """What the document waits for of this recipient."""
        return ACTIONS.get(fold(self.recipient_type or ""), "sign")

    def is_person(self, person: Person) -> bool:
        """Whether this is that person, or that person's group: by id, by address, by name."""
        people = (self, *(self.members or ()))
        if person.id and any(other.id == person.id for other in people):
            return True
        if person.email:
            return any(same_address(other.email, person.email) for other in people)
        return same(person.full_name, self.full_name or self.name)


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
    created_by: MaybePerson = None
    sent_by: MaybePerson = None
    action_by: MaybePerson = None
    action_date: MaybeIsoTime = None
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None
    grand_total: Money | None = None
    tokens: Values | None = None
    fields: Values | None = None
    metadata: Any = None
    error: Any = None


def acting(document: Document) -> Recipient | None:
    """The recipient who acted; of several with one address the one of that name.

    None where the one who acted is not a recipient, as who hosts a signature in person.
    """
    person = document.action_by
    if person is None:
        return None
    fitting = [recipient for recipient in document.recipients or () if recipient.is_person(person)]
    if len(fitting) > 1 and person.id:
        fitting = [recipient for recipient in fitting if recipient.id == person.id] or fitting
    if len(fitting) > 1:
        fitting = [
            recipient for recipient in fitting if same(recipient.full_name, person.full_name)
        ]
    return only(fitting)


def read_document(envelope: str, document: Document, at: datetime) -> Envelope:
    """The document in our words; ``at`` is when the message's fact came about."""
    status = STATUSES.get(document.status or "")
    sender = document.sent_by or document.created_by
    return Envelope(
        id=envelope,
        title=document.name,
        status=status,
        signers=tuple(signer for _, signer in read_recipients(document)),
        # A word we do not know may mean that the document waits for more than signatures.
        all_signers=document.recipients is not None and (status is not None or not document.status),
        sender=Sender(name=sender.full_name, email=sender.email) if sender else None,
        created_at=document.date_created,
        sent_at=document.date_sent,
        completed_at=(document.date_completed or at) if status == "completed" else None,
        expires_at=document.expiration_date,
        custom_fields=_fields(document),
    )


def read_recipients(document: Document) -> list[tuple[Recipient, Signer]]:
    """Every recipient as it stands in the message and in our words.

    One who stands there twice, once for a copy, is the signer.
    """
    by_id: dict[str, Recipient] = {}
    for recipient in document.recipients or ():
        known = by_id.get(recipient.id or "")
        if recipient.id and (known is None or known.action == "copy"):
            by_id[recipient.id] = recipient
    recipients = [
        recipient
        for recipient in document.recipients or ()
        if not recipient.id or by_id[recipient.id] is recipient
    ]
    is_sent = STATUSES.get(document.status or "") == "sent"
    waiting = [recipient.signing_order for recipient in recipients if not recipient.has_completed]
    turn = min((order for order in waiting if order), default=None)
    actor = acting(document)
    return [
        (
            recipient,
            _signer(
                recipient,
                document,
                asked=is_sent and _is_due(recipient, turn),
                acted=recipient is actor,
            ),
        )
        for recipient in recipients
    ]


def _is_due(recipient: Recipient, turn: int | None) -> bool:
    return turn in (None, recipient.signing_order or turn)


def _signer(recipient: Recipient, document: Document, *, asked: bool, acted: bool) -> Signer:
    state: SignerStatus = "notified" if asked else "waiting"
    if recipient.action == "copy":
        # Whether and when a copy went out is not reported.
        state = "waiting"
    elif recipient.has_completed:
        state = "signed"
    return Signer(
        id=recipient.id or "",
        name=recipient.name
        if recipient.members is not None
        else recipient.full_name or recipient.name,
        email=recipient.email,
        phone=recipient.phone,
        members=unique(member.email for member in recipient.members or () if member.email),
        role=recipient.role or next((role for role in recipient.roles or () if role), None),
        order=recipient.signing_order,
        action=recipient.action,
        status=state,
        signed_at=document.action_date if state == "signed" and acted else None,
    )


def _fields(document: Document) -> dict[str, str]:
    """Fields, variables, the total and the metadata; the latter win."""
    total = document.grand_total
    return custom_fields(
        {field.name or field.field_id or "": field.value for field in document.fields or ()},
        {token.name or "": token.value for token in document.tokens or ()},
        {"grand_total.amount": total.amount, "grand_total.currency": total.currency}
        if total
        else None,
        document.metadata,
    )
