"""Another person has become responsible."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document import Document
from countersign.model.happening import Happening, HappeningKind
from countersign.triggers.base import TriggerGroup, TriggerKind


class ResponsibleChanged(TriggerKind):
    """Fires when another person becomes responsible for the document."""

    kind: Literal["responsible_changed"] = "responsible_changed"
    group: ClassVar[TriggerGroup] = "element_management"
    titles: ClassVar = {"en": "Responsible changed", "de": "Verantwortlicher geändert"}
    descriptions: ClassVar = {
        "en": "Another person has become responsible for the document.",
        "de": "Eine andere Person ist für das Dokument verantwortlich.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"responsible.changed"})
    to: tuple[str, ...] = ()
    """Only when one of these users becomes responsible."""

    def misses(self, happening: Happening, document: Document) -> str | None:
        if not self.to or happening.new in self.to:
            return None
        return f"{happening.new or 'nobody'} became responsible, not {' or '.join(self.to)}"
