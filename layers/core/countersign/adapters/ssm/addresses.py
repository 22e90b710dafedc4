"""Addresses of webhooks that prove themselves: their tokens are signed with the deployment's key.

A token is what nobody can guess and 26 characters of Base32, the first 128 bits of HMAC-SHA256
over connection and the former (RFC 2104, truncated as its section 5 allows). So an address that
somebody invented is known as such before anything is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.ssm.deployment_key import DeploymentKey

PROOF = 26
"""Characters of the proof at a token's end."""
LONGEST = 128
"""Characters of a token that is looked at."""
_CONTEXT = b"countersign address 1\0"


class SsmAddresses:
    """``ports.Addresses`` with the deployment's key."""

    def __init__(self, key: DeploymentKey) -> None:
        self._key = key

    def make(self, connection: str, unguessable: str) -> str:
        check_identifier(connection)
        return signed(self._key.made(), connection, unguessable)

    def proves(self, connection: str, token: str) -> bool:
        if not is_identifier(connection) or not PROOF < len(token) <= LONGEST:
            return False
        key = self._key.known()
        if key is None:
            return False
        # As bytes: compare_digest takes only ASCII as text.
        expected = signed(key, connection, token[:-PROOF]).encode("utf-8", "surrogatepass")
        return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), expected)


def signed(key: bytes, connection: str, unguessable: str) -> str:
    """The token with its proof for this connection."""
    message = f"{connection}\0{unguessable}".encode("utf-8", "surrogatepass")
    digest = hmac.new(key, _CONTEXT + message, hashlib.sha256).digest()
    return unguessable + base64.b32encode(digest[:16]).decode().rstrip("=").lower()
