"""The deployment's key: what its own addresses and links are signed with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from countersign.adapters.ssm.parameters import Parameters
from countersign.errors import CountersignError, PermanentError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEY_BYTES = 32
ASKED_AGAIN = timedelta(seconds=1)
"""How long a failure to read the key is remembered, so that strangers cannot repeat the read."""
LOOKED_AGAIN = timedelta(seconds=5)
"""The same while the key does not exist, which is until the first connection."""


class DeploymentKey:
    """One SecureString parameter, in hexadecimal.

    The key is read once and kept: it is never replaced. The client is made when it is first
    needed; ``now`` is the clock.
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

    def made(self) -> bytes:
        """The key; the first call makes it."""
        key = self._key or self._read()
        if key is None:
            new = secrets.token_bytes(KEY_BYTES)
            # Of two who make it at once, the second takes the first one's.
            key = new if self._parameters.add(self._name, new.hex()) else self._read()
            if key is None:
                msg = f"the parameter {self._parameters.name(self._name)} was removed meanwhile"
                raise PermanentError(msg)
        self._key = key
        return key

    def known(self) -> bytes | None:
        """The key, or None where there is none; a failure and an absence are remembered a while.

        UnavailableError or PermanentError while it cannot be read.
        """
        if self._key is not None:
            return self._key
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
