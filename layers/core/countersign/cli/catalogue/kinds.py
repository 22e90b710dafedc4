"""Kinds of triggers and rules: listed, and each explained with its settings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import click

from countersign.cli.catalogue.providers import kinds_table
from countersign.cli.catalogue.schema import kind_schema
from countersign.cli.output.formats import show_one, show_records
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import DefaultGroup
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries import catalogue as query

WIDTH = 88
"""Characters of a line of a setting's text."""
_Schema = dict[str, Any]
_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}


@click.group(cls=DefaultGroup)
def kinds() -> None:
    """List and explain the kinds of triggers and rules.

    Without a command, lists the kinds; with a KIND alone, explains that kind.
    """


@kinds.command("list", examples=["countersign kinds"])
def list_kinds() -> None:
    """List the kinds of triggers and rules.

    With a description and the settings of each.
    """
    records = [
        {
            "kind": row.kind,
            "is": row.of,
            "group": row.group,
            "description": row.description,
            "settings": list(row.settings),
        }
        for row in query.list_kinds()
    ]
    text = f"{kinds_table('trigger', TRIGGERS)}\n\n{kinds_table('rule', RULES)}"
    show_records(records, text)


@kinds.command("show", examples=["countersign kinds send_email", "countersign kinds show expired"])
@click.argument("kind", shell_complete=completions.kinds)
def show_kind(kind: str) -> None:
    """Explain KIND with its settings."""
    record = _record(kind, *query.show_kind(kind))
    show_one(record, _lines(record))


def _record(kind: str, word: str, model: query.Kind) -> dict[str, Any]:
    return {
        "kind": kind,
        "is": word,
        "group": model.group,
        "title": model.titles["en"],
        "description": model.descriptions["en"],
        "settings": setting_rows(kind_schema(model), query.own_settings(model)),
    }


def setting_rows(schema: _Schema, names: Iterable[str]) -> list[dict[str, Any]]:
    """Each of the named settings of a schema: what may be written, its default, its text."""
    definitions = schema.get("$defs", {})
    required = schema.get("required", ())
    properties = schema["properties"]
    return [
        {
            "name": name,
            "type": _type(properties[name], definitions),
            "required": name in required,
            "default": properties[name].get("default"),
            "description": properties[name].get("description"),
        }
        for name in names
    ]


def _type(schema: _Schema, definitions: _Schema) -> str:
    """What may be written, in words."""
    if "$ref" in schema:
        return _type(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            words = (_type(one, definitions) for one in schema[choices])
            return " or ".join(dict.fromkeys(word for word in words if word != "null"))
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), definitions)}"
    if schema.get("type") == "object":
        return f"mapping with {', '.join(schema['properties'])}" if _closed(schema) else "mapping"
    written = str(schema.get("type", "any value"))
    return _TYPES.get(written, written)


def _closed(schema: _Schema) -> bool:
    return bool(schema.get("properties"))


def _lines(record: dict[str, Any]) -> Iterator[str]:
    yield f"{record['kind']}: {record['title']}, a {record['is']}"
    yield f"  {record['description']}"
    yield "\nSettings" if record["settings"] else "\nIt has no settings of its own"
    for setting in record["settings"]:
        default = setting["default"]
        needed = "required" if setting["required"] else f"default {_shown(default)}"
        if default in (None, [], "") and not setting["required"]:
            needed = "optional"
        first = f"  {setting['name']}: {setting['type']} ({needed})"
        yield from textwrap.wrap(first, WIDTH, subsequent_indent="      ")
        if setting["description"]:
            indent = " " * 6
            yield from textwrap.wrap(
                setting["description"], WIDTH, initial_indent=indent, subsequent_indent=indent
            )


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
