"""What belongs to a version that is published, beside its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countersign.errors import ConflictError

if TYPE_CHECKING:
    from countersign.model.audit import AuditEntry
    from countersign.model.draft import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is kept of a publication, and what is checked and written in its transaction."""

    note: str = ""
    """What the version is for."""
    draft: Draft | None = None
    """The draft that is published, which is removed."""
    replaces: int | None = None
    """The version that is published until then, 0 for none; None where it may be any."""
    entry: AuditEntry | None = None
    """What the audit log says of it."""

    def check_replaces(self, pipeline: str, published: int) -> None:
        """ConflictError where another version is published than it replaces; 0 is none."""
        if self.replaces not in (None, published):
            raise ConflictError(f"pipeline {pipeline} has version {published} meanwhile")
