"""The names of Acrobat Sign's events in our words, and who acted in one.

Names: opensource.adobe.com/acrobat-sign, acrobat_sign_events/webhookeventsagreements.
"""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from pydantic import Field

from countersign.model.signing_event import MUST_ACT, EventKind, Signer, SignerRef
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeText,
    ProviderId,
)
from countersign.providers._toolkit.signers import only, reference
from countersign.providers.adobe_sign.state import (
    ACTIONS,
    Agreement,
    Member,
    ParticipantSet,
    read_action,
    read_set,
)
from countersign.text.folding import same_address

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
SMS_FAILED = re.compile(r"SMS.*(FAIL|BOUNC|UNDELIVER)|(FAIL|BOUNC|UNDELIVER).*SMS")
"""An SMS that could not be delivered has an event since November 2025 (release notes), whose name
is published nowhere."""
PARTIES = frozenset(role for role, action in ACTIONS.items() if action in MUST_ACT)
OTHERS = ("LIBRARY_DOCUMENT_", "WIDGET_", "MEGASIGN_")
"""What agreements are made of; each agreement that comes of them has events of its own."""
ONCE = frozenset({"document.created", "document.completed", "document.deleted", "signer.signed"})
"""Keys of these need no time. An agreement that was restarted may be refused or recalled again."""
IN_THE_LIST: frozenset[EventKind] = frozenset({"signer.signed", "signer.notified"})
"""Only a participant can do or be asked that: one who is not in the list is nobody new."""
OF_A_SIGNER = ("signer.", "document.viewed", "document.declined")


class ReminderParticipant(CamelPayload):
    """One who is reminded."""

    email: MaybeEmail = None
    participant_user_id: MaybeId = None


class Reminder(CamelPayload):
    """A reminder."""

    participant_list: Annotated[tuple[ReminderParticipant, ...], Field(max_length=500)] | None = (
        None
    )


class NamedResource(CamelPayload):
    """A library document, a web form or a bulk sending."""

    id: MaybeId = None


class Cancellation(CamelPayload):
    """Why an agreement ended; in messages since June 2024."""

    comment: MaybeText = None


class Message(CamelPayload):
    """One notification."""

    event: ProviderId
    sub_event: MaybeText = None
    event_date: MaybeIsoTime = None
    webhook_notification_id: MaybeId = None
    participant_user_id: MaybeId = None
    participant_user_email: MaybeEmail = None
    participant_role: MaybeText = None
    acting_user_id: MaybeId = None
    acting_user_email: MaybeEmail = None
    action_type: MaybeText = None
    comment: MaybeText = None
    agreement_cancellation_info: Cancellation | None = None
    reminder_info: Reminder | None = None
    agreement: Agreement | None = None
    widget: NamedResource | None = None
    mega_sign: NamedResource | None = None
    megasign: NamedResource | None = None
    library_document: NamedResource | None = None

    @property
    def other(self) -> NamedResource | None:
        """What the event is about if it is about no agreement."""
        return self.widget or self.mega_sign or self.megasign or self.library_document

    @property
    def reason(self) -> str | None:
        """Why it ended."""
        info = self.agreement_cancellation_info
        return self.comment or (info.comment if info else None)

    @property
    def locked_out(self) -> bool:
        """Whether the agreement ended because somebody failed to prove who they are."""
        return "MAX_SIGNING" in f"{self.event} {self.sub_event}"


def meant(message: Message) -> tuple[EventKind, str | None]:
    """The event in our words, and what it changed."""
    name = message.event
    for prefix in OTHERS:
        if name.startswith(prefix):
            return "template.changed", name.removeprefix(prefix).lower().replace("_", " ")
    kind, change = AGREEMENTS.get(name.removeprefix("AGREEMENT_"), ("other", None))
    if kind == "other" and SMS_FAILED.search(name):
        kind = "signer.delivery_failed"
    who = message.participant_user_email or message.participant_user_id
    if name == "AGREEMENT_PARTICIPANT_COMPLETED" and not who:
        # It comes beside ACTION_COMPLETED, which names the signer.
        return "other", "participant completed"
    if kind == "document.viewed" and who and _no_participant(message):
        # Anybody may look at an agreement, its sender too.
        return "other", "viewed by no participant"
    return kind, change


