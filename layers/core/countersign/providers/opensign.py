"""OpenSign: flat JSON, the body signed in a header where the webhook was given a security key.

Facts: OpenSignLabs/OpenSign, docs/docs/help/Settings/Webhook.md. Events checked 2026-11:
docs.opensignlabs.com, help/Settings/Webhook and API-docs/save-update-webhook; OpenSignLabs/OpenSign
of June 2026, whose own server sends none (triggerEvent.js). They are the five below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EnvelopeStatus,
    EventKind,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    header_bytes,
    hex_hmac,
    require_match,
    required_header,
    usable,
)
from countersign.providers._toolkit.signers import SignerIndex, reference
from countersign.providers._toolkit.times import read_written
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
)
from countersign.text.folding import fold_address

SIGNATURE = "x-webhook-signature"

EVENTS: dict[str, EventKind] = {
    "created": "document.created",
    "viewed": "document.viewed",
    "signed": "signer.signed",
    "completed": "document.completed",
    # One event for both: the documentation calls it "revoked or declined".
    "declined": "document.declined",
    "revoked": "document.declined",
}
ACTED: dict[EventKind, SignerStatus] = {
    "document.viewed": "viewed",
    "signer.signed": "signed",
    "document.declined": "declined",
}


class Recipient(Payload):
    """One signer; OpenSign gives no ids."""

    name: MaybeText = None
    email: MaybeEmail = None
    phone: MaybeText = None

    @property
    def ref(self) -> SignerRef | None:
        """As much as is said of the signer; None where that is nothing."""
        ref = SignerRef(email=self.email, name=self.name, phone=self.phone)
        return ref if ref != SignerRef() else None


class Message(CamelPayload):
    """One call of the webhook; which of the times and persons it has depends on the event."""

    event: ProviderId
    object_id: MaybeId = None
    name: MaybeText = None
    signers: Annotated[tuple[Recipient, ...], Field(max_length=500)] | None = None
    signer: Recipient | None = None
    viewed_by: MaybeEmail = None
    declined_by: MaybeEmail = None
    declined_reason: MaybeText = None
    # "Fri, 16 May 2025 16:18:34 GMT+5:30", at times with a zone that has several meanings.
    created_at: MaybeText = None
    viewed_at: MaybeText = None
    signed_at: MaybeText = None
    completed_at: MaybeText = None
    declined_at: MaybeText = None

    @property
    def actor(self) -> SignerRef | None:
        """Who acted, as far as the message says; a view and a refusal name an address alone."""
        if self.signer and self.signer.ref:
            return self.signer.ref
        email = self.viewed_by or self.declined_by
        return SignerRef(email=email) if email else None


class OpenSign(Provider):
    """OpenSign, its cloud or self-hosted."""

    title = "OpenSign"
    authenticity = "signed"
    retries = "not documented"
    setup = (
        "Settings > Webhook > Add webhook: {url}",
        "Tick Enable authentication, press Generate and give this connection that security key "
        "as its secret",
        "Without a key nothing is signed, the address alone lets a message in, and triggers that "
        "ask for a proof do not fire",
    )
    secrets_chosen_by = "provider"
    tells_sender = False
    secret_required = False
    # Links to the files open without signing in, those of the signers open the signing page.
    secret_names: ClassVar[frozenset[str]] = frozenset({"file", "certificate", "url"})

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``x-webhook-signature``: the hex HMAC-SHA256 of the raw body with the security key.

        A connection that holds no secret takes what comes, unproven; one that holds any takes
        only what is signed.
        """
        if not secrets.secrets:
            return "none"
        keys = usable(secrets)
        given = required_header(request, SIGNATURE, "tick Enable authentication on the webhook")
        require_match(
            [header_bytes(given.lower())],
            (hex_hmac(key, request.body) for key in keys),
            f"x-webhook-signature was made with none of our {len(keys)} security keys",
        )
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, dated by its arrival where its own time cannot be read."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature; as it is where there is no key."""
        if not secret:
            return request
        return request.with_headers({SIGNATURE: hex_hmac(secret, request.body).decode()})


def _signing_event(message: Message, received_at: datetime) -> SigningEvent:
    name, envelope = message.event, message.object_id
    kind = EVENTS.get(name, "other")
    if envelope is None and kind != "other":
        raise MalformedError(f"objectId: {name} must name its document")
    at = _when(kind, message) or received_at
    listed = tuple(_listed(message))
    acted = _acted(kind, message, listed)
    return SigningEvent(
        kind=kind,
        key=_key(kind, message),
        provider_event=name,
        occurred_at=at,
        envelope=envelope or "",
        signer=(reference(acted) or message.actor) if kind in ACTED else None,
        reason=message.declined_reason if kind == "document.declined" else None,
        state=_state(message, kind, listed, acted, at) if envelope else None,
    )


def _when(kind: EventKind, message: Message) -> datetime | None:
    texts: dict[EventKind, str | None] = {
        "document.created": message.created_at,
        "document.viewed": message.viewed_at,
        "signer.signed": message.signed_at,
        "document.completed": message.completed_at,
        "document.declined": message.declined_at,
    }
    return read_written(texts.get(kind))


def _key(kind: EventKind, message: Message) -> str:
    """Of the times as they are written: a retry repeats them, readable or not."""
    actor = message.actor or SignerRef()
    who = fold_address(actor.email) if actor.email else actor.phone
    if kind == "document.viewed":
        return event_key(message.event, message.object_id, who, message.viewed_at)
    if kind == "signer.signed":
        # Two signers may share an address, and a name.
        details = (actor.name, message.signed_at)
        return event_key(message.event, message.object_id, who, *details)
    if kind == "other":
        return event_key(message.event, message.object_id, who, message.created_at)
    return event_key(
        "declined" if kind == "document.declined" else message.event, message.object_id
    )


def _listed(message: Message) -> Iterator[Signer]:
    """Everybody of whom something is said; two with one address are two."""
    people = message.signers or ((message.signer,) if message.signer else ())
    status: SignerStatus = "signed" if message.event == "completed" else "waiting"
    for person in people:
        if person.ref:
            yield Signer(name=person.name, email=person.email, phone=person.phone, status=status)


def _acted(kind: EventKind, message: Message, listed: tuple[Signer, ...]) -> Signer | None:
    """Who of the list acted; None where the message does not tell them apart."""
    actor = message.actor
    return SignerIndex(listed).by_reference(actor) if kind in ACTED and actor else None


def _state(
    message: Message,
    kind: EventKind,
    listed: tuple[Signer, ...],
    acted: Signer | None,
    at: datetime,
) -> Envelope:
    # "Created" is sent when the document goes to its signers.
    created: EnvelopeStatus = "sent" if listed else "created"
    return Envelope(
        id=message.object_id or "",
        title=message.name,
        status=created if kind == "document.created" else None,
        signers=tuple(
            _after(signer, kind, message, at) if signer is acted else signer for signer in listed
        ),
        all_signers=message.signers is not None and len(listed) == len(message.signers),
        created_at=read_written(message.created_at),
        completed_at=at if kind == "document.completed" else None,
        reason=message.declined_reason,
    )


def _after(signer: Signer, kind: EventKind, message: Message, at: datetime) -> Signer:
    """The signer who acted, as he stands then."""
    status = ACTED[kind]
    return signer.model_copy(
        update={
            "status": status,
            "viewed_at": at if status == "viewed" else None,
            "signed_at": at if status == "signed" else None,
            "declined_at": at if status == "declined" else None,
            "reason": message.declined_reason if status == "declined" else None,
        }
    )
