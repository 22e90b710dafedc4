"""Bitrix24: a form with bracket keys; its application token is its only proof.

Facts: bitrix-tools/b24-rest-docs, api-reference/events/index.md and api-reference/sign/events; the
status codes are those of its module ``sign``.

Checked 2026-11: the same repository lists the two events below and
OnSignHcmLinkB2eDocumentSigned, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import AliasChoices, AliasPath, Field
from pydantic_core import from_json, to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, EventKind, SignerRef, SigningEvent
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.form import FORM, read_nested, write_nested
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeId,
    MaybeUnixTime,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_payload
from countersign.providers._toolkit.redaction import redacted_json
from countersign.providers._toolkit.signatures import header_bytes, require_match, usable
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)

DOCUMENT_EVENT = "ONSIGNB2EDOCUMENTSTATUSCHANGED"
MEMBER_EVENT = "ONSIGNB2EMEMBERSTATUSCHANGED"

DOCUMENT: dict[str, tuple[EventKind, str | None]] = {
    "new": ("document.created", None),
    "signing": ("document.sent", None),
    "stopped": ("document.voided", None),
    "done": ("document.completed", None),
    "error": ("document.failed", None),
    "undefined": ("document.modified", "undefined"),
}
MEMBER: dict[str, tuple[EventKind, str | None]] = {
    "wait": ("signer.updated", "waiting"),
    "ready": ("signer.notified", None),
    "done": ("signer.signed", None),
    "refused": ("signer.declined", None),
    # The event of the document says that it was stopped as a whole.
    "stopped": ("signer.updated", "stopped"),
}
ONCE = frozenset({"new", "signing", "done", "refused", "stopped"})
"""Reached once, so that what two handlers receive has one key; the others may come again."""


class Data(CamelPayload):
    """What the event is about: bare ids, the rest is available from Bitrix24's API only."""

    document_uid: MaybeId = None
    member_uid: MaybeId = None
    status_code: MaybeId = None
    id: MaybeId = Field(
        default=None, validation_alias=AliasChoices("id", AliasPath("FIELDS", "ID"))
    )
    company: MaybeId = None


class Auth(Payload):
    """Who sends it."""

    application_token: MaybeId = None
    member_id: MaybeId = None


class Message(Payload):
    """One event."""

    event: ProviderId
    ts: MaybeUnixTime = None
    data: Data = Data()


class Proof(Payload):
    """As much of an event as the check needs."""

    auth: Auth = Auth()


class Bitrix24(Provider):
    """Bitrix24's e-signature for HR, and thin events of its CRM."""

    title = "Bitrix24"
    authenticity = "shared_secret"
    retries = "none: an event that is not taken is lost"
    setup = (
        "Developer resources > Other > Outgoing webhook: handler {url}; or event.bind of a local "
        "application with the scope sign.b2e",
        f"Choose {DOCUMENT_EVENT} and {MEMBER_EVENT}",
        "Copy the application token it shows, or that the installation was sent, here ({secret})",
    )
    options: ClassVar[Mapping[str, str]] = {
        "member_id": "Account whose messages alone are accepted."
    }
    secrets_chosen_by = "provider"
    tells_sender = False
    content_types = frozenset({FORM})
    secret_names = frozenset({"access_token", "refresh_token", "application_token"})

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``auth[application_token]`` is the secret itself; it covers neither data nor time.

        Where the connection has the option ``member_id``, the sending account must be that one.
        """
        keys = usable(secrets)
        try:
            auth = read_payload(Proof, read_nested(request.body)).auth
        except MalformedError as error:
            raise UnauthorizedError(f"no readable auth[application_token]: {error}") from error
        given = header_bytes(auth.application_token or "")
        require_match(
            [given],
            (header_bytes(key) for key in keys),
            f"auth[application_token] is none of our {len(keys)} application tokens",
        )
        account = secrets.options.get("member_id", "")
        if account:
            require_match(
                [header_bytes(auth.member_id or "")],
                [header_bytes(account)],
                f"auth[member_id] is not {account}, as the option member_id is",
            )
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event. ``ts`` is when it left the queue, a little after it came about."""
        message = read_payload(Message, read_nested(request.body))
        return (_signing_event(message, message.ts or request.received_at),)

    def redact(self, request: Request) -> str:
        """The event as JSON, without its tokens."""
        return redacted_json(to_json(read_nested(request.body)), self.secret_names)

    def restored(self, kept: str, received_at: datetime) -> Request:
        """The event as a form again."""
        body = write_nested(from_json(kept))
        return Request(headers={"content-type": FORM}, body=body, received_at=received_at)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The form with the token in it."""
        value = read_nested(request.body)
        auth = value.get("auth")
        signed = {**(auth if isinstance(auth, dict) else {}), "application_token": secret}
        return request.model_copy(update={"body": write_nested({**value, "auth": signed})})


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, data = message.event.upper(), message.data
    stamp = message.ts and message.ts.isoformat()
    if name not in (DOCUMENT_EVENT, MEMBER_EVENT):
        # Of the CRM and of HCM Link: neither names a document that is being signed.
        return SigningEvent(
            kind="other",
            key=event_key(message.event, data.id or data.document_uid, stamp),
            provider_event=message.event,
            occurred_at=at,
            envelope=data.document_uid or "",
            detail=details(id=data.id, company=data.company),
        )
    if data.document_uid is None:
        raise MalformedError(f"data[documentUid]: {name} must name its document")
    code, member = data.status_code or "", data.member_uid if name == MEMBER_EVENT else None
    kinds = MEMBER if name == MEMBER_EVENT else DOCUMENT
    kind, change = kinds.get(code, ("other", None))
    return SigningEvent(
        kind=kind,
        key=event_key(name, data.document_uid, member, code, None if code in ONCE else stamp),
        provider_event=f"{name}:{code}" if code else name,
        occurred_at=at,
        envelope=data.document_uid,
        signer=SignerRef(id=member) if member else None,
        detail=details(change=change),
    )
