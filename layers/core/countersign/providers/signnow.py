"""SignNow: short JSON messages, each of one invite or one document, signed where a key is set.

Facts: docs.signnow.com/webhooks; contents by event in signnow/SignNow.NET,
SignNow.Net/Model/EventContentCallbackModels.cs. How the signature is written is known from
receivers of others only, which is why both writings count.

Events checked 2026-11: signnow/SignNow.NET, EventType.cs; SignNow PHP SDK, EventSubscription/V2,
EventsList (``document.invite.*``); the components for signNow 0.2.1 in PipedreamHQ/pipedream
(consent, authentication, delivery and free-form invites of groups).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from countersign.model.connection import Secrets
from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Grade,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)
from countersign.providers._signatures import base64_hmac, hex_hmac, secret_in_header
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    MaybeEmail,
    MaybeId,
    MaybeText,
    MaybeUnixTime,
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
from countersign.text.folding import fold

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "document.create": ("document.created", None),
    "document.open": ("document.viewed", None),
    "document.update": ("document.modified", "updated"),
    "document.complete": ("document.completed", None),
    "document.delete": ("document.deleted", None),
    "document.fieldinvite.create": ("document.created", "invite"),
    "document.fieldinvite.sent": ("signer.notified", None),
    "document.fieldinvite.signed": ("signer.signed", None),
    "document.fieldinvite.decline": ("signer.declined", None),
    "document.fieldinvite.reassign": ("signer.reassigned", "by the signer"),
    "document.fieldinvite.replace": ("signer.reassigned", "by the owner"),
    "document.fieldinvite.delete": ("document.voided", "invite deleted"),
    "document.fieldinvite.consent.agreed": ("signer.updated", "consent agreed"),
    # Consent to sign electronically: the paper itself may still be signed.
    "document.fieldinvite.consent.declined": ("signer.updated", "consent declined"),
    "document.fieldinvite.consent.withdrawn": ("signer.updated", "consent withdrawn"),
    "document.fieldinvite.authentication.failed": ("signer.authentication_failed", None),
    "document.fieldinvite.email.delivery.failed": ("signer.delivery_failed", None),
    "document.invite.sent": ("signer.notified", None),
    "document.invite.signed": ("signer.signed", None),
    "document.invite.declined": ("signer.declined", None),
    "document.invite.cancel": ("document.voided", None),
    "document.invite.reminder.sent": ("reminder.sent", None),
    "document.freeform.create": ("signer.notified", None),
    "document.freeform.signed": ("signer.signed", None),
    "document.count.unsent": ("other", None),
    "invite.expired": ("signer.expired", None),
    "document_group.create": ("document.created", None),
    "document_group.update": ("document.modified", "updated"),
    "document_group.complete": ("document.completed", None),
    "document_group.delete": ("document.deleted", None),
    "document_group.invite.create": ("document.sent", None),
    "document_group.invite.sent": ("document.sent", None),
    "document_group.invite.resend": ("reminder.sent", None),
    "document_group.invite.update": ("signer.updated", None),
    "document_group.invite.cancel": ("document.voided", None),
    "document_group.invite.declined": ("document.declined", None),
    "document_group.invite.consent.agreed": ("signer.updated", "consent agreed"),
    "document_group.invite.consent.declined": ("signer.updated", "consent declined"),
    "document_group.invite.consent.withdrawn": ("signer.updated", "consent withdrawn"),
    "document_group.invite.authentication.failed": ("signer.authentication_failed", None),
    "document_group.invite.email.delivery.failed": ("signer.delivery_failed", None),
    "document_group.freeform.create": ("document.sent", None),
    "document_group.freeform.resend": ("reminder.sent", None),
    "document_group.freeform.signed": ("signer.signed", None),
    "document_group.freeform.cancel": ("document.voided", None),
    "template.copy": ("template.changed", "copied"),
    "team.member.invite": ("other", None),
    "team.member.delete": ("other", None),
}
"""Each also comes as ``user.…``, where a user rather than a document is subscribed to."""
EACH_SIGNATURE = "user.document.complete"
"""Comes after every signature, unlike ``document.complete`` (webhooks, scopes)."""
REPEATED: frozenset[EventKind] = frozenset(
    {
        "document.viewed",
        "document.modified",
        "reminder.sent",
        "signer.updated",
        "signer.authentication_failed",
        "signer.delivery_failed",
        "template.changed",
        "other",
    }
)
"""May happen again to the same thing: only these keys need the time, whose meaning over retries
is not published."""
SIGNER_STATUSES: dict[EventKind, SignerStatus] = {
    "signer.notified": "notified",
    "signer.signed": "signed",
    "signer.declined": "declined",
    "document.declined": "declined",
    "signer.expired": "expired",
    "signer.reassigned": "waiting",
    "signer.updated": "waiting",
    "signer.authentication_failed": "waiting",
    "signer.delivery_failed": "waiting",
    "reminder.sent": "waiting",
}
"""What is known of the signer whom an event of that kind names."""
STATUSES: dict[str, EnvelopeStatus] = {
    "pending": "sent",
    "complete": "completed",
    "completed": "completed",
}
"""Of a document; the status in a message of an invite is the invite's."""


