"""Secrets that rules use by name: listed, set and removed; their values are never read."""

from __future__ import annotations

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession, path
from countersign.use_cases import rule_secrets as use_cases
from countersign.use_cases.queries.operations.secrets import secret_names


class StackSecrets:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def names(self) -> tuple[str, ...]:
        """The names of the secrets, in alphabetical order."""
        return secret_names(self._context.cloud.named_secrets)

    def exists(self, name: str) -> bool:
        """Whether there is a secret of that name."""
        return self._context.cloud.named_secrets.get(name) is not None

    def set(self, name: str, value: str) -> None:
        """Make or replace a secret."""
        use_cases.set_secret(self._context.secret_keeper(self._context.auditor), name, value)

    def remove(self, name: str) -> None:
        """Forget a secret; NotFoundError."""
        use_cases.remove_secret(self._context.secret_keeper(self._context.auditor), name)


class ApiSecrets:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def names(self) -> tuple[str, ...]:
        """The names of the secrets, in alphabetical order."""
        return tuple(secret["name"] for secret in self._api.unpaged("/secrets"))

    def exists(self, name: str) -> bool:
        """Whether there is a secret of that name."""
        return name in self.names()

    def set(self, name: str, value: str) -> None:
        """Make or replace a secret."""
        self._api.put(path("secrets", name), {"value": value})

    def remove(self, name: str) -> None:
        """Forget a secret; NotFoundError."""
        self._api.delete(path("secrets", name))


def secrets_of(context: CliContext) -> StackSecrets | ApiSecrets:
    """Secrets, the way that commands go."""
    return StackSecrets(context) if context.api is None else ApiSecrets(context.api)
