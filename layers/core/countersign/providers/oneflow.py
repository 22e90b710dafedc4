"""Oneflow: thin JSON, several events a message; a SHA-1 over its id is the only proof.

Facts: developer.oneflow.com/docs/introduction, .../webhook-and-event, .../contract-event.

Checked 2026-11: the event types in public clients of its API; none is newer than the list below.

It is asked for nothing: a link is made by the participant's id, which no message has, and ends
after six hours (.../create-an-access-link-to-a-contract).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field
from pydantic_core import to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, EventKind, SigningEvent
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.payload import MaybeId, MaybeIsoTime, Payload, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import header_bytes, require_match, usable
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "contract:create": ("document.created", None),
    "contract:publish": ("document.sent", None),
    "contract:sign": ("document.completed", None),
    "contract:decline": ("document.declined", None),
    "contract:delete": ("document.deleted", None),
    "contract:signing_period_expire": ("document.expired", None),
    "contract:signing_period_revive": ("document.modified", "revived"),
    # All signatures are taken back: a contract that was signed is open again.
    "contract:signature_reset": ("document.modified", "restarted"),
    "contract:content_update": ("document.modified", "content"),
    "participant:create": ("signer.updated", "added"),
    "participant:delete": ("signer.updated", "removed"),
    "participant:first_visit": ("document.viewed", None),
    "participant:sign": ("signer.signed", None),
    "participant:decline": ("signer.declined", None),
    "data_field:update": ("document.modified", "data fields"),
    "comment:create": ("comment.added", None),
}
FAMILIES: dict[str, tuple[EventKind, str]] = {
    "contract:lifecycle_state:": ("document.modified", "lifecycle"),
    "product:": ("document.modified", "products"),
}
"""Types of which only the beginning matters."""


class Contract(Payload):
    """The contract; everything else about it is available from Oneflow's API only."""

    id: ProviderId


class Event(Payload):
    """One event of the contract."""

    id: MaybeId = None
    type: ProviderId
    created_time: MaybeIsoTime = None


class Message(Payload):
    """One call of the webhook."""

    contract: Contract
    callback_id: MaybeId = None
    events: Annotated[tuple[Event, ...], Field(max_length=500)] = ()


class Proof(Payload):
    """As much of a call as the check needs."""

    callback_id: ProviderId
    signature: ProviderId


class Oneflow(Provider):
    """Oneflow."""

    title = "Oneflow"
    authenticity = "shared_secret"
    retries = "9 times in 2 hours: 1, 5, 10, 30 s, 1, 5, 10, 30 min, 1 h; only 200 is a success"
    setup = (
        "Marketplace > Webhooks > Create webhook: {url}",
        "Sign key: {secret}, a long random text of your own; without it nothing is accepted",
        "Format: Current, where it asks for one; choose the contract and participant events",
    )
    secrets_chosen_by = "you"
    tells_sender = False
    tells_signers = False
    # A signature that was seen opens any message with the same callback id: kept nowhere.
    secret_names = frozenset({"signature"})

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``signature`` is the hex SHA-1 of ``callback_id`` and the sign key.

        It covers neither contract nor events, hence the authenticity, and no time.
        """
        keys = usable(secrets)
        try:
            proof = read_payload(Proof, read_json(request.body))
        except MalformedError as error:
            raise UnauthorizedError(
                f"no readable signature, set a sign key on the webhook: {error}"
            ) from error
        given = header_bytes(proof.signature.lower())
        require_match(
            [given],
            (_signature(proof.callback_id, key) for key in keys),
            f"signature was made with none of our {len(keys)} sign keys",
        )
        return "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """Its events in the order in which they came about. None of them names a participant."""
        value = read_json(request.body)
        message = read_payload(Message, value)
        if not message.events and value.get("events") != []:
            raise MalformedError("events: the message must have one that can be read")
        events = (_signing_event(message, event, request.received_at) for event in message.events)
        # The last signature and the end of the contract may bear the same second.
        return tuple(sorted(events, key=lambda event: (event.occurred_at, event.kind in ENDS)))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The message with its signature."""
        value = read_json(request.body)
        if not isinstance(value, dict):
            raise MalformedError("expected a JSON object with a callback_id")
        callback_id = str(value.get("callback_id", ""))
        value = {**value, "signature": _signature(callback_id, secret).decode()}
        return request.model_copy(update={"body": to_json(value)})


ENDS: frozenset[EventKind] = frozenset(
    {"document.completed", "document.declined", "document.expired", "document.deleted"}
)


def _signature(callback_id: str, key: str) -> bytes:
    text = (callback_id + key).encode("utf-8", "replace")
    # Oneflow chose SHA-1; what protects is that the key is unknown, not the hash.
    return hashlib.sha1(text, usedforsecurity=False).hexdigest().encode()


def _signing_event(message: Message, event: Event, received_at: datetime) -> SigningEvent:
    kind, change = EVENTS.get(event.type) or _by_family(event.type)
    # Made without callback_id: two webhooks tell of the same event with two of them.
    stamp = event.created_time and event.created_time.isoformat()
    which = event.id or f"{message.callback_id}/{stamp}"
    return SigningEvent(
        kind=kind,
        key=event_key(event.type, message.contract.id, which),
        provider_event=event.type,
        occurred_at=event.created_time or received_at,
        envelope=message.contract.id,
        detail=details(change=change),
    )


def _by_family(name: str) -> tuple[EventKind, str | None]:
    for beginning, known in FAMILIES.items():
        if name.startswith(beginning):
            return known
    return "other", None
