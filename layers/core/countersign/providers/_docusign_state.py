"""Reads the state of a DocuSign envelope (``envelopeSummary``) into our words.

Shapes: docusign/OpenAPI-Specifications, connect.schema-v2.json. Almost every value is text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers.base import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
    Payload,
    only,
)


class CamelPayload(Payload):
    """An edge model whose members are written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class Recipient(CamelPayload):
    """One recipient; the list it stands in tells what it has to do."""

    recipient_id: MaybeId = None
    recipient_id_guid: MaybeId = None
    name: MaybeText = None
    email: MaybeEmail = None
    role_name: MaybeText = None
    routing_order: MaybeOrder = None
    status: MaybeText = None
    sent_date_time: MaybeIsoTime = None
    delivered_date_time: MaybeIsoTime = None
    signed_date_time: MaybeIsoTime = None
    declined_date_time: MaybeIsoTime = None
    declined_reason: MaybeText = None

    @property
    def id(self) -> str | None:
        """The sender's number of the recipient, which the events name; else what there is."""
        email = self.email.lower() if self.email else None
        return self.recipient_id or self.recipient_id_guid or email


Group = Annotated[tuple[Recipient, ...], Field(max_length=500)] | None


class Recipients(CamelPayload):
    """The recipients, by what they have to do."""

    signers: Group = None
    in_person_signers: Group = None
    notaries: Group = None
    notary_signers: Group = None
    witnesses: Group = None
    seals: Group = None
    agents: Group = None
    editors: Group = None
    intermediaries: Group = None
    certified_deliveries: Group = None
    carbon_copies: Group = None

    def each(self) -> Iterator[tuple[Recipient, SignerAction]]:
        """Every recipient with its action."""
        for group in type(self).model_fields:
            for recipient in getattr(self, group) or ():
                yield recipient, ACTIONS.get(group, "sign")


ACTIONS: dict[str, SignerAction] = {
    # The envelope waits until these have named or edited the recipients after them.
    "agents": "fill",
    "editors": "fill",
    "intermediaries": "fill",
    # "Needs to view": the envelope waits until they have opened it.
    "certified_deliveries": "acknowledge",
    "carbon_copies": "copy",
}


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

SIGNER_STATUSES: dict[str, SignerStatus] = {
    "created": "waiting",
    "sent": "notified",
    "autoresponded": "notified",
    "delivered": "viewed",
    "authenticationfailed": "viewed",
    # Finished online, the papers are awaited by fax.
    "faxpending": "started",
    "signed": "signed",
    "completed": "signed",
    "declined": "declined",
}


def expired(summary: Summary) -> bool:
    """Whether a voided envelope ended by its deadline.

    DocuSign voids it with the reason "Envelope has expired." (support.docusign.com, "How can I
    differentiate between Expired and Voided envelopes?"); nobody can void it after its deadline.
    """
    reason = (summary.voided_reason or "").strip().rstrip(".").casefold()
    deadline = None if summary.expire_enabled == "false" else summary.expire_date_time
    late = bool(deadline and summary.voided_date_time and summary.voided_date_time >= deadline)
    return late or reason == "envelope has expired"


def read_envelope(envelope_id: str, summary: Summary) -> Envelope:
    """The envelope in our words."""
    status = STATUSES.get((summary.status or "").casefold())
    if status == "voided" and expired(summary):
        status = "expired"
    signers = tuple(_signers(summary.recipients)) if summary.recipients else ()
    decliner = only(one for one in signers if one.status == "declined")
    sender = summary.sender
    return Envelope(
        id=envelope_id,
        title=summary.email_subject,
        status=status,
        signers=signers,
        all_signers=summary.recipients is not None,
        sender=Sender(name=sender.user_name, email=sender.email) if sender else None,
        created_at=summary.created_date_time,
        sent_at=summary.sent_date_time,
        completed_at=summary.completed_date_time,
        expires_at=None if summary.expire_enabled == "false" else summary.expire_date_time,
        reason=summary.voided_reason or (decliner.reason if decliner else None),
        custom_fields=_custom_fields(summary.custom_fields),
    )


def _signers(recipients: Recipients) -> Iterator[Signer]:
    for recipient, action in recipients.each():
        # A role nobody was put in yet has neither number nor address.
        if recipient.id is None:
            continue
        status = SIGNER_STATUSES.get((recipient.status or "").casefold(), "waiting")
        if action == "copy" and status == "signed":
            status = "notified"
        # While authentication fails, or mails bounce, the status falls back to an earlier word.
        if status in ("waiting", "notified") and recipient.delivered_date_time:
            status = "viewed"
        yield Signer(
            id=recipient.id,
            name=recipient.name,
            email=recipient.email,
            role=recipient.role_name,
            order=recipient.routing_order,
            action=action,
            status=status,
            notified_at=recipient.sent_date_time,
            viewed_at=recipient.delivered_date_time,
            signed_at=recipient.signed_date_time,
            declined_at=recipient.declined_date_time,
            reason=recipient.declined_reason,
        )


def _custom_fields(fields: CustomFields | None) -> dict[str, str]:
    if fields is None:
        return {}
    every = (*(fields.text_custom_fields or ()), *(fields.list_custom_fields or ()))
    return {one.name: one.value or "" for one in every if one.name}
