"""What the audit log holds of a connection: all but its secrets, of which it has the number."""

from __future__ import annotations

from countersign.model.audit import AuditSubject, Values
from countersign.model.connection import Connection, ConnectionCredentials


def connection_subject(connection: str) -> AuditSubject:
    """The connection as what was changed."""
    return AuditSubject(kind="connection", id=connection)


def recorded_connection(connection: Connection | None) -> Values:
    """What a connection says of its messages; nothing where only its credentials were left."""
    return connection.model_dump(mode="json", exclude_defaults=True) if connection else {}


def recorded_credentials(credentials: ConnectionCredentials) -> Values:
    """How many secrets and addresses there are, and which options are set; none of their values."""
    return {
        "secrets": len(credentials.secrets),
        "addresses": len(credentials.tokens),
        "options": [*sorted(credentials.options)],
        "api_token": credentials.api_token is not None,
        "api_url": credentials.api_url,
    }
