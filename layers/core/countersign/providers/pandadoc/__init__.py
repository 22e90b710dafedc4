"""PandaDoc: an array of events, signed by a parameter of the address.

Facts: developers.pandadoc.com/docs/webhook-events, .../webhooks-overview and
.../webhook-verification.

Checked 2026-11 for what is new since 2025: PandaDoc/pandadoc-openapi-specification 8.8.0 (July
2026: WebhookEventTriggerEnum, all of whose names are in the table below, and recipient groups with
their members), the pages above.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    EventKind,
    SignerRef,
    SigningEvent,
)
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.json_access import first_text
from countersign.providers._toolkit.payload import Payload, ProviderId
from countersign.providers._toolkit.reading import note_left_out, read_json, read_payload
from countersign.providers._toolkit.signatures import header_bytes, hex_hmac, require_match, usable
from countersign.providers._toolkit.signers import only, reference
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.pandadoc.calls import PandaDocCalls
from countersign.providers.pandadoc.state import Document, acting, read_document, read_recipients

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "recipient_completed": ("signer.signed", None),
    "document_completed_pdf_ready": ("document.artifact_ready", None),
    "document_updated": ("document.modified", "back to draft"),
    "document_section_added": ("document.modified", "section added"),
    "quote_updated": ("document.modified", "quote updated"),
    "document_deleted": ("document.deleted", None),
    "document_creation_failed": ("document.failed", None),
    "template_created": ("template.changed", "created"),
    "template_updated": ("template.changed", "updated"),
    "template_deleted": ("template.changed", "deleted"),
    "content_library_item_created": ("template.changed", "library item created"),
    "content_library_item_creation_failed": ("template.changed", "library item failed"),
}
STATES: dict[str, tuple[EventKind, str | None]] = {
    "document.uploaded": ("document.created", None),
    "document.draft": ("document.created", None),
    "document.scheduled": ("document.created", None),
    "document.sent": ("document.sent", None),
    "document.viewed": ("document.viewed", None),
    "document.completed": ("document.completed", None),
    "document.declined": ("document.declined", None),
    "document.cancelled": ("document.voided", None),
    "document.voided": ("document.expired", None),
    "document.error": ("document.failed", None),
    # Approval within the sender's own house, before anything is sent.
    "document.waiting_approval": ("document.modified", "approval"),
    "document.approved": ("document.modified", "approval"),
    "document.rejected": ("document.modified", "approval"),
    "document.waiting_pay": ("document.modified", "payment"),
    "document.paid": ("document.modified", "payment"),
    "document.external_review": ("document.modified", "review"),
}
"""What ``document_state_changed`` means, by the state it changed to."""
ONCE = frozenset({"document.completed", "document.deleted", "document.artifact_ready"})


class Item(Payload):
    """One event of a call."""

    event: ProviderId
    data: Document = Document()


class Message(Payload):
    """One call of the webhook."""

    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=500)]


class PandaDoc(PandaDocCalls, Provider):
    """PandaDoc."""

    title = "PandaDoc"
    authenticity = "signed"
    retries = "some, at times it does not publish; again by hand from its list of events"
    setup = (
        "Developer Dashboard > Webhooks > Create webhook: {url}",
        "Choose Recipient completed and every event of documents; under payload choose Metadata",
        "Copy the webhook's shared key here: {secret}",
    )
    secrets_chosen_by = "provider"
    # Opens the document in a recipient's name.
    secret_names: ClassVar[frozenset[str]] = frozenset({"shared_link"})

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """The parameter ``signature`` is the hex HMAC-SHA256 of the raw body, with the shared key.

        It covers no time.
        """
        keys = usable(secrets)
        given = request.query.get("signature")
        if not given:
            raise UnauthorizedError("no parameter signature in the address")
        require_match(
            [header_bytes(given)],
            (hex_hmac(key, request.body) for key in keys),
            f"signature was made with none of our {len(keys)} shared keys",
        )
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event for each item of the array; what it tells twice counts once.

        An item that does not name its document is left out, as long as there are others.
        """
        value = read_json(request.body)
        items = value if isinstance(value, list) else [value]
        message = read_payload(Message, {"items": items})
        events: dict[str, SigningEvent] = {}
        refused: MalformedError | None = None
        for item in message.items:
            try:
                event = _signing_event(item, request)
            except MalformedError as error:
                note_left_out(item.event, str(error))
                refused = error
            else:
                events[event.key] = event
        if refused is not None and not events:
            raise refused
        return tuple(events.values())

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature in the query."""
        query = {**request.query, "signature": hex_hmac(secret, request.body).decode()}
        return request.model_copy(update={"query": query})


def _signing_event(item: Item, request: Request) -> SigningEvent:
    name, data = item.event, item.data
    changed = name == "document_state_changed"
    table, word = (STATES, data.status or name) if changed else (EVENTS, name)
    kind, change = table.get(word, ("other", None))
    envelope = _envelope(name, data)
    at = data.action_date or data.date_modified or request.received_at
    detail = details(change=change)
    if changed and change:
        detail["state"] = word.removeprefix("document.")
    if kind == "template.changed" and data.id:
        detail["template"] = data.id
    if kind == "template.changed" or not envelope:
        if kind not in ("template.changed", "other"):
            raise MalformedError(f"data.id: {name} must name its document")
        return SigningEvent(
            kind=kind,
            key=event_key(name, data.id, None, data.date_modified),
            provider_event=name,
            occurred_at=at,
            envelope="",
            detail=detail,
        )
    at = (data.date_completed or at) if kind == "document.completed" else at
    has_state = data.status is not None or data.recipients is not None
    state = read_document(envelope, data, at) if has_state else None
    signer = _acting(kind, data)
    return SigningEvent(
        kind=kind,
        key=_key(word, kind, envelope, signer, data),
        provider_event=name,
        occurred_at=at,
        envelope=envelope,
        signer=signer,
        reason=_why_failed(data) if kind == "document.failed" else None,
        state=state,
        detail=detail,
    )


def _envelope(name: str, data: Document) -> str:
    """The document's id; quotes and sections have ids of their own and may name it elsewhere."""
    other = data.document_id or (data.document.id if data.document else None)
    if name in ("quote_updated", "document_section_added") and other:
        return other
    is_document = data.status is not None or name.startswith(("document_", "recipient_"))
    return (data.id if is_document else None) or other or ""


