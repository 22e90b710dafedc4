"""Zoho Sign: JSON with the request's state, the body signed in a header.

Facts: help.zoho.com/portal/en/kb/zoho-sign/admin-guide/webhooks/articles/webhooks-management.

Checked 2026-11 for what is new since 2025: zoho.com/sign/api (delivery by WhatsApp, 2025), public
receivers of 2026 (one of them read from real deliveries in May 2026), and
ZohoSign-integ/n8n-nodes-zohosign. No new names of events; the documentation names no more than
these but RequestApproved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EventKind,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers._toolkit.events import EventKeys, event_key
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    base64_hmac,
    header_bytes,
    require_match,
    required_header,
    usable,
)
from countersign.providers._toolkit.signers import SignerIndex, only, reference
from countersign.providers.base import NO_OPTIONS, MalformedError, Provider, Request
from countersign.providers.zoho_sign.state import (
    PREFILLED,
    MaybeMilliseconds,
    SignRequest,
    read_request,
)
from countersign.text.folding import same, same_address

SIGNATURE = "x-zs-webhook-signature"

APPROVED = "RequestApproved"
EVENTS: dict[str, EventKind] = {
    "RequestSubmitted": "document.sent",
    "RequestViewed": "document.viewed",
    "RequestSigningSuccess": "signer.signed",
    # In deliveries, though not among the documented ones; an approver's signature.
    APPROVED: "signer.signed",
    "RequestCompleted": "document.completed",
    "RequestRejected": "document.declined",
    "RequestRecalled": "document.voided",
    "RequestForwarded": "signer.reassigned",
    "RequestExpired": "document.expired",
}

KEYS = EventKeys(
    once=frozenset({"RequestCompleted", "RequestRejected", "RequestRecalled"}),
    once_per_signer=frozenset({"RequestSigningSuccess", APPROVED}),
)
"""End a request for good, as a signature ends one recipient's part."""

ABOUT_A_SIGNER: frozenset[EventKind] = frozenset(
    {"document.viewed", "signer.signed", "document.declined", "signer.reassigned"}
)


class Notification(Payload):
    """What happened and who did it."""

    operation_type: ProviderId
    performed_at: MaybeMilliseconds = None
    performed_by_email: MaybeEmail = None
    performed_by_name: MaybeText = None
    action_id: MaybeId = None
    reason: MaybeText = None


class Message(Payload):
    """One call of the webhook."""

    notifications: Annotated[tuple[Notification, ...], Field(min_length=1, max_length=100)]
    requests: SignRequest = SignRequest()


def _in_a_list(value: Any) -> Any:
    """The message with its notification in a list, as documented; sent is an object."""
    if not isinstance(value, dict) or isinstance(value.get("notifications"), list):
        return value
    return {**value, "notifications": [value.get("notifications")]}


