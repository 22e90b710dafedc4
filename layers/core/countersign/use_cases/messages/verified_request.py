"""Requests that have proved their sender, as they are kept until they can be applied."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from countersign.model.base import Instant, Model
from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity
from countersign.providers._toolkit.redaction import REDACTED
from countersign.providers.base import Request

CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Headers that hold nothing else."""
CREDENTIAL_WORDS = ("secret", "password", "token", "api-key", "apikey")
"""Headers with one of these words in their name hold a credential."""
LEAST_INSIDE = 8
"""Characters of a secret that is looked for inside longer values."""


class VerifiedRequest(Model):
    """A request that has proved its sender, and how well."""

    connection: str
    authenticity: Authenticity
    method: str
    headers: dict[str, str]
    query: dict[str, str]
    body: str
    """Base64."""
    slot: str | None
    received_at: Instant

    @classmethod
    def of(cls, connection: str, authenticity: Authenticity, request: Request) -> VerifiedRequest:
        """The request as it is kept."""
        return cls(
            connection=connection,
            authenticity=authenticity,
            method=request.method,
            headers=request.headers,
            query=request.query,
            body=base64.b64encode(request.body).decode(),
            slot=request.slot,
            received_at=request.received_at,
        )

    def request(self) -> Request:
        """The request as it came."""
        return Request(
            method=self.method,
            headers=self.headers,
            query=self.query,
            body=base64.b64decode(self.body),
            slot=self.slot,
            received_at=self.received_at,
        )


def without_credentials(
    verified: VerifiedRequest, secrets: ConnectionCredentials
) -> VerifiedRequest:
    """The same without what lets somebody in: credentials in headers, the connection's secrets.

    What the message is read by (its type, its id, its parameters) stays.
    """
    known = frozenset(secret for secret in (*secrets.secrets, *secrets.tokens) if secret)
    inside = [secret for secret in known if len(secret) >= LEAST_INSIDE]

    def clean(given: Mapping[str, str], *, by_name: bool) -> dict[str, str]:
        return {
            name: REDACTED
            if (by_name and _is_credential(name))
            or value in known
            or any(secret in value for secret in inside)
            else value
            for name, value in given.items()
        }

    return verified.model_copy(
        update={
            "headers": clean(verified.headers, by_name=True),
            "query": clean(verified.query, by_name=False),
        }
    )


def _is_credential(header: str) -> bool:
    name = header.lower()
    return name in CREDENTIALS or any(word in name for word in CREDENTIAL_WORDS)
