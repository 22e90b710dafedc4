"""Skribble: an address for each sort of news, with the ids in it; it signs nothing.

Facts: api.docs.skribble.com/sign-api-callbacks. What the calls carry in their bodies is documented
nowhere, so nothing is read from them.

Checked 2026-11 for what is new since 2025: the page above (its six types are SUCCESS, UPDATE,
ERROR, START_SIGN, INITIATE and IDENT_ERROR; "webhooks are currently not offered") and the preview
of Sign API v3 (3.0.3), which has the same callbacks. A call names a signer by the signature's id
alone, and no sender: whose side somebody is on it never tells.

It is asked for nothing: its API takes a token of 20 minutes, which a login gives
(POST /v2/access/login), and no lasting key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic_core import from_json, to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, EventKind, SignerRef, SigningEvent
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.payload import MaybeId, Payload, ProviderId
from countersign.providers._toolkit.reading import read_payload
from countersign.providers.base import NO_OPTIONS, MalformedError, Provider, Request

KINDS: dict[str, EventKind] = {
    "initiate": "document.sent",
    "start_sign": "signer.started",
    "ident_error": "signer.authentication_failed",
    "update": "signer.signed",
    "success": "document.completed",
}
ERRORS: dict[str, EventKind] = {
    "document.declined": "document.declined",
    "document.voided": "document.voided",
    "document.failed": "document.failed",
}
"""What a call of the address ``error`` may be taken for: it does not tell them apart."""
BY_SIGNATURE = frozenset({"start_sign", "ident_error", "update"})


class Call(Payload):
    """The last part of the address and what Skribble put into its query."""

    slot: ProviderId
    signature_request: ProviderId
    document_id: MaybeId = None
    signature_id: MaybeId = None


class Skribble(Provider):
    """Skribble."""

    title = "Skribble"
    authenticity = "none"
    secret_required = False
    retries = "every 10 minutes for 2 hours"
    setup = (
        "When creating a signature request: callback_success_url "
        "{url}/success?signature_request=SKRIBBLE_SIGNATURE_REQUEST_ID"
        "&document_id=SKRIBBLE_DOCUMENT_ID",
        "callback_update_url {url}/update?signature_request=SKRIBBLE_SIGNATURE_REQUEST_ID"
        "&document_id=SKRIBBLE_DOCUMENT_ID&signature_id=SKRIBBLE_SIGNATURE_ID",
        "callback_error_url {url}/error?signature_request=SKRIBBLE_SIGNATURE_REQUEST_ID"
        "&document_id=SKRIBBLE_DOCUMENT_ID; nothing is signed, so keep the address to yourself",
    )
    options: ClassVar[Mapping[str, str]] = {
        "error": f"What a call of the error address stands for: {', '.join(ERRORS)}."
    }
    secrets_chosen_by = "nobody"
    tells_sender = False
    content_types: ClassVar[frozenset[str]] = frozenset()
    """Any: none is documented."""

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """Nothing to verify: only the unguessable address was known."""
        return "none"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, dated when it came: a call tells no time."""
        query = _query(request)
        call = _call(request, query)
        kind, change = _kind(call, options)
        signature = call.signature_id if call.slot in BY_SIGNATURE else None
        which = signature or (call.document_id if call.slot in BY_SIGNATURE else None)
        if signature is None and call.slot == "update" and _names_a_signature(query):
            # Somebody has signed, though the id does not say who.
            kind, change, which = "signer.signed", None, _digest(query["signature_id"])
        event = SigningEvent(
            kind=kind,
            key=event_key(call.slot, call.signature_request, which),
            provider_event=call.slot,
            occurred_at=request.received_at,
            envelope=call.signature_request,
            signer=SignerRef(id=signature) if signature else None,
            detail=details(change=change, file=call.document_id),
        )
        return (event,)

    def problems(self, secrets: ConnectionCredentials) -> tuple[str, ...]:
        """An option ``error`` that is none of the kinds it may be."""
        try:
            _error_kind(secrets.options)
        except MalformedError as error:
            return (str(error),)
        return super().problems(secrets)

    def redact(self, request: Request) -> str:
        """The call's address part and ids as JSON; its body is kept nowhere."""
        return to_json({"slot": request.slot, "query": request.query}).decode()

    def restored(self, kept: str, received_at: datetime) -> Request:
        """The call of the same address."""
        return Request(**from_json(kept), received_at=received_at)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request as it is."""
        return request


def _query(request: Request) -> dict[str, str]:
    """The ids of the address by name.

    The addresses are "HTML-encoded before being called", so an ampersand may come as "&amp;". A
    placeholder that has no meaning for this sort of call stays as it is, and is left out.
    """
    query = {name.removeprefix("amp;"): value for name, value in request.query.items()}
    return {name: value for name, value in query.items() if not value.startswith("SKRIBBLE_")}


def _call(request: Request, query: Mapping[str, str]) -> Call:
    if request.slot is None:
        raise MalformedError(
            f"the address must end in one of {', '.join(('error', *KINDS))}, as its setup says"
        )
    return read_payload(Call, {**query, "slot": request.slot.lower().replace("-", "_")})


def _names_a_signature(query: Mapping[str, str]) -> bool:
    return bool(query.get("signature_id", "").strip())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _kind(call: Call, options: Mapping[str, str]) -> tuple[EventKind, str | None]:
    if call.slot == "error":
        return _error_kind(options), "declined, withdrawn or failed"
    if call.slot == "update" and call.signature_id is None:
        return "document.modified", "updated"
    return KINDS.get(call.slot, "other"), None


def _error_kind(options: Mapping[str, str]) -> EventKind:
    wanted = options.get("error", "document.declined")
    if wanted not in ERRORS:
        raise MalformedError(f'option "error": "{wanted}"; expected {", ".join(ERRORS)}')
    return ERRORS[wanted]
