"""Change observers: adds observers or replaces them."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


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
    mode: Literal["add", "replace"] = "add"

    def edit(self, context: RuleContext) -> Edit:
        old = context.document.observers if self.mode == "add" else ()
        return Edit(values={"observers": tuple(dict.fromkeys((*old, *self.users)))})
