"""DocuSeal: JSON of one form or of the whole submission, signed together with a time.

Facts: docusealco/docuseal, lib/webhook_urls/signatures.rb, lib/send_webhook_request.rb and
docs/webhooks. Events checked 2026-11: that repository of August 2026, app/models/webhook_url.rb;
they are the eleven below. Its test button sends the last completed form once more, unsigned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, EventKind, Signer, SigningEvent
from countersign.providers._toolkit.events import details, event_key, known_by
from countersign.providers._toolkit.json_access import inner, loose_id
from countersign.providers._toolkit.payload import MaybeIsoTime, Payload, ProviderId
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.redaction import REDACTED, redacted_json
from countersign.providers._toolkit.signatures import any_equal, hex_hmac, secret_in_header, usable
from countersign.providers._toolkit.signers import reference
from countersign.providers._toolkit.times import EPOCH
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.docuseal.calls import DocuSealCalls
from countersign.providers.docuseal.state import (
    Form,
    Submission,
    first_sent,
    read_form,
    read_submission,
)

TOLERANCE = timedelta(minutes=5)
"""As in DocuSeal's own verifier; each attempt is signed anew, so late retries are fresh too."""
SIGNATURE = re.compile(r"([0-9]{1,11})\.([0-9a-f]{64})")
LINK = re.compile(r'"https?://(?:[^"\\]|\\.)*"')

EVENTS: dict[str, tuple[EventKind, str | None]] = {
    "form.viewed": ("document.viewed", None),
    "form.started": ("signer.started", None),
    "form.completed": ("signer.signed", None),
    "form.declined": ("signer.declined", None),
    "submission.created": ("document.created", None),
    "submission.completed": ("document.completed", None),
    "submission.expired": ("document.expired", None),
    "submission.archived": ("document.deleted", "archived"),
    "template.created": ("template.changed", "created"),
    "template.updated": ("template.changed", "updated"),
    "template.archived": ("template.changed", "archived"),
}


class Message(Payload):
    """One call of the webhook."""

    event_type: ProviderId
    timestamp: MaybeIsoTime = None
    """When the event was recorded: the same on every attempt."""
    data: Any = None


