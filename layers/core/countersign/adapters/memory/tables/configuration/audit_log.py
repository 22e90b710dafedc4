"""The audit log in one process's memory."""

from __future__ import annotations

from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.model.audit import AuditEntry, AuditFilter
from countersign.model.page import Page


class MemoryAuditLog:
    """``ports.AuditLog`` in memory, with the state whose changes are recorded with it."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def add(self, entry: AuditEntry) -> None:
        self._state.record(entry)

    def page(self, wanted: AuditFilter, limit: int, *, before: str) -> Page[AuditEntry]:
        by_id = {entry.id: entry for _, entry in sorted(self._state.audit.items())}
        entries = [
            entry
            for name, entry in sorted(by_id.items(), reverse=True)
            if name < before and wanted.matches(entry)
        ]
        cut = len(entries) > limit
        return Page(tuple(entries[:limit]), entries[limit - 1].id if cut else None)