class ZohoSign(Provider):
    """Zoho Sign."""

    title = "Zoho Sign"
    authenticity = "signed"
    retries = "after an answer of 500 or above; a webhook that goes on failing is switched off"
    setup = (
        "Settings > Developer settings > Webhooks > Create webhook: {url}, with every event",
        "Tick Enable HMAC signature and enter the secret key {secret}, or press Generate and give "
        "this connection what you get, whsec_ and all; Zoho Sign never shows it again",
        "Save; the sample of Test URL is not signed; that it is refused is expected",
    )
    secrets_chosen_by = "either"
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"sign_url", "signing_url", "verification_code", "image_string", "file_content"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``X-ZS-WEBHOOK-SIGNATURE``: Base64 of HMAC-SHA256 over the raw body.

        The time that may come in ``X-ZS-WEBHOOK-TIMESTAMP`` is not signed: it proves nothing, and
        so it is not looked at.
        """
        keys = usable(secrets)
        given = required_header(
            request, "X-ZS-WEBHOOK-SIGNATURE", "tick Enable HMAC signature on the webhook"
        )
        require_match(
            [header_bytes(given)],
            (base64_hmac(key, request.body) for key in keys),
            f"X-ZS-WEBHOOK-SIGNATURE was made with none of our {len(keys)} secrets",
        )
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event for each notification, which is one."""
        message = read_payload(Message, _in_a_list(read_json(request.body)))
        return tuple(
            _signing_event(
                notification, message.requests, notification.performed_at or request.received_at
            )
            for notification in message.notifications
        )

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature and the time."""
        return request.with_headers(
            {
                SIGNATURE: base64_hmac(secret, request.body).decode(),
                "x-zs-webhook-timestamp": str(int(now.timestamp())),
            }
        )


def _signing_event(notification: Notification, request: SignRequest, at: datetime) -> SigningEvent:
    name = notification.operation_type
    kind = EVENTS.get(name, "other")
    envelope = request.request_id
    if envelope is None:
        if kind != "other":
            raise MalformedError(f"requests.request_id: {name} must name its request")
        return SigningEvent(
            kind=kind,
            key=event_key(name, notification.action_id, notification.performed_at),
            provider_event=name,
            occurred_at=at,
            envelope="",
        )
    ended = kind in ("document.declined", "document.voided")
    state = read_request(envelope, request, kind, at, notification.reason if ended else None)
    signer = _acting(notification, state) if kind in ABOUT_A_SIGNER else None
    ref = reference(signer) or (_named(notification, state) if kind in ABOUT_A_SIGNER else None)
    if kind == "document.declined" and signer is not None:
        state = _with_reason(state, signer, notification.reason)
    if name == APPROVED and signer is None and ref is not None:
        state = _with_approver(state, ref)
    previous = None
    if kind == "signer.reassigned":
        ref, previous = _passed_on(notification, signer)
    return SigningEvent(
        kind=kind,
        key=KEYS.key(
            name,
            envelope,
            (notification.action_id or notification.performed_by_email,),
            notification.performed_at,
            identified=notification.action_id is not None,
        ),
        provider_event=name,
        occurred_at=at,
        envelope=envelope,
        signer=ref,
        previous_signer=previous,
        reason=notification.reason if ended else None,
        state=state,
    )


def _acting(notification: Notification, state: Envelope) -> Signer | None:
    """The signer of the list by the action's id, else by the address; of several by the name."""
    if notification.action_id:
        by_action = only(signer for signer in state.signers if signer.id == notification.action_id)
        if by_action:
            return by_action
    index = SignerIndex(state.signers)
    return index.by_address(notification.performed_by_email, notification.performed_by_name)


def _named(notification: Notification, state: Envelope) -> SignerRef | None:
    """How the message names a signer who is ambiguous in its list, or not in it.

    Nobody where the list shows that it was no recipient: the sender, or Zoho Sign itself.
    """
    email = notification.performed_by_email
    known = any(same_address(signer.email, email) for signer in state.signers)
    if state.all_signers and not known:
        return None
    is_address = email is not None and "@" in email and not PREFILLED.fullmatch(email)
    action_id = None if known else notification.action_id
    if not is_address and action_id is None:
        return None
    if not is_address:
        return SignerRef(id=action_id)
    return SignerRef(id=action_id, email=email, name=notification.performed_by_name)


def _passed_on(
    notification: Notification, signer: Signer | None
) -> tuple[SignerRef | None, SignerRef | None]:
    """Who has it now, and who had it: the one who passed it on.

    A list that still shows the latter does not tell who has it now.
    """
    email, name = notification.performed_by_email, notification.performed_by_name
    previous = SignerRef(email=email, name=name) if email else None
    still_shown = signer is not None and same_address(signer.email, email)
    if still_shown and (name is None or signer is None or same(signer.name or name, name)):
        return None, previous
    return reference(signer), previous


def _with_reason(state: Envelope, refuser: Signer, reason: str | None) -> Envelope:
    """The state with the reason at the signer who refused, whatever status the list shows."""
    declined = refuser.model_copy(update={"status": "declined", "reason": reason})
    signers = tuple(declined if signer is refuser else signer for signer in state.signers)
    return state.model_copy(update={"signers": signers})


def _with_approver(state: Envelope, ref: SignerRef) -> Envelope:
    """The state with an approver whom its list leaves out: an approval is not a signature."""
    approver = Signer(id=ref.id or "", name=ref.name, email=ref.email, action="approve")
    update = {"signers": (*state.signers, approver), "all_signers": False}
    return state.model_copy(update=update)
