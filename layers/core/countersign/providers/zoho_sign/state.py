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
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeOrder,
    MaybeText,
    Payload,
)
from countersign.providers._toolkit.people import address_unless_hosts, full_name, full_number
from countersign.providers._toolkit.times import read_milliseconds
from countersign.text.folding import fold

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
    "sign": "sign",
    "inpersonsign": "sign",
    "approver": "approve",
    # "Receives a copy": nobody waits for these.
    "view": "copy",
}
SIGNER_STATUSES: dict[str, SignerStatus] = {
    "noaction": "waiting",
    "unopened": "notified",
    "viewed": "viewed",
    "signed": "signed",
    "approved": "signed",
    "declined": "declined",
    "rejected": "declined",
    "expired": "expired",
}
IN_PERSON = "inpersonsign"
# What the sender fills in beforehand stands in the list as a recipient of Zoho's own.
PREFILLED = re.compile(r"noreply[0-9]*@zohosign\.com", re.IGNORECASE)


def _negative_to_none(value: Any) -> Any:
    return None if str(value)[:1] == "-" else value


def _milliseconds(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    moment = read_milliseconds(value)
    if moment is None:
        raise ValueError("expected milliseconds since 1970")
    return moment


MaybeMilliseconds = Annotated[datetime | None, BeforeValidator(_milliseconds)]


class Action(Payload):
    """One recipient's part of a request."""

    action_id: MaybeId = None
    action_type: MaybeText = None
    action_status: MaybeText = None
    recipient_name: MaybeText = None
    recipient_email: MaybeEmail = None
    recipient_countrycode: MaybeText = None
    recipient_phonenumber: MaybeText = None
    in_person_name: MaybeText = None
    in_person_email: MaybeEmail = None
    role: MaybeText = None
    # Recipients without a place in the order may have a negative one.
    signing_order: Annotated[MaybeOrder, BeforeValidator(_negative_to_none)] = None

    @property
    def kind(self) -> str:
        """What the recipient has to do, in Zoho Sign's word."""
        return fold(self.action_type or "")

    @property
    def name(self) -> str | None:
        """Who signs: in person it is not the recipient, who is the host."""
        return self.in_person_name if self.kind == IN_PERSON else self.recipient_name

    @property
    def email(self) -> str | None:
        """The address of the one who signs, never the host's."""
        if self.kind != IN_PERSON:
            return self.recipient_email
        return address_unless_hosts(
            self.in_person_email,
            self.in_person_name,
            host_email=self.recipient_email,
            host_name=self.recipient_name,
        )

    @property
    def phone(self) -> str | None:
        """The number for SMS or WhatsApp, with the country's code; in person it is the host's."""
        if self.kind == IN_PERSON:
            return None
        return full_number(self.recipient_countrycode, self.recipient_phonenumber)


class SignRequest(Payload):
    """The whole request."""

    request_id: MaybeId = None
    request_name: MaybeText = None
    request_status: MaybeText = None
    owner_email: MaybeEmail = None
    owner_first_name: MaybeText = None
    owner_last_name: MaybeText = None
    created_time: MaybeMilliseconds = None
    sign_submitted_time: MaybeMilliseconds = None
    expire_by: MaybeMilliseconds = None
    actions: Annotated[tuple[Action, ...], Field(max_length=500)] | None = None


def read_request(
    envelope: str, request: SignRequest, kind: EventKind, at: datetime, reason: str | None
) -> Envelope:
    """The request in our words, as it is after an event of that kind."""
    owner = full_name(request.owner_first_name, request.owner_last_name)
    word = fold(request.request_status or "")
    status = STATUSES.get(word)
    return Envelope(
        id=envelope,
        title=request.request_name,
        status=status,
        signers=tuple(_signers(request)),
        # A word we do not know may mean that the request waits for more than signatures.
        all_signers=request.actions is not None and (status is not None or not word),
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
    for action in request.actions or ():
        if PREFILLED.fullmatch(action.recipient_email or ""):
            continue
        yield Signer(
            id=action.action_id or "",
            name=action.name,
            email=action.email,
            phone=action.phone,
            role=action.role,
            order=action.signing_order,
            action=ACTIONS.get(action.kind, "sign"),
            status=SIGNER_STATUSES.get(fold(action.action_status or ""), "waiting"),
        )
