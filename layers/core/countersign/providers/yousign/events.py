"""The names of Yousign's events in our words.

Checked 2026-11: the OpenAPI of API v3 of August 2026 (api-evangelist/yousign, openapi/_original),
WebhookSubscribedEvents: 52 names, and none that is not known here.
"""

from __future__ import annotations

from countersign.model.signing_event import EventKind

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "signature_request.activated": ("document.sent", None),
    "signature_request.done": ("document.completed", None),
    "signature_request.declined": ("document.declined", None),
    "signature_request.rejected": ("document.declined", "rejected by an approver"),
    "signature_request.canceled": ("document.voided", None),
    "signature_request.expired": ("document.expired", None),
    "signature_request.reactivated": ("document.modified", "reactivated"),
    "signature_request.paused": ("document.modified", "paused"),
    "signature_request.resumed": ("document.modified", "resumed"),
    "signature_request.approved": ("document.modified", "approved"),
    "signature_request.reminder_executed": ("reminder.sent", None),
    "signature_request.automatic_reminder_executed": ("reminder.sent", None),
    "signature_request.deleted": ("document.deleted", "deleted"),
    "signature_request.permanently_deleted": ("document.deleted", "permanently deleted"),
    "signer.notified": ("signer.notified", None),
    "signer.link_opened": ("document.viewed", None),
    "signer.done": ("signer.signed", None),
    "signer.declined": ("signer.declined", None),
    "signer.notification_delivery_failed": ("signer.delivery_failed", None),
    "signer.identification_failed": ("signer.authentication_failed", "failed"),
    "signer.identification_blocked": ("signer.authentication_failed", "blocked"),
    "signer.identification_expired": ("signer.authentication_failed", "expired"),
    "signer.identification_succeeded": ("signer.authentication_succeeded", None),
    "signer.identity_saved": ("signer.authentication_succeeded", "identity saved"),
    "signer.sender_contacted": ("comment.added", None),
    "signer.error": ("document.failed", None),
    "approver.notified": ("signer.notified", None),
    "approver.approved": ("signer.signed", None),
    "approver.rejected": ("signer.declined", None),
    "approver.notification_delivery_failed": ("signer.delivery_failed", None),
    "electronic_seal.done": ("document.artifact_ready", None),
    "electronic_seal.error": ("document.failed", None),
    "contact.created": ("other", None),
    "user.completed": ("other", None),
    "document_analysis.done": ("other", None),
}
"""``verification.*``, ``workflow_*`` and ``applicant.*`` are of other products: ``other``."""

ONCE = frozenset(
    {
        "signature_request.done",
        "signature_request.declined",
        "signature_request.rejected",
        "signature_request.canceled",
        "signature_request.permanently_deleted",
        "signer.done",
        "signer.declined",
        "approver.approved",
        "approver.rejected",
    }
)
ENDS = {
    "signer.declined": "signature_request.declined",
    "approver.rejected": "signature_request.rejected",
}
"""Recipients' events that end the request, and its own event."""
GOES_ON = frozenset({"draft", "approval", "ongoing", "paused", "done"})
"""States of a request that no refusal ended."""
