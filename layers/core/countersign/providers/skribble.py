"""Skribble: an address for each sort of news, with the ids in it; it signs nothing.

Facts: api.docs.skribble.com/sign-api-callbacks. What the calls carry in their bodies is documented
nowhere, so nothing is read from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic_core import to_json

from countersign.model.connection import Secrets
from countersign.model.signing_event import EventKind, Grade, SignerRef, SigningEvent
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    MaybeId,
    Payload,
    Provider,
    ProviderId,
    Request,
    meaning,
    read_payload,
)

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
    grade = "none"
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
    secrets_chosen_by = "nobody"
    tells_sender = False
    content_types: ClassVar[frozenset[str]] = frozenset()
    """Any: none is documented."""

    def verify(self, request: Request, secrets: Secrets, now: datetime) -> Grade:
        """Nothing to verify: only the unguessable address was known."""
        return "none"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, dated when it came: a call tells no time."""
        call = _call(request)
        kind, change = _kind(call, options)
        signature = call.signature_id if call.slot in BY_SIGNATURE else None
        which = signature or (call.document_id if call.slot in BY_SIGNATURE else None)
        detail = {"change": change, "file": call.document_id}
        event = SigningEvent(
            kind=kind,
            key=meaning(call.slot, call.signature_request, which),
            provider_event=call.slot,
            occurred_at=request.received_at,
            envelope=call.signature_request,
            signer=SignerRef(id=signature) if signature else None,
            detail={name: value for name, value in detail.items() if value},
        )
        return (event,)

    def problems(self, secrets: Secrets) -> tuple[str, ...]:
        """An option ``error`` that is none of the kinds it may be."""
        try:
            _error_kind(secrets.options)
        except MalformedError as error:
            return (str(error),)
        return ()

    def redact(self, request: Request) -> str:
        """The call's address part and ids as JSON; its body is kept nowhere."""
        return to_json({"slot": request.slot, "query": request.query}).decode()

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request as it is."""
        return request


def _call(request: Request) -> Call:
    if request.slot is None:
        raise MalformedError(
            f"the address must end in one of {', '.join(('error', *KINDS))}, as its setup says"
        )
    # The addresses are "HTML-encoded before being called", so an ampersand may come as "&amp;".
    query = {name.removeprefix("amp;"): value for name, value in request.query.items()}
    # A placeholder that has no meaning for this sort of call stays as it is.
    filled = {name: one for name, one in query.items() if not one.startswith("SKRIBBLE_")}
    return read_payload(Call, {**filled, "slot": request.slot.lower().replace("-", "_")})


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