class Meta(Payload):
    """What happened."""

    event: ProviderId
    timestamp: MaybeUnixTime = None


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
    grade = "body"
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
    secret_names: ClassVar[frozenset[str]] = frozenset({"access_token", "callback_url"})

    def verify(self, request: Request, secrets: Secrets, now: datetime) -> Grade:
        """``X-SignNow-Signature`` is the HMAC-SHA256 of the raw body, in Base64 or hexadecimal.

        It covers no time. Where the connection's option ``secret_header`` names a header, one
        that carries the secret itself counts too, as ``origin``.
        """
        keys = usable(secrets)
        given = request.header("x-signnow-signature")
        writings = (hex_hmac, base64_hmac)
        expected = (write(key, request.body) for key in keys for write in writings)
        if given and any_equal([header_bytes(given)], expected):
            return "body"
        if secret_in_header(request, secrets):
            return "origin"
        if not given:
            raise UnauthorizedError("no X-SignNow-Signature header: set secret_key on the event")
        raise UnauthorizedError(
            f"X-SignNow-Signature was made with none of our {len(keys)} secrets"
        )

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event. Roles, orders and reasons are not told."""
        message = read_payload(Message, read_json(request.body))
        return (_signing_event(message, message.meta.timestamp or request.received_at),)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with its signature in Base64."""
        proof = base64_hmac(secret, request.body).decode()
        headers = {**request.headers, "x-signnow-signature": proof}
        return request.model_copy(update={"headers": headers})


def _signing_event(message: Message, at: datetime) -> SigningEvent:
    name, content = message.meta.event, message.content
    word = name.removeprefix("user.")
    kind, change = _kind(name, word, content)
    detail = {"change": change} if change else {}
    of_group = word.startswith("document_group.")
    envelope = (content.group_id if of_group else content.document_id) or ""
    if kind == "template.changed" or not envelope:
        if kind not in ("template.changed", "other"):
            raise MalformedError(f"content.document_id: {name} must name its document")
        more = {"template": content.template_id, "document": content.document_id}
        return SigningEvent(
            kind=kind,
            key=meaning(word, content.template_id, envelope, message.meta.timestamp),
            provider_event=name,
            occurred_at=at,
            envelope="",
            detail=detail | {key: value for key, value in more.items() if value},
        )
    state = _state(word, kind, content, envelope, at)
    previous = content.old_invite_unique_id if kind == "signer.reassigned" else None
    return SigningEvent(
        kind=kind,
        key=_key(name, word, kind, content, envelope, message.meta.timestamp),
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


def _key(
    name: str,
    word: str,
    kind: EventKind,
    content: Content,
    envelope: str,
    time: datetime | None,
) -> str:
    """The same for ``user.…`` and for the document's own event, which tell of the same fact."""
    if name == EACH_SIGNATURE and kind == "signer.signed":
        return meaning(name, envelope, None, time)
    who = content.invite_id or content.signer or content.group_invite_id
    who = who or content.viewer_user_unique_id
    # An address is not an identity: of two who share one, each is told of once.
    by_address = content.signer is not None and content.invite_id is None
    return meaning(word, envelope, who, time if kind in REPEATED or by_address else None)
