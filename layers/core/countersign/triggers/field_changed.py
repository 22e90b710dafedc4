"""A field of the document has changed."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document import Document, FieldValue
from countersign.model.happening import Happening, HappeningKind
from countersign.triggers.base import TriggerGroup, TriggerKind


class FieldChanged(TriggerKind):
    """Fires when one of the fields changes, from and to the values that are set."""

    kind: Literal["field_changed"] = "field_changed"
    group: ClassVar[TriggerGroup] = "element_management"
    titles: ClassVar = {"en": "Field changed", "de": "Feld geändert"}
    descriptions: ClassVar = {
        "en": "A field of the document got another value.",
        "de": "Ein Feld des Dokuments hat einen anderen Wert bekommen.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"field.changed"})
    fields: tuple[str, ...] = ()
    """The fields that are watched; none listed means any."""
    old: FieldValue = None
    """Only a change from this value."""
    new: FieldValue = None
    """Only a change to this value."""

    def misses(self, happening: Happening, document: Document) -> str | None:
        if self.fields and happening.field not in self.fields:
            return f"the field {happening.field} changed, not {' or '.join(self.fields)}"
        if self.old is not None and happening.old != self.old:
            return f"{happening.field} was {_shown(happening.old)}, not {_shown(self.old)}"
        if self.new is not None and happening.new != self.new:
            return f"{happening.field} became {_shown(happening.new)}, not {_shown(self.new)}"
        return None


def _shown(value: FieldValue) -> str:
    return "empty" if value is None else str(value)
