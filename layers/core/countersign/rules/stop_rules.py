"""Stop this stage's rules: those that have not begun yet do not run."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


class StopRules(DocumentRule):
    """Cancels every run of the document's current stage entry that has not begun."""

    kind: Literal["stop_rules"] = "stop_rules"
    group: ClassVar[RuleGroup] = "element_management"
    only_in_its_stage: ClassVar[bool] = True
    titles: ClassVar = {"en": "Stop this stage's rules", "de": "Regeln dieser Stufe anhalten"}
    descriptions: ClassVar = {
        "en": "Cancels the rules of this stage that have not begun for this document.",
        "de": "Bricht die Regeln dieser Stufe ab, die noch nicht begonnen haben.",
    }

    def edit(self, context: RuleContext) -> Edit:
        return Edit(stop_rules=True)
