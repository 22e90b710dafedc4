"""Documenso: JSON with the document's state; a shared secret in a header is its only proof.

Facts: documenso/documenso, apps/docs/content/docs/developers/webhooks and
packages/lib/jobs/definitions/internal/execute-webhook.handler.ts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from countersign.errors import PermanentError
from countersign.model.asked import Access, Reminder
from countersign.model.connection import Secrets
from countersign.model.signing_event import (
    Envelope,
    EventKind,
    Grade,
    Signer,
    SigningEvent,
)
from countersign.providers._asked import call
from countersign.providers._documenso_state import ENDED, Document, digest, read_document
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    MaybeIsoTime,
    Payload,
    Provider,
    ProviderId,
    Request,
    UnauthorizedError,
    any_equal,
    header_bytes,
    meaning,
    only,
    read_json,
    read_payload,
    reference,
    usable,
)

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


class Message(Payload):
    """One call of the webhook."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    event: ProviderId
    created_at: MaybeIsoTime = None
    payload: Document


class Documenso(Provider):
    """Documenso, its own cloud or self-hosted."""

    title = "Documenso"
    grade = "origin"
    retries = "3 to 5 times within seconds, by its job backend; again by hand from its settings"
    api = "https://app.documenso.com"
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

    def verify(self, request: Request, secrets: Secrets, now: datetime) -> Grade:
        """``X-Documenso-Secret`` is the secret itself; it covers neither body nor time."""
        keys = usable(secrets)
        given = request.header("x-documenso-secret")
        if not given:
            raise UnauthorizedError("no X-Documenso-Secret header: set a secret on the webhook")
        if not any_equal([header_bytes(given)], (header_bytes(key) for key in keys)):
            raise UnauthorizedError(f"X-Documenso-Secret is none of our {len(keys)} secrets")
        return "origin"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event. Who acted is named where the state leaves no doubt."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.created_at or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with the secret in its header."""
        headers = {**request.headers, "x-documenso-secret": secret}
        return request.model_copy(update={"headers": headers})

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for all, whose invitation is mailed again.

        POST /api/v2/envelope/redistribute; for the bare numbers of older versions
        /api/v2/document/redistribute: documenso/documenso, packages/trpc/server
        """
        whom = [_number(one) for one in signers]
        content: dict[str, Any]
        if envelope.isascii() and envelope.isdecimal():
            path = "/api/v2/document/redistribute"
            content = {"documentId": int(envelope), "recipients": whom}
        else:
            path = "/api/v2/envelope/redistribute"
            content = {"envelopeId": envelope, "recipients": whom}
        request = call(access, "POST", path, {"authorization": access.token}, content)
        return (Reminder(request=request, signers=tuple(one.id for one in signers)),)


def _number(signer: Signer) -> int:
    if not (signer.id.isascii() and signer.id.isdecimal()):
        msg = (
            f"Documenso reminds by the recipient's number, and has told none of the signer "
            f"{signer.name or signer.id}"
        )
        raise PermanentError(msg)
    return int(signer.id)


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, document = message.event, message.payload
    kind, change = EVENTS.get(name, ("other", None))
    envelope = document.envelope_id or document.id or ""
    if not envelope and kind not in ("template.changed", "other"):
        raise MalformedError(f"payload.envelopeId: {name} must name its document")
    if kind == "template.changed" or not envelope:
        template = document.template_id or envelope
        detail = {"change": change} if change else {}
        return SigningEvent(
            kind=kind,
            key=meaning(name, template, envelope, document.updated_at),
            provider_event=name,
            occurred_at=document.updated_at or at,
            envelope="",
            detail={**detail, "template": template} if template else detail,
        )
    state = read_document(envelope, document, kind)
    signer = _acting(kind, state, document)
    return SigningEvent(
        kind=kind,
        key=_key(name, kind, document, envelope, signer, at),
        provider_event=name,
        occurred_at=_when(kind, state, signer) or at,
        envelope=envelope,
        signer=reference(signer),
        reason=signer.reason if signer and kind == "document.declined" else None,
        state=state,
    )


def _acting(kind: EventKind, state: Envelope, document: Document) -> Signer | None:
    """Who acted, where only one can have; the engine finds the others by comparing states."""
    signers = state.signers
    if kind == "signer.signed":
        times = [one.signed_at for one in signers if one.signed_at]
        return only(one for one in signers if times and one.signed_at == max(times))
    if kind == "signer.expired":
        notices = {one.id: one.expiration_notified_at for one in document.recipients or ()}
        times = [moment for moment in notices.values() if moment]
        return only(one for one in signers if times and notices.get(one.id) == max(times))
    if kind == "document.viewed":
        return only(one for one in signers if one.status == "viewed")
    if kind == "document.declined":
        return only(one for one in signers if one.status == "declined")
    if kind == "reminder.sent":
        return only(one for one in signers if one.status in ("notified", "viewed"))
    return None


def _when(kind: EventKind, state: Envelope, signer: Signer | None) -> datetime | None:
    if kind == "signer.signed":
        return signer.signed_at if signer else None
    if kind == "document.declined":
        return signer.declined_at if signer else None
    if kind == "document.created":
        return state.created_at
    return state.completed_at if kind == "document.completed" else None


def _key(
    name: str,
    kind: EventKind,
    document: Document,
    envelope: str,
    signer: Signer | None,
    at: datetime,
) -> str:
    """Made without ``createdAt``, which every attempt makes anew."""
    if kind == "signer.signed" and signer:
        # DOCUMENT_SIGNED and DOCUMENT_RECIPIENT_COMPLETED tell of the same signature.
        return meaning("signed", envelope, signer.id, signer.signed_at)
    if kind == "document.viewed" and signer:
        # Only the first opening is told.
        return meaning(name, envelope, signer.id)
    if kind in ENDED or kind == "document.created":
        return meaning(name, envelope)
    # Reminders leave no trace in the state: one a day counts.
    day = at.date() if kind == "reminder.sent" else None
    changed = document.updated_at if kind == "other" else None
    return meaning(name, envelope, digest(document), day, changed)
