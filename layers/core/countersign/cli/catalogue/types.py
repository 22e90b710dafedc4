"""What may be written as a setting, in words; and values as they are written in a file."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import yaml

from countersign.cli.catalogue.words import Words

_Schema = dict[str, Any]


def setting_rows(schema: _Schema, names: Iterable[str], words: Words) -> list[dict[str, Any]]:
    """Each of the named settings of a schema: what may be written, its default, its text."""
    definitions = schema.get("$defs", {})
    required = schema.get("required", ())
    properties = schema["properties"]
    return [
        {
            "name": name,
            "type": type_in_words(properties[name], definitions, words),
            "required": name in required,
            "default": properties[name].get("default"),
            "description": properties[name].get("description"),
        }
        for name in names
    ]


def type_in_words(schema: _Schema, definitions: _Schema, words: Words) -> str:
    """What a schema takes."""
    if "$ref" in schema:
        return type_in_words(definitions[schema["$ref"].rpartition("/")[2]], definitions, words)
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            parts = [part for part in schema[choices] if part.get("type") != "null"]
            written = (type_in_words(part, definitions, words) for part in parts)
            return f" {words.or_} ".join(dict.fromkeys(written))
    if "enum" in schema:
        return f" {words.or_} ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return words.list_of.format(type_in_words(schema.get("items", {}), definitions, words))
    if schema.get("type") == "object":
        names = ", ".join(schema.get("properties", ()))
        return words.mapping_with.format(names) if names else words.mapping
    written_type = str(schema.get("type", words.any_value))
    return words.types.get(written_type, written_type)


def as_yaml(value: object) -> str:
    """A value on one line of YAML."""
    text: str = yaml.safe_dump(
        _plain(value), default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {key: _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(element) for element in value]
        case _:
            return value
