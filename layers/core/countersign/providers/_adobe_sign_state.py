"""Reads the state of an Acrobat Sign agreement into our words.

Shapes: opensource.adobe.com/acrobat-sign, acrobat_sign_events/webhookeventsagreements. Without its
conditional parameters an agreement has an id, a name and a status only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerAction,
    SignerStatus,
)
from countersign.providers._times import PerhapsIsoTime
from countersign.providers.base import MaybeEmail, MaybeId, MaybeOrder, MaybeText, Payload

STATUSES: dict[str, EnvelopeStatus] = {
    "DRAFT": "created",
    "AUTHORING": "created",
    "PREFILL": "created",
    "DOCUMENTS_NOT_YET_PROCESSED": "created",
    "OUT_FOR_SIGNATURE": "sent",
    "OUT_FOR_APPROVAL": "sent",
    "OUT_FOR_ACCEPTANCE": "sent",
    "OUT_FOR_DELIVERY": "sent",
    "OUT_FOR_FORM_FILLING": "sent",
    "WAITING_FOR_VERIFICATION": "sent",
    "WAITING_FOR_FAXING": "sent",
    "SIGNED": "completed",
    "APPROVED": "completed",
    "ACCEPTED": "completed",
    "DELIVERED": "completed",
    "FORM_FILLED": "completed",
    "ARCHIVED": "completed",
    "EXPIRED": "expired",
}
"""CANCELLED is missing: it stands for a recall as well as for a refusal. The event tells which."""
ENDED: dict[EventKind, EnvelopeStatus] = {
    "document.completed": "completed",
    "document.declined": "declined",
    "document.voided": "voided",
    "document.expired": "expired",
    "document.deleted": "deleted",
}
ACTIONS: dict[str, SignerAction] = {
    "SIGNER": "sign",
    "APPROVER": "approve",
    "ACCEPTOR": "acknowledge",
    "CERTIFIED_RECIPIENT": "acknowledge",
    "FORM_FILLER": "fill",
    "SHARE": "view",
    "SENDER": "view",
}
DONE = frozenset(
    {"COMPLETED", "SIGNED", "APPROVED", "ACCEPTED", "DELIVERED", "FORM_FILLED", "ACKNOWLEDGED"}
)
ASKED = ("WAITING_FOR_MY_", "WAITING_FOR_VERIFICATION", "WAITING_FOR_FAX", "WAITING_FOR_NOTAR")


class CamelPayload(Payload):
    """An edge model whose members are written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


def _as_object(value: Any) -> Any:
    return {"email": value} if isinstance(value, str) else value


class Member(CamelPayload):
    """One person of a participant set; also a copy, which may be an address alone."""

    id: MaybeId = None
    user_id: MaybeId = None
    email: MaybeEmail = None
    name: MaybeText = None
    status: MaybeText = None

    def is_user(self, user_id: str | None, email: str | None) -> bool:
        """Whether this is the user of that id, or of that address."""
        if user_id and self.user_id:
            return self.user_id == user_id
        return bool(email and self.email) and (self.email or "").lower() == (email or "").lower()


Members = Annotated[tuple[Member, ...], Field(max_length=500)]


class ParticipantSet(CamelPayload):
    """Those of whom one has to act: mostly a single person."""

    id: MaybeId = None
    name: MaybeText = None
    role: MaybeText = None
    order: MaybeOrder = None
    status: MaybeText = None
    member_infos: Members = ()

    @property
    def key(self) -> str:
        """The set's id; else its first address, empty where there is none."""
        address = next((one.email for one in self.member_infos if one.email), "")
        return self.id or address.lower()

    @property
    def face(self) -> Member:
        """Who stands for the set: the first who was not replaced."""
        present = [one for one in self.member_infos if one.status in (None, "ACTIVE")]
        return next(iter((*present, *self.member_infos)), Member())

    @property
    def done(self) -> bool:
        """Whether one of them has acted."""
        return self.status in DONE


class Participants(CamelPayload):
    """The sets, in the order of signing."""

    participant_sets: Annotated[tuple[ParticipantSet, ...], Field(max_length=500)] | None = None


class ExternalId(CamelPayload):
    """The sender's own id of the agreement."""

    id: MaybeText = None


class Agreement(CamelPayload):
    """An agreement."""

    id: MaybeId = None
    name: MaybeText = None
    status: MaybeText = None
    sender_email: MaybeEmail = None
    created_date: PerhapsIsoTime = None
    expiration_time: PerhapsIsoTime = None
    external_id: ExternalId | None = None
    ccs: (
        Annotated[tuple[Annotated[Member, BeforeValidator(_as_object)], ...], Field(max_length=500)]
        | None
    ) = None
    participant_sets_info: Participants | None = None

    @property
    def sets(self) -> tuple[ParticipantSet, ...]:
        """The participant sets; none where they are left out."""
        info = self.participant_sets_info
        return (info.participant_sets or ()) if info else ()


def read_agreement(
    envelope: str,
    agreement: Agreement,
    kind: EventKind,
    acting: Signer | None,
    *,
    at: datetime,
    reason: str | None,
) -> Envelope:
    """The agreement in our words, after an event of that kind by the acting signer."""
    signers = {one.id: one for one in _signers(agreement)}
    if acting is not None:
        signers[acting.id] = acting
    email, external = agreement.sender_email, agreement.external_id
    info = agreement.participant_sets_info
    return Envelope(
        id=envelope,
        title=agreement.name,
        status=ENDED.get(kind) or STATUSES.get(agreement.status or ""),
        signers=tuple(signers.values()),
        all_signers=info is not None and info.participant_sets is not None,
        sender=Sender(email=email) if email else None,
        created_at=agreement.created_date,
        completed_at=at if kind == "document.completed" else None,
        expires_at=agreement.expiration_time,
        reason=reason if kind in ("document.declined", "document.voided") else None,
        custom_fields={"externalId": external.id} if external and external.id else {},
    )


def _signers(agreement: Agreement) -> Iterator[Signer]:
    for one in agreement.sets:
        if one.key:
            yield read_set(one)
    for copy in agreement.ccs or ():
        if copy.email:
            yield Signer(id=copy.email.lower(), email=copy.email, action="copy")


def read_set(one: ParticipantSet) -> Signer:
    """A set as one signer: the agreement waits for one of its members."""
    return Signer(
        id=one.key,
        name=one.face.name,
        email=one.face.email,
        role=one.name or one.role,
        order=one.order,
        action=ACTIONS.get((one.role or "").removeprefix("DELEGATE_TO_"), "sign"),
        status=_status(one),
    )


def _status(one: ParticipantSet) -> SignerStatus:
    if one.done:
        return "signed"
    return "notified" if (one.status or "").startswith(ASKED) else "waiting"
