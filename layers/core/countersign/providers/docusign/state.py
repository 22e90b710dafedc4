"""Reads the state of a DocuSign envelope (``envelopeSummary``) into our words.

Shapes: docusign/OpenAPI-Specifications, connect.schema-v2.json. Almost every value is text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from pydantic import Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
)
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeText,
)
from countersign.providers._toolkit.signers import SignerIndex
from countersign.providers.docusign.recipients import Recipients
from countersign.text.folding import fold


class CustomField(CamelPayload):
    """One custom field of an envelope."""

    name: MaybeText = None
    value: MaybeText = None


class CustomFields(CamelPayload):
    """The custom fields of an envelope."""

    text_custom_fields: Annotated[tuple[CustomField, ...], Field(max_length=200)] | None = None
    list_custom_fields: Annotated[tuple[CustomField, ...], Field(max_length=200)] | None = None


class SenderUser(CamelPayload):
    """Who sent the envelope."""

    user_name: MaybeText = None
    email: MaybeEmail = None


class Summary(CamelPayload):
    """The envelope as ``envelopeSummary`` and the legacy messages carry it."""

    envelope_id: MaybeId = None
    status: MaybeText = None
    email_subject: MaybeText = None
    sender: SenderUser | None = None
    recipients: Recipients | None = None
    custom_fields: CustomFields | None = None
    created_date_time: MaybeIsoTime = None
    sent_date_time: MaybeIsoTime = None
    delivered_date_time: MaybeIsoTime = None
    completed_date_time: MaybeIsoTime = None
    declined_date_time: MaybeIsoTime = None
    voided_date_time: MaybeIsoTime = None
    deleted_date_time: MaybeIsoTime = None
    status_changed_date_time: MaybeIsoTime = None
    voided_reason: MaybeText = None
    expire_enabled: MaybeText = None
    expire_date_time: MaybeIsoTime = None

    def times(self) -> dict[str, datetime | None]:
        """When the envelope came to each of its states."""
        return {
            "created": self.created_date_time,
            "sent": self.sent_date_time,
            "delivered": self.delivered_date_time,
            "completed": self.completed_date_time,
            "declined": self.declined_date_time,
            "voided": self.voided_date_time,
            "expired": self.voided_date_time,
            "deleted": self.deleted_date_time,
        }


STATUSES: dict[str, EnvelopeStatus] = {
    "created": "created",
    "sent": "sent",
    "correct": "sent",
    "delivered": "delivered",
    # All have signed and DocuSign is still at work on it; "completed" follows.
    "signed": "delivered",
    "completed": "completed",
    "declined": "declined",
    "voided": "voided",
    "timedout": "expired",
    "deleted": "deleted",
}


def expired(summary: Summary) -> bool:
    """Whether a voided envelope ended by its deadline.

    DocuSign voids it with the reason "Envelope has expired." (support.docusign.com, "How can I
    differentiate between Expired and Voided envelopes?"); nobody can void it after its deadline.
    """
    reason = fold(summary.voided_reason or "").rstrip(".")
    deadline = None if summary.expire_enabled == "false" else summary.expire_date_time
    late = bool(deadline and summary.voided_date_time and summary.voided_date_time >= deadline)
    return late or reason == "envelope has expired"


def read_envelope(envelope_id: str, summary: Summary) -> Envelope:
    """The envelope in our words."""
    status = STATUSES.get(fold(summary.status or ""))
    if status == "voided" and expired(summary):
        status = "expired"
    signers = tuple(_signers(summary.recipients)) if summary.recipients else ()
    decliner = SignerIndex(signers).by_status("declined")
    sender = summary.sender
    return Envelope(
        id=envelope_id,
        title=summary.email_subject,
        status=status,
        signers=signers,
        all_signers=(
            summary.recipients is not None
            and summary.recipients.whole
            # A word we do not know may mean that the envelope waits for more than signatures.
            and (status is not None or summary.status is None)
        ),
        sender=Sender(name=sender.user_name, email=sender.email) if sender else None,
        created_at=summary.created_date_time,
        sent_at=summary.sent_date_time,
        completed_at=summary.completed_date_time,
        expires_at=None if summary.expire_enabled == "false" else summary.expire_date_time,
        reason=summary.voided_reason or (decliner.reason if decliner else None),
        custom_fields=_custom_fields(summary.custom_fields),
    )


def _signers(recipients: Recipients) -> Iterator[Signer]:
    for _, signer in recipients.each():
        yield signer


def _custom_fields(fields: CustomFields | None) -> dict[str, str]:
    if fields is None:
        return {}
    every = (*(fields.text_custom_fields or ()), *(fields.list_custom_fields or ()))
    return {field.name: field.value or "" for field in every if field.name}
