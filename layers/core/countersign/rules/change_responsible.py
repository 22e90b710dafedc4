"""Change responsible: hands the document to another person."""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from countersign.model.pipeline import Pipeline
from countersign.rules._people import GROUP, group_problem, users
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


class ChangeResponsible(DocumentRule):
    """Makes one of ``users`` responsible.

    With several users, one is picked at random; a run that is tried again picks the same.
    """

    kind: Literal["change_responsible"] = "change_responsible"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Change responsible", "de": "Verantwortlichen ändern"}
    descriptions: ClassVar = {
        "en": "Makes another person responsible for the document.",
        "de": "Macht eine andere Person für das Dokument verantwortlich.",
    }
    users: Annotated[tuple[str, ...], Field(min_length=1)]
    """One user, or several to pick from; ``group:<name>`` stands for the users of a group."""
    mode: Literal["fixed", "random"] = "random"
    """How one is picked. ``fixed`` takes one user and nothing to pick from."""

    @model_validator(mode="after")
    def _fixed_is_one_user(self) -> Self:
        if self.mode == "fixed" and (len(self.users) > 1 or self.users[0].startswith(GROUP)):
            found = ", ".join(self.users)
            msg = f"fixed takes one user, found {found}; name one, or write mode: random"
            raise ValueError(msg)
        return self

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        told = (group_problem(part, pipeline) for part in self.users)
        return tuple(("users", text) for text in told if text)

    def edit(self, context: RuleContext) -> Edit:
        listed = (one for part in self.users for one in users(part, context.pipeline))
        found = tuple(dict.fromkeys(listed))
        # The run's key is as good as chance to people, and the same on every try.
        digest = hashlib.sha256(str(context.run.key).encode()).digest()
        pick = int.from_bytes(digest[:8], "big") % len(found)
        return Edit(values={"responsible": found[pick]})
