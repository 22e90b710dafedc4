"""Secrets that rules use by name: their names, never their values."""

from __future__ import annotations

from countersign.ports import RuleSecrets


def secret_names(secrets: RuleSecrets) -> tuple[str, ...]:
    """The names of the secrets, in alphabetical order. Eventually consistent."""
    return tuple(sorted(secrets.list()))
