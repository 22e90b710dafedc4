"""What conditions and texts are put together of: fields, operators by type, template variables.

Names and types come from what judges conditions and fills in texts; the words that people read are
in ``vocabulary.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from countersign.engine.conditions.operators import OPERATORS, WITHOUT_VALUE
from countersign.model import fields
from countersign.model.base import Model
from countersign.model.condition import Operator
from countersign.model.pipeline import FieldType, Pipeline
from countersign.rules import RULES
from countersign.rules._shared.email_rule import SingleEmailRule
from countersign.rules._shared.template_variables import known
from countersign.templates.values import Group, Items, Shape
from countersign.use_cases.queries.catalogue.texts import Translation

Takes = Literal["nothing", "one", "two", "several", "span", "group"]
FieldGroup = Literal["document", "event"]
VariableGroup = Literal["signer", "document", "client", "company", "rest"]
Texts = dict[str, Translation]

_TAKES: Mapping[Operator, Takes] = {
    "between": "two",
    "within_next": "span",
    "within_last": "span",
    "in_group": "group",
    **dict.fromkeys(("one_of", "none_of", "has_any", "has_all", "has_none"), "several"),
}
_ODD: Mapping[FieldType, frozenset[Operator]] = {
    "bool": frozenset({"one_of", "none_of"}),
    "list": frozenset({"equals", "differs", "one_of", "none_of"}),
}
"""What a type has and a form does not offer: other operators say it more plainly."""
_FILTERS: Mapping[FieldType, str] = {
    "money": " | money: document.currency",
    "date": ' | date: "medium"',
    "datetime": ' | date: "medium"',
}
"""How values of a type are written in texts; others as they are."""


class _Words(Model):
    """The words of the TOML file; the order of each table is that of lists."""

    groups: Texts
    fields: Texts
    options: dict[str, Texts]
    operators: Texts
    signer: Texts
    variables: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A value that a choice may have."""

    value: str
    label: Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field that every document has, or that only triggers know."""

    field: str
    type: FieldType
    label: Translation
    group: FieldGroup
    editable: bool
    options: tuple[Option, ...]
    """Of a choice; none where they are the pipeline's stages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRow:
    """An operator of conditions."""

    operator: Operator
    label: Translation
    takes: Takes
    """What the field is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRow:
    """A type of field."""

    type: FieldType
    operators: tuple[Operator, ...]
    """Those that a form offers, the most usual first."""
    insert: str
    """How a text inserts a pipeline's own field of that type; ``{field}`` stands for its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A template variable."""

    insert: str
    """As it is written between the braces, with the filter that its type needs."""
    label: Translation
    group: VariableGroup
    kinds: tuple[str, ...]
    """The kinds of rules whose texts may have it; none where all may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group that fields and variables are shown in."""

    group: str
    title: Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What conditions and texts are put together of, beside the pipeline's own fields."""

    groups: tuple[GroupRow, ...]
    fields: tuple[Field, ...]
    operators: tuple[OperatorRow, ...]
    types: tuple[TypeRow, ...]
    variables: tuple[Variable, ...]


def describe_vocabulary() -> Vocabulary:
    """The fields, operators and template variables of every pipeline, with their labels."""
    words = _words()
    return Vocabulary(
        groups=tuple(GroupRow(group=name, title=title) for name, title in words.groups.items()),
        fields=tuple(_fields(words)),
        operators=tuple(
            OperatorRow(operator=operator, label=words.operators[operator], takes=_takes(operator))
            for operator in _operators(words)
        ),
        types=tuple(
            TypeRow(
                type=kind,
                operators=tuple(
                    operator
                    for operator in _operators(words)
                    if operator in OPERATORS[kind] and operator not in _ODD.get(kind, ())
                ),
                insert=f"document.{{field}}{_FILTERS.get(kind, '')}",
            )
            for kind in get_args(FieldType)
        ),
        variables=tuple(_variables(words)),
    )


@cache
def _words() -> _Words:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return _Words.model_validate(tomllib.loads(text))


def _operators(words: _Words) -> tuple[Operator, ...]:
    """All operators, in the order of the words."""
    given: tuple[Operator, ...] = get_args(Operator)
    return tuple(sorted(given, key=[*words.operators].index))


def _takes(operator: Operator) -> Takes:
    return "nothing" if operator in WITHOUT_VALUE else _TAKES.get(operator, "one")


def _fields(words: _Words) -> Iterator[Field]:
    pipeline = _blank()
    specs = fields.specs(pipeline)
    stages = tuple(stage.id for stage in pipeline.stages)
    for name, label in words.fields.items():
        spec = specs[name]
        options = () if spec.options == stages else spec.options
        yield Field(
            field=name,
            type=spec.type,
            label=label,
            group="event" if name in fields.EVENT else "document",
            editable=name in fields.WRITABLE,
            options=tuple(
                Option(value=value, label=words.options[name][value]) for value in options
            ),
        )


def _variables(words: _Words) -> Iterator[Variable]:
    shapes = known(_blank(), signing_link=True).names
    mails = _kinds_with_links()
    yield from _person("signer", shapes, words, mails)
    document = shapes["document"]
    if isinstance(document, Group):
        for name, label in words.fields.items():
            if name in document.names:
                insert = _inserted(f"document.{name}", document.names[name])
                yield Variable(insert=insert, label=label, group="document", kinds=())
    yield from _person("client", shapes, words)
    yield from _person("company", shapes, words)
    for path, label in words.variables.items():
        first, *rest = path.split(".")
        shape = shapes[first]
        for name in rest:
            shape = shape.names[name] if isinstance(shape, Group) else shape
        yield Variable(insert=_inserted(path, shape), label=label, group="rest", kinds=())


def _person(
    who: Literal["signer", "client", "company"],
    shapes: Mapping[str, Shape],
    words: _Words,
    kinds: tuple[str, ...] = (),
) -> Iterator[Variable]:
    person, parts = words.groups[who], shapes[who]
    for name, part in words.signer.items():
        if isinstance(parts, Group) and name in parts.names:
            label = Translation(en=f"{person.en}: {part.en}", de=f"{person.de}: {part.de}")
            insert = _inserted(f"{who}.{name}", parts.names[name])
            yield Variable(insert=insert, label=label, group=who, kinds=kinds)


def _inserted(path: str, shape: Shape) -> str:
    if isinstance(shape, Items | Group):
        return path
    return f"{path}{_FILTERS.get(shape.type, '')}"


def _kinds_with_links() -> tuple[str, ...]:
    """The kinds of rules whose mails go to one signer and may have the link to sign."""
    kinds = ((name, RULES.get(name)) for name in sorted(RULES.kinds))
    return tuple(
        name for name, kind in kinds if issubclass(kind, SingleEmailRule) and kind.may_link_to_sign
    )


def _blank() -> Pipeline:
    return Pipeline.model_validate({"pipeline": "any", "stages": [{"id": "any"}]})