class DocuSeal(DocuSealCalls, Provider):
    """DocuSeal, its own cloud or self-hosted."""

    title = "DocuSeal"
    authenticity = "signed"
    retries = "after 1, 2, 4, 8 … minutes, about 11 times in 34 hours"
    setup = (
        "Settings > Webhooks > New webhook: {url}",
        "Choose every event that begins with form or submission",
        "Copy the webhook's signing secret (whsec_…) here: {secret}. Older versions sign nothing: "
        "let them send a secret header of your own and name it in the option secret_header",
    )
    secrets_chosen_by = "provider"
    own_secrets_option = "secret_header"
    # A slug opens the signing form.
    options: ClassVar[Mapping[str, str]] = {
        "secret_header": "Name of the header that carries the secret as it is."
    }
    secret_names: ClassVar[frozenset[str]] = frozenset({"slug", "embed_src"})

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """``X-Docuseal-Signature: <time>.<hex HMAC-SHA256 of "<time>." and the raw body>``.

        The key is the whole ``whsec_…`` text; five minutes either way. Where the connection's
        option ``secret_header`` names a header, one that carries the secret itself counts too,
        as ``shared_secret``.
        """
        keys = usable(secrets)
        match = SIGNATURE.fullmatch((request.header("x-docuseal-signature") or "").strip())
        if match:
            signed = f"{match[1]}.".encode() + request.body
            at = EPOCH + timedelta(seconds=int(match[1]))
            fits = any_equal([match[2].encode()], (hex_hmac(key, signed) for key in keys))
            if fits and abs(now - at) <= TOLERANCE:
                return "signed"
        if secret_in_header(request, secrets):
            return "shared_secret"
        if not match:
            msg = "no readable X-Docuseal-Signature header: a test message, or an older version"
        elif not fits:
            msg = f"X-Docuseal-Signature was made with none of our {len(keys)} secrets"
        else:
            msg = f"X-Docuseal-Signature is of {at.isoformat()}, more than {TOLERANCE} away"
        raise UnauthorizedError(msg)

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, or two where a message tells of two facts."""
        message = read_payload(Message, read_json(request.body))
        at = message.timestamp or request.received_at
        family = message.event_type.partition(".")[0]
        if message.event_type not in EVENTS or family == "template":
            return (_aside(message, at),)
        return _form(message, at) if family == "form" else _submission(message, at)

    def redact(self, request: Request) -> str:
        """The message's JSON without slugs and links: each of them opens something unasked."""
        return LINK.sub(f'"{REDACTED}"', redacted_json(request.body, self.secret_names))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request signed now."""
        time = str(int(now.timestamp()))
        proof = hex_hmac(secret, f"{time}.".encode() + request.body).decode()
        return request.with_headers({"x-docuseal-signature": f"{time}.{proof}"})


def _form(message: Message, at: datetime) -> tuple[SigningEvent, ...]:
    form = read_payload(Form, message.data)
    name = message.event_type
    kind, _ = EVENTS[name]
    if form.envelope is None:
        raise MalformedError(f"data.submission_id: {name} must name its submission")
    state = read_form(form.envelope, form)
    signer = form.signer
    # A form may be opened often; the rest happens once.
    time = message.timestamp if kind == "document.viewed" else None
    times = {"signer.signed": form.completed_at, "signer.declined": form.declined_at}
    first = SigningEvent(
        kind=kind,
        key=event_key(name, state.id, *_who(signer), time),
        provider_event=name,
        occurred_at=times.get(kind) or at,
        envelope=state.id,
        signer=reference(signer),
        reason=form.decline_reason if kind == "signer.declined" else None,
        state=state,
    )
    if kind == "signer.declined" and form.ended_by_refusal:
        key = event_key("submission.declined", state.id)
        return first, first.model_copy(update={"kind": "document.declined", "key": key})
    return (first,)


def _who(signer: Signer | None) -> tuple[object, ...]:
    """The id; without one, all by which a submitter is known."""
    if signer is None:
        return (None,)
    return known_by(signer.id, signer.email, signer.phone, signer.name, signer.role)


def _submission(message: Message, at: datetime) -> tuple[SigningEvent, ...]:
    submission = read_payload(Submission, message.data)
    name = message.event_type
    kind, change = EVENTS[name]
    # Told of an archived submission is its id alone.
    state = None if kind == "document.deleted" else read_submission(submission)
    times = {
        "document.created": submission.created_at,
        "document.completed": submission.completed_at,
        "document.expired": submission.expire_at,
        "document.deleted": submission.archived_at,
    }
    first = SigningEvent(
        kind=kind,
        key=event_key(name, submission.id),
        provider_event=name,
        occurred_at=times[kind] or at,
        envelope=submission.id,
        state=state,
        detail=details(change=change),
    )
    submitters = submission.submitters or ()
    out = any(submitter.progress != "waiting" for submitter in submitters)
    sent = first_sent(submitters) or (first.occurred_at if out else None)
    if kind == "document.created" and sent:
        key = event_key("submission.sent", submission.id)
        more = {"kind": "document.sent", "key": key, "occurred_at": sent}
        return first, first.model_copy(update=more)
    return (first,)


def _aside(message: Message, at: datetime) -> SigningEvent:
    """A template's event, or one that we don't know."""
    name = message.event_type
    kind, change = EVENTS.get(name, ("other", None))
    own = loose_id(inner(message.data, "id"))
    envelope = loose_id(inner(message.data, "submission_id"))
    if name.startswith("submission."):
        envelope = own
    detail = details(change=change)
    if kind == "template.changed" and own:
        detail["template"] = own
    return SigningEvent(
        kind=kind,
        key=event_key(name, envelope, own, message.timestamp),
        provider_event=name,
        occurred_at=at,
        envelope=(envelope or "") if kind == "other" else "",
        detail=detail,
    )
