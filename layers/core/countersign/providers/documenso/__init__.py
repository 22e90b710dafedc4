"""Documenso: JSON with the document's state; a shared secret in a header is its only proof.

Facts: documenso/documenso, apps/docs/content/docs/developers/webhooks and
packages/lib/jobs/definitions/internal/execute-webhook.handler.ts. Events checked 2026-11: that
repository of August 2026, packages/prisma/schema.prisma, WebhookTriggerEvents; they are the
fourteen below. A document has two ids: a number, which is called legacy since envelopes came, and
the envelope's, which older versions do not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EventKind,
    Signer,
    SigningEvent,
)
from countersign.providers._toolkit.events import details, event_key, known_by
from countersign.providers._toolkit.payload import CamelPayload, MaybeIsoTime, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    header_bytes,
    require_match,
    required_header,
    usable,
)
from countersign.providers._toolkit.signers import SignerIndex, only, reference
from countersign.providers.base import NO_OPTIONS, MalformedError, Provider, Request
from countersign.providers.documenso.calls import DocumensoCalls
from countersign.providers.documenso.state import Document, digest, read_document

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "DOCUMENT_CREATED": ("document.created", None),
    "DOCUMENT_SENT": ("document.sent", None),
    "DOCUMENT_OPENED": ("document.viewed", None),
    "DOCUMENT_SIGNED": ("signer.signed", None),
    "DOCUMENT_RECIPIENT_COMPLETED": ("signer.signed", None),
    "DOCUMENT_COMPLETED": ("document.completed", None),
    "DOCUMENT_REJECTED": ("document.declined", None),
    "DOCUMENT_CANCELLED": ("document.voided", None),
    "RECIPIENT_EXPIRED": ("signer.expired", None),
    "DOCUMENT_REMINDER_SENT": ("reminder.sent", None),
    "TEMPLATE_CREATED": ("template.changed", "created"),
    "TEMPLATE_UPDATED": ("template.changed", "updated"),
    "TEMPLATE_DELETED": ("template.changed", "deleted"),
    "TEMPLATE_USED": ("template.changed", "used"),
}


ONCE: frozenset[EventKind] = frozenset(
    {"document.created", "document.completed", "document.declined", "document.voided"}
)


class Message(CamelPayload):
    """One call of the webhook."""

    event: ProviderId
    created_at: MaybeIsoTime = None
    payload: Document = Document()


class Documenso(DocumensoCalls, Provider):
    """Documenso, its own cloud or self-hosted."""

    title = "Documenso"
    authenticity = "shared_secret"
    retries = "3 to 5 times within seconds, by its job backend; again by hand from its settings"
    setup = (
        "Settings > Webhooks > Create Webhook: {url}",
        "Choose every event that begins with DOCUMENT or RECIPIENT",
        "Secret: {secret}, a long random text of your own; without it nothing is accepted",
    )
    secrets_chosen_by = "you"
    tells_sender = False
    # A token opens the signing page; the endpoint is our own address with its unguessable part.
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"token", "webhookendpoint", "password", "signingurl", "secret"}
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``X-Documenso-Secret`` is the secret itself; it covers neither body nor time."""
        keys = usable(secrets)
        given = required_header(request, "X-Documenso-Secret", "set a secret on the webhook")
        require_match(
            [header_bytes(given)],
            (header_bytes(key) for key in keys),
            f"X-Documenso-Secret is none of our {len(keys)} secrets",
        )
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event. Who acted is named where the state leaves no doubt."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.created_at or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with the secret in its header."""
        return request.with_headers({"x-documenso-secret": secret})


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, document = message.event, message.payload
    kind, change = EVENTS.get(name, ("other", None))
    if document.is_sample:
        key = event_key("sample", name, document.envelope)
        return SigningEvent(
            kind="webhook.test", key=key, provider_event=name, occurred_at=at, envelope=""
        )
    envelope = document.envelope or ""
    if not envelope and kind not in ("template.changed", "other"):
        raise MalformedError(f"payload.envelopeId: {name} must name its document")
    if not envelope or kind == "template.changed" or name.startswith("TEMPLATE_"):
        own = document.envelope_id or envelope
        template = document.template_id or own
        return SigningEvent(
            kind=kind,
            key=event_key(name, template, own, document.updated_at),
            provider_event=name,
            occurred_at=document.updated_at or at,
            envelope="",
            detail=details(change=change, template=template),
        )
    state = read_document(envelope, document)
    signer = _acting(kind, state, document)
    return SigningEvent(
        kind=kind,
        key=_key(message, kind, signer, at),
        provider_event=name,
        occurred_at=_when(kind, state, signer) or at,
        envelope=envelope,
        aliases=document.aliases,
        signer=reference(signer),
        reason=signer.reason if signer and kind == "document.declined" else None,
        state=state,
    )


def _acting(kind: EventKind, state: Envelope, document: Document) -> Signer | None:
    """Who acted, where only one can have; the engine finds the others by comparing states."""
    index = SignerIndex(state.signers)
    if kind == "signer.signed":
        return index.latest(lambda signer: signer.signed_at)
    if kind == "signer.expired":
        people = [person for person in document.recipients or () if person.is_somebody]
        notices = [person.expiration_notified_at for person in people]
        last = max((notice for notice in notices if notice), default=None)
        paired = zip(state.signers, notices, strict=True)
        return only(signer for signer, notice in paired if last and notice == last)
    if kind == "document.viewed":
        return index.by_status("viewed")
    if kind == "document.declined":
        return index.by_status("declined")
    if kind == "reminder.sent":
        return index.by_status("notified", "viewed")
    return None


def _when(kind: EventKind, state: Envelope, signer: Signer | None) -> datetime | None:
    if kind == "signer.signed":
        return signer.signed_at if signer else None
    if kind == "document.declined":
        return signer.declined_at if signer else None
    if kind == "document.created":
        return state.created_at
    return state.completed_at if kind == "document.completed" else None


def _key(message: Message, kind: EventKind, signer: Signer | None, at: datetime) -> str:
    """Made without ``createdAt``, which every attempt makes anew."""
    name, document = message.event, message.payload
    envelope = document.envelope
    if kind == "signer.signed" and signer:
        # DOCUMENT_SIGNED and DOCUMENT_RECIPIENT_COMPLETED tell of the same signature, but not of
        # the same state: neither stands for the other.
        return event_key(name, envelope, *_who(signer), signer.signed_at)
    if kind == "document.viewed" and signer:
        # Only the first opening is reported.
        return event_key(name, envelope, *_who(signer))
    if kind in ONCE:
        return event_key(name, envelope)
    # Reminders leave no trace in the state: one a day counts.
    day = at.date() if kind == "reminder.sent" else None
    changed = document.updated_at if kind == "other" else None
    return event_key(name, envelope, digest(document), day, changed)


def _who(signer: Signer) -> tuple[object, ...]:
    """The number; without one, all by which a recipient is known."""
    return known_by(signer.id, signer.email, signer.name, signer.order)
