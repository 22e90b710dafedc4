"""Connections' secrets in SSM SecureString parameters, kept in memory for a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.ssm.parameters import KEPT_FOR, Parameters
from countersign.errors import CountersignError, PermanentError, UnavailableError
from countersign.model.connection import ConnectionCredentials

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from countersign.adapters.ssm.api_tokens import SsmApiTokens

MAX_KEPT = 1_000
"""Connections whose secrets are kept, and as many that are known not to exist."""
FRESH = timedelta(seconds=1)
"""What is older is read once more before somebody is refused."""
SERVED_FOR = timedelta(hours=12)
"""How long the last known secrets serve while the store does not answer."""
AWAY_FOR = timedelta(seconds=5)
"""How long a store that did not answer is left alone by those who have something to serve."""
ALL = ""
OF_THE_API = frozenset({"api_token", "api_url"})
"""What lies in a parameter of its own, so that who asks the API cannot read the secrets."""

Stale = Callable[[str, str], None]
"""Hears which connection's secrets served on, and why."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known:
    read_at: datetime
    secrets: ConnectionCredentials


class SsmCredentialStore:
    """``ports.CredentialStore`` over SSM: one parameter ``<prefix>/<connection>`` each, JSON.

    The client is made when it is first needed; ``now`` tells the time. Without ``api_tokens`` the
    secrets come without their API token, and cannot be put with one.
    """

    def __init__(
        self,
        client: Callable[[], SSMClient],
        prefix: str,
        *,
        now: Callable[[], datetime],
        api_tokens: SsmApiTokens | None = None,
        stale: Stale = lambda connection, reason: None,
    ) -> None:
        self._parameters = Parameters(client, prefix)
        self._now = now
        self._api_tokens = api_tokens
        self._stale = stale
        # Apart, so that neither pushes out the other.
        self._known: dict[str, _Known] = {}
        self._absent: dict[str, datetime] = {}
        self._away: dict[str, tuple[datetime, str]] = {}
        """Until when a connection's parameter (or ``ALL``) is left alone, and why."""

    def get(self, connection: str) -> ConnectionCredentials | None:
        return self._not_older_than(KEPT_FOR, connection)

    def refresh(self, connection: str) -> ConnectionCredentials | None:
        return self._not_older_than(FRESH, connection)

    def put(self, secrets: ConnectionCredentials) -> None:
        check_identifier(secrets.connection)
        if self._api_tokens is not None:
            self._api_tokens.put(secrets)
        elif secrets.api_token is not None:
            raise PermanentError("this process cannot keep API tokens")
        held = secrets.model_dump_json(exclude=set(OF_THE_API))
        self._parameters.write(secrets.connection, held)
        self._keep(secrets.connection, self._now(), secrets)

    def remove(self, connection: str) -> None:
        if is_identifier(connection):
            if self._api_tokens is not None:
                self._api_tokens.remove(connection)
            self._parameters.remove(connection)
            self._keep(connection, self._now(), None)

    def _not_older_than(self, age: timedelta, connection: str) -> ConnectionCredentials | None:
        if not is_identifier(connection):
            return None
        now, known = self._now(), self._known.get(connection)
        if known is not None and now - known.read_at < age:
            return known.secrets
        absent = self._absent.get(connection)
        if absent is not None and now - absent < FRESH:
            return None
        if known is None or now - known.read_at >= SERVED_FOR:
            return self._keep(connection, now, self._read(connection))
        reason = self._why_away(connection, now)
        if reason is None:
            try:
                return self._keep(connection, now, self._read(connection))
            except CountersignError as error:
                whose = ALL if isinstance(error, UnavailableError) else connection
                reason = str(error)
                self._away[whose] = self._now() + AWAY_FOR, reason
        if now - known.read_at >= KEPT_FOR:
            self._stale(connection, reason)
        return known.secrets

    def _why_away(self, connection: str, now: datetime) -> str | None:
        for whose in (ALL, connection):
            until, reason = self._away.get(whose, (now, ""))
            if now < until:
                return reason
        return None

    def _read(self, connection: str) -> ConnectionCredentials | None:
        name, held = self._parameters.name(connection), self._parameters.read(connection)
        if held is None:
            return None
        try:
            secrets = ConnectionCredentials.model_validate_json(held)
        except ValidationError as error:
            # Without the cause: it would carry the value, and so the secrets, into the log.
            places = ", ".join(str(detail["loc"][0]) for detail in error.errors() if detail["loc"])
            msg = f"the parameter {name} does not hold a connection's secrets"
            raise PermanentError(f"{msg} ({places or 'no JSON'}); connect it anew") from None
        if secrets.connection != connection:
            msg = f"the parameter {name} holds the secrets of {secrets.connection}"
            raise PermanentError(f"{msg}; connect {connection} anew")
        return self._with_api(secrets)

    def _with_api(self, secrets: ConnectionCredentials) -> ConnectionCredentials:
        """With the API token, for who may read it: beside the secrets in older deployments."""
        if self._api_tokens is None:
            return secrets.model_copy(update=dict.fromkeys(OF_THE_API))
        held = self._api_tokens.get(secrets.connection)
        if held is None:
            return secrets
        return secrets.model_copy(update={"api_token": held.api_token, "api_url": held.api_url})

    def _keep(
        self, connection: str, now: datetime, secrets: ConnectionCredentials | None
    ) -> ConnectionCredentials | None:
        for kept in (self._known, self._absent, self._away):
            kept.pop(connection, None)
        if secrets is None:
            _put(self._absent, connection, now)
        else:
            _put(self._known, connection, _Known(now, secrets))
        return secrets


def _put(kept: dict[str, T], connection: str, value: T) -> None:
    while len(kept) >= MAX_KEPT:
        del kept[next(iter(kept))]
    kept[connection] = value
