"""Another person has become responsible."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.values import is_empty, same
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
    became_empty: bool | None = None
    """true: only when nobody is responsible any more; false: only when somebody is."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        new = happening.new
        who = "nobody" if is_empty(new) else new
        if self.became_empty is not None and is_empty(new) != self.became_empty:
            return f"{who} became responsible, not {'nobody' if self.became_empty else 'somebody'}"
        if not self.to or any(same(new, user, "user") for user in self.to):
            return None
        return f"{who} became responsible, not {' or '.join(self.to)}"
