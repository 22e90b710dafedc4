"""What several providers' proofs share: keys, how an HMAC is written, how old a time may be."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from countersign.model.connection import ConnectionCredentials
from countersign.providers._toolkit.ages import MAX_AGE_HOURS, is_hours
from countersign.providers._toolkit.request import Request, UnauthorizedError

MAX_AHEAD = timedelta(hours=1)
"""How far a provider's clock may be ahead of ours."""


def usable(secrets: ConnectionCredentials) -> tuple[str, ...]:
    """The secrets that are not blank; ``UnauthorizedError`` where there is none: fail closed."""
    present = tuple(secret for secret in secrets.secrets if secret.strip())
    if not present:
        raise UnauthorizedError(f"connection {secrets.connection} holds no secret")
    return present


def any_equal(given: Iterable[bytes], expected: Iterable[bytes]) -> bool:
    """Whether any given value equals any expected one; looks at every pair, in constant time."""
    expected = tuple(expected)
    match = False
    for signature in given:
        for other in expected:
            match |= hmac.compare_digest(signature, other)
    return match


def header_bytes(text: str) -> bytes:
    """A header's value for comparing: never fails, whatever the text holds."""
    return text.strip().encode("utf-8", "replace")


def hmac_sha256(secret: str, message: bytes) -> bytes:
    """HMAC-SHA256 with the secret as UTF-8 text."""
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def required_header(request: Request, name: str, remedy: str | None = None) -> str:
    """A header's value; ``UnauthorizedError`` where it is missing or empty, with what to do."""
    value = request.header(name)
    if not value:
        raise UnauthorizedError(f"no {name} header: {remedy}" if remedy else f"no {name} header")
    return value


def require_match(given: Iterable[bytes], expected: Iterable[bytes], problem: str) -> None:
    """``UnauthorizedError`` with that text unless any given value equals any expected one.

    In constant time: every pair is looked at.
    """
    if not any_equal(given, expected):
        raise UnauthorizedError(problem)


def hex_hmac(secret: str, message: bytes) -> bytes:
    """HMAC-SHA256 with the secret as UTF-8 text, in lower-case hexadecimal digits."""
    return hmac_sha256(secret, message).hex().encode()


def base64_hmac(secret: str, message: bytes) -> bytes:
    """HMAC-SHA256 with the secret as UTF-8 text, in Base64 with padding."""
    return base64.b64encode(hmac_sha256(secret, message))


def check_age(
    at: datetime | None, now: datetime, secrets: ConnectionCredentials, limit: timedelta
) -> None:
    """``UnauthorizedError`` for a time that is missing, older than the limit or ahead of ours.

    The connection's option ``max_age_hours`` sets another limit, in whole hours; 0 sets none.
    """
    hours = secrets.options.get(MAX_AGE_HOURS)
    if hours is not None:
        if not is_hours(hours):
            msg = f"option max_age_hours of connection {secrets.connection}: expected whole hours"
            raise UnauthorizedError(msg)
        limit = timedelta(hours=int(hours))
    if at is None:
        raise UnauthorizedError("the signed time is missing or cannot be read")
    if limit and not -MAX_AHEAD <= now - at <= limit:
        raise UnauthorizedError(f"the signed time {at.isoformat()} is not within {limit}")


def is_recent(at: datetime | None, now: datetime, limit: timedelta) -> bool:
    """Whether an example's time may stay when it is signed at ``now``: it is past, and not old."""
    return at is not None and timedelta() <= now - at <= limit


def secret_in_header(request: Request, secrets: ConnectionCredentials) -> bool:
    """Whether a header of the account's own choosing carries one of our secrets as it is.

    The connection's option ``secret_header`` names the header; without it the answer is no.
    """
    name = secrets.options.get("secret_header", "").strip()
    given = request.header(name) if name else None
    keys = (header_bytes(key) for key in usable(secrets))
    return bool(given) and any_equal([header_bytes(given or "")], keys)
