"""Addresses of webhooks that prove themselves: their tokens are signed with the deployment's key.

A token is what nobody can guess and 26 characters of Base32, the first 128 bits of HMAC-SHA256
over connection and the former (RFC 2104, truncated as its section 5 allows). So an address that
somebody invented is known as such before anything is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.ssm.parameters import Parameters
from countersign.errors import CountersignError, PermanentError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEY_BYTES = 32
PROOF = 26
"""Characters of the proof at a token's end."""
LONGEST = 128
"""Characters of a token that is looked at."""
ASKED_AGAIN = timedelta(seconds=1)
"""How long a failure to read the key is remembered, so that strangers cannot repeat the read."""
LOOKED_AGAIN = timedelta(seconds=5)
"""The same where there is no key: nothing was connected yet."""
_CONTEXT = b"countersign address 1\0"


class SsmAddresses:
    """``ports.Addresses`` with the key in one SecureString parameter, in hexadecimal.

    The key is read once and kept: it is never replaced. The client is made when it is first
    needed; ``now`` tells the time.
    """

    def __init__(
        self, client: Callable[[], SSMClient], parameter: str, *, now: Callable[[], datetime]
    ) -> None:
        """``parameter``: the key's whole name."""
        path, _, self._name = parameter.rpartition("/")
        self._parameters = Parameters(client, path)
        self._now = now
        self._key: bytes | None = None
        self._quiet_until: datetime | None = None
        self._failure: CountersignError | None = None

    def make(self, connection: str, unguessable: str) -> str:
        check_identifier(connection)
        key = self._key or self._read()
        if key is None:
            made = secrets.token_bytes(KEY_BYTES)
            # Of two who make it at once, the second takes the first one's.
            key = made if self._parameters.add(self._name, made.hex()) else self._read()
            if key is None:
                msg = f"the parameter {self._parameters.name(self._name)} was removed meanwhile"
                raise PermanentError(msg)
        self._key = key
        return signed(key, connection, unguessable)

    def proves(self, connection: str, token: str) -> bool:
        if not is_identifier(connection) or not PROOF < len(token) <= LONGEST:
            return False
        key = self._key or self._known_key()
        if key is None:
            return False
        # As bytes: compare_digest takes only ASCII as text.
        expected = signed(key, connection, token[:-PROOF]).encode("utf-8", "surrogatepass")
        return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), expected)

    def _known_key(self) -> bytes | None:
        """The key, or None where there is none; a failure and an absence are remembered a while."""
        now = self._now()
        if self._quiet_until is not None and now < self._quiet_until:
            if self._failure is not None:
                raise self._failure
            return None
        self._failure = None
        try:
            self._key = self._read()
        except CountersignError as error:
            self._failure = error
            self._quiet_until = self._now() + ASKED_AGAIN
            raise
        self._quiet_until = None if self._key else self._now() + LOOKED_AGAIN
        return self._key

    def _read(self) -> bytes | None:
        held = self._parameters.read(self._name)
        if held is None:
            return None
        try:
            key = bytes.fromhex(held)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            # Without the value: it would go to the log.
            name = self._parameters.name(self._name)
            msg = f"the parameter {name} does not hold {KEY_BYTES} bytes in hexadecimal; restore it"
            raise PermanentError(f"{msg} from its history, or renew every address")
        return key


def signed(key: bytes, connection: str, unguessable: str) -> str:
    """The token with its proof for this connection."""
    message = f"{connection}\0{unguessable}".encode("utf-8", "surrogatepass")
    digest = hmac.new(key, _CONTEXT + message, hashlib.sha256).digest()
    return unguessable + base64.b32encode(digest[:16]).decode().rstrip("=").lower()
