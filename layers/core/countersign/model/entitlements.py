"""What a deployment includes: automation, kinds, and how many pipelines and rules."""

from typing import Annotated

from pydantic import Field

from countersign.model.base import Model

Limit = Annotated[int, Field(ge=0)]


class Entitlements(Model):
    """What the plan of a deployment includes; everything unless it says otherwise."""

    automation: bool = True
    """Whether triggers fire and rules are planned."""
    trigger_kinds: tuple[str, ...] | None = None
    """The kinds of triggers that may be published; all of them for None."""
    rule_kinds: tuple[str, ...] | None = None
    """The kinds of rules that may be published; all of them for None."""
    pipelines: Limit | None = None
    """How many pipelines may be published; any number for None."""
    rules: Limit | None = None
    """How many rules a pipeline may have, in all its stages; any number for None."""
    plan: str = ""
    """The plan's name, for sentences about it."""
    version: Limit = 0
    """How often it was set."""

    @property
    def is_limited(self) -> bool:
        """Whether anything is not included."""
        limits = (self.trigger_kinds, self.rule_kinds, self.pipelines, self.rules)
        return not self.automation or any(limit is not None for limit in limits)

    @property
    def plan_in_words(self) -> str:
        """``this deployment's plan Basic``."""
        return f"this deployment's plan{f' {self.plan}' * bool(self.plan)}"


EVERYTHING = Entitlements()
"""What is included where nothing was ever set."""
