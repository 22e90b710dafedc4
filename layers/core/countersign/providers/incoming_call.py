"""Incoming call: any program or link that calls the connection's address with a code.

Not a signing provider: anyone who knows the address may send ``document`` and ``code``, in the
query, in a form or in JSON. A call with an ``id`` (or the header ``Idempotency-Key``) counts once
for its document and code, whenever it is repeated; without one, calls that are the same count once
a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from pydantic_core import to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.form import FORM, read_form
from countersign.providers._toolkit.payload import MaybeId, Payload, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.redaction import REDACTED
from countersign.providers._toolkit.signatures import any_equal, header_bytes, usable
from countersign.providers.base import (
    NO_OPTIONS,
    Answer,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)

AUTHORIZATION = "authorization"


class Call(Payload):
    """What a call says."""

    document: ProviderId
    code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]
    id: MaybeId = None


class IncomingCall(Provider):
    """Incoming call."""

    title = "Incoming call"
    authenticity = "shared_secret"
    retries = "up to the caller; with an id of its own a call counts once"
    setup = (
        "Call {url}?document=DOCUMENT&code=CODE by GET or POST, or POST the same two as a form or "
        "JSON; a trigger of the kind incoming_call waits for the code",
        "Add id=… (or the header Idempotency-Key), different for each call, so that one sent again "
        "counts once; without it the same call counts once a second",
        "Keep the address to yourself. If the connection has a secret, send it as the header "
        "Authorization: Bearer …; otherwise triggers that ask for a proof do not fire",
    )
    secrets_chosen_by = "you"
    tells_sender = False
    tells_signers = False
    secret_required = False
    methods: ClassVar[frozenset[str]] = frozenset({"GET", "POST"})
    content_types: ClassVar[frozenset[str]] = frozenset()
    """Any: a call without a body is of none."""

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``Authorization: Bearer`` with the connection's secret.

        A connection that holds no secret takes what comes, unproven; one that holds any takes
        only calls that carry one of them.
        """
        if not secrets.secrets:
            return "none"
        known = [header_bytes(secret) for secret in usable(secrets)]
        scheme, _, given = (request.header(AUTHORIZATION) or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not any_equal([header_bytes(given)], known):
            raise UnauthorizedError("the call does not carry the connection's secret as Bearer")
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, dated by its arrival. Its key holds a digest in the place of the code."""
        call = _call(request)
        second = request.received_at.replace(microsecond=0).isoformat()
        code = hashlib.sha256(call.code.encode()).hexdigest()[:16]
        event = SigningEvent(
            kind="call.received",
            key=event_key("call", call.document, code, call.id or second),
            provider_event="call",
            occurred_at=request.received_at,
            envelope=call.document,
            detail={"document": call.document, "code": call.code},
        )
        return (event,)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with the secret, where there is one."""
        if not secret:
            return request
        return request.with_headers({AUTHORIZATION: f"Bearer {secret}"})

    def answer_unmatched(self, request: Request, secrets: ConnectionCredentials) -> Answer:
        """The caller knows the address, so it may know that it named no document of ours."""
        return Answer(status=404, body="there is no such document")

    def redact(self, request: Request) -> str:
        """The document and the id; the code and whatever else was sent is kept nowhere."""
        call = _call(request)
        return to_json({**call.model_dump(exclude_none=True), "code": REDACTED}).decode()


def _call(request: Request) -> Call:
    values: dict[str, Any] = {**request.query, **_body(request)}
    key = request.header("idempotency-key")
    if key and not values.get("id"):
        values["id"] = key.strip().strip('"')
    call = read_payload(Call, values)
    if values.get("id") and call.id is None:
        # Read without it, a call that is sent again would count twice.
        raise MalformedError("id: expected at most 200 characters, no control characters")
    return call


def _body(request: Request) -> Mapping[str, Any]:
    if not request.body.strip():
        return {}
    if request.content_type == FORM:
        return read_form(request.body)
    body = read_json(request.body)
    if not isinstance(body, Mapping):
        raise MalformedError("the body: expected an object with document and code")
    return body
