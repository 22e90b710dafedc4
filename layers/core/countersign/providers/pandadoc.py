"""PandaDoc: an array of events, signed by a parameter of the address.

Facts: developers.pandadoc.com/docs/webhook-events, .../webhooks-overview and
.../webhook-verification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field, ValidationError

from countersign.errors import PermanentError
from countersign.model.asked import Access, Reminder
from countersign.model.connection import Secrets
from countersign.model.signing_event import (
    Envelope,
    EventKind,
    Grade,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.model.web import WebAnswer, WebRequest
from countersign.providers._asked import call, file, part
from countersign.providers._loose import first_text
from countersign.providers._pandadoc_state import Document, read_document
from countersign.providers._signatures import hex_hmac
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    MaybeId,
    MaybeText,
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


class Mailed(Payload):
    """Whether a reminder's mail went out."""

    status: MaybeText = None
    detail: MaybeText = None


class Reminded(Payload):
    """What became of the reminder of one recipient."""

    recipient_id: MaybeId = None
    email: Mailed | None = None


class Outcome(Payload):
    """What became of a call that reminds."""

    result: tuple[Reminded, ...] = ()


class PandaDoc(Provider):
    """PandaDoc."""

    title = "PandaDoc"
    grade = "body"
    retries = "some, at times it does not publish; again by hand from its list of events"
    api = "https://api.pandadoc.com"
    credential = "an API key (production)"
    setup = (
        "Developer Dashboard > Webhooks > Create webhook: {url}",
        "Choose Recipient completed and every event of documents; under payload choose Metadata",
        "Copy the webhook's shared key here: {secret}",
    )
    secrets_chosen_by = "provider"
    # Opens the document in a recipient's name.
    secret_names: ClassVar[frozenset[str]] = frozenset({"shared_link"})

    def verify(self, request: Request, secrets: Secrets, now: datetime) -> Grade:
        """The parameter ``signature`` is the hex HMAC-SHA256 of the raw body, with the shared key.

        It covers no time.
        """
        keys = usable(secrets)
        given = request.query.get("signature")
        if not given:
            raise UnauthorizedError("no parameter signature in the address")
        expected = (hex_hmac(key, request.body) for key in keys)
        if not any_equal([header_bytes(given)], expected):
            raise UnauthorizedError(f"signature was made with none of our {len(keys)} shared keys")
        return "body"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event for each item of the array; what it tells twice counts once."""
        value = read_json(request.body)
        items = value if isinstance(value, list) else [value]
        message = read_payload(Message, {"items": items})
        events = (_signing_event(item, request) for item in message.items)
        return tuple({event.key: event for event in events}.values())

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature in the query."""
        query = {**request.query, "signature": hex_hmac(secret, request.body).decode()}
        return request.model_copy(update={"query": query})

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for all, POST /public/v1/documents/{id}/send-reminder.

        developers.pandadoc.com/reference/createmanualreminder
        """
        whom = [
            {"recipient_id": _recipient(one), "delivery_methods": {"email": True}}
            for one in signers
        ]
        path = f"/public/v1/documents/{part(envelope)}/send-reminder"
        request = call(access, "POST", path, _key_header(access), {"reminders": whom})
        return (Reminder(request=request, signers=tuple(one.id for one in signers)),)

    def not_reminded(self, answer: WebAnswer) -> Mapping[str, str]:
        """Its 200 says of each recipient whether the mail went out."""
        try:
            outcome = Outcome.model_validate_json(answer.body)
        except ValidationError:
            return {}
        return {
            one.recipient_id: one.email.detail or "PandaDoc gives no reason"
            for one in outcome.result
            if one.recipient_id and one.email and one.email.status == "error"
        }

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The completed document, sealed; a sandbox key gets 401, an unready file 202 or 409.

        GET /public/v1/documents/{id}/download-protected,
        developers.pandadoc.com/reference/download-protected-document
        """
        path = f"/public/v1/documents/{part(envelope)}/download-protected"
        return file(access, path, _key_header(access))


def _key_header(access: Access) -> dict[str, str]:
    return {"authorization": f"API-Key {access.token}"}


def _recipient(signer: Signer) -> str:
    # Where PandaDoc told no id, the address stands in its place.
    if "@" in signer.id:
        msg = (
            f"PandaDoc reminds by the recipient's id, and has told none of the signer "
            f"{signer.name or signer.id}"
        )
        raise PermanentError(msg)
    return signer.id


def _signing_event(item: Item, request: Request) -> SigningEvent:
    name, data = item.event, item.data
    changed = name == "document_state_changed"
    table, word = (STATES, data.status or name) if changed else (EVENTS, name)
    kind, change = table.get(word, ("other", None))
    envelope = _envelope(name, data)
    at = data.action_date or data.date_modified or request.received_at
    detail = {"change": change} if change else {}
    if changed and change:
        detail["state"] = word.removeprefix("document.")
    if kind == "template.changed" and data.id:
        detail["template"] = data.id
    if kind == "template.changed" or not envelope:
        if kind not in ("template.changed", "other"):
            raise MalformedError(f"data.id: {name} must name its document")
        return SigningEvent(
            kind=kind,
            key=meaning(name, data.id, None, data.date_modified),
            provider_event=name,
            occurred_at=at,
            envelope="",
            detail=detail,
        )
    at = (data.date_completed or at) if kind == "document.completed" else at
    state = read_document(envelope, data, at) if data.status else None
    signer = _acting(kind, state, data)
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


def _acting(kind: EventKind, state: Envelope | None, data: Document) -> SignerRef | None:
    """Who acted, where the message says so or nobody else can have."""
    signers = state.signers if state else ()
    if data.action_by is not None:
        person = data.action_by
        found = _same(signers, person.id, person.email)
        if found:
            return reference(found)
        return SignerRef(id=person.id, email=person.email, name=person.name) if person.key else None
    if kind == "document.viewed":
        return reference(only(signers))
    return None


def _same(signers: tuple[Signer, ...], signer_id: str | None, email: str | None) -> Signer | None:
    by_id = next((one for one in signers if signer_id and one.id == signer_id), None)
    address = (email or "").lower()
    return by_id or only(one for one in signers if address and (one.email or "").lower() == address)


def _key(
    word: str, kind: EventKind, envelope: str, signer: SignerRef | None, data: Document
) -> str:
    """Of what is signed; the header ``X-PandaDoc-Webhook-Event-Id`` is not."""
    if kind in ONCE:
        return meaning(word, envelope)
    if kind == "signer.signed":
        return meaning(word, envelope, signer and (signer.id or signer.email), data.action_date)
    return meaning(word, envelope, None, data.date_modified)


def _why_failed(data: Document) -> str | None:
    """PandaDoc does not publish the shape; texts are taken where they usually stand."""
    return first_text(data.error, "detail", "message", "type")
