"""Signing providers: listed, and how to set one up; and the tables of kinds, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from countersign.cli.catalogue.words import WORDS
from countersign.cli.output.formats import show_one, show_records
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import DefaultGroup
from countersign.providers import named_provider
from countersign.text.lists import listed
from countersign.use_cases.queries import catalogue as query
from countersign.use_cases.queries.catalogue import KindOf, KindRow, Kinds, ProviderRow
from countersign.use_cases.queries.catalogue.texts import Language


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
    show_records(list(map(_record, query.list_providers())), providers_table())


@providers.command("show", examples=["countersign providers docusign"])
@click.argument("name", shell_complete=completions.providers)
def show_provider(name: str) -> None:
    """Show how to set up the provider NAME."""
    provider = named_provider(name)
    record = {
        **_record(query.provider_row(name)),
        "setup": provider.setup,
        "options": {**provider.options},
    }
    show_one(record, [_provider_text(name)])


def _record(row: ProviderRow) -> dict[str, Any]:
    return {
        "provider": row.provider,
        "title": row.title,
        "authenticity": row.authenticity,
        "retries": row.retries,
        "api_support": list(row.api_support),
        "secrets_chosen_by": row.secrets_chosen_by,
    }


def providers_table() -> str:
    """A row a provider."""
    rows = [
        (
            row.title,
            f"`{row.provider}`",
            f"`{row.authenticity}`",
            row.retries,
            listed(row.api_support) or "nothing",
        )
        for row in query.list_providers()
    ]
    return _table(("provider", "name", "authenticity", "retries", "API support"), rows)


def _provider_text(name: str) -> str:
    """One provider, with the steps of setting it up; UnknownKindError names those there are."""
    provider = named_provider(name)
    steps = (
        step.replace("{url}", "the connection's address").replace("{secret}", "its secret")
        for step in provider.setup
    )
    offers = (
        f"{listed(provider.offers())}, by {provider.credential}" if provider.offers() else "nothing"
    )
    lines = [
        provider.title,
        f"  authenticity      {provider.authenticity}",
        f"  retries           {provider.retries}",
        f"  API support       {offers}",
        *(["  options of a connection:"] if provider.options else []),
        *(f"    {name}  {text}" for name, text in provider.options.items()),
        "  to set up:",
        *(f"  {n}. {step}" for n, step in enumerate(steps, start=1)),
    ]
    return "\n".join(lines)


def kinds_table(word: KindOf, registry: Kinds, language: Language = "en") -> str:
    """A row a kind, by group."""
    words = WORDS[language]
    rows = [
        (
            row.group_title.of(language),
            f"`{row.kind}`",
            row.description.of(language),
            ", ".join(f"`{name}`" for name in row.settings) or words.none,
        )
        for row in sorted(query.kind_rows(word, registry), key=_place)
    ]
    return _table(words.kinds_heading[word], rows)


def _place(row: KindRow) -> tuple[int, str]:
    return list(query.GROUPS).index(row.group), row.kind


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )
