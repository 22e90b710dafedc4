"""Adobe Acrobat Sign: a handshake by GET, then JSON; the client id is echoed each time.

Facts: opensource.adobe.com/acrobat-sign, acrobat_sign_events (index, webhookpayloadoverview). A
webhook's messages queue behind one that is refused, and after 72 hours it is switched off: so
nothing is refused for being unknown or incomplete.

Checked 2026-11 for what is new since 2025: adobe/acrobat-sign of January 2026 (event pages and
payloads: all names are in the tables; release notes: an event for SMS that fail, November 2025,
without its name; webhookNotificationApplicableUsers removed, June 2025, never read here).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic_core import to_json

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, EventKind, Signer, SignerRef, SigningEvent
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    any_equal,
    header_bytes,
    required_header,
    usable,
)
from countersign.providers.adobe_sign.calls import AdobeSignCalls
from countersign.providers.adobe_sign.events import ONCE, Message, acting, meant, previous
from countersign.providers.adobe_sign.state import Agreement, AgreementEvent, read_agreement
from countersign.providers.base import NO_OPTIONS, Answer, Provider, Request, UnauthorizedError
from countersign.text.folding import same_address

HEADER = "x-adobesign-clientid"
PUBLIC_ID = "UB7E5BXCXY"
"""The client id of every webhook made on Adobe's own pages: known to everybody, it proves
nothing (helpx.adobe.com/sign, developers/webhooks/overview)."""


class AdobeSign(AdobeSignCalls, Provider):
    """Adobe Acrobat Sign."""

    title = "Adobe Acrobat Sign"
    authenticity = "shared_secret"
    retries = "15 times in 72 hours, at growing intervals up to 12 h; then it is switched off"
    setup = (
        "The webhook's address is {url}; before you add it, give this connection the client ID "
        "(Application ID) of your API application: {secret}. For webhooks made on Adobe's own "
        "pages it is UB7E5BXCXY, which everybody knows: only the address protects those",
        "Account > Webhooks > Add, or POST /api/rest/v6/webhooks with that application; Adobe "
        "checks the address at once",
        "Events: Agreement all events; notification parameters: agreement info and participants "
        "info, without signed documents",
    )
    secrets_chosen_by = "provider"
    # The address that is called is our own, with its unguessable part.
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"webhookurlinfo", "signeddocumentinfo", "password"}
    )

    def handshake(self, request: Request, secrets: ConnectionCredentials) -> Answer | None:
        """Adobe's question by GET, whether we want its messages: only with a client id of ours."""
        if request.method != "GET":
            return None
        return _echo(_client_id(request, secrets))

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``X-ADOBESIGN-CLIENTID`` is one of our client ids; it covers neither body nor time.

        ``none`` for the id that all webhooks share which were made on Adobe's own pages.
        """
        return "none" if _client_id(request, secrets) == PUBLIC_ID else "shared_secret"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, or two where a message tells of two facts."""
        message = read_payload(Message, read_json(request.body))
        at = message.event_date or request.received_at
        agreement = message.agreement
        if agreement is None or agreement.id is None:
            return (_aside(message, at),)
        return _signing_events(message, agreement.id, agreement, at)

    def answer(self, request: Request, secrets: ConnectionCredentials) -> Answer:
        """The client id back: without it a message counts as not delivered."""
        try:
            return _echo(_client_id(request, secrets))
        except UnauthorizedError:
            # Taken from the queue of parked requests after the id was renewed: nobody listens.
            return Answer()

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with the client id in its header."""
        return request.with_headers({HEADER: secret})


def _client_id(request: Request, secrets: ConnectionCredentials) -> str:
    """Our client id that the request carries; UnauthorizedError where it carries none of ours."""
    known = usable(secrets)
    given = required_header(request, "X-ADOBESIGN-CLIENTID")
    matches = [
        client_id
        for client_id in known
        if any_equal([header_bytes(given)], [header_bytes(client_id)])
    ]
    if not matches:
        raise UnauthorizedError(f"X-ADOBESIGN-CLIENTID is none of our {len(known)} client ids")
    return matches[0].strip()


def _echo(client_id: str) -> Answer:
    """In the header and in the body: Adobe takes either."""
    return Answer(
        body=to_json({"xAdobeSignClientId": client_id}).decode(),
        headers={"content-type": "application/json", "X-AdobeSign-ClientId": client_id},
    )


def _aside(message: Message, at: datetime) -> SigningEvent:
    """An event of a template, a web form or a bulk sending, or one without its agreement."""
    kind, change = meant(message)
    template = message.other.id if message.other else None
    stamp = message.event_date or message.webhook_notification_id
    return SigningEvent(
        kind=kind if kind == "template.changed" else "other",
        key=event_key(message.event, template, None, stamp),
        provider_event=message.event,
        occurred_at=at,
        envelope="",
        detail=details(change=change if kind == "template.changed" else None, template=template),
    )


def _signing_events(
    message: Message, envelope: str, agreement: Agreement, at: datetime
) -> tuple[SigningEvent, ...]:
    name = message.event
    kind, change = meant(message)
    acting_set, signer, ref = acting(message, kind)
    reason = message.reason
    if signer and acting_set:
        signer = signer.model_copy(update=_after(kind, signer, at, reason))
    happened = AgreementEvent(kind=kind, at=at, reason=reason, signer=signer, acting_set=acting_set)
    state = read_agreement(envelope, agreement, happened)
    first = SigningEvent(
        kind=kind,
        key=_key(message, envelope, kind, ref),
        provider_event=name,
        occurred_at=min(at, agreement.created_date or at) if kind == "document.created" else at,
        envelope=envelope,
        signer=ref,
        previous_signer=previous(message) if kind == "signer.reassigned" else None,
        reason=reason if kind in ("document.declined", "document.voided") else None,
        state=state,
        detail=details(change=change, action=message.action_type, sub_event=message.sub_event),
    )
    if kind == "document.created" and state.status == "sent":
        sent = {"kind": "document.sent", "key": event_key("sent", envelope), "occurred_at": at}
        made = first.model_copy(update={"state": state.model_copy(update={"status": "created"})})
        return made, first.model_copy(update=sent)
    if kind == "document.voided" and message.locked_out:
        return _failed(message, first), first
    return (first,)


def _failed(message: Message, voided: SigningEvent) -> SigningEvent:
    """Whoever used up all attempts; nobody is named where the message speaks of the sender."""
    ref = acting(message, "signer.authentication_failed").ref
    sender = voided.state.sender if voided.state else None
    speaks_of_sender = bool(ref and sender and same_address(ref.email, sender.email))
    update = {
        "kind": "signer.authentication_failed",
        "key": voided.key.replace("recalled", "locked out", 1),
        "signer": None if speaks_of_sender else ref,
    }
    return voided.model_copy(update=update)


def _after(kind: EventKind, signer: Signer, at: datetime, reason: str | None) -> dict[str, object]:
    """What the event says of the acting signer; the list gives states without times."""
    if kind == "signer.signed":
        return {"status": "signed", "signed_at": at}
    if kind == "document.declined":
        return {"status": "declined", "declined_at": at, "reason": reason}
    open_ = signer.status in ("waiting", "notified")
    if kind == "document.viewed" and open_:
        return {"status": "viewed", "viewed_at": at}
    if kind == "signer.notified" and open_:
        return {"status": "notified", "notified_at": at}
    return {}


def _key(message: Message, envelope: str, kind: EventKind, ref: SignerRef | None) -> str:
    """The same for all webhooks that an event is sent to."""
    named = ref.id or ":".join(filter(None, (ref.email, ref.name))) if ref else None
    who = named or message.participant_user_email
    time = message.event_date or message.webhook_notification_id
    if kind == "document.voided":
        return event_key("recalled", envelope, None, time)
    if kind in ONCE and (kind != "signer.signed" or (ref and ref.id)):
        # The two events of a signature do not carry the same state: neither stands for the other.
        return event_key(message.event, envelope, who if kind == "signer.signed" else None)
    return event_key(message.event, envelope, who, time)
