"""A webhook that proved its sender and was refused all the same."""

import hashlib
import json
from collections.abc import Mapping

from countersign.model.base import Instant, Model


class RejectedRequest(Model):
    """One rejected message, kept until it was taken again, for 30 days at most."""

    connection: str
    provider: str
    received_at: Instant
    status: int
    """How it was answered: 400, 413 or 415."""
    reason: str
    digest: str
    """By ``digest_of``, in hexadecimal. A message that its provider repeats is kept once."""
    request: str
    """The verified request as JSON, without the credentials in its headers and query."""

    @property
    def id(self) -> str:
        """``<connection>.<part of the digest>``."""
        return rejected_id(self.connection, self.digest)


def rejected_id(connection: str, digest: str) -> str:
    """The id of a connection's message with this digest."""
    return f"{connection}.{digest[:16]}"


def digest_of(slot: str | None, query: Mapping[str, str], body: bytes) -> str:
    """SHA-256 over what a message says: its body, and what its address says besides."""
    content = json.dumps([slot, sorted(query.items())]).encode()
    return hashlib.sha256(content + b"\0" + body).hexdigest()
