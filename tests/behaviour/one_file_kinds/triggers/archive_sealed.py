"""The archive has sealed the document: a kind of a test that fires when everyone has signed."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class ArchiveSealed(TriggerKind):
    """Fires when the sealed document is ready."""

    kind: Literal["archive_sealed"] = "archive_sealed"
    titles: ClassVar = {"en": "Sealed by the archive", "de": "Vom Archiv besiegelt"}
    descriptions: ClassVar = {"en": "The archive sealed it.", "de": "Das Archiv hat es besiegelt."}
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.artifact_ready"})
    all_have_signed: ClassVar[bool] = True
