"""BoldSign: JSON with the document's state, the time and the body signed in one header.

Facts: developers.boldsign.com/webhooks/verify-webhook-events, .../event-context,
.../webhook-configuration-and-lifecycle and boldsign/api-csharp-sdk, WebhookUtility.cs.

Checked 2026-11 for what is new since 2025: boldsign/api-csharp-sdk 7.3.2 (August 2026,
Model/Webhook: every name of WebHookEventType is in the table below), boldsign/boldsign-node-sdk
3.1.4 (May 2026: signers by SMS or WhatsApp, groups), developers.boldsign.com/webhooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, EventKind, Signer, SigningEvent
from countersign.providers._toolkit.ages import AGE_OPTION
from countersign.providers._toolkit.events import EventKeys, details, event_key
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeId,
    MaybeUnixTime,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    check_age,
    header_bytes,
    hex_hmac,
    require_match,
    required_header,
    usable,
)
from countersign.providers._toolkit.signers import only, reference
from countersign.providers._toolkit.times import read_unix
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.boldsign.calls import BoldSignCalls
from countersign.providers.boldsign.context import acting, read_context, replaced
from countersign.providers.boldsign.state import Document, read_document

SIGNATURE = "x-boldsign-signature"
EVENT = "x-boldsign-event"
MAX_AGE = timedelta(days=2)
"""The SDK allows five minutes, but the page calls the signed time that of the event, and the last
retry comes 34 hours after it. The event's id makes a replay harmless for that long."""

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "DraftCreated": ("document.created", None),
    "Sent": ("document.sent", None),
    "Viewed": ("document.viewed", None),
    "SignerSaved": ("signer.started", "saved"),
    "Signed": ("signer.signed", None),
    "Completed": ("document.completed", None),
    "Declined": ("document.declined", None),
    "Revoked": ("document.voided", None),
    "Expired": ("document.expired", None),
    "Reassigned": ("signer.reassigned", None),
    "Edited": ("document.modified", "edited"),
    "Reminder": ("reminder.sent", None),
    "AuthenticationFailed": ("signer.authentication_failed", None),
    "IdentityVerificationInitiated": ("other", None),
    "IdentityVerificationSucceeded": ("signer.authentication_succeeded", None),
    "IdentityVerificationFailed": ("signer.authentication_failed", None),
    "KBAInitiated": ("other", None),
    "KBASucceeded": ("signer.authentication_succeeded", None),
    "KBAFailed": ("signer.authentication_failed", None),
    "DeliveryFailed": ("signer.delivery_failed", None),
    "SendFailed": ("document.failed", "send"),
    "EditFailed": ("document.failed", "edit"),
    "TemplateCreated": ("template.changed", "created"),
    "TemplateDraftCreated": ("template.changed", "draft created"),
    "TemplateEdited": ("template.changed", "edited"),
    "TemplateCreateFailed": ("template.changed", "create failed"),
    "TemplateSendFailed": ("template.changed", "send failed"),
    "SenderIdentityCreated": ("other", None),
    "SenderIdentityUpdated": ("other", None),
    "SenderIdentityDeleted": ("other", None),
    "SenderIdentityRevoked": ("other", None),
    "SenderIdentityVerified": ("other", None),
    "SenderIdentityDenied": ("other", None),
    "Verification": ("webhook.test", None),
}

KEYS = EventKeys(once=frozenset({"Completed", "Declined", "Revoked"}))
"""These end a document for good."""


class Event(CamelPayload):
    """What happened."""

    id: MaybeId = None
    created: MaybeUnixTime = None
    event_type: ProviderId


class Message(Payload):
    """One call of the webhook."""

    event: Event
    context: Any = None
    data: Document | None = None


