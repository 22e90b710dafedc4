"""Standard Webhooks: any provider that follows the specification, with a mapping in the options.

Facts: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md (1.0.0). Of its
two schemes this is the symmetric one, ``v1``; ``v1a`` (Ed25519) needs a library that the functions
do not carry. Svix calls the same headers ``svix-id`` and so on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.providers._toolkit.ages import AGE_OPTION
from countersign.providers._toolkit.events import details, event_key
from countersign.providers._toolkit.payload import MaybeId, Payload
from countersign.providers._toolkit.reading import read_json, read_payload
from countersign.providers._toolkit.signatures import check_age, header_bytes, require_match, usable
from countersign.providers.base import (
    NO_OPTIONS,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.providers.standard_webhooks.mapping import (
    OPTIONS,
    MessageMapping,
    MessageValues,
    problems,
    read_options,
)
from countersign.standards.standard_webhooks import key_of, signature

TOLERANCE = timedelta(minutes=5)
"""As the specification's own libraries have it; each attempt is signed anew."""
FAMILIES = ("webhook", "svix")
# The list is separated by spaces; the gateway joins headers that were sent twice with commas.
SIGNATURE = re.compile(r"(?:^|[\s,])v1,([A-Za-z0-9+/]+=*)(?=[\s,]|$)")


class Headers(NamedTuple):
    """The three headers of one family."""

    id: str
    timestamp: str
    signature: str


class Delivery(Payload):
    """The message's id, which stays the same on every attempt."""

    id: MaybeId = None


class StandardWebhooks(Provider):
    """Any provider that follows Standard Webhooks."""

    title = "Standard Webhooks"
    authenticity = "signed"
    retries = "by the provider; the specification suggests 9 times in three days"
    setup = (
        "Where the provider lets you add a webhook endpoint: {url}, content type JSON",
        "Copy its signing secret, whsec_ and Base64, here ({secret})",
        "Set the connection's options: which of its types are which of our kinds (kinds), and "
        "where its JSON has the envelope's id, the signer and so on",
    )
    options = {**OPTIONS, **AGE_OPTION}
    secrets_chosen_by = "provider"
    tells_sender = False
    # Nobody knows what a provider calls its secrets: what many call theirs.
    secret_names = frozenset(
        {
            "access_token",
            "content_base64",
            "document_base64",
            "embed_url",
            "password",
            "pdf_base64",
            "secret",
            "sign_url",
            "signing_link",
            "signing_url",
            "token",
        }
    )

    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """Any ``v1`` signature of the header, made with any of our keys.

        Each is the Base64 of HMAC-SHA256 over id, timestamp and raw body, joined by dots, with the
        key that the secret is the Base64 of. Five minutes old at most, or the connection's option
        ``max_age_hours``.
        """
        held = usable(secrets)
        keys = [key for secret in held if (key := key_of(secret))]
        if not keys:
            raise UnauthorizedError(
                f"none of our {len(held)} secrets is Base64, with or without whsec_ before it"
            )
        headers = _headers(request)
        if headers is None:
            raise UnauthorizedError("no webhook-id, webhook-timestamp and webhook-signature")
        given = [text.encode() for text in SIGNATURE.findall(headers.signature)]
        sent, at = header_bytes(headers.id), headers.timestamp.encode()
        require_match(
            given,
            (signature(key, sent, at, request.body) for key in keys),
            f"none of {len(given)} v1 signatures was made with any of our {len(keys)} keys",
        )
        check_age(_sent_at(headers), now, secrets, TOLERANCE)
        return "signed"

    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """One event, read as the options say."""
        mapped = read_options(options)
        values = mapped.values_of(read_json(request.body))
        headers = _headers(request)
        given = headers.id if headers else _alone(request)
        delivery = read_payload(Delivery, {"id": given}).id
        if delivery is None:
            raise MalformedError(
                "webhook-id is missing; without it a retry looks like a new message"
            )
        return (_signing_event(mapped, values, delivery, request),)

    def problems(self, secrets: ConnectionCredentials) -> tuple[str, ...]:
        """What is wrong with the mapping, and secrets that are not Base64."""
        bad = [place for place, secret in enumerate(secrets.secrets, 1) if not key_of(secret)]
        wrong = (
            f"secret {place} is not valid Base64; copy it as the provider shows it, with whsec_"
            for place in bad
        )
        return (*problems(secrets.options), *wrong, *super().problems(secrets))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request with the three headers; the id stays if it has one."""
        key = key_of(secret) or secret.encode()
        delivery = _alone(request) or f"msg_{hashlib.sha256(request.body).hexdigest()[:24]}"
        timestamp = str(int(now.timestamp()))
        made = signature(key, header_bytes(delivery), timestamp.encode(), request.body).decode()
        return request.with_headers(
            {
                "webhook-id": delivery,
                "webhook-timestamp": timestamp,
                "webhook-signature": f"v1,{made}",
            }
        )


def _headers(request: Request) -> Headers | None:
    """The headers of the first family of which all three are there."""
    for family in FAMILIES:
        headers = [request.header(f"{family}-{field}") or "" for field in Headers._fields]
        if all(headers):
            return Headers(*headers)
    return None


def _sent_at(headers: Headers) -> datetime | None:
    """The time of the attempt; None where it is not a valid number of seconds."""
    if not re.fullmatch(r"[0-9]{1,11}", headers.timestamp):
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(headers.timestamp))


def _alone(request: Request) -> str | None:
    """The id of a message that is not signed yet."""
    given = (request.header(f"{family}-id") for family in FAMILIES)
    return next((header for header in given if header), None)


def _signing_event(
    mapped: MessageMapping, values: MessageValues, delivery: str, request: Request
) -> SigningEvent:
    kind, change = mapped.kind(values.type)
    if values.envelope is None and kind not in ("other", "template.changed", "webhook.test"):
        msg = (
            f'nothing at {mapped.envelope_place}, where the option "envelope" has the id of '
            f"the envelope of {values.type}"
        )
        raise MalformedError(msg)
    envelope = values.envelope or ""
    headers = _headers(request)
    at = values.time or (_sent_at(headers) if headers else None)
    return SigningEvent(
        kind=kind,
        # The specification's idempotency key: the same on every attempt.
        key=event_key("message", delivery),
        provider_event=values.type,
        occurred_at=at or request.received_at,
        envelope=envelope,
        signer=values.signer,
        reason=values.reason,
        state=values.state(envelope) if envelope else None,
        detail=details(change=change),
    )
