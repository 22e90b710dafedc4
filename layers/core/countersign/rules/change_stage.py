"""Change stage: moves the document to another stage; the rest of this stage's rules end."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.pipeline import Pipeline
from countersign.model.references import NamedStage, unknown_stage
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


class ChangeStage(DocumentRule):
    """Moves the document to ``stage``."""

    kind: Literal["change_stage"] = "change_stage"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Change stage", "de": "Stufe ändern"}
    descriptions: ClassVar = {
        "en": "Moves the document to another stage; the rest of this stage's rules end.",
        "de": "Verschiebt das Dokument in eine andere Stufe; die übrigen Regeln enden.",
    }
    stage: str
    """Id of the stage the document moves to."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        unknown = unknown_stage(self.stage, pipeline)
        return (("stage", unknown),) if unknown else ()

    @property
    def moves_to(self) -> NamedStage:
        return NamedStage("stage", self.stage)

    def edit(self, context: RuleContext) -> Edit:
        return Edit(stage=self.stage)
