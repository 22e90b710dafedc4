"""Commands that list what there is: providers, kinds of triggers and rules. As Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from countersign.providers import PROVIDERS, provider
from countersign.registry import Registry
from countersign.rules import RULES
from countersign.rules.base import RuleKind
from countersign.triggers import TRIGGERS
from countersign.triggers.base import TriggerKind


@click.command()
def providers() -> None:
    """List the signing providers: how well they prove themselves, how they retry, how to set up."""
    click.echo(providers_table())


@click.command()
def kinds() -> None:
    """List the kinds of triggers and rules, with their own settings."""
    click.echo(kinds_table("trigger", TRIGGERS))
    click.echo()
    click.echo(kinds_table("rule", RULES))


def providers_table() -> str:
    """A row a provider."""
    rows = []
    for name in PROVIDERS.kinds:
        one = provider(name)
        steps = (step.replace("{url}", "the address") for step in one.setup)
        numbered = " ".join(f"{n}. {step}" for n, step in enumerate(steps, start=1))
        setup = numbered.replace("{secret}", "the secret")
        rows.append((one.title, f"`{name}`", f"`{one.grade}`", one.retries, setup))
    return _table(("provider", "name", "grade", "retries", "what to set up there"), rows)


def kinds_table(word: str, registry: Registry[TriggerKind] | Registry[RuleKind]) -> str:
    """A row a kind, by group."""
    kinds = sorted((registry.get(kind).group, kind) for kind in registry.kinds)
    rows = []
    for group, kind in kinds:
        found = registry.get(kind)
        settings = ", ".join(f"`{name}`" for name in _settings(found)) or "none"
        text = found.descriptions["en"]
        rows.append((group.replace("_", " "), f"`{kind}`", text, settings))
    return _table(("group", f"{word} kind", "what it does", "its own settings"), rows)


def _settings(kind: type[TriggerKind] | type[RuleKind]) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        if name != "kind" and not (name == "party" and field.default in ("company", "client")):
            yield field.alias or name


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )
