"""Scrive: a form with the document's whole state, which says neither what changed nor who sends it.

Facts: scrive/scrive-apidocs, documentation/scrive_api.yaml (Callbacks).

Checked 2026-11: the same repository, Callbacks: the three fields below, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EventKind,
    SigningEvent,
)
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.form import FORM, read_form, write_nested
from countersign.providers._toolkit.payload import MaybeId, Payload
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.redaction import redacted_json
from countersign.providers._toolkit.signers import SignerIndex, reference
from countersign.providers.base import NO_OPTIONS, MalformedError, Provider, Request
from countersign.providers.scrive.calls import ScriveCalls
from countersign.providers.scrive.state import Document, acts, digest, read_document

KINDS: dict[str, EventKind] = {
    "preparation": "document.created",
    "closed": "document.completed",
    "canceled": "document.voided",
    "timedout": "document.expired",
    "rejected": "document.declined",
    "document_error": "document.failed",
}
ONCE = frozenset({"closed", "canceled", "rejected"})
"""An end that is reported again, with other times of the file, is not new."""
SEALED = "document_signed_and_sealed"


class Form(Payload):
    """The fields of a call."""

    document_id: MaybeId = None


class Scrive(ScriveCalls, Provider):
    """Scrive eSign."""

    title = "Scrive"
    authenticity = "none"
    secret_required = False
    retries = "10 times with growing pauses, the first after 5 minutes"
    setup = (
        "Set api_callback_url of each document to {url}, by API before it is started",
        "Or have Scrive set it as the callback of your user for all documents",
        "Nothing is signed: keep the address to yourself, and renew it when it was seen",
    )
    secrets_chosen_by = "nobody"
    content_types = frozenset({FORM})
    # The author's view holds the address that is called and the links to the signing pages.
    secret_names = frozenset(
        {
            "access_token",
            "api_callback_url",
            "api_delivery_url",
            "reject_redirect_url",
            "sign_success_redirect_url",
        }
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """Nothing to verify: only the unguessable address was known."""
        return "none"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """The newest thing the state tells, then failed deliveries and the sealed file."""
        form = read_form(request.body)
        document = read_payload(Document, read_json(_json(form)))
        given = read_payload(Form, {"document_id": form.get("document_id")})
        envelope = document.id or given.document_id
        if envelope is None:
            raise MalformedError("document_json.id: the document must have one")
        at = document.mtime or request.received_at
        events = [_news(document, envelope, at), *_failed_deliveries(document, envelope, at)]
        if form.get(SEALED, "").lower() == "true":
            # It is reported twice: after the last signature, and again weeks later.
            key = event_key("sealed", envelope)
            events.append(_event("document.artifact_ready", key, SEALED, at, envelope))
        return tuple(events)

    def redact(self, request: Request) -> str:
        """The document's JSON, without the addresses in it, and whether it is sealed."""
        form = read_form(request.body)
        kept = redacted_json(_json(form), self.secret_names)
        if SEALED not in form or not kept.startswith("{"):
            return kept
        return to_json({**from_json(kept), SEALED: form[SEALED]}).decode()

    def restored(self, kept: str, received_at: datetime) -> Request:
        """The form with the document's JSON."""
        document = from_json(kept)
        sealed = str(document.pop(SEALED, "false"))
        body = write_nested({"document_json": to_json(document).decode(), SEALED: sealed})
        return Request(headers={"content-type": FORM}, body=body, received_at=received_at)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request as it is."""
        return request


def _json(form: Mapping[str, str]) -> bytes:
    if "document_json" not in form:
        raise MalformedError('the form has no field "document_json"')
    return form["document_json"].encode()


def _news(document: Document, envelope: str, at: datetime) -> SigningEvent:
    state, name = read_document(envelope, document), document.status
    if name == "pending":
        return _newest_act(document, state, at)
    kind = KINDS.get(name, "other")
    signer = SignerIndex(state.signers).by_status("declined")
    signer = signer if kind == "document.declined" else None
    moments = {
        "document.completed": state.completed_at,
        "document.declined": signer.declined_at if signer else None,
        "document.expired": state.expires_at,
        "document.created": state.created_at,
    }
    return _event(
        kind,
        event_key(name, envelope, None if name in ONCE else digest(document)),
        name,
        min(moments.get(kind) or at, at),
        envelope,
        signer=reference(signer),
        reason=signer.reason if signer else None,
        state=state,
    )


def _newest_act(document: Document, state: Envelope, at: datetime) -> SigningEvent:
    """Of a pending document the newest thing a party did; the engine finds all else that is new
    by comparing states."""
    done = acts(document)
    newest = done[-1] if done else None
    kind: EventKind = newest.kind if newest else "document.sent"
    signer = state.signers[newest.party] if newest else None
    return _event(
        kind,
        event_key(kind, state.id, signer and (signer.id or signer.label), digest(document)),
        document.status,
        newest.at if newest else at,
        state.id,
        signer=reference(signer),
        reason=signer.reason if signer and kind == "signer.declined" else None,
        state=state,
    )


def _failed_deliveries(document: Document, envelope: str, at: datetime) -> Iterator[SigningEvent]:
    signers = read_document(envelope, document).signers
    for party, signer in zip(document.parties or (), signers, strict=True):
        for way, status in party.deliveries.items():
            if status != "not_delivered":
                continue
            # With the address in its key: another that fails too is another fact.
            where = signer.email if way == "email" else next(iter(party.values("mobile")), None)
            yield _event(
                "signer.delivery_failed",
                event_key(status, envelope, party.id or signer.label, way, where),
                document.status,
                at,
                envelope,
                signer=reference(signer),
                detail={"channel": way},
            )


def _event(
    kind: EventKind, key: str, name: str, at: datetime, envelope: str, **rest: Any
) -> SigningEvent:
    return SigningEvent(
        kind=kind, key=key, provider_event=name, occurred_at=at, envelope=envelope, **rest
    )
