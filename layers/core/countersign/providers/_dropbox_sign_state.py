"""Reads the state of a Dropbox Sign signature request into our words.

Shapes: hellosign/hellosign-openapi, openapi.yaml, SignatureRequestResponse. Times are Unix seconds.
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
from countersign.providers.base import (
    TEXT_LENGTH,
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    MaybeUnixTime,
    Payload,
    ProviderId,
)

ENDED: dict[EventKind, EnvelopeStatus] = {
    "document.completed": "completed",
    "document.declined": "declined",
    "document.voided": "voided",
    "document.expired": "expired",
    "document.deleted": "deleted",
}
"""What the event says of the request; the request itself has only two flags."""


class Signature(Payload):
    """One signer's part of a request."""

    signature_id: MaybeId = None
    signer_email_address: MaybeEmail = None
    signer_name: MaybeText = None
    signer_role: MaybeText = None
    order: MaybeOrder = None
    status_code: MaybeText = None
    signed_at: MaybeUnixTime = None
    last_viewed_at: MaybeUnixTime = None
    decline_reason: MaybeText = None
    error: MaybeText = None
    reassigned_by: MaybeEmail = None
    reassigned_from: MaybeId = None

    @property
    def id(self) -> str | None:
        """The signature's id, else the address."""
        email = self.signer_email_address.lower() if self.signer_email_address else None
        return self.signature_id or email


class CustomField(Payload):
    """One custom field; text or a tick."""

    name: MaybeText = None
    value: MaybeText | bool = None


class SignatureRequest(Payload):
    """The whole request."""

    signature_request_id: ProviderId
    title: MaybeText = None
    subject: MaybeText = None
    requester_email_address: MaybeEmail = None
    cc_email_addresses: Annotated[tuple[MaybeEmail, ...], Field(max_length=500)] | None = None
    is_complete: bool | None = None
    is_declined: bool | None = None
    created_at: MaybeUnixTime = None
    expires_at: MaybeUnixTime = None
    metadata: Any = None
    custom_fields: Annotated[tuple[CustomField, ...], Field(max_length=500)] | None = None
    signatures: Annotated[tuple[Signature, ...], Field(max_length=500)] | None = None


def read_request(request: SignatureRequest, kind: EventKind, at: datetime) -> Envelope:
    """The request in our words, as it is after an event of that kind."""
    return Envelope(
        id=request.signature_request_id,
        title=request.title or request.subject,
        status=_status(request, kind),
        signers=(*_signers(request, kind), *_copies(request)),
        all_signers=request.signatures is not None,
        sender=Sender(email=request.requester_email_address)
        if request.requester_email_address
        else None,
        created_at=request.created_at,
        sent_at=at if kind == "document.sent" else None,
        completed_at=at if kind == "document.completed" else None,
        expires_at=request.expires_at,
        reason=next(
            (
                one.decline_reason
                for one in request.signatures or ()
                if one.status_code == "declined"
            ),
            None,
        ),
        custom_fields=_custom_fields(request),
    )


def _status(request: SignatureRequest, kind: EventKind) -> EnvelopeStatus | None:
    if kind in ENDED:
        return ENDED[kind]
    if request.is_complete:
        return "completed"
    if request.is_declined:
        return "declined"
    if kind == "document.created":
        return "created"
    return None if kind in ("other", "document.failed") else "sent"


def _signers(request: SignatureRequest, kind: EventKind) -> Iterator[Signer]:
    signatures = request.signatures or ()
    unsigned = [one.order for one in signatures if one.status_code != "signed"]
    first = min((order for order in unsigned if order is not None), default=None)
    for one in signatures:
        if one.id is None:
            continue
        waiting = kind == "document.created" or (
            one.order is not None and first is not None and one.order > first
        )
        yield Signer(
            id=one.id,
            name=one.signer_name,
            email=one.signer_email_address,
            role=one.signer_role,
            order=one.order,
            status=_signer_status(one, waiting=waiting),
            viewed_at=one.last_viewed_at,
            signed_at=one.signed_at,
            reason=one.decline_reason,
        )


def _signer_status(one: Signature, *, waiting: bool) -> SignerStatus:
    if one.status_code in ("signed", "declined"):
        return "signed" if one.status_code == "signed" else "declined"
    if one.last_viewed_at:
        return "viewed"
    return "waiting" if waiting or one.status_code == "on_hold" else "notified"


def _copies(request: SignatureRequest) -> Iterator[Signer]:
    for address in request.cc_email_addresses or ():
        if address:
            yield Signer(id=address.lower(), email=address, action="copy")


def _custom_fields(request: SignatureRequest) -> dict[str, str]:
    """Custom fields, and the metadata that the sender's program gave; the latter wins."""
    values: dict[str, Any] = {
        one.name: one.value for one in request.custom_fields or () if one.name
    }
    if isinstance(request.metadata, dict):
        values.update(request.metadata)
    return {
        name[:TEXT_LENGTH]: _text(value)[:TEXT_LENGTH]
        for name, value in values.items()
        if value is None or isinstance(value, str | int | float)
    }


def _text(value: str | float | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