def _no_participant(message: Message) -> bool:
    """Whether the agreement's list shows that somebody is not in it."""
    sets = _sets(message)
    if not sets or _matching(message):
        return False
    sender = message.agreement.sender_email if message.agreement else None
    role = (message.participant_role or "").removeprefix("DELEGATE_TO_")
    is_sender = same_address(message.participant_user_email, sender)
    all_known = all(any(member.email or member.user_id for member in each.people) for each in sets)
    return role not in PARTIES and (is_sender or all_known)


class ActingParticipant(NamedTuple):
    """Who acted."""

    set: ParticipantSet | None = None
    """The set of the agreement's list; None where it is left out or leaves a doubt."""
    signer: Signer | None = None
    """The one who acted as a signer; None where nobody is known to be one."""
    ref: SignerRef | None = None
    """How the event names the one who acted."""


def acting(message: Message, kind: EventKind) -> ActingParticipant:
    """Who acted, by the agreement's list or by what the message says beside it."""
    if kind == "reminder.sent":
        return ActingParticipant(ref=_reminded(message))
    if not kind.startswith(OF_A_SIGNER):
        return ActingParticipant()
    participants = only(_narrowed(message, kind))
    if participants is None:
        return _unlisted(message, kind)
    signer = read_set(participants)
    member = next(
        (member for member in participants.people if _is_participant(message, member)), Member()
    )
    email = member.email or signer.email or message.participant_user_email
    signer = signer.model_copy(update={"name": member.name or signer.name, "email": email})
    return ActingParticipant(participants, signer, reference(signer))


def _unlisted(message: Message, kind: EventKind) -> ActingParticipant:
    """One of whom the message has an address alone; who approves is known not to sign."""
    email, sets = message.participant_user_email, _sets(message)
    if (
        email is None
        or (sets and kind in IN_THE_LIST)
        or any(not participants.people for participants in sets)
    ):
        return ActingParticipant()  # it is nobody of the list, or one whom the list does not show
    action = read_action(message.participant_role, message.action_type)
    known = kind == "signer.signed" and action != "sign" and not sets
    signer = Signer(email=email, action=action) if known else None
    return ActingParticipant(None, signer, SignerRef(email=email))


def previous(message: Message) -> SignerRef | None:
    """Who passed the agreement on; a sender who replaced a signer did not."""
    email, agreement = message.acting_user_email, message.agreement
    sender = agreement.sender_email if agreement else None
    others = (sender, message.participant_user_email)
    if email is None or any(same_address(email, other) for other in others):
        return None
    return SignerRef(email=email)


def _reminded(message: Message) -> SignerRef | None:
    participant = (
        only(message.reminder_info.participant_list or ()) if message.reminder_info else None
    )
    if participant is None:
        return None
    sets = _sets(message)
    participants = only(
        item
        for item in sets
        if any(
            member.is_user(participant.participant_user_id, participant.email)
            for member in item.people
        )
    )
    signer = reference(read_set(participants)) if participants else None
    return signer or (SignerRef(email=participant.email) if participant.email else None)


def _is_participant(message: Message, member: Member) -> bool:
    return member.is_user(message.participant_user_id, message.participant_user_email)


def _sets(message: Message) -> tuple[ParticipantSet, ...]:
    return message.agreement.sets if message.agreement else ()


def _matching(message: Message) -> list[ParticipantSet]:
    """The sets to which the participant belongs."""
    sets = _sets(message)
    return [
        participants
        for participants in sets
        if any(_is_participant(message, m) for m in participants.people)
    ]


def _narrowed(message: Message, kind: EventKind) -> list[ParticipantSet]:
    """The sets that the event can be about: with the participant, else with nobody readable."""
    sets = _sets(message)
    named = message.participant_user_id or message.participant_user_email
    candidates = _matching(message) or [
        participants for participants in sets if named and not participants.people
    ]
    if len(candidates) > 1 and message.participant_role:
        candidates = [
            participants
            for participants in candidates
            if participants.role == message.participant_role
        ]
    if len(candidates) > 1 and kind == "signer.signed":
        candidates = [participants for participants in candidates if participants.done]
    return candidates
