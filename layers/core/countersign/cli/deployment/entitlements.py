"""Commands for what the deployment's plan includes: shown, and set by its operator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.deployment.entitlements import entitlements_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.parsing.groups import NounGroup
from countersign.cli.parsing.option_group import option_group
from countersign.model.entitlements import Entitlements

UNLIMITED = "all"
"""Takes a limit away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementOptions:
    """What is set, as it is written; what is not given stays."""

    automation: bool | None
    trigger_kinds: str | None
    rule_kinds: str | None
    pipelines: str | None
    rules: str | None
    plan: str | None

    @property
    def changes(self) -> dict[str, Any]:
        """Attributes of Entitlements and their new values."""
        changes: dict[str, Any] = {}
        if self.automation is not None:
            changes["automation"] = self.automation
        if self.plan is not None:
            changes["plan"] = self.plan
        kinds = {"trigger_kinds": self.trigger_kinds, "rule_kinds": self.rule_kinds}
        for name, text in kinds.items():
            if text is not None:
                listed = [kind.strip() for kind in text.split(",") if kind.strip()]
                changes[name] = None if text == UNLIMITED else tuple(listed)
        for name, text in {"pipelines": self.pipelines, "rules": self.rules}.items():
            if text is not None:
                changes[name] = None if text == UNLIMITED else text
        return changes


@click.group(cls=NounGroup)
def entitlements() -> None:
    """Show and set what this deployment's plan includes."""


@entitlements.command(examples=["countersign entitlements show"])
@click.pass_obj
def show(context: CliContext) -> None:
    """Show what the plan includes: automation, kinds, and how many pipelines and rules."""
    _show(entitlements_of(context).get())


@entitlements.command(
    "set",
    examples=[
        "countersign entitlements set --plan Basic --rule-kinds send_email,create_task --rules 5",
        "countersign entitlements set --no-automation",
        "countersign entitlements set --rule-kinds all --rules all --automation",
    ],
)
@option_group(
    "given",
    EntitlementOptions,
    click.option(
        "--automation/--no-automation",
        default=None,
        help="Whether triggers fire and rules are planned, from now on.",
    ),
    click.option(
        "--trigger-kinds",
        metavar="KINDS",
        help="Kinds of triggers that may be published, with commas between them; all for any.",
    ),
    click.option(
        "--rule-kinds",
        metavar="KINDS",
        help="Kinds of rules that may be published, with commas between them; all for any.",
    ),
    click.option(
        "--pipelines", metavar="N", help="How many pipelines may be published; all for any number."
    ),
    click.option(
        "--rules", metavar="N", help="How many rules a pipeline may have; all for any number."
    ),
    click.option("--plan", metavar="NAME", help="The plan's name, for messages about it."),
)
@click.pass_obj
def set_limits(context: CliContext, given: EntitlementOptions) -> None:
    """Set what the plan includes. What is not given stays as it is.

    A pipeline with more than the plan includes goes on until it is published again. Without
    automation, documents and their events are recorded; no trigger fires and no rule is planned,
    and runs that are planned already go on. If this is interrupted, run it again.
    """
    changes = given.changes
    if not changes:
        raise click.UsageError("nothing to set; see --help for what can be")
    _show(entitlements_of(context).set(changes))


def _show(included: Entitlements) -> None:
    show_one(included, map(one_line, _lines(included)))


def _lines(included: Entitlements) -> Iterator[str]:
    yield f"plan           {included.plan or 'without a name'}"
    yield f"automation     {'included' if included.automation else 'not included'}"
    for name, kinds in (
        ("trigger kinds", included.trigger_kinds),
        ("rule kinds", included.rule_kinds),
    ):
        yield f"{name:<13}  {'all' if kinds is None else ', '.join(kinds) or 'none'}"
    yield f"pipelines      {'any number' if included.pipelines is None else included.pipelines}"
    rules = "any number" if included.rules is None else included.rules
    yield f"rules          {rules} in a pipeline"
