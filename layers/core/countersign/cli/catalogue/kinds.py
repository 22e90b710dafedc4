"""Kinds of triggers and rules: listed, and each explained with its settings."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any, get_args

import click

from countersign.cli.catalogue.providers import kinds_table
from countersign.cli.catalogue.types import as_yaml, type_in_words
from countersign.cli.catalogue.words import WORDS, Words
from countersign.cli.output.formats import show_one, show_records
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import DefaultGroup
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries import catalogue as query
from countersign.use_cases.queries.catalogue.settings import Setting
from countersign.use_cases.queries.catalogue.texts import Language

WIDTH = 88
"""Characters of a line of a setting's text."""

in_language: Callable[..., Any] = click.option(
    "--language",
    type=click.Choice(get_args(Language)),
    default="en",
    show_default=True,
    help="The language of titles, labels and help.",
)


@click.group(cls=DefaultGroup)
def kinds() -> None:
    """List and explain the kinds of triggers and rules.

    Without a command, lists the kinds; with a KIND alone, explains that kind.
    """


@kinds.command("list", examples=["countersign kinds", "countersign kinds list --language de"])
@in_language
def list_kinds(language: Language) -> None:
    """List the kinds of triggers and rules.

    With a description and the settings of each.
    """
    records = [
        {**_head(row, language), "settings": list(row.settings)} for row in query.list_kinds()
    ]
    tables = (kinds_table("trigger", TRIGGERS, language), kinds_table("rule", RULES, language))
    show_records(records, "\n\n".join(tables))


@kinds.command("show", examples=["countersign kinds send_email", "countersign kinds show expired"])
@click.argument("kind", shell_complete=completions.kinds)
@in_language
def show_kind(kind: str, language: Language) -> None:
    """Explain KIND with its settings."""
    definition = query.describe_kind(kind)
    settings = [_setting(setting, language) for setting in definition.settings]
    record = {**_head(definition.row, language), "settings": settings}
    show_one(record, _lines(record, WORDS[language]))


def _head(row: query.KindRow, language: Language) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "is": row.of,
        "group": row.group,
        "group_title": row.group_title.of(language),
        "title": row.title.of(language),
        "description": row.description.of(language),
    }


def _setting(setting: Setting, language: Language) -> dict[str, Any]:
    schema = dict(setting.json_schema)
    return {
        "name": setting.name,
        "order": setting.order,
        "widget": setting.widget,
        "label": setting.label.of(language),
        "help": setting.help.of(language),
        "syntax": setting.syntax.of(language) if setting.syntax else None,
        "type": type_in_words(schema, schema.get("$defs", {}), WORDS[language]),
        "required": setting.required,
        "default": setting.default,
        "example": setting.example,
        "choices": [
            {"value": choice.value, "label": choice.label.of(language)}
            for choice in setting.choices
        ],
        "schema": schema,
    }


def _lines(record: dict[str, Any], words: Words) -> Iterator[str]:
    yield f"{record['kind']}: {record['title']}, {words.a[record['is']]}"
    yield from textwrap.wrap(
        record["description"], WIDTH, initial_indent="  ", subsequent_indent="  "
    )
    yield f"\n{words.settings if record['settings'] else words.no_settings}"
    for setting in record["settings"]:
        yield from _setting_lines(setting, words)


def _setting_lines(setting: dict[str, Any], words: Words) -> Iterator[str]:
    needed = words.required if setting["required"] else _default(setting["default"], words)
    first = f"  {setting['name']}: {setting['type']} ({needed})"
    yield from textwrap.wrap(first, WIDTH, subsequent_indent=" " * 6)
    texts = [f"{setting['label']}: {setting['help']}"]
    if setting["syntax"]:
        texts.append(f"{words.in_the_file}: {setting['syntax']}")
    texts += [f"- {choice['value']}: {choice['label']}" for choice in setting["choices"]]
    texts.append(f"{words.example}: {as_yaml({setting['name']: setting['example']})[1:-1]}")
    for text in texts:
        yield from textwrap.wrap(
            text,
            WIDTH,
            initial_indent=" " * 6,
            subsequent_indent=" " * 8,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _default(default: object, words: Words) -> str:
    if default in (None, [], "", {}):
        return words.optional
    shown = str(default).lower() if isinstance(default, bool) else default
    return f"{words.default} {shown}"
