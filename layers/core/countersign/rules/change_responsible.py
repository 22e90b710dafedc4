"""Change responsible: hands the document to another person."""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Literal

from pydantic import Field

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
    """One user, or several to pick from at random."""

    def edit(self, context: RuleContext) -> Edit:
        # The run's key is as good as chance to people, and the same on every try.
        digest = hashlib.sha256(str(context.run.key).encode()).digest()
        pick = int.from_bytes(digest[:8], "big") % len(self.users)
        return Edit(values={"responsible": self.users[pick]})
