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
    SignerRef,
    SignerStatus,
)
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    MaybeUnixTime,
    Payload,
)
from countersign.providers._toolkit.signers import SignerIndex, only
from countersign.text.folding import unique

DONE: dict[str | None, SignerStatus] = {"signed": "signed", "declined": "declined"}


class Signature(Payload):
    """One signer's part of a request."""

    signature_id: MaybeId = None
    signer_group_guid: MaybeId = None
    signer_email_address: MaybeEmail = None
    signer_name: MaybeText = None
    signer_role: MaybeText = None
    sms_phone_number: MaybeText = None
    order: MaybeOrder = None
    status_code: MaybeText = None
    signed_at: MaybeUnixTime = None
    last_viewed_at: MaybeUnixTime = None
    decline_reason: MaybeText = None
    error: MaybeText = None
    reassigned_by: MaybeEmail = None
    reassigned_from: MaybeId = None


class CustomField(Payload):
    """One custom field; text or a tick."""

    name: MaybeText = None
    value: MaybeText | bool = None


class SignatureRequest(Payload):
    """The whole request."""

    signature_request_id: MaybeId = None
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


Part = tuple[Signature, ...]
"""The signatures of one signer: one, or those of a group of which one person signs."""


def read_request(
    envelope: str, request: SignatureRequest, kind: EventKind, at: datetime
) -> Envelope:
    """The request in our words; its signers are those of ``parts``, and then the copies."""
    return Envelope(
        id=envelope,
        title=request.title or request.subject,
        status=_status(request),
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
                signature.decline_reason
                for signature in request.signatures or ()
                if signature.status_code == "declined"
            ),
            None,
        ),
        custom_fields=_custom_fields(request),
    )


def _status(request: SignatureRequest) -> EnvelopeStatus | None:
    """The request has only two flags, and no word for what is between them."""
    if request.is_complete:
        return "completed"
    return "declined" if request.is_declined else None


def parts(request: SignatureRequest) -> tuple[Part, ...]:
    """The signatures by signer; those of one group (``signer_group_guid``) belong together."""
    groups: dict[str, list[Signature]] = {}
    for number, signature in enumerate(request.signatures or ()):
        groups.setdefault(signature.signer_group_guid or f"#{number}", []).append(signature)
    return tuple(tuple(group) for group in groups.values())


def _signers(request: SignatureRequest, kind: EventKind) -> Iterator[Signer]:
    every = parts(request)
    unsigned = [part[0].order for part in every if _foremost(part).status_code != "signed"]
    first = min((order for order in unsigned if order is not None), default=None)
    for part in every:
        order = part[0].order
        waiting = kind == "document.created" or (
            order is not None and first is not None and order > first
        )
        yield _signer(part, waiting=waiting)


def _foremost(part: Part) -> Signature:
    """Of a group the one who has done most."""
    return max(
        part,
        key=lambda signature: (signature.status_code in DONE, signature.last_viewed_at is not None),
    )


def _signer(part: Part, *, waiting: bool) -> Signer:
    signature, is_group = _foremost(part), len(part) > 1
    stands_for_itself = not is_group or signature.status_code in DONE
    return Signer(
        id=part[0].signature_id or "",
        name=signature.signer_name if stands_for_itself else signature.signer_role,
        email=signature.signer_email_address if stands_for_itself else None,
        phone=signature.sms_phone_number if stands_for_itself else None,
        members=unique(each.signer_email_address for each in part if each.signer_email_address)
        if is_group
        else (),
        role=signature.signer_role,
        order=part[0].order,
        status=_signer_status(signature, waiting=waiting),
        viewed_at=signature.last_viewed_at,
        signed_at=signature.signed_at,
        reason=signature.decline_reason,
    )


def _signer_status(signature: Signature, *, waiting: bool) -> SignerStatus:
    if signature.status_code in DONE:
        return DONE[signature.status_code]
    if signature.last_viewed_at:
        return "viewed"
    return "waiting" if waiting or signature.status_code == "on_hold" else "notified"


def _copies(request: SignatureRequest) -> Iterator[Signer]:
    for address in request.cc_email_addresses or ():
        if address:
            yield Signer(email=address, action="copy")


def _custom_fields(request: SignatureRequest) -> dict[str, str]:
    """Custom fields, and the metadata that the sender's program gave; the latter wins."""
    own = {field.name: field.value for field in request.custom_fields or () if field.name}
    return custom_fields(own, request.metadata)


def acting(
    kind: EventKind, request: SignatureRequest, signers: tuple[Signer, ...], related: str | None
) -> Signer | None:
    """The signer whose signature the event names; where it names none, whom the state shows."""
    named = only(
        signer
        for part, signer in zip(parts(request), signers, strict=False)
        if related and any(signature.signature_id == related for signature in part)
    )
    if named:
        return named
    index = SignerIndex(signers)
    if kind == "document.declined":
        return index.by_status("declined")
    if kind == "signer.signed":
        return index.latest(lambda signer: signer.signed_at)
    if kind == "document.viewed":
        return index.latest(lambda signer: signer.viewed_at)
    return None


def previous(request: SignatureRequest, related: str | None) -> SignerRef | None:
    """Who had the signature before that the event names; where it names none, the only such."""
    signature = only(
        signature
        for signature in request.signatures or ()
        if related in (None, signature.signature_id)
        and (signature.reassigned_from or signature.reassigned_by)
    )
    return (
        SignerRef(id=signature.reassigned_from, email=signature.reassigned_by)
        if signature
        else None
    )
