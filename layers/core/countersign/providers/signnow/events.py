"""The names of SignNow's events, and its other words, in ours.

Events checked 2026-11: signnow/SignNow.NET, EventType.cs; SignNow PHP SDK, EventSubscription/V2,
EventsList (``document.invite.*``); the components for signNow 0.2.1 in PipedreamHQ/pipedream
(consent, authentication, delivery and free-form invites of groups).
"""

from __future__ import annotations

from countersign.model.signing_event import EnvelopeStatus, EventKind, SignerStatus

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "document.create": ("document.created", None),
    "document.open": ("document.viewed", None),
    "document.update": ("document.modified", "updated"),
    "document.complete": ("document.completed", None),
    "document.delete": ("document.deleted", None),
    "document.fieldinvite.create": ("document.created", "invite"),
    "document.fieldinvite.sent": ("signer.notified", None),
    "document.fieldinvite.signed": ("signer.signed", None),
    "document.fieldinvite.decline": ("signer.declined", None),
    "document.fieldinvite.reassign": ("signer.reassigned", "by the signer"),
    "document.fieldinvite.replace": ("signer.reassigned", "by the owner"),
    "document.fieldinvite.delete": ("document.voided", "invite deleted"),
    "document.fieldinvite.consent.agreed": ("signer.updated", "consent agreed"),
    # Consent to sign electronically: the paper itself may still be signed.
    "document.fieldinvite.consent.declined": ("signer.updated", "consent declined"),
    "document.fieldinvite.consent.withdrawn": ("signer.updated", "consent withdrawn"),
    "document.fieldinvite.authentication.failed": ("signer.authentication_failed", None),
    "document.fieldinvite.email.delivery.failed": ("signer.delivery_failed", None),
    "document.invite.sent": ("signer.notified", None),
    "document.invite.signed": ("signer.signed", None),
    "document.invite.declined": ("signer.declined", None),
    "document.invite.cancel": ("document.voided", None),
    "document.invite.reminder.sent": ("reminder.sent", None),
    "document.freeform.create": ("signer.notified", None),
    "document.freeform.signed": ("signer.signed", None),
    "document.count.unsent": ("other", None),
    "invite.expired": ("signer.expired", None),
    "document_group.create": ("document.created", None),
    "document_group.update": ("document.modified", "updated"),
    "document_group.complete": ("document.completed", None),
    "document_group.delete": ("document.deleted", None),
    "document_group.invite.create": ("document.sent", None),
    "document_group.invite.sent": ("document.sent", None),
    "document_group.invite.resend": ("reminder.sent", None),
    "document_group.invite.update": ("signer.updated", None),
    "document_group.invite.cancel": ("document.voided", None),
    "document_group.invite.declined": ("document.declined", None),
    "document_group.invite.consent.agreed": ("signer.updated", "consent agreed"),
    "document_group.invite.consent.declined": ("signer.updated", "consent declined"),
    "document_group.invite.consent.withdrawn": ("signer.updated", "consent withdrawn"),
    "document_group.invite.authentication.failed": ("signer.authentication_failed", None),
    "document_group.invite.email.delivery.failed": ("signer.delivery_failed", None),
    "document_group.freeform.create": ("document.sent", None),
    "document_group.freeform.resend": ("reminder.sent", None),
    "document_group.freeform.signed": ("signer.signed", None),
    "document_group.freeform.cancel": ("document.voided", None),
    "template.copy": ("template.changed", "copied"),
    "team.member.invite": ("other", None),
    "team.member.delete": ("other", None),
}
"""Each also comes as ``user.…``, where a user rather than a document is subscribed to."""
EACH_SIGNATURE = "user.document.complete"
"""Comes after every signature, unlike ``document.complete`` (webhooks, scopes)."""
REPEATED: frozenset[EventKind] = frozenset(
    {
        "document.viewed",
        "document.modified",
        "reminder.sent",
        "signer.updated",
        "signer.authentication_failed",
        "signer.delivery_failed",
        "template.changed",
        "other",
    }
)
"""May happen again to the same thing: only these keys need the time, whose meaning over retries
is not published."""
SIGNER_STATUSES: dict[EventKind, SignerStatus] = {
    "signer.notified": "notified",
    "signer.signed": "signed",
    "signer.declined": "declined",
    "document.declined": "declined",
    "signer.expired": "expired",
    "signer.reassigned": "waiting",
    "signer.updated": "waiting",
    "signer.authentication_failed": "waiting",
    "signer.delivery_failed": "waiting",
    "reminder.sent": "waiting",
}
"""What is known of the signer whom an event of that kind names."""
STATUSES: dict[str, EnvelopeStatus] = {
    "pending": "sent",
    "complete": "completed",
    "completed": "completed",
}
"""Of a document; the status in a message of an invite is the invite's."""
