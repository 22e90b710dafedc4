"""Request a review: a kind of a test, in a folder of its own."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.fields import misfit_of
from countersign.model.pipeline import Pipeline
from countersign.model.references import NamedRule, NamedStage, SettingPlace, unknown_stage
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


class RequestReview(DocumentRule):
    """Writes which mail announced the review into a field, and moves the document."""

    kind: Literal["request_review"] = "request_review"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Request a review", "de": "Durchsicht anfordern"}
    descriptions: ClassVar = {
        "en": "Moves the document to the stage of its review.",
        "de": "Verschiebt das Dokument in die Stufe seiner Durchsicht.",
    }
    note_in: str
    """The field that gets the note."""
    announced_by: str
    """The rule whose mail announces the review."""
    reviewed_in: str
    """The stage of the review."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        wrong = {
            "note_in": misfit_of(self._note, self.note_in, pipeline),
            "reviewed_in": unknown_stage(self.reviewed_in, pipeline),
        }
        return tuple((setting, text) for setting, text in wrong.items() if text)

    @property
    def named_rules(self) -> tuple[NamedRule, ...]:
        return (NamedRule("announced_by", self.announced_by, "mail"),)

    @property
    def moves_to(self) -> NamedStage:
        return NamedStage("reviewed_in", self.reviewed_in)

    def edit(self, context: RuleContext) -> Edit:
        return Edit(values={self.note_in: self._note}, stage=self.reviewed_in)

    @property
    def _note(self) -> str:
        return f"announced by {self.announced_by}"
