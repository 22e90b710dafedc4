"""The audit log: read, the way that commands go."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession
from countersign.model.audit import AuditEntry, AuditFilter
from countersign.use_cases.queries.operations.audit import all_entries


class StackAudit:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def entries(self, wanted: AuditFilter) -> Iterator[AuditEntry]:
        """Every entry that is wanted, newest first, read as needed."""
        return all_entries(self._context.cloud.audit, wanted, now=self._context.now())


class ApiAudit:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def entries(self, wanted: AuditFilter) -> Iterator[AuditEntry]:
        """Every entry that is wanted, newest first, read as needed."""
        query = {
            "subject": _subject(wanted),
            "actor": wanted.actor,
            "action": wanted.action,
            "since": wanted.since,
            "until": wanted.until,
        }
        return map(AuditEntry.model_validate, self._api.items("/audit", query))


def _subject(wanted: AuditFilter) -> str | None:
    if wanted.subject_kind is None or wanted.subject_id is None:
        return wanted.subject_kind
    return f"{wanted.subject_kind}:{wanted.subject_id}"


def audit_of(context: CliContext) -> StackAudit | ApiAudit:
    """The audit log, the way that commands go."""
    return StackAudit(context) if context.api is None else ApiAudit(context.api)
