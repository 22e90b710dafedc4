"""A connection's credentials as they change: set, or rotated while the old ones are in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from countersign.errors import PermanentError
from countersign.model.audit import AuditAction
from countersign.model.connection import ConnectionCredentials
from countersign.providers import provider as load_provider
from countersign.use_cases.auditor import Change, recorded
from countersign.use_cases.connections.connect import (
    Connector,
    NewConnection,
    check_secrets,
    unknown_options,
    with_credentials,
)
from countersign.use_cases.connections.recorded import connection_subject, recorded_credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsChange:
    """What is set of a connection's credentials; what is left out stays."""

    secrets: tuple[str, ...] = ()
    """Put before those that are there, which go on being accepted."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Each takes the place of the one before."""
    api_token: str | None = None
    api_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """New credentials of a connection beside the old ones, and whether these are retired."""

    token: str | None = None
    """Of a new address."""
    secrets: tuple[str, ...] = ()
    retire: bool = False
    """Drops all older tokens and secrets: once the provider uses the newest."""


def change_credentials(
    connector: Connector, connection_id: str, change: CredentialsChange
) -> NewConnection:
    """Set a secret, options of the provider, or how its API is asked.

    NotFoundError where there is no such connection, PermanentError for a secret, options or an
    API token that the provider cannot use.
    """
    connection, known = with_credentials(
        connector.connections, connector.credentials, connection_id
    )
    after = known.model_copy(
        update={
            "secrets": _newest_first(change.secrets, known),
            "options": {**known.options, **change.options},
            "api_token": change.api_token or known.api_token,
            "api_url": change.api_url or known.api_url,
        }
    )
    provider = load_provider(known.provider)
    if change.secrets:
        check_secrets(provider)
    wrong = unknown_options(provider, change.options)
    if not wrong and (change.options or change.secrets):
        wrong = provider.problems(after)
    if change.api_token or change.api_url:
        wrong = (*wrong, *provider.api_problems(after))
    if wrong:
        raise PermanentError("; ".join(wrong))
    _put(connector, "connection.changed", known, after)
    return NewConnection(connection=connection, secrets=after)


def rotate(connector: Connector, connection_id: str, rotation: Rotation) -> NewConnection:
    """Put a new token or new secrets before the old ones, which are accepted until retired.

    NotFoundError where there is no such connection, PermanentError for a secret that the provider
    cannot use.
    """
    connection, known = with_credentials(
        connector.connections, connector.credentials, connection_id
    )
    tokens = (rotation.token, *known.tokens) if rotation.token else known.tokens
    secrets = _newest_first(rotation.secrets, known)
    if rotation.retire:
        tokens, secrets = tokens[:1], rotation.secrets or secrets[:1]
    after = known.model_copy(update={"tokens": tokens, "secrets": secrets})
    if rotation.secrets:
        provider = load_provider(known.provider)
        check_secrets(provider)
        if wrong := provider.problems(after):
            raise PermanentError("; ".join(wrong))
    only_retires = rotation.retire and not (rotation.token or rotation.secrets)
    action: AuditAction = "connection.retired" if only_retires else "connection.rotated"
    _put(connector, action, known, after)
    return NewConnection(connection=connection, secrets=after)


def _put(
    connector: Connector,
    action: AuditAction,
    before: ConnectionCredentials,
    after: ConnectionCredentials,
) -> None:
    change = Change(
        action=action,
        subject=connection_subject(before.connection),
        before=recorded_credentials(before),
        after=recorded_credentials(after),
    )
    # What is put as it was renews the parameter, and changes nothing that is recorded.
    with recorded(connector.auditor if after != before else None, change):
        connector.credentials.put(after)


def _newest_first(secrets: tuple[str, ...], known: ConnectionCredentials) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*secrets, *known.secrets)))
