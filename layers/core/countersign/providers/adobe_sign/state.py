"""Reads the state of an Acrobat Sign agreement into our words.

Shapes: opensource.adobe.com/acrobat-sign, acrobat_sign_events/webhookeventsagreements. Without its
conditional parameters an agreement has an id, a name and a status only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
)
from countersign.text.folding import same_address, unique

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
CANCELLED: dict[EventKind, EnvelopeStatus] = {
    "document.declined": "declined",
    "document.voided": "voided",
}
"""What CANCELLED stands for in a message of that event."""
ACTIONS: dict[str, SignerAction] = {
    "SIGNER": "sign",
    "APPROVER": "approve",
    "ACCEPTOR": "acknowledge",
    "CERTIFIED_RECIPIENT": "acknowledge",
    "FORM_FILLER": "fill",
    "SHARE": "view",
    "SENDER": "view",
}
ACTION_TYPES: dict[str, SignerAction] = {
    "APPROVED": "approve",
    "ACCEPTED": "acknowledge",
    "ACKNOWLEDGED": "acknowledge",
    "DELIVERED": "acknowledge",
    "FORM_FILLED": "fill",
}
"""By what a message says was done, where it says no more of who did it."""
DONE = frozenset(
    {"COMPLETED", "SIGNED", "APPROVED", "ACCEPTED", "DELIVERED", "FORM_FILLED", "ACKNOWLEDGED"}
)
ASKED = ("WAITING_FOR_MY_", "WAITING_FOR_VERIFICATION", "WAITING_FOR_FAX", "WAITING_FOR_NOTAR")


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
        """Whether this is the user of that id, or of that address: a user has but one."""
        return bool(user_id and self.user_id == user_id) or same_address(self.email, email)


Members = Annotated[tuple[Member, ...], Field(max_length=500)]


class ParticipantSet(CamelPayload):
    """Those of whom one has to act: mostly a single person."""

    id: MaybeId = None
    name: MaybeText = None
    role: MaybeText = None
    order: MaybeOrder = None
    status: MaybeText = None
    member_infos: Members | None = None

    @property
    def people(self) -> Members:
        """Those in it; none where they are left out."""
        return self.member_infos or ()

    @property
    def face(self) -> Member:
        """Who stands for the set: the first who was not replaced."""
        return next(iter((*self._present, *self.people)), Member())

    @property
    def members(self) -> tuple[str, ...]:
        """The addresses of a group, any one of whom may act; none of a single person."""
        addresses = unique(member.email for member in self._present if member.email)
        return addresses if len(self._present) > 1 else ()

    @property
    def _present(self) -> list[Member]:
        return [member for member in self.people if member.status in (None, "ACTIVE")]

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
    created_date: MaybeIsoTime = None
    expiration_time: MaybeIsoTime = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementEvent:
    """What happened to an agreement."""

    kind: EventKind
    at: datetime
    reason: str | None
    signer: Signer | None
    """Who acted."""
    acting_set: ParticipantSet | None
    """The set of the list that is meant; a signer of no set is one whom the list leaves out."""


def read_agreement(envelope: str, agreement: Agreement, event: AgreementEvent) -> Envelope:
    """The agreement in our words, after that event."""
    info, email, external = (
        agreement.participant_sets_info,
        agreement.sender_email,
        agreement.external_id,
    )
    word = agreement.status or ""
    kind, signer = event.kind, event.signer
    status = CANCELLED.get(kind) if word == "CANCELLED" else STATUSES.get(word)
    listed = info is not None and info.participant_sets is not None
    left_out = signer is not None and event.acting_set is None
    return Envelope(
        id=envelope,
        title=agreement.name,
        status=status,
        signers=tuple(_signers(agreement, event.acting_set, signer)),
        # A word we do not know may mean that the agreement waits for more than signatures.
        all_signers=listed and not left_out and (status is not None or not word),
        sender=Sender(email=email) if email else None,
        created_at=agreement.created_date,
        completed_at=event.at if kind == "document.completed" else None,
        expires_at=agreement.expiration_time,
        reason=event.reason if kind in ("document.declined", "document.voided") else None,
        custom_fields={"externalId": external.id} if external and external.id else {},
    )


def _signers(
    agreement: Agreement, acting_set: ParticipantSet | None, signer: Signer | None
) -> Iterator[Signer]:
    for participants in agreement.sets:
        yield (
            signer if signer is not None and participants is acting_set else read_set(participants)
        )
    if signer is not None and acting_set is None:
        yield signer
    for copy in agreement.ccs or ():
        if copy.email:
            yield Signer(email=copy.email, action="copy")


def read_action(role: str | None, action_type: str | None = None) -> SignerAction:
    """What a participant does, by the role, else by what was done."""
    name = (role or "").removeprefix("DELEGATE_TO_")
    by_role = ACTIONS.get(name, "sign")
    return ACTION_TYPES.get(action_type or "", "sign") if by_role == "sign" else by_role


def read_set(participants: ParticipantSet) -> Signer:
    """A set as one signer: the agreement waits for one of its members."""
    return Signer(
        id=participants.id or "",
        name=participants.face.name,
        email=participants.face.email,
        members=participants.members,
        role=participants.name or participants.role,
        order=participants.order,
        action=read_action(participants.role),
        status=_status(participants),
    )


def _status(participants: ParticipantSet) -> SignerStatus:
    if participants.done:
        return "signed"
    return "notified" if (participants.status or "").startswith(ASKED) else "waiting"