def _acting(kind: EventKind, data: Document) -> SignerRef | None:
    """Who acted, where the message says so or nobody else can have."""
    recipients = read_recipients(data)
    person = data.action_by
    if person is not None:
        actor = acting(data)
        if actor is not None:
            if kind == "signer.signed" and actor.has_completed is False:
                return None  # who hosts a signature in person and has yet to sign for himself
            return reference(only(signer for recipient, signer in recipients if recipient is actor))
        listed = any(recipient.is_person(person) for recipient, _ in recipients)
        if data.recipients and not listed:
            return None
        # An id that is none of theirs does not tell two with one address apart.
        person_id = None if listed else person.id
        named = person_id or person.email or person.full_name
        ref = SignerRef(id=person_id, email=person.email, name=person.full_name)
        return ref if named else None
    if kind == "document.viewed":
        return reference(only(signer for _, signer in recipients))
    return None


def _key(
    word: str, kind: EventKind, envelope: str, signer: SignerRef | None, data: Document
) -> str:
    """Of what is signed; the header ``X-PandaDoc-Webhook-Event-Id`` is not."""
    if kind in ONCE:
        return event_key(word, envelope)
    if kind == "signer.signed":
        who = signer and (signer.id or signer.name or signer.email)
        return event_key(
            word, envelope, who, data.action_date or (data.date_modified if not who else None)
        )
    return event_key(word, envelope, None, data.date_modified)


def _why_failed(data: Document) -> str | None:
    """PandaDoc does not publish the shape; texts are taken where they usually stand."""
    return first_text(data.error, "detail", "message", "type")
