"""Reads a Yousign signature request into our words.

Shapes: developers.yousign.com, reference of API v3, SignatureRequest, Signer and Approver. A
request lists its signers by id and state; the message names the acting one in full. Checked
2026-11: the OpenAPI of API v3 of August 2026 (api-evangelist/yousign, openapi/_original).
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
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.people import full_name

STATUSES: dict[str, EnvelopeStatus] = {
    "draft": "created",
    "approval": "sent",
    "ongoing": "sent",
    "paused": "sent",
    "done": "completed",
    "declined": "declined",
    "rejected": "declined",
    "canceled": "voided",
    "expired": "expired",
    "deleted": "deleted",
}
SIGNER_STATUSES: dict[str, SignerStatus] = {
    "notified": "notified",
    "verified": "started",
    "processing": "started",
    "consent_given": "started",
    "signed": "signed",
    "approved": "signed",
    "declined": "declined",
    "rejected": "declined",
}
"""Of signers and of approvers. What is missing (initiated, aborted, error) tells of no progress."""


class Info(Payload):
    """Who a recipient is."""

    first_name: MaybeText = None
    last_name: MaybeText = None
    email: MaybeEmail = None
    phone_number: MaybeText = None

    @property
    def name(self) -> str | None:
        """The whole name."""
        return full_name(self.first_name, self.last_name)


class Recipient(Payload):
    """A signer or an approver."""

    id: MaybeId = None
    info: Info | None = None
    status: MaybeText = None
    signed_at: MaybeIsoTime = None
    approved_at: MaybeIsoTime = None

    @property
    def is_somebody(self) -> bool:
        """Whether anything is said by which the recipient is known."""
        info = self.info or Info()
        return any((self.id, info.name, info.email, info.phone_number))

    def is_same(self, other: Recipient) -> bool:
        """Whether both are one: by the id, without one by all that is said."""
        return self.id == other.id and bool(self.id or self.info == other.info)

    def read(self, action: SignerAction) -> Signer:
        """The recipient in our words."""
        info = self.info or Info()
        return Signer(
            id=self.id or "",
            name=info.name,
            email=info.email,
            phone=info.phone_number,
            role="approver" if action == "approve" else None,
            action=action,
            status=SIGNER_STATUSES.get(self.status or "", "waiting"),
            signed_at=self.signed_at or self.approved_at,
        )


class Person(Payload):
    """The sender."""

    email: MaybeEmail = None


class Refusal(Payload):
    """Who refused, and why."""

    signer_id: MaybeId = None
    approver_id: MaybeId = None
    reason: MaybeText = None
    declined_at: MaybeIsoTime = None
    rejected_at: MaybeIsoTime = None

    @property
    def by(self) -> str | None:
        """The signer's or the approver's id."""
        return self.signer_id or self.approver_id

    @property
    def at(self) -> datetime | None:
        """When it was refused."""
        return self.declined_at or self.rejected_at


class Property(Payload):
    """One custom property: a text, or a choice of several."""

    name: MaybeText = None
    value: MaybeText = None
    values: Any = None


Recipients = Annotated[tuple[Recipient, ...], Field(max_length=500)]


class SignatureRequest(Payload):
    """The whole request."""

    id: ProviderId
    name: MaybeText = None
    status: MaybeText = None
    ordered_signers: bool | None = None
    external_id: MaybeText = None
    created_at: MaybeIsoTime = None
    activated_at: MaybeIsoTime = None
    completed_at: MaybeIsoTime = None
    expiration_date: MaybeIsoTime = None
    sender: Person | None = None
    signers: Recipients | None = None
    approvers: Recipients | None = None
    decline_information: Refusal | None = None
    rejection_information: Refusal | None = None
    custom_properties: Annotated[tuple[Property, ...], Field(max_length=500)] | None = None

    @property
    def refusal(self) -> Refusal | None:
        """A signer's or an approver's."""
        return self.decline_information or self.rejection_information


def read_request(
    request: SignatureRequest, signer: Recipient | None, approver: Recipient | None
) -> Envelope:
    """The request in our words, with what the message says beside it of the acting recipient."""
    listed = (*(request.signers or ()), *(request.approvers or ()))
    signers = list(_recipients(request.signers, signer, "sign"))
    if request.ordered_signers:
        signers = [
            signer.model_copy(update={"order": place}) for place, signer in enumerate(signers, 1)
        ]
    approvers = _recipients(request.approvers, approver, "approve")
    refusal = request.refusal
    return Envelope(
        id=request.id,
        title=request.name,
        status=STATUSES.get(request.status or ""),
        signers=tuple(_refused(signer, refusal) for signer in (*signers, *approvers)),
        all_signers=request.signers is not None and all(person.is_somebody for person in listed),
        sender=Sender(email=request.sender.email) if request.sender else None,
        created_at=request.created_at,
        sent_at=request.activated_at,
        completed_at=request.completed_at,
        expires_at=request.expiration_date,
        reason=refusal.reason if refusal else None,
        custom_fields=_fields(request),
    )


def _recipients(
    listed: Recipients | None, acting: Recipient | None, action: SignerAction
) -> Iterator[Signer]:
    recipients = [recipient for recipient in listed or () if recipient.is_somebody]
    if acting and acting.is_somebody:
        place = next(
            (n for n, listed_one in enumerate(recipients) if listed_one.is_same(acting)), None
        )
        if place is None and (acting.id or not recipients):
            recipients.append(acting)
        elif place is not None:
            # The list in the message is of the same moment; it may lack who they are.
            recipients[place] = acting if acting.status else _with_status(acting, recipients[place])
    for recipient in recipients:
        yield recipient.read(action)


def _with_status(acting: Recipient, listed: Recipient) -> Recipient:
    return acting.model_copy(update={"status": listed.status})


def _refused(signer: Signer, refusal: Refusal | None) -> Signer:
    if refusal is None or refusal.by != signer.id:
        return signer
    update = {"status": "declined", "declined_at": refusal.at, "reason": refusal.reason}
    return signer.model_copy(update=update)


def _fields(request: SignatureRequest) -> dict[str, str]:
    texts = {
        custom_property.name: ", ".join(map(str, custom_property.values))
        if isinstance(custom_property.values, list)
        else custom_property.value
        for custom_property in request.custom_properties or ()
        if custom_property.name
    }
    external = {"external_id": request.external_id} if request.external_id else None
    return custom_fields(texts, external)
