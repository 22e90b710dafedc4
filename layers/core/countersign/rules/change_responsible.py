"""Change responsible: hands the document to another person."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from countersign.model.pipeline import Pipeline
from countersign.model.task import GROUP
from countersign.rules._shared.users import user_problem, users
from countersign.rules.base import Asked, DocumentRule, Edit, RuleContext, RuleGroup
from countersign.text.folding import fold_address, unique


class ChangeResponsible(DocumentRule):
    """Makes one of ``users`` responsible.

    With several users, one is picked: at ``random`` (a run that is tried again picks the same),
    ``in_turn``, in the order listed, or the ``least_busy``.

    ``in_turn`` counts for each rule, over all versions of its pipeline. Somebody's turn may be
    left out: where the function dies between drawing and saving, and where the rule runs once per
    document and ran before. When people are added or removed, the turn goes on from another place.

    ``least_busy`` is the user who is responsible for the fewest other documents in open stages of
    the pipeline; the first listed of those who have equally few. Each time it reads the card of
    every such document, about 20 read units a thousand, eventually consistent: of documents that
    come at the same moment, several may go to the same person.
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
    mode: Literal["fixed", "random", "in_turn", "least_busy"] = "random"
    """How one is picked. ``fixed`` takes one user and nothing to pick from."""

    @model_validator(mode="after")
    def _fixed_is_one_user(self) -> Self:
        if self.mode == "fixed" and (len(self.users) > 1 or self.users[0].startswith(GROUP)):
            named = ", ".join(self.users)
            msg = (
                f"fixed takes one user, found {named}; name one, or write mode: in_turn, "
                "least_busy or random"
            )
            raise ValueError(msg)
        return self

    @property
    def asks(self) -> Asked | None:
        match self.mode:
            case "in_turn":
                return "turn"
            case "least_busy":
                return "loads"
            case _:
                return None

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        problems = (user_problem(part, pipeline) for part in self.users)
        return tuple(("users", text) for text in problems if text)

    def edit(self, context: RuleContext) -> Edit:
        listed = (user for part in self.users for user in users(part, context.pipeline))
        candidates = unique(listed)
        return Edit(values={"responsible": self._picked(candidates, context)})

    def _picked(self, candidates: tuple[str, ...], context: RuleContext) -> str:
        match self.mode:
            case "in_turn":
                return candidates[context.turn % len(candidates)]
            case "least_busy":
                busy = _busy(context)
                return min(candidates, key=lambda user: busy[fold_address(user)])
            case _:
                # The run's key is as good as chance to people, and the same on every try.
                digest = hashlib.sha256(str(context.run.key).encode()).digest()
                return candidates[int.from_bytes(digest[:8], "big") % len(candidates)]


def _busy(context: RuleContext) -> Counter[str]:
    """How many other open documents each user has, by the user's folded name."""
    counted: Counter[str] = Counter()
    for user, load in context.loads.items():
        counted[fold_address(user)] += load
    document = context.document
    stage = context.pipeline.stage(document.stage)
    if document.responsible and stage is not None and stage.kind == "open":
        has = fold_address(document.responsible)
        # Its own card may not be counted yet.
        counted[has] = max(0, counted[has] - 1)
    return counted
