"""The names of Acrobat Sign's events in our words, and who acted in one.

Names: opensource.adobe.com/acrobat-sign, acrobat_sign_events/webhookeventsagreements.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from countersign.model.signing_event import EventKind, Signer, SignerRef
from countersign.providers._adobe_sign_state import (
    Agreement,
    CamelPayload,
    Member,
    ParticipantSet,
    read_set,
)
from countersign.providers._times import PerhapsIsoTime
from countersign.providers.base import MaybeEmail, MaybeId, MaybeText, ProviderId, only, reference

AGREEMENTS: dict[str, tuple[EventKind, str | None]] = {
    "CREATED": ("document.created", None),
    "ACTION_REQUESTED": ("signer.notified", None),
    "EMAIL_VIEWED": ("document.viewed", None),
    "DOCUMENTS_VIEWED": ("document.viewed", None),
    "DOCUMENTS_VIEWED_PASSWORD_PROTECTED": ("document.viewed", None),
    "ACTION_COMPLETED": ("signer.signed", None),
    "PARTICIPANT_COMPLETED": ("signer.signed", None),
    "WORKFLOW_COMPLETED": ("document.completed", None),
    "READY_TO_VAULT": ("document.artifact_ready", None),
    "VAULTED": ("document.artifact_ready", None),
    "REJECTED": ("document.declined", None),
    "RECALLED": ("document.voided", None),
    "RECALLED_MAX_SIGNING_EMAIL_OTP_ATTEMPTS": ("document.voided", None),
    "EXPIRED": ("document.expired", None),
    "EXPIRATION_UPDATED": ("document.modified", "expiration updated"),
    "MODIFIED": ("document.modified", "modified"),
    "RESTARTED": ("document.modified", "restarted"),
    "SHARED": ("document.modified", "shared"),
    "UNSHARED": ("document.modified", "unshared"),
    "UNSHARED_AUTO": ("document.modified", "unshared"),
    "OFFLINE_SYNC": ("document.modified", "offline sync"),
    "USER_ACK_AGREEMENT_MODIFIED": ("document.modified", "modification acknowledged"),
    "READY_TO_NOTARIZE": ("document.modified", "ready to notarize"),
    "UPLOADED_BY_SENDER": ("document.modified", "uploaded by sender"),
    "AUTO_CANCELLED_CONVERSION_PROBLEM": ("document.failed", None),
    "DELETED": ("document.deleted", "deleted"),
    "DOCUMENTS_DELETED": ("document.deleted", "documents deleted"),
    "EMAIL_BOUNCED": ("signer.delivery_failed", None),
    "ACTION_DELEGATED": ("signer.reassigned", "delegated"),
    "ACTION_REPLACED_SIGNER": ("signer.reassigned", "replaced"),
    "PARTICIPANT_REPLACED": ("signer.reassigned", "replaced"),
    "SIGNER_NAME_CHANGED_BY_SIGNER": ("signer.updated", "name"),
    "KBA_AUTHENTICATED": ("signer.authentication_succeeded", None),
    "WEB_IDENTITY_AUTHENTICATED": ("signer.authentication_succeeded", None),
    "EMAIL_OTP_AUTHENTICATED": ("signer.authentication_succeeded", None),
    "REMINDER_SENT": ("reminder.sent", None),
    # A reminder that was set up: nothing has been sent yet.
    "REMINDER_INITIATED": ("other", "reminder initiated"),
}
"""By their names without ``AGREEMENT_``."""
OTHERS = ("LIBRARY_DOCUMENT_", "WIDGET_", "MEGASIGN_")
"""What agreements are made of; each agreement that comes of them has events of its own."""
ONCE = frozenset({"document.created", "document.completed", "document.deleted", "signer.signed"})
"""Keys of these need no time. An agreement that was restarted may be refused or recalled again."""
OF_A_SIGNER = ("signer.", "document.viewed", "document.declined")


class Reminded(CamelPayload):
    """One who is reminded."""

    email: MaybeEmail = None
    participant_user_id: MaybeId = None


class Reminder(CamelPayload):
    """A reminder."""

    participant_list: Annotated[tuple[Reminded, ...], Field(max_length=500)] = ()


class Named(CamelPayload):
    """A library document, a web form or a bulk sending."""

    id: MaybeId = None


class Message(CamelPayload):
    """One notification."""

    event: ProviderId
    sub_event: MaybeText = None
    event_date: PerhapsIsoTime = None
    webhook_notification_id: MaybeId = None
    participant_user_id: MaybeId = None
    participant_user_email: MaybeEmail = None
    participant_role: MaybeText = None
    acting_user_id: MaybeId = None
    acting_user_email: MaybeEmail = None
    action_type: MaybeText = None
    comment: MaybeText = None
    reminder_info: Reminder | None = None
    agreement: Agreement | None = None
    widget: Named | None = None
    mega_sign: Named | None = None
    megasign: Named | None = None
    library_document: Named | None = None

    @property
    def other(self) -> Named | None:
        """What the event is about if it is about no agreement."""
        return self.widget or self.mega_sign or self.megasign or self.library_document

    @property
    def locked_out(self) -> bool:
        """Whether the agreement ended because somebody failed to prove who they are."""
        return "MAX_SIGNING" in f"{self.event} {self.sub_event}"


def meant(message: Message) -> tuple[EventKind, str | None]:
    """The event in our words, and what it changed."""
    name, agreement = message.event, message.agreement
    for prefix in OTHERS:
        if name.startswith(prefix):
            return "template.changed", name.removeprefix(prefix).lower().replace("_", " ")
    kind, change = AGREEMENTS.get(name.removeprefix("AGREEMENT_"), ("other", None))
    who = message.participant_user_email or message.participant_user_id
    if name == "AGREEMENT_PARTICIPANT_COMPLETED" and not who:
        # It comes beside ACTION_COMPLETED, which names the signer.
        return "other", "participant completed"
    listed = agreement is not None and bool(agreement.sets)
    if kind == "document.viewed" and who and listed and not _matching(message):
        # Anybody may look at an agreement, its sender too.
        return "other", "viewed by no participant"
    return kind, change


def acting(message: Message, kind: EventKind) -> tuple[Signer | None, SignerRef | None]:
    """Who acted: as a signer of the agreement's list, and how the event names them.

    The first is None where the list is left out or leaves a doubt, the second where nobody is
    named.
    """
    if kind == "reminder.sent":
        return None, _reminded(message)
    if not kind.startswith(OF_A_SIGNER):
        return None, None
    email = message.participant_user_email
    found = only(_narrowed(message, kind))
    if found is None:
        return None, SignerRef(email=email) if email else None
    signer = read_set(found)
    member = next((one for one in found.member_infos if _is_participant(message, one)), None)
    if member:
        signer = signer.model_copy(
            update={"name": member.name or signer.name, "email": member.email or signer.email}
        )
    return signer, reference(signer)


def previous(message: Message) -> SignerRef | None:
    """Who passed the agreement on; a sender who replaced a signer did not."""
    email, agreement = message.acting_user_email, message.agreement
    sender = (agreement.sender_email or "").lower() if agreement else ""
    others = (sender, (message.participant_user_email or "").lower())
    return SignerRef(email=email) if email and email.lower() not in others else None


def _reminded(message: Message) -> SignerRef | None:
    one = only(message.reminder_info.participant_list) if message.reminder_info else None
    if one is None:
        return None
    sets = message.agreement.sets if message.agreement else ()
    found = only(
        item
        for item in sets
        if any(member.is_user(one.participant_user_id, one.email) for member in item.member_infos)
    )
    signer = reference(read_set(found)) if found else None
    return signer or (SignerRef(email=one.email) if one.email else None)


def _is_participant(message: Message, member: Member) -> bool:
    return member.is_user(message.participant_user_id, message.participant_user_email)


def _matching(message: Message) -> list[ParticipantSet]:
    """The sets to which the participant belongs."""
    sets = message.agreement.sets if message.agreement else ()
    return [one for one in sets if any(_is_participant(message, m) for m in one.member_infos)]


def _narrowed(message: Message, kind: EventKind) -> list[ParticipantSet]:
    """Of several sets with the same person, those that the event can be about."""
    found = _matching(message)
    if len(found) > 1 and message.participant_role:
        found = [one for one in found if one.role == message.participant_role]
    if len(found) > 1 and kind == "signer.signed":
        found = [one for one in found if one.done]
    return found
