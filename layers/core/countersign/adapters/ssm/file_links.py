"""Links to files, signed with the deployment's key: they say themselves what they are good for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countersign.adapters.ssm.deployment_key import DeploymentKey
from countersign.errors import PermanentError

if TYPE_CHECKING:
    from countersign.model.file_transfer import FileLink

LONGEST = 400
"""Characters of a token that is looked at."""
PROOF = 16
"""Bytes of the proof: the first 128 bits of HMAC-SHA256, as RFC 2104, section 5, allows."""
_CONTEXT = b"countersign file 1\0"


class SignedFileLinks:
    """``ports.FileLinks``: what a link stands for, and the proof that it was made here, in Base64
    for addresses (RFC 4648, section 5)."""

    def __init__(self, key: DeploymentKey, address: str) -> None:
        """``address``: what stands before a link's token, without a slash at its end."""
        self._key = key
        self._address = address

    def make(self, link: FileLink) -> str:
        key = self._key.known()
        if key is None:
            msg = "the deployment has no key for links to files yet; the first connection makes it"
            raise PermanentError(msg)
        return f"{self._address}/{_token(key, link)}"

    def read(self, token: str) -> FileLink | None:
        from countersign.model.file_transfer import FileLink

        if len(token) > LONGEST:
            return None
        try:
            said = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        key = self._key.known()
        proof, content = said[:PROOF], said[PROOF:]
        if key is None or not hmac.compare_digest(proof, _proof(key, content)):
            return None
        document, file, until = content.decode().split("\0")
        return FileLink(
            document=document,
            file=file,
            expires_at=datetime.fromtimestamp(int(until), UTC),
        )


def _token(key: bytes, link: FileLink) -> str:
    until = str(int(link.expires_at.timestamp()))
    content = "\0".join((link.document, link.file, until)).encode()
    return base64.urlsafe_b64encode(_proof(key, content) + content).decode().rstrip("=")


def _proof(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, _CONTEXT + content, hashlib.sha256).digest()[:PROOF]
