"""Add a comment: writes a line on the document's timeline."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from countersign.errors import PermanentError
from countersign.model.pipeline import Pipeline
from countersign.rules._shared import rendering
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup

MAX_COMMENT = 4000
"""Characters of a comment, before and after its inserts are filled in."""


class AddComment(DocumentRule):
    """Writes ``text`` on the timeline, its inserts filled in."""

    kind: Literal["add_comment"] = "add_comment"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Add a comment", "de": "Kommentar hinzufügen"}
    descriptions: ClassVar = {
        "en": "Writes a line on the document's timeline.",
        "de": "Schreibt eine Zeile in den Verlauf des Dokuments.",
    }
    text: Annotated[str, Field(min_length=1, max_length=MAX_COMMENT)]
    """Plain text, or text with the inserts of mails."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        return tuple(rendering.problems({"text": self.text}, pipeline))

    def edit(self, context: RuleContext) -> Edit:
        if not rendering.has_inserts(self.text):
            return Edit(comment=self.text)
        inserted = values(context, first(context.document, "client"), self.titles["en"])
        text = rendering.filled("text", self.text, inserted).strip()
        if not text or len(text) > MAX_COMMENT:
            size = f"has {len(text)} characters" if text else "is empty"
            msg = (
                f"text: it {size} once its inserts are filled in; expected 1 to {MAX_COMMENT}: "
                "correct it, for example with the filters default and truncate"
            )
            raise PermanentError(msg)
        return Edit(comment=text)
