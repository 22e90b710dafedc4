"""Change stage: moves the document to another stage; the rest of this stage's rules end."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.pipeline import Pipeline
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
        if pipeline.stage(self.stage) is None:
            there = ", ".join(stage.id for stage in pipeline.stages)
            return (("stage", f'no stage "{self.stage}"; this pipeline has {there}'),)
        return ()

    def edit(self, context: RuleContext) -> Edit:
        return Edit(stage=self.stage)
