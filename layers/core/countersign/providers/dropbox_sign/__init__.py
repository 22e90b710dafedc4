"""Dropbox Sign (HelloSign): a form whose field ``json`` holds the event, signed by a hash inside.

Facts: developers.hellosign.com/docs/events/overview and .../events/walkthrough.

Checked 2026-11 for what is new since 2025: hellosign/hellosign-openapi of September 2025 (its
newest that is public: EventCallbackRequestEvent, all of whose names are in the table below, and
SignatureRequestResponseSignatures with ``signer_group_guid`` and ``sms_phone_number``), and
developers.hellosign.com/docs/events.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic_core import to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    EventKind,
    SigningEvent,
)
from countersign.providers._toolkit.ages import AGE_OPTION
from countersign.providers._toolkit.events import EventKeys, details, event_key
from countersign.providers._toolkit.multipart import BOUNDARY, read_field, write_field
from countersign.providers._toolkit.payload import MaybeId, MaybeText, Payload, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.redaction import redacted_json
from countersign.providers._toolkit.signatures import (
    check_age,
    header_bytes,
    hex_hmac,
    is_recent,
    require_match,
    usable,
)
from countersign.providers._toolkit.signers import reference
from countersign.providers._toolkit.times import read_unix
from countersign.providers.base import (
    NO_OPTIONS,
    Answer,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.dropbox_sign.calls import DropboxSignCalls
from countersign.providers.dropbox_sign.state import (
    SignatureRequest,
    acting,
    previous,
    read_request,
)

ANSWER = Answer(body="Hello API Event Received")
"""The words Dropbox Sign looks for; any other answer counts as a failure."""
MAX_AGE = timedelta(days=4)
"""It retries for up to three days (glossary); a hash older than this is a replay."""

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "signature_request_prepared": ("document.created", None),
    "signature_request_sent": ("document.sent", None),
    "signature_request_viewed": ("document.viewed", None),
    "signature_request_signed": ("signer.signed", None),
    "signature_request_all_signed": ("document.completed", None),
    "signature_request_downloadable": ("document.artifact_ready", None),
    "signature_request_declined": ("document.declined", None),
    "signature_request_reassigned": ("signer.reassigned", None),
    "signature_request_remind": ("reminder.sent", None),
    "signature_request_canceled": ("document.voided", None),
    "signature_request_expired": ("document.expired", None),
    "signature_request_signer_removed": ("signer.updated", "removed"),
    "signature_request_email_bounce": ("signer.delivery_failed", None),
    "signature_request_invalid": ("document.failed", None),
    "signature_request_incomplete_qes": ("signer.authentication_failed", None),
    "signature_request_destroyed": ("document.deleted", "destroyed"),
    "file_error": ("document.failed", None),
    "sign_url_invalid": ("document.failed", None),
    "unknown_error": ("document.failed", None),
    "template_created": ("template.changed", "created"),
    "template_error": ("template.changed", "error"),
    "account_confirmed": ("other", None),
    "callback_test": ("webhook.test", None),
}

BY_A_SIGNER: frozenset[EventKind] = frozenset({"signer.signed", "document.viewed"})
"""Only a signer does that: an id that a whole list does not have makes nobody a signer."""
KEYS = EventKeys(
    once=frozenset(
        {
            "signature_request_all_signed",
            "signature_request_declined",
            "signature_request_canceled",
            "signature_request_expired",
            "signature_request_destroyed",
        }
    ),
    once_per_signer=frozenset({"signature_request_signed"}),
)


class Metadata(Payload):
    """Which signature the event is about, and what went wrong."""

    related_signature_id: MaybeId = None
    event_message: MaybeText = None


class Event(Payload):
    """What happened; the only part that the hash covers is time and type."""

    event_type: ProviderId
    event_time: MaybeId = None
    event_hash: MaybeId = None
    event_metadata: Metadata | None = None


class SignedEvent(Event):
    """An event with all that its hash covers."""

    event_time: ProviderId


class Template(Payload):
    """A template; its events come without a request."""

    template_id: MaybeId = None


class Message(Payload):
    """One callback."""

    event: Event
    signature_request: SignatureRequest | None = None
    template: Template | None = None


class Signed(Payload):
    """As much of a callback as the check needs."""

    event: SignedEvent


class DropboxSign(DropboxSignCalls, Provider):
    """Dropbox Sign."""

    title = "Dropbox Sign"
    authenticity = "shared_secret"
    retries = "6 times in 30 hours: 5 min, 15 min, 45 min, 2 h, 7 h, 20 h; then it is switched off"
    setup = (
        "Settings > API > Account callback (or the callback of your API app): {url}",
        "Copy the API key of the same account here ({secret}); for an app, of the app's owner",
        "Press Test: the answer must be Hello API Event Received",
    )
    secrets_chosen_by = "provider"
    content_types: ClassVar[frozenset[str]] = frozenset({"multipart/form-data"})
    # A hash that was seen opens any message of the same time and type: kept nowhere.
    options = AGE_OPTION
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"event_hash", "signing_url", "sign_url", "edit_url", "claim_url"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``event_hash`` is the hex HMAC-SHA256 of time and type, with the API key.

        It covers nothing else, hence ``shared_secret``, and a limit: four days, or the connection's
        option ``max_age_hours`` (0 for none).
        """
        keys = usable(secrets)
        try:
            event = read_payload(Signed, read_json(_json(request))).event
        except MalformedError as error:
            raise UnauthorizedError(f"no readable event_hash: {error}") from error
        given = header_bytes((event.event_hash or "").lower())
        require_match(
            [given],
            (_event_hash(key, event) for key in keys),
            f"event_hash was made with none of our {len(keys)} API keys",
        )
        check_age(read_unix(event.event_time, "event_time"), now, secrets, MAX_AGE)
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event."""
        message = read_payload(Message, read_json(_json(request)))
        at = read_unix(message.event.event_time, "event_time")
        return (_signing_event(message, at or request.received_at),)

    def answer(self, request: Request, secrets: ConnectionCredentials) -> Answer:
        """The words it looks for."""
        return ANSWER

    def redact(self, request: Request) -> str:
        """The event's JSON without its hash and without signing links."""
        return redacted_json(_json(request), self.secret_names)

    def restored(self, kept: str, received_at: datetime) -> Request:
        """The event as the field of a form again."""
        headers = {"content-type": "multipart/form-data; boundary=countersign-kept"}
        body = write_field("json", kept.encode(), "countersign-kept")
        return Request(headers=headers, body=body, received_at=received_at)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The form with its hash; an event too old to be accepted is given the present time."""
        value = read_json(_json(request))
        if not isinstance(value, dict) or not isinstance(value.get("event"), dict):
            raise MalformedError("expected a JSON object with an event")
        event = value["event"]
        if not is_recent(read_unix(event.get("event_time"), "event_time"), now, MAX_AGE):
            event = {**event, "event_time": str(int(now.timestamp()))}
        event_hash = _event_hash(secret, read_payload(SignedEvent, event)).decode()
        value = {**value, "event": {**event, "event_hash": event_hash}}
        content_type = request.headers.get("content-type", "")
        match = BOUNDARY.search(content_type)
        boundary = match[1] or match[2] if match else "countersign"
        body = write_field("json", to_json(value), boundary)
        headers = {**request.headers, "content-type": f"multipart/form-data; boundary={boundary}"}
        return request.model_copy(update={"body": body, "headers": headers})


def _json(request: Request) -> bytes:
    return read_field(request.headers.get("content-type", ""), request.body, "json")


def _event_hash(key: str, event: SignedEvent) -> bytes:
    text = event.event_time + event.event_type
    return hex_hmac(key, text.encode("utf-8", "replace"))


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, request = message.event.event_type, message.signature_request
    kind, change = EVENTS.get(name, ("other", None))
    metadata = message.event.event_metadata or Metadata()
    detail = details(change=change)
    if message.template and message.template.template_id:
        detail["template"] = message.template.template_id
    if request is None:
        if kind not in ("template.changed", "webhook.test"):
            # Accounts may receive an event without its request; nothing can be done with it.
            kind = "other"
        return SigningEvent(
            kind=kind,
            key=event_key(name, detail.get("template"), None, message.event.event_time),
            provider_event=name,
            occurred_at=at,
            envelope="",
            reason=metadata.event_message,
            detail=detail,
        )
    if request.signature_request_id is None:
        raise MalformedError(
            f"signature_request.signature_request_id: {name} must name its request"
        )
    state = read_request(request.signature_request_id, request, kind, at)
    related = metadata.related_signature_id
    signer = acting(kind, request, state.signers, related)
    return SigningEvent(
        kind=kind,
        key=KEYS.key(
            name, state.id, (related,), message.event.event_time, identified=related is not None
        ),
        provider_event=name,
        occurred_at=at,
        envelope=state.id,
        signer=reference(signer, None if state.all_signers and kind in BY_A_SIGNER else related),
        previous_signer=previous(request, related) if kind == "signer.reassigned" else None,
        reason=(signer.reason if signer and signer.status == "declined" else None)
        if kind == "document.declined"
        else metadata.event_message,
        state=state,
        detail=detail,
    )