class BoldSign(BoldSignCalls, Provider):
    """BoldSign."""

    title = "BoldSign"
    authenticity = "signed"
    retries = "6 times: 1 min, 15 min, 45 min, 1 h, 8 h, 24 h; after 7 bad days it is switched off"
    setup = (
        "Settings > Webhooks > Add webhook: {url}; the check it makes is answered by itself",
        "Choose every document and authentication event",
        "Open the webhook, press Reveal and give this connection that secret ({secret})",
    )
    secrets_chosen_by = "provider"
    options = AGE_OPTION
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"signlink", "accesscode", "embeddedsigninglink"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``t=<unix>, s0=<hex>[, s1=<hex>]``, HMAC-SHA256 of ``<t>.<body>``; s1 is the old key's.

        The check that BoldSign makes of a new address comes before there is a secret. It is let
        in with the authenticity ``none``, and ``parse`` reads nothing from it.
        """
        try:
            _check_signature(request, secrets, now)
        except UnauthorizedError:
            if _is_check(request):
                return "none"
            raise
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event; of the check of the address always the same."""
        if _is_check(request):
            test = SigningEvent(
                kind="webhook.test",
                key="Verification",
                provider_event="Verification",
                occurred_at=request.received_at,
                envelope="",
            )
            return (test,)
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.event.created or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature, made at ``now``."""
        time = int(now.timestamp())
        signature = hex_hmac(secret, f"{time}.".encode() + request.body).decode()
        return request.with_headers({SIGNATURE: f"t={time}, s0={signature}"})


def _is_check(request: Request) -> bool:
    return (request.header(EVENT) or "").strip().lower() == "verification"


def _check_signature(request: Request, secrets: ConnectionCredentials, now: datetime) -> None:
    keys = usable(secrets)
    given = required_header(request, "X-BoldSign-Signature")
    # No right one has more than three parts, and none takes long, however many commas it has.
    parts = [part.strip().partition("=") for part in given.split(",", 8)]
    pairs = [(name, value) for name, _, value in parts]
    times = [value for name, value in pairs if name == "t"]
    signatures = [header_bytes(value) for name, value in pairs if name in ("s0", "s1")]
    if len(times) != 1 or not signatures:
        raise UnauthorizedError("X-BoldSign-Signature is not t=…, s0=… or t=…, s0=…, s1=…")
    signed = header_bytes(times[0]) + b"." + request.body
    require_match(
        signatures,
        (hex_hmac(key, signed) for key in keys),
        f"none of {len(signatures)} signatures was made with any of our {len(keys)} secrets",
    )
    check_age(read_unix(times[0], "t"), now, secrets, MAX_AGE)


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    event, document = message.event, message.data or Document()
    name = event.event_type
    kind, change = EVENTS.get(name, ("other", None))
    detail = details(change=change)
    envelope = document.document_id
    if envelope is None:
        if kind not in ("template.changed", "other", "webhook.test"):
            raise MalformedError(f"data.documentId: {name} must name its document")
        if document.template_id:
            detail["template"] = document.template_id
        return SigningEvent(
            kind=kind,
            key=event_key(name, document.template_id, event.id or event.created),
            provider_event=name,
            occurred_at=at,
            envelope="",
            reason=document.error_message,
            detail=detail,
        )
    state = read_document(envelope, document, kind, at)
    if document.failed_delivery_mode and kind == "signer.delivery_failed":
        detail["mode"] = document.failed_delivery_mode
    context = read_context(message.context)
    ref = acting(kind, context, document, state)
    signer = only(
        signer for signer in state.signers if ref is not None and reference(signer) == ref
    )
    which = event.id or event.created or (ref and (ref.id or ref.name or ref.email))
    return SigningEvent(
        kind=kind,
        key=KEYS.key(name, envelope, (which,)),
        provider_event=name,
        occurred_at=(signer.signed_at if signer and kind == "signer.signed" else None) or at,
        envelope=envelope,
        signer=ref,
        previous_signer=replaced(context, ref) if kind == "signer.reassigned" else None,
        reason=_reason(kind, document, signer),
        state=state,
        detail=detail,
    )


def _reason(kind: EventKind, document: Document, signer: Signer | None) -> str | None:
    if kind == "document.declined":
        return signer.reason if signer else None
    if kind == "document.voided":
        return document.revoke_message
    return document.error_message
