"""Add a comment: writes a line on the document's timeline."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


class AddComment(DocumentRule):
    """Writes ``text`` on the timeline, as it stands."""

    kind: Literal["add_comment"] = "add_comment"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Add a comment", "de": "Kommentar hinzufügen"}
    descriptions: ClassVar = {
        "en": "Writes a line on the document's timeline.",
        "de": "Schreibt eine Zeile in den Verlauf des Dokuments.",
    }
    text: Annotated[str, Field(min_length=1, max_length=4000)]

    def edit(self, context: RuleContext) -> Edit:
        return Edit(comment=self.text)
