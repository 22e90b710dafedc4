"""Connections' secrets in memory."""

from __future__ import annotations

from countersign.adapters.checks import check_identifier
from countersign.model.connection import ConnectionCredentials


class MemoryCredentialStore:
    """``ports.CredentialStore`` in memory; never older than what was put."""

    def __init__(self) -> None:
        self._secrets: dict[str, ConnectionCredentials] = {}

    def get(self, connection: str) -> ConnectionCredentials | None:
        return self._secrets.get(connection)

    def refresh(self, connection: str) -> ConnectionCredentials | None:
        return self.get(connection)

    def put(self, secrets: ConnectionCredentials) -> None:
        check_identifier(secrets.connection)
        self._secrets[secrets.connection] = secrets

    def remove(self, connection: str) -> None:
        self._secrets.pop(connection, None)


class MemoryApiTokens:
    """``ports.ApiTokens`` over what the store in memory holds."""

    def __init__(self, secrets: MemoryCredentialStore) -> None:
        self._secrets = secrets

    def get(self, connection: str) -> ConnectionCredentials | None:
        held = self._secrets.get(connection)
        if held is None:
            return None
        return held.model_copy(update={"tokens": (), "secrets": (), "options": {}})
