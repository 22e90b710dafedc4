"""Reads the state of a Documenso document into our words.

Shape: documenso/documenso, packages/lib/types/webhook-payload.ts; checked 2026-11.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated

from pydantic import AliasChoices, Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
)
from countersign.providers._toolkit.signers import SignerIndex
from countersign.text.folding import fold_address

STATUSES: dict[str, EnvelopeStatus] = {
    "DRAFT": "created",
    "PENDING": "sent",
    "COMPLETED": "completed",
    "REJECTED": "declined",
    "CANCELLED": "voided",
}
ACTIONS: dict[str, SignerAction] = {
    "SIGNER": "sign",
    "APPROVER": "approve",
    "ASSISTANT": "fill",
    # The envelope waits until a viewer has confirmed; only copies are not waited for.
    "VIEWER": "acknowledge",
    "CC": "copy",
}


SAMPLE_ENVELOPE = "env_123"
"""No real id: those are ``envelope_`` and sixteen letters."""
SAMPLE_NUMBERS = frozenset({"10", "7"})
SAMPLE_TITLES = frozenset(
    {
        "documenso.pdf",
        "My Template",
        "My Updated Template",
        "Deleted Template",
        "Document from Template",
    }
)
SAMPLE_ADDRESSES = frozenset(
    {"signer@documenso.com", "signer1@documenso.com", "signer2@documenso.com"}
)


class Recipient(CamelPayload):
    """One recipient."""

    id: MaybeId = None
    email: MaybeEmail = None
    name: MaybeText = None
    role: MaybeText = None
    signing_order: MaybeOrder = None
    read_status: MaybeText = None
    signing_status: MaybeText = None
    send_status: MaybeText = None
    sent_at: MaybeIsoTime = None
    signed_at: MaybeIsoTime = None
    expires_at: MaybeIsoTime = None
    expiration_notified_at: MaybeIsoTime = None
    rejection_reason: MaybeText = None

    @property
    def is_somebody(self) -> bool:
        """Whether anything is said by which the recipient is known."""
        known_by = (self.id, self.name, self.email, self.signing_order)
        return any(part is not None for part in known_by)


class Document(CamelPayload):
    """The document, or the template, that the message is about."""

    id: MaybeId = None
    envelope_id: MaybeId = None
    external_id: MaybeText = None
    template_id: MaybeId = None
    title: MaybeText = None
    status: MaybeText = None
    created_at: MaybeIsoTime = None
    updated_at: MaybeIsoTime = None
    completed_at: MaybeIsoTime = None
    # Versions up to 1.8 call the list "Recipient"; later ones send both.
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = Field(
        default=None, validation_alias=AliasChoices("recipients", "Recipient")
    )

    @property
    def envelope(self) -> str | None:
        """The id that all messages share: versions before envelopes have the number alone."""
        return self.id or self.envelope_id

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other ids."""
        return (self.envelope_id,) if self.id and self.envelope_id else ()

    @property
    def is_sample(self) -> bool:
        """Whether this is what the test button sends, signed with the real secret: the number 10
        or 7, and addresses of Documenso's own (generate-sample-data.ts)."""
        if self.envelope_id is not None:
            return self.envelope_id == SAMPLE_ENVELOPE
        people = self.recipients or ()
        return (
            self.id in SAMPLE_NUMBERS
            and self.title in SAMPLE_TITLES
            and bool(people)
            and all(fold_address(person.email or "") in SAMPLE_ADDRESSES for person in people)
        )


def read_document(envelope: str, document: Document) -> Envelope:
    """The document in our words."""
    recipients = document.recipients or ()
    signers = tuple(read_recipient(recipient) for recipient in recipients if recipient.is_somebody)
    decliner = SignerIndex(signers).by_status("declined")
    return Envelope(
        id=envelope,
        title=document.title,
        # In the message of a refusal or a cancellation this still says PENDING.
        status=STATUSES.get(document.status or ""),
        signers=signers,
        all_signers=document.recipients is not None and len(signers) == len(recipients),
        created_at=document.created_at,
        sent_at=min(
            (recipient.sent_at for recipient in recipients if recipient.sent_at), default=None
        ),
        completed_at=document.completed_at,
        expires_at=min(
            (recipient.expires_at for recipient in recipients if recipient.expires_at), default=None
        ),
        reason=decliner.reason if decliner else None,
        # Documenso has no custom fields; this id is what the sender's program may give.
        custom_fields={"externalId": document.external_id} if document.external_id else {},
    )


def read_recipient(recipient: Recipient) -> Signer:
    """The recipient in our words."""
    status = _status(recipient)
    return Signer(
        id=recipient.id or "",
        name=recipient.name,
        email=recipient.email,
        role=recipient.role,
        order=recipient.signing_order,
        action=ACTIONS.get(recipient.role or "", "sign"),
        status=status,
        notified_at=recipient.sent_at,
        # A refusal is dated where a signature would be.
        signed_at=recipient.signed_at if status == "signed" else None,
        declined_at=recipient.signed_at if status == "declined" else None,
        reason=recipient.rejection_reason,
    )


def _status(recipient: Recipient) -> SignerStatus:
    if recipient.signing_status == "REJECTED":
        return "declined"
    # Copies count as signed at Documenso from the first.
    if recipient.signing_status == "SIGNED" and recipient.role != "CC":
        return "signed"
    if recipient.expiration_notified_at:
        return "expired"
    if recipient.read_status == "OPENED":
        return "viewed"
    return "notified" if recipient.send_status == "SENT" else "waiting"


def digest(document: Document) -> str:
    """A name of the state: the same for every attempt to tell of it."""
    parts = [str(document.status), *sorted(_parts(document))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _parts(document: Document) -> Iterator[str]:
    for recipient in document.recipients or ():
        states = (
            recipient.read_status,
            recipient.signing_status,
            recipient.send_status,
            recipient.rejection_reason,
        )
        times = (recipient.signed_at, recipient.expiration_notified_at)
        yield "|".join(str(part) for part in (recipient.id, recipient.email, *states, *times))
