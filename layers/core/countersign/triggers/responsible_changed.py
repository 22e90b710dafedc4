"""Another person has become responsible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from countersign.model import fields
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import FieldSpec, Pipeline
from countersign.model.references import SettingPlace
from countersign.model.task import GROUP
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

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        return tuple(self._wrong_users())

    def _wrong_users(self) -> Iterator[tuple[SettingPlace, str]]:
        user = FieldSpec(type="user")
        for n, name in enumerate(self.to):
            text = "a user is blank" if is_empty(name) else fields.misfit(name, user, "responsible")
            if name.startswith(GROUP):
                text = f'"{name}" is a group, and one user becomes responsible; list its users'
            if text is not None:
                yield ("to", n), text
        if self.to and self.became_empty:
            yield "became_empty", "became_empty and to exclude each other; remove one of them"
