"""Connections' secrets in SSM SecureString parameters, kept in memory for a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.ssm_parameters import KEPT_FOR, Parameters
from countersign.errors import PermanentError
from countersign.model.connection import Secrets

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MOST_KEPT = 1_000
"""Answers, so that calls with invented ids do not fill the memory."""


class SsmSecretStore:
    """``ports.SecretStore`` over SSM: one parameter ``<prefix>/<connection>`` each, JSON.

    The client is made when it is first needed; ``now`` tells the time.
    """

    def __init__(
        self, client: Callable[[], SSMClient], prefix: str, *, now: Callable[[], datetime]
    ) -> None:
        self._parameters = Parameters(client, prefix)
        self._now = now
        self._kept: dict[str, tuple[datetime, Secrets | None]] = {}

    def get(self, connection: str) -> Secrets | None:
        if not is_identifier(connection):
            return None
        now = self._now()
        kept = self._kept.get(connection)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        secrets = self._read(connection)
        self._keep(connection, now, secrets)
        return secrets

    def put(self, secrets: Secrets) -> None:
        check_identifier(secrets.connection)
        self._parameters.write(secrets.connection, secrets.model_dump_json())
        self._keep(secrets.connection, self._now(), secrets)

    def remove(self, connection: str) -> None:
        if is_identifier(connection):
            self._parameters.remove(connection)
            self._keep(connection, self._now(), None)

    def _read(self, connection: str) -> Secrets | None:
        name, held = self._parameters.name(connection), self._parameters.read(connection)
        if held is None:
            return None
        try:
            secrets = Secrets.model_validate_json(held)
        except ValidationError as error:
            # Without the cause: it would carry the value, and so the secrets, into the log.
            places = ", ".join(str(one["loc"][0]) for one in error.errors() if one["loc"])
            msg = f"the parameter {name} does not hold a connection's secrets"
            raise PermanentError(f"{msg} ({places or 'no JSON'}); connect it anew") from None
        if secrets.connection != connection:
            msg = f"the parameter {name} holds the secrets of {secrets.connection}"
            raise PermanentError(f"{msg}; connect {connection} anew")
        return secrets

    def _keep(self, connection: str, now: datetime, secrets: Secrets | None) -> None:
        self._kept.pop(connection, None)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[connection] = now, secrets
