"""A review has been finished: a kind of a test, in a folder of its own."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model import fields
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import Pipeline
from countersign.model.references import NamedRule, SettingPlace, unknown_stage
from countersign.triggers.base import TriggerKind


class ReviewFinished(TriggerKind):
    """Fires when the rule's task is completed in the stage, and the field is filled."""

    kind: Literal["review_finished"] = "review_finished"
    titles: ClassVar = {"en": "Review finished", "de": "Durchsicht beendet"}
    descriptions: ClassVar = {
        "en": "A review of the document has been finished.",
        "de": "Eine Durchsicht des Dokuments ist beendet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"task.completed"})
    field: str
    """The field that must be filled."""
    rule: str
    """The rule that made the task."""
    during: str
    """The stage in which the task is completed."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        if happening.detail.get("rule") != self.rule or document.stage != self.during:
            return f"it is not the task of {self.rule} in {self.during}"
        filled = fields.read(document, self.field) is not None
        return None if filled else f"the field {self.field} is empty"

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        unknown = unknown_stage(self.during, pipeline)
        wrong = fields.misfit_of(None, self.field, pipeline)
        stage: tuple[tuple[SettingPlace, str], ...] = (("during", unknown),) if unknown else ()
        return (*stage, *(((("field",), wrong),) if wrong else ()))

    @property
    def named_rules(self) -> tuple[NamedRule, ...]:
        return (NamedRule("rule", self.rule, "task"),)
