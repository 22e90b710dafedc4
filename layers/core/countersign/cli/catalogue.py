"""Signing providers: listed, and how to set one up; and the tables of kinds, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from countersign.cli import completions
from countersign.cli.groups import DefaultGroup
from countersign.cli.output import show_one, show_records
from countersign.providers import PROVIDERS, named_provider, provider
from countersign.registry import Registry
from countersign.rules.base import RuleKind
from countersign.triggers.base import TriggerKind


@click.group(cls=DefaultGroup)
def providers() -> None:
    """List signing providers, or show how to set one up.

    Without a command, lists the providers; with a NAME alone, shows that provider.
    """


@providers.command("list", examples=["countersign providers"])
def list_providers() -> None:
    """List the signing providers.

    For each provider: how its messages are authenticated, how it retries, and what its API
    is used for.
    """
    show_records([_provider(name) for name in PROVIDERS.kinds], providers_table())


@providers.command("show", examples=["countersign providers docusign"])
@click.argument("name", shell_complete=completions.providers)
def show_provider(name: str) -> None:
    """Show how to set up the provider NAME."""
    show_one({**_provider(name), "setup": named_provider(name).setup}, [_provider_text(name)])


def _provider(name: str) -> dict[str, Any]:
    one = named_provider(name)
    return {
        "provider": name,
        "title": one.title,
        "authenticity": one.authenticity,
        "retries": one.retries,
        "api_support": list(one.offers()),
        "secrets_chosen_by": one.secrets_chosen_by,
    }


def providers_table() -> str:
    """A row a provider."""
    rows = []
    for name in PROVIDERS.kinds:
        one = provider(name)
        asked = " and ".join(one.offers()) or "nothing"
        rows.append((one.title, f"`{name}`", f"`{one.authenticity}`", one.retries, asked))
    return _table(("provider", "name", "authenticity", "retries", "API support"), rows)


def _provider_text(name: str) -> str:
    """One provider, with the steps of setting it up; UnknownKindError names those there are."""
    one = named_provider(name)
    steps = (
        step.replace("{url}", "the connection's address").replace("{secret}", "its secret")
        for step in one.setup
    )
    offers = f"{' and '.join(one.offers())}, by {one.credential}" if one.offers() else "nothing"
    lines = [
        one.title,
        f"  authenticity      {one.authenticity}",
        f"  retries           {one.retries}",
        f"  API support       {offers}",
        "  to set up:",
        *(f"  {n}. {step}" for n, step in enumerate(steps, start=1)),
    ]
    return "\n".join(lines)


def kinds_table(word: str, registry: Registry[TriggerKind] | Registry[RuleKind]) -> str:
    """A row a kind, by group."""
    kinds = sorted((registry.get(kind).group, kind) for kind in registry.kinds)
    rows = []
    for group, kind in kinds:
        found = registry.get(kind)
        own = ", ".join(f"`{name}`" for name in settings(found)) or "none"
        text = found.descriptions["en"]
        rows.append((group.replace("_", " "), f"`{kind}`", text, own))
    return _table(("group", f"{word} kind", "what it does", "its own settings"), rows)


def settings(kind: type[TriggerKind] | type[RuleKind]) -> Iterator[str]:
    """The settings that are a kind's own, as they are written."""
    for name, field in kind.model_fields.items():
        if name != "kind" and not (name == "party" and field.default in ("company", "client")):
            yield field.alias or name


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )
