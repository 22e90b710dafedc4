"""DocuSign Connect: one JSON message for each event ("SIM"), and the legacy messages.

Facts: developers.docusign.com/platform/webhooks/connect (validate, event-triggers,
json-sim-event-model, legacy-message-formats).

Checked 2026-11 for what is new since 2025: the pages above, docusign/OpenAPI-Specifications of
2026-05 (26.1.02: connect.schema-v2.json), and the changelog, which added ``extension-executed``
(April 2025: a data verification, of no meaning for signing). Identity verification has events of
its own (October 2023) whose names these do not give: they are ``other``, as all unknown names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EventKind,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.payload import CamelPayload, MaybeId, MaybeIsoTime, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.redaction import redacted_json
from countersign.providers._toolkit.signatures import (
    base64_hmac,
    header_bytes,
    require_match,
    usable,
)
from countersign.providers._toolkit.signers import SignerIndex, reference
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.docusign.state import Summary, expired, read_envelope

XML = frozenset({"text/xml", "application/xml"})
SIGNATURE = re.compile(r"x-docusign-signature-[0-9]{1,3}")

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "envelope-created": ("document.created", None),
    "envelope-sent": ("document.sent", None),
    "envelope-resent": ("reminder.sent", None),
    "envelope-delivered": ("document.delivered", None),
    "envelope-completed": ("document.completed", None),
    "envelope-declined": ("document.declined", None),
    "envelope-voided": ("document.voided", None),
    "envelope-corrected": ("document.modified", "corrected"),
    "envelope-purge": ("document.deleted", "purged"),
    "envelope-deleted": ("document.deleted", "deleted"),
    "envelope-discard": ("document.deleted", "discarded"),
    "recipient-sent": ("signer.notified", None),
    "recipient-resent": ("reminder.sent", None),
    "recipient-delivered": ("document.viewed", None),
    "recipient-completed": ("signer.signed", None),
    "recipient-declined": ("signer.declined", None),
    "recipient-authenticationfailed": ("signer.authentication_failed", None),
    "recipient-autoresponded": ("signer.delivery_failed", None),
    "recipient-reassign": ("signer.reassigned", "reassigned"),
    "recipient-delegate": ("signer.reassigned", "delegated"),
    "recipient-finish-later": ("signer.started", "saved"),
    "template-created": ("template.changed", "created"),
    "template-modified": ("template.changed", "modified"),
    "template-deleted": ("template.changed", "deleted"),
    "click-agreed": ("other", None),
    "click-declined": ("other", None),
    "extension-executed": ("other", None),
    "sms-opt-in": ("other", None),
    "sms-opt-out": ("other", None),
}

ONCE = frozenset(
    {
        "envelope-created",
        "envelope-completed",
        "envelope-declined",
        "envelope-voided",
        "recipient-completed",
        "recipient-declined",
    }
)
"""Happen once to an envelope or a recipient, so their keys need no time: whatever DocuSign sends
again, and whatever a second Connect configuration sends, has the same key."""


BY_A_RECIPIENT: frozenset[EventKind] = frozenset(
    {"signer.notified", "document.viewed", "signer.started", "signer.signed", "signer.declined"}
)
"""What only a recipient can do or be asked."""


class Data(CamelPayload):
    """What the event is about."""

    envelope_id: MaybeId = None
    recipient_id: MaybeId = None
    reassigned_recipient_id: MaybeId = None
    template_id: MaybeId = None
    envelope_summary: Summary | None = None


class Message(CamelPayload):
    """One SIM message."""

    event: ProviderId
    generated_date_time: MaybeIsoTime = None
    data: Data = Data()


class DocuSign(Provider):
    """DocuSign Connect."""

    title = "DocuSign"
    authenticity = "signed"
    retries = "after the next success, later once a day, at most ten times"
    setup = (
        "Settings > Connect > Add configuration > Custom: URL to publish {url}, data format JSON, "
        "event message delivery mode Send Individual Messages (SIM), Require Acknowledgement on",
        "Choose the envelope and recipient events; under Include Data choose Recipients and "
        "Custom Fields",
        "Settings > Connect > Connect Keys > Add Secret Key, copy it here ({secret}) and tick "
        "Include HMAC Signature in the configuration",
    )
    secrets_chosen_by = "provider"
    content_types: ClassVar[frozenset[str]] = frozenset({"application/json"}) | XML
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {
            "pdfbytes",
            "documentbase64",
            "accesscode",
            "locktoken",
            "embeddedrecipientstarturl",
        }
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """Any of the headers ``X-DocuSign-Signature-1..N`` made with any of our keys.

        Each is the Base64 of HMAC-SHA256 over the raw body with the key as UTF-8 text. DocuSign
        signs no time, so there is nothing to grow stale.
        """
        keys = usable(secrets)
        given = [
            header_bytes(signature)
            for name, value in request.headers.items()
            if SIGNATURE.fullmatch(name.lower())
            for signature in value.split(",")
        ]
        if not given:
            raise UnauthorizedError(
                "no X-DocuSign-Signature header: tick Include HMAC Signature in the configuration"
            )
        require_match(
            given,
            (base64_hmac(key, request.body) for key in keys),
            f"none of {len(given)} signatures was made with any of our {len(keys)} keys",
        )
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event; two where the message of a refusal shows that it ended the envelope."""
        if request.content_type in XML:
            # Only accounts with old configurations send these.
            from countersign.providers.docusign import legacy

            return legacy.xml_events(request.body, request.received_at)
        value = read_json(request.body)
        if isinstance(value, dict) and "event" not in value and "envelopeId" in value:
            from countersign.providers.docusign import legacy

            return legacy.json_events(value, request.received_at)
        return _events(read_payload(Message, value), request.received_at)

    def redact(self, request: Request) -> str:
        """The message without embedded documents, access codes and signing links."""
        if request.content_type in XML:
            from countersign.providers.docusign.legacy_xml import redacted_xml

            return redacted_xml(request.body, self.secret_names)
        return redacted_json(request.body, self.secret_names)

    def restored(self, kept: str, received_at: datetime) -> Request:
        """The message as JSON or XML."""
        content_type = "text/xml" if kept.lstrip().startswith("<") else "application/json"
        headers = {"content-type": content_type}
        return Request(headers=headers, body=kept.encode(), received_at=received_at)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with one signature header."""
        signature = base64_hmac(secret, request.body).decode()
        return request.with_headers(
            {"x-authorization-digest": "HMACSHA256", "x-docusign-signature-1": signature}
        )


def _events(message: Message, received_at: datetime) -> tuple[SigningEvent, ...]:
    name, data = message.event, message.data
    kind, change = EVENTS.get(name, ("other", None))
    about_envelope = name.startswith(("envelope-", "recipient-"))
    if kind != "other" and about_envelope and data.envelope_id is None:
        raise MalformedError(f"data.envelopeId: {name} must name its envelope")
    at = message.generated_date_time or received_at
    stamp = message.generated_date_time and message.generated_date_time.isoformat()
    if data.envelope_id is None:
        key = event_key(name, data.template_id, None, stamp)
        detail = details(change=change, template=data.template_id)
        return (_event(kind, key, name, at, "", detail=detail),)

    envelope = data.envelope_id
    state = read_envelope(envelope, data.envelope_summary) if data.envelope_summary else None
    signer = _acting(name, data, state)
    once = name in ONCE and (data.recipient_id is not None or not name.startswith("recipient-"))
    if kind == "document.voided" and data.envelope_summary and expired(data.envelope_summary):
        kind = "document.expired"
    if kind == "signer.signed" and signer and signer.action == "copy":
        # "Completed" says of a carbon copy that it was sent, not that anybody signed.
        kind, change = "other", "copy sent"
    first = _event(
        kind,
        event_key(name, envelope, data.recipient_id, None if once else stamp),
        name,
        _when(kind, signer, data.envelope_summary) or at,
        envelope,
        signer=_named(kind, data, signer, state),
        previous_signer=_replaced(data, state),
        reason=_reason(kind, signer, state),
        state=state,
        detail=details(change=change),
    )
    if kind == "signer.declined" and state and state.status == "declined":
        # The key that DocuSign's own message of it gets: whichever comes first counts.
        key = event_key("envelope-declined", envelope, None, None)
        return first, first.model_copy(update={"kind": "document.declined", "key": key})
    return (first,)


def _event(
    kind: EventKind, key: str, name: str, at: datetime, envelope: str, **rest: Any
) -> SigningEvent:
    return SigningEvent(
        kind=kind, key=key, provider_event=name, occurred_at=at, envelope=envelope, **rest
    )


def _acting(name: str, data: Data, state: Envelope | None) -> Signer | None:
    if state is None:
        return None
    wanted = data.reassigned_recipient_id or data.recipient_id
    index = SignerIndex(state.signers)
    if wanted is None and name == "envelope-declined":
        return index.by_status("declined")
    return index.by_id(wanted)


def _named(
    kind: EventKind, data: Data, signer: Signer | None, state: Envelope | None
) -> SignerRef | None:
    """How the event names its signer; nobody where a whole list has not the one who acted."""
    known = kind in BY_A_RECIPIENT and state is not None and state.all_signers
    return reference(signer, None if known else data.reassigned_recipient_id or data.recipient_id)


def _replaced(data: Data, state: Envelope | None) -> SignerRef | None:
    if data.reassigned_recipient_id is None:
        return None
    before = SignerIndex(state.signers if state else ()).by_id(data.recipient_id)
    return reference(before, data.recipient_id)


def _when(kind: EventKind, signer: Signer | None, summary: Summary | None) -> datetime | None:
    """When it happened, by the state; a message is made a little later, and again on a retry."""
    if signer is not None:
        by_signer: dict[EventKind, datetime | None] = {
            "signer.notified": signer.notified_at,
            "document.viewed": signer.viewed_at,
            "signer.signed": signer.signed_at,
            "signer.declined": signer.declined_at,
        }
        if kind in by_signer:
            return by_signer[kind]
    if summary is None or kind == "document.viewed":
        return None
    return summary.times().get(kind.removeprefix("document."))


def _reason(kind: EventKind, signer: Signer | None, state: Envelope | None) -> str | None:
    if kind in ("document.declined", "document.voided", "document.expired"):
        return (signer.reason if signer else None) or (state.reason if state else None)
    return signer.reason if kind == "signer.declined" and signer else None
