"""Connections: as a list, and one with what it brought and what was refused. Never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.model.connection import Connection
from countersign.model.refusal import RefusedCall
from countersign.model.transaction import ProcessedEvent
from countersign.ports import Connections, CredentialStore, Documents, RefusedCalls
from countersign.providers import provider
from countersign.use_cases.connections.connect import waits_for_secret, with_credentials

LAST = 20
"""Events and refusals that are shown of a connection."""
REFUSED_WITHIN = timedelta(days=7)
"""How far back refusals are shown."""


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection of a list."""

    connection: Connection
    waits_for_secret: bool
    """Whether it refuses all messages until its secret is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStores:
    """What showing a connection reads."""

    connections: Connections
    secrets: CredentialStore
    documents: Documents
    refusals: RefusedCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionDetails:
    """One connection, and what can be known of its secrets without them."""

    connection: Connection
    secrets: int
    """How many secrets are accepted."""
    addresses: int
    """How many addresses are accepted."""
    waits_for_secret: bool
    api_token_set: bool
    api_url: str | None
    last_events: tuple[ProcessedEvent, ...]
    """Newest first, without their messages."""
    refusals: tuple[RefusedCall, ...]
    """Newest first."""


def sorted_connections(connections: Connections) -> tuple[Connection, ...]:
    """Every connection, by id. Eventually consistent."""
    return tuple(sorted(connections.list(), key=lambda connection: connection.id))


def list_connections(
    connections: Connections, secrets: CredentialStore
) -> tuple[ConnectionRow, ...]:
    """Every connection by id, and whether it waits for its secret. Eventually consistent."""
    return tuple(
        ConnectionRow(connection, is_waiting(secrets, connection))
        for connection in sorted_connections(connections)
    )


def is_waiting(secrets: CredentialStore, connection: Connection) -> bool:
    """Whether the connection refuses all messages until its secret is set."""
    if not provider(connection.provider).secret_required:
        return False
    known = secrets.get(connection.id)
    return known is not None and waits_for_secret(known)


def show_connection(
    stores: ConnectionStores, connection: str, *, now: datetime
) -> ConnectionDetails:
    """One connection with its last events and the calls refused lately, newest first.

    NotFoundError where there is none.
    """
    known, secrets = with_credentials(stores.connections, stores.secrets, connection)
    events = stores.documents.recent_events(connection, LAST)
    refusals = stores.refusals.recent(connection, LAST, since=now - REFUSED_WITHIN)
    return ConnectionDetails(
        connection=known,
        secrets=len(secrets.secrets),
        addresses=len(secrets.tokens),
        waits_for_secret=waits_for_secret(secrets),
        api_token_set=secrets.api_token is not None,
        api_url=secrets.api_url,
        last_events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        refusals=tuple(sorted(refusals, key=lambda call: call.at, reverse=True)),
    )
