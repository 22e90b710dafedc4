"""Change observers: adds observers or replaces them."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.pipeline import Pipeline
from countersign.rules._shared.users import user_problem, users
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup
from countersign.text.folding import unique


class ChangeObservers(DocumentRule):
    """Adds ``users`` to the observers, or puts them in their place."""

    kind: Literal["change_observers"] = "change_observers"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Change observers", "de": "Beobachter ändern"}
    descriptions: ClassVar = {
        "en": "Adds observers to the document or replaces them.",
        "de": "Fügt dem Dokument Beobachter hinzu oder ersetzt sie.",
    }
    users: tuple[str, ...]
    """Users; ``group:<name>`` stands for the users of a group."""
    mode: Literal["add", "replace"] = "add"
    """Whether the users are added to the observers, or replace them."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        wrong = (user_problem(part, pipeline) for part in self.users)
        return tuple(("users", text) for text in wrong if text)

    def edit(self, context: RuleContext) -> Edit:
        old = context.document.observers if self.mode == "add" else ()
        new = (user for part in self.users for user in users(part, context.pipeline))
        return Edit(values={"observers": unique((*old, *new))})
