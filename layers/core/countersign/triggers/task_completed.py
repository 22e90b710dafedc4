"""A task was completed."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import Slug
from countersign.model.references import NamedRule
from countersign.triggers.base import TriggerGroup, TriggerKind


class TaskCompleted(TriggerKind):
    """Fires when a person completes a task of the document; one that is withdrawn fires nothing."""

    kind: Literal["task_completed"] = "task_completed"
    group: ClassVar[TriggerGroup] = "element_management"
    titles: ClassVar = {"en": "Task completed", "de": "Aufgabe erledigt"}
    descriptions: ClassVar = {
        "en": "Somebody has completed a task of the document.",
        "de": "Jemand hat eine Aufgabe des Dokuments erledigt.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"task.completed"})
    task: Slug | None = None
    """The rule that made the task; those of every rule for none."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        rule = happening.detail.get("rule")
        if self.task is not None and rule != self.task:
            return f"it is about the task of {rule}, not of {self.task}"
        return None

    @property
    def named_rules(self) -> tuple[NamedRule, ...]:
        return (NamedRule("task", self.task, "task"),)
