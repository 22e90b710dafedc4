"""Secrets that rules use by name: set and removed."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import NotFoundError
from countersign.model.audit import AuditSubject
from countersign.ports import RuleSecrets
from countersign.use_cases.auditor import Auditor, Change, recorded
from countersign.use_cases.queries.operations.secrets import secret_names


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKeeper:
    """What keeping secrets needs from outside."""

    secrets: RuleSecrets
    auditor: Auditor | None = None
    """Records who sets and removes secrets; nobody does for None."""


def set_secret(keeper: SecretKeeper, name: str, value: str) -> None:
    """Make or replace a secret; PermanentError for a name that cannot be one."""
    known = keeper.secrets.get(name) is not None
    change = Change(
        action="secret.set",
        subject=_subject(name),
        before={"set": True} if known else None,
        after={"set": True},
    )
    with recorded(keeper.auditor, change):
        keeper.secrets.put(name, value)


def remove_secret(keeper: SecretKeeper, name: str) -> None:
    """Forget a secret, so that rules that use it fail; NotFoundError names those there are."""
    if keeper.secrets.get(name) is None:
        there = ", ".join(secret_names(keeper.secrets)) or "none"
        msg = f'there is no secret "{name}"; there are {there}'
        raise NotFoundError(msg)
    change = Change(action="secret.removed", subject=_subject(name), before={"set": True})
    with recorded(keeper.auditor, change):
        keeper.secrets.remove(name)


def _subject(name: str) -> AuditSubject:
    return AuditSubject(kind="secret", id=name)
