"""The settings of a kind as a form needs them: texts in every language, widget, order, schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from countersign.use_cases.queries.catalogue.texts import (
    MissingTextsError,
    SettingFile,
    SettingTexts,
    Translation,
    text_file,
    texts_of,
)
from countersign.use_cases.queries.catalogue.widgets import Widget

JsonSchema = Mapping[str, Any]
_REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that a setting takes."""

    value: str
    label: Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a kind, or one that every trigger or rule has."""

    name: str
    """As it is written in the file."""
    order: int
    """Its place in the form, from 1."""
    widget: Widget
    label: Translation
    help: Translation
    syntax: Translation | None
    """How it is written in the file, where that is more than what the form shows."""
    example: Any
    required: bool
    default: Any
    """As JSON; None for none."""
    choices: tuple[Choice, ...]
    json_schema: JsonSchema
    """Of its value, complete with the definitions that it refers to."""


def describe_settings(model: type[BaseModel], names: Iterable[str]) -> tuple[Setting, ...]:
    """The named settings of a model, in the order of the form.

    MissingTextsError for one that no file describes, and for a choice without a label.
    """
    file = texts_of(model)
    schema = model.model_json_schema()
    places = {name: n for n, name in reversed([*enumerate([*file.order, *file.settings])])}
    ordered = sorted(names, key=lambda name: places.get(name, len(places)))
    return tuple(
        _setting(name, order, _texts(name, file, model), schema)
        for order, name in enumerate(ordered, start=1)
    )


def _texts(name: str, file: SettingFile, model: type[BaseModel]) -> SettingTexts:
    texts = file.settings.get(name)
    if texts is None:
        path = text_file(model)
        where = f"{path.parent.name}/{path.name}" if path else f"the file of {model.__name__}"
        msg = (
            f'the setting "{name}" has no texts; write [settings.{name}] into {where}, with '
            "widget, label, help and example, label and help each in en and de"
        )
        raise MissingTextsError(msg)
    return texts


def _setting(name: str, order: int, texts: SettingTexts, schema: JsonSchema) -> Setting:
    written = {key: value for key, value in schema["properties"][name].items() if key != "title"}
    values = tuple(dict.fromkeys(_choices(written)))
    if set(values) != set(texts.choices):
        msg = (
            f'the choices of the setting "{name}" are {", ".join(values) or "none"}; the texts '
            f"have {', '.join(texts.choices) or 'none'}: write a label for each, in en and de"
        )
        raise MissingTextsError(msg)
    definitions = dict(_reachable(written, schema.get("$defs", {})))
    return Setting(
        name=name,
        order=order,
        widget=texts.widget,
        label=texts.label,
        help=texts.help,
        syntax=texts.syntax,
        example=texts.example,
        required=name in schema.get("required", ()),
        default=written.get("default"),
        choices=tuple(Choice(value=value, label=texts.choices[value]) for value in values),
        json_schema={**written, **({"$defs": definitions} if definitions else {})},
    )


def _reachable(schema: JsonSchema, definitions: JsonSchema) -> Iterator[tuple[str, JsonSchema]]:
    """The definitions that a schema refers to, and those that they refer to, each once."""
    names: set[str] = set()
    left = [schema]
    while left:
        for name in _REFERENCE.findall(json.dumps(left.pop(), default=str)):
            if name not in names:
                names.add(name)
                left.append(definitions[name])
                yield name, definitions[name]


def _choices(schema: JsonSchema) -> Iterator[str]:
    """The words that a setting takes, or the items of its list."""
    yield from schema.get("enum", ())
    for alternative in schema.get("anyOf", ()):
        yield from _choices(alternative)
    if isinstance(schema.get("items"), dict):
        yield from _choices(schema["items"])
