"""SignNow: short JSON messages, each of one invite or one document, signed where a key is set.

Facts: docs.signnow.com/webhooks; contents by event in signnow/SignNow.NET,
SignNow.Net/Model/EventContentCallbackModels.cs. How the signature is written is known from
receivers of others only, which is why both writings count. What was checked of its events, and
when: events.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EnvelopeStatus,
    EventKind,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeText,
    MaybeUnixTime,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import (
    any_equal,
    base64_hmac,
    header_bytes,
    hex_hmac,
    secret_in_header,
    usable,
)
from countersign.providers._toolkit.signers import only, reference
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.signnow.events import (
    EACH_SIGNATURE,
    EVENTS,
    REPEATED,
    SIGNER_STATUSES,
    STATUSES,
)
from countersign.text.folding import fold


class Meta(Payload):
    """What happened."""

    event: ProviderId
    timestamp: MaybeUnixTime = None

    @property
    def word(self) -> str:
        """The event, whether it is subscribed to for a document or for all of a user's."""
        return self.event.removeprefix("user.")


class Content(Payload):
    """What it happened to: a document or a group, and one invite of it."""

    document_id: MaybeId = None
    document_name: MaybeText = None
    group_id: MaybeId = None
    group_name: MaybeText = None
    group_invite_id: MaybeId = None
    template_id: MaybeId = None
    user_id: MaybeId = None
    viewer_user_unique_id: MaybeId = None
    invite_id: MaybeId = None
    old_invite_unique_id: MaybeId = None
    signer: MaybeEmail = None
    status: MaybeText = None

    @property
    def by_mail(self) -> bool:
        """Whether the signer is named by an address; else by the number that the invite went to."""
        return "@" in (self.signer or "")


class Message(Payload):
    """One call of the webhook."""

    meta: Meta
    content: Content = Content()


class SignNow(Provider):
    """SignNow."""

    title = "SignNow"
    authenticity = "signed"
    retries = "some, at times it does not publish"
    setup = (
        "API: POST /api/v2/events, once for each event of a document or a user, with "
        "attributes.callback {url}",
        "attributes.secret_key: {secret}, a long random text of your own; without it nothing is "
        "signed. A secret header among attributes.headers counts where the option secret_header "
        "names it",
        "Events: document.fieldinvite.sent, .signed, .decline, .reassign and document.complete; "
        "user.document.complete does not say who signed",
    )
    secrets_chosen_by = "you"
    tells_sender = False
    # The address that is called is our own, with its unguessable part.
    options: ClassVar[Mapping[str, str]] = {
        "secret_header": "Name of the header that carries the secret as it is."
    }
    secret_names: ClassVar[frozenset[str]] = frozenset({"access_token", "callback_url"})

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``X-SignNow-Signature`` is the HMAC-SHA256 of the raw body, in Base64 or hexadecimal.

        It covers no time. Where the connection's option ``secret_header`` names a header, one
        that carries the secret itself counts too, as ``shared_secret``.
        """
        keys = usable(secrets)
        given = request.header("x-signnow-signature")
        writings = (hex_hmac, base64_hmac)
        expected = (write(key, request.body) for key in keys for write in writings)
        if given and any_equal([header_bytes(given)], expected):
            return "signed"
        if secret_in_header(request, secrets):
            return "shared_secret"
        if not given:
            raise UnauthorizedError("no X-SignNow-Signature header: set secret_key on the event")
        raise UnauthorizedError(
            f"X-SignNow-Signature was made with none of our {len(keys)} secrets"
        )

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event. Roles, orders and reasons are not reported."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.meta.timestamp or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature in Base64."""
        proof = base64_hmac(secret, request.body).decode()
        return request.with_headers({"x-signnow-signature": proof})


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, content = message.meta.event, message.content
    word = message.meta.word
    kind, change = _kind(name, word, content)
    detail = details(change=change)
    of_group = word.startswith("document_group.")
    envelope = (content.group_id if of_group else content.document_id) or ""
    if kind == "template.changed" or not envelope:
        if kind not in ("template.changed", "other"):
            raise MalformedError(f"content.document_id: {name} must name its document")
        return SigningEvent(
            kind=kind,
            key=event_key(word, content.template_id, envelope, message.meta.timestamp),
            provider_event=name,
            occurred_at=at,
            envelope="",
            detail=details(
                change=change, template=content.template_id, document=content.document_id
            ),
        )
    state = _state(word, kind, content, envelope, at)
    previous = content.old_invite_unique_id if kind == "signer.reassigned" else None
    return SigningEvent(
        kind=kind,
        key=_key(message, kind, envelope),
        provider_event=name,
        occurred_at=at,
        envelope=envelope,
        signer=reference(only(state.signers)),
        previous_signer=SignerRef(id=previous) if previous else None,
        state=state,
        detail=detail,
    )


def _kind(name: str, word: str, content: Content) -> tuple[EventKind, str | None]:
    if name == EACH_SIGNATURE and _status(content) != "completed":
        return "signer.signed", None
    if word == "invite.expired" and not (content.invite_id or content.signer):
        return "document.expired", None
    viewer = content.viewer_user_unique_id
    if word == "document.open" and viewer and viewer == content.user_id:
        return "other", "opened by its owner"
    return EVENTS.get(word, ("other", None))


def _status(content: Content) -> EnvelopeStatus | None:
    return STATUSES.get(fold(content.status or ""))


def _state(word: str, kind: EventKind, content: Content, envelope: str, at: datetime) -> Envelope:
    """What the message lets one say of the document: at most one of its signers."""
    signers: tuple[Signer, ...] = ()
    if (content.invite_id or content.signer) and kind in SIGNER_STATUSES:
        signer = Signer(
            id=content.invite_id or "",
            email=content.signer if content.by_mail else None,
            phone=None if content.by_mail else content.signer,
            status=SIGNER_STATUSES[kind],
            notified_at=at if kind == "signer.notified" else None,
            signed_at=at if kind == "signer.signed" else None,
            declined_at=at if kind in ("signer.declined", "document.declined") else None,
        )
        signers = (signer,)
    return Envelope(
        id=envelope,
        title=content.group_name or content.document_name,
        status=_status(content) if word == "document.complete" else None,
        signers=signers,
        all_signers=False,
    )


def _key(message: Message, kind: EventKind, envelope: str) -> str:
    """The same for ``user.…`` and for the document's own event, which tell of the same fact."""
    name, content, time = message.meta.event, message.content, message.meta.timestamp
    if name == EACH_SIGNATURE and kind == "signer.signed":
        return event_key(name, envelope, None, time)
    who = content.invite_id or content.signer or content.group_invite_id
    who = who or content.viewer_user_unique_id
    # An address is not an identity: of two who share one, each is reported once.
    by_address = content.signer is not None and content.invite_id is None
    return event_key(
        message.meta.word, envelope, who, time if kind in REPEATED or by_address else None
    )
