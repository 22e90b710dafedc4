"""What the deployment's plan includes, in one process's memory."""

from __future__ import annotations

from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.errors import ConflictError
from countersign.model.audit import AuditEntry
from countersign.model.entitlements import EVERYTHING, Entitlements


class MemoryEntitlementStore:
    """``ports.EntitlementStore`` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state
        self._kept = EVERYTHING

    def get(self) -> Entitlements:
        return self._kept

    def put(self, entitlements: Entitlements, entry: AuditEntry | None = None) -> None:
        if entitlements.version != self._kept.version + 1:
            raise ConflictError("the entitlements were changed by somebody else")
        self._state.record(entry)
        self._kept = entitlements
