"""What the deployment's plan includes, as the API has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from countersign.http.views.base import Body, Id, View

Kinds = Annotated[tuple[Id, ...], Field(max_length=200)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]


class EntitlementsView(View):
    """What the deployment's plan includes."""

    automation: bool
    """Whether triggers fire and rules are planned."""
    trigger_kinds: tuple[str, ...] | None
    """The kinds of triggers that may be published; null for all of them."""
    rule_kinds: tuple[str, ...] | None
    """The kinds of rules that may be published; null for all of them."""
    pipelines: int | None
    """How many pipelines may be published; null for any number."""
    rules: int | None
    """How many rules a pipeline may have, in all its stages; null for any number."""
    plan: str
    """The plan's name; empty where it has none."""


class EntitlementsBody(Body):
    """All that the plan includes from now on; what is left out is not limited."""

    automation: bool = True
    trigger_kinds: Kinds | None = None
    rule_kinds: Kinds | None = None
    pipelines: Number | None = None
    rules: Number | None = None
    plan: str = Field(default="", max_length=100)
