"""Reads the state of a Zoho Sign request into our words.

Shapes: ZohoSign-integ/n8n-nodes-zohosign, nodes/ZohoSign, and zoho.com/sign/api. Times are
milliseconds; ids are 64-bit numbers, in some messages written as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._times import PerhapsMilliseconds
from countersign.providers.base import MaybeEmail, MaybeId, MaybeOrder, MaybeText, Payload

ENDED: dict[EventKind, EnvelopeStatus] = {
    "document.completed": "completed",
    "document.declined": "declined",
    "document.voided": "voided",
    "document.expired": "expired",
}
STATUSES: dict[str, EnvelopeStatus] = {
    "draft": "created",
    "inprogress": "sent",
    "completed": "completed",
    "declined": "declined",
    "recalled": "voided",
    "expired": "expired",
    "deleted": "deleted",
}
ACTIONS: dict[str, SignerAction] = {
    "SIGN": "sign",
    "INPERSONSIGN": "sign",
    "APPROVER": "approve",
    # "Receives a copy": nobody waits for these.
    "VIEW": "copy",
}
SIGNER_STATUSES: dict[str, SignerStatus] = {
    "NOACTION": "waiting",
    "UNOPENED": "notified",
    "VIEWED": "viewed",
    "SIGNED": "signed",
    "APPROVED": "signed",
    "DECLINED": "declined",
    "REJECTED": "declined",
    "EXPIRED": "expired",
}
# What the sender fills in beforehand stands in the list as a recipient of Zoho's own.
PREFILLED = re.compile(r"noreply[0-9]*@zohosign\.com", re.IGNORECASE)


def _negative_to_none(value: Any) -> Any:
    return None if str(value)[:1] == "-" else value


class Action(Payload):
    """One recipient's part of a request."""

    action_id: MaybeId = None
    action_type: MaybeText = None
    action_status: MaybeText = None
    recipient_name: MaybeText = None
    recipient_email: MaybeEmail = None
    role: MaybeText = None
    # Recipients without a place in the order may have a negative one.
    signing_order: Annotated[MaybeOrder, BeforeValidator(_negative_to_none)] = None

    @property
    def id(self) -> str | None:
        """The action's id, else the address."""
        return self.action_id or (self.recipient_email.lower() if self.recipient_email else None)


class SignRequest(Payload):
    """The whole request."""

    request_id: MaybeId = None
    request_name: MaybeText = None
    request_status: MaybeText = None
    owner_email: MaybeEmail = None
    owner_first_name: MaybeText = None
    owner_last_name: MaybeText = None
    created_time: PerhapsMilliseconds = None
    sign_submitted_time: PerhapsMilliseconds = None
    expire_by: PerhapsMilliseconds = None
    actions: Annotated[tuple[Action, ...], Field(max_length=500)] | None = None


def read_request(
    envelope: str, request: SignRequest, kind: EventKind, at: datetime, reason: str | None
) -> Envelope:
    """The request in our words, as it is after an event of that kind."""
    names = (request.owner_first_name, request.owner_last_name)
    owner = " ".join(name for name in names if name) or None
    return Envelope(
        id=envelope,
        title=request.request_name,
        status=ENDED.get(kind) or STATUSES.get((request.request_status or "").lower()),
        signers=tuple(_signers(request)),
        all_signers=request.actions is not None,
        sender=Sender(name=owner, email=request.owner_email)
        if owner or request.owner_email
        else None,
        created_at=request.created_time,
        sent_at=request.sign_submitted_time or (at if kind == "document.sent" else None),
        completed_at=at if kind == "document.completed" else None,
        expires_at=request.expire_by,
        reason=reason,
    )


def _signers(request: SignRequest) -> Iterator[Signer]:
    for one in request.actions or ():
        if one.id is None or PREFILLED.fullmatch(one.recipient_email or ""):
            continue
        yield Signer(
            id=one.id,
            name=one.recipient_name,
            email=one.recipient_email,
            role=one.role,
            order=one.signing_order,
            action=ACTIONS.get((one.action_type or "").upper(), "sign"),
            status=SIGNER_STATUSES.get((one.action_status or "").upper(), "waiting"),
        )
