"""Connections' secrets in SSM SecureString parameters, kept in memory for a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import ValidationError

from countersign.adapters.aws_errors import code_of, our_errors
from countersign.adapters.checks import check_identifier, is_identifier
from countersign.errors import PermanentError
from countersign.model.connection import Secrets

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SERVICE = "Systems Manager"
KEPT_FOR = timedelta(seconds=60)
MOST_KEPT = 1_000
"""Answers, so that calls with invented ids do not fill the memory."""


class SsmSecretStore:
    """``ports.SecretStore`` over SSM: one parameter ``<prefix>/<connection>`` each, JSON.

    The client is made when it is first needed; ``now`` tells the time.
    """

    def __init__(
        self, client: Callable[[], SSMClient], prefix: str, *, now: Callable[[], datetime]
    ) -> None:
        self._make_client = client
        self._client: SSMClient | None = None
        self._prefix = prefix.rstrip("/")
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
        with our_errors(SERVICE):
            self._ssm().put_parameter(
                Name=self._name(secrets.connection),
                Value=secrets.model_dump_json(),
                Type="SecureString",
                Overwrite=True,
            )
        self._keep(secrets.connection, self._now(), secrets)

    def _read(self, connection: str) -> Secrets | None:
        name = self._name(connection)
        with our_errors(SERVICE):
            try:
                answer = self._ssm().get_parameter(Name=name, WithDecryption=True)
            except ClientError as error:
                if code_of(error) != "ParameterNotFound":
                    raise
                return None
        try:
            secrets = Secrets.model_validate_json(answer["Parameter"]["Value"])
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

    def _name(self, connection: str) -> str:
        return f"{self._prefix}/{connection}"

    def _ssm(self) -> SSMClient:
        if self._client is None:
            self._client = self._make_client()
        return self._client
