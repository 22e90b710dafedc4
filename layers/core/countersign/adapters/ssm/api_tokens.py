"""The providers' API tokens in SSM SecureString parameters, kept in memory for a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.ssm.parameters import KEPT_FOR, Parameters
from countersign.errors import PermanentError
from countersign.model.base import Model
from countersign.model.connection import ConnectionCredentials

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class _Held(Model):
    """What a parameter holds of a connection's secrets: nothing that proves a webhook."""

    connection: str
    provider: str
    pipeline: str
    api_token: str | None = None
    api_url: str | None = None


class SsmApiTokens:
    """``ports.ApiTokens`` over SSM: one parameter ``<prefix>/<connection>`` each, JSON.

    The client is made when it is first needed; ``now`` tells the time.
    """

    def __init__(
        self, client: Callable[[], SSMClient], prefix: str, *, now: Callable[[], datetime]
    ) -> None:
        self._parameters = Parameters(client, prefix)
        self._now = now
        self._kept: dict[str, tuple[datetime, ConnectionCredentials]] = {}

    def get(self, connection: str) -> ConnectionCredentials | None:
        if not is_identifier(connection):
            return None
        now = self._now()
        kept = self._kept.get(connection)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        held = self._parameters.read(connection)
        if held is None:
            self._kept.pop(connection, None)
            return None
        credentials = self._parsed(connection, held)
        self._kept[connection] = now, credentials
        return credentials

    def put(self, secrets: ConnectionCredentials) -> None:
        """Make or replace what is held of these."""
        check_identifier(secrets.connection)
        kept = api_part(secrets)
        held = kept.model_dump_json(include=set(_Held.model_fields))
        self._parameters.write(secrets.connection, held)
        self._kept[secrets.connection] = self._now(), kept

    def remove(self, connection: str) -> None:
        """Forget what is held of the connection."""
        self._parameters.remove(connection)
        self._kept.pop(connection, None)

    def _parsed(self, connection: str, held: str) -> ConnectionCredentials:
        try:
            stored = _Held.model_validate_json(held)
        except ValidationError:
            name = self._parameters.name(connection)
            msg = f"the parameter {name} does not hold an API token; give it once more"
            raise PermanentError(msg) from None
        return ConnectionCredentials(tokens=(), **stored.model_dump())


def api_part(secrets: ConnectionCredentials) -> ConnectionCredentials:
    """The provider, API token and API address alone."""
    return secrets.model_copy(update={"tokens": (), "secrets": (), "options": {}})
