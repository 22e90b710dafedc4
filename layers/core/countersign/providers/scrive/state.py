"""Reads the document that Scrive sends into our words.

Shape: scrive/scrive-apidocs, documentation/definitions (Document, Signatory and their parts).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import Field as Limits
from pydantic import field_validator

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._toolkit.json_access import custom_fields, first_text
from countersign.providers._toolkit.payload import (
    MaybeId,
    MaybeOrder,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.signers import SignerIndex
from countersign.providers._toolkit.times import PerhapsIsoTime

STATUSES: dict[str, EnvelopeStatus] = {
    "preparation": "created",
    "pending": "sent",
    "closed": "completed",
    "canceled": "voided",
    "timedout": "expired",
    "rejected": "declined",
}
ACTIONS: dict[str, SignerAction] = {
    "signing_party": "sign",
    "approver": "approve",
    "viewer": "view",
}


class Field(Payload):
    """A value of a party: a part of the name, the e-mail address, a field of the sender's own."""

    type: MaybeText = None
    name: MaybeText = None
    order: MaybeOrder = None
    value: MaybeText = None

    @field_validator("value", mode="before")
    @classmethod
    def _texts_only(cls, value: Any) -> str | None:
        return first_text(value)


class Party(Payload):
    """One party; Scrive keeps a time for each thing that one did."""

    id: MaybeId = None
    is_author: bool | None = None
    is_signatory: bool | None = None
    signatory_role: MaybeText = None
    sign_order: MaybeOrder = None
    sign_time: PerhapsIsoTime = None
    seen_time: PerhapsIsoTime = None
    read_invitation_time: PerhapsIsoTime = None
    rejected_time: PerhapsIsoTime = None
    rejection_reason: MaybeText = None
    email_delivery_status: MaybeText = None
    mobile_delivery_status: MaybeText = None
    fields: Annotated[tuple[Field, ...], Limits(max_length=500)] = ()

    def values(self, kind: str) -> list[str]:
        """The values of its fields of a type, by their order."""
        fields = [field for field in self.fields if field.type == kind and field.value]
        return [field.value or "" for field in sorted(fields, key=lambda field: field.order or 0)]

    @property
    def deliveries(self) -> dict[str, str | None]:
        """What became of the messages to it, by the way they went."""
        return {"email": self.email_delivery_status, "mobile": self.mobile_delivery_status}


class Tag(Payload):
    """One name and value that the sender's program gave the document."""

    name: MaybeText = None
    value: MaybeText = None


class Document(Payload):
    """The document as it is now."""

    id: MaybeId = None
    title: MaybeText = None
    status: ProviderId
    parties: Annotated[tuple[Party, ...], Limits(max_length=500)] | None = None
    tags: Annotated[tuple[Tag, ...], Limits(max_length=500)] = ()
    ctime: PerhapsIsoTime = None
    mtime: PerhapsIsoTime = None
    timeout_time: PerhapsIsoTime = None


class Act(NamedTuple):
    """Something a party did, and when."""

    at: datetime
    kind: EventKind
    party: int
    """The party's place in the list."""


def read_document(envelope: str, document: Document) -> Envelope:
    """The document in our words."""
    parties = document.parties or ()
    signers = tuple(_signer(party) for party in parties)
    signed = [signer.signed_at for signer in signers if signer.signed_at]
    authors = (signer for party, signer in zip(parties, signers, strict=True) if party.is_author)
    author = next(authors, None)
    decliner = SignerIndex(signers).by_status("declined")
    own = {
        field.name: field.value
        for party in parties
        for field in party.fields
        if field.type == "text"
    }
    tags = {tag.name: tag.value for tag in document.tags}
    return Envelope(
        id=envelope,
        title=document.title,
        status=_status(document),
        signers=signers,
        all_signers=document.parties is not None,
        sender=Sender(name=author.name, email=author.email) if author else None,
        created_at=document.ctime,
        completed_at=max(signed, default=None) if document.status == "closed" else None,
        expires_at=document.timeout_time,
        reason=decliner.reason if decliner else None,
        custom_fields=custom_fields(own, tags),
    )


def acts(document: Document) -> list[Act]:
    """What the parties did, oldest first."""
    return sorted(_acts(document), key=lambda act: (act.at, act.kind == "signer.signed"))


def _acts(document: Document) -> Iterator[Act]:
    for place, party in enumerate(document.parties or ()):
        if party.seen_time:
            yield Act(party.seen_time, "document.viewed", place)
        if party.sign_time:
            yield Act(party.sign_time, "signer.signed", place)
        if party.rejected_time:
            yield Act(party.rejected_time, "signer.declined", place)


def _status(document: Document) -> EnvelopeStatus | None:
    due = [party for party in document.parties or () if _action(party) in ("sign", "approve")]
    reached = [
        party for party in due if party.read_invitation_time or party.seen_time or party.sign_time
    ]
    if document.status == "pending" and due and len(reached) == len(due):
        return "delivered"
    return STATUSES.get(document.status)


def _signer(party: Party) -> Signer:
    name = " ".join(party.values("name")) or next(iter(party.values("full_name")), None)
    addresses = party.values("email")
    return Signer(
        id=party.id or "",
        name=name,
        email=_email(addresses[0]) if addresses else None,
        phone=next(iter(party.values("mobile")), None),
        role=party.signatory_role,
        order=party.sign_order,
        action=_action(party),
        status=_signer_status(party),
        viewed_at=party.seen_time,
        signed_at=party.sign_time,
        declined_at=party.rejected_time,
        reason=party.rejection_reason,
    )


def _email(text: str) -> str | None:
    # Whatever the author typed into the field: what cannot be an address is none.
    return text if "@" in text and len(text) <= 320 and text.isprintable() else None


def _action(party: Party) -> SignerAction:
    if party.is_signatory:
        return "sign"
    action = ACTIONS.get(party.signatory_role or "", "sign")
    # is_signatory is the older word and wins where the two contradict each other.
    return "view" if party.is_signatory is False and action == "sign" else action


def _signer_status(party: Party) -> SignerStatus:
    if party.rejected_time:
        return "declined"
    if party.sign_time:
        return "signed"
    if party.seen_time:
        return "viewed"
    notified = party.read_invitation_time or "delivered" in party.deliveries.values()
    return "notified" if notified else "waiting"


def digest(document: Document) -> str:
    """A name of the state: the same for every call that tells of it."""
    whole = document.model_dump_json(exclude={"mtime"})
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
