"""The reference of the pipeline file as Markdown, read off the code: ``make reference``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from countersign.cli.catalogue.providers import providers_table
from countersign.cli.catalogue.types import setting_rows
from countersign.cli.catalogue.words import WORDS
from countersign.cli.reference import script_texts, templates, texts
from countersign.cli.reference.kinds import kinds, part
from countersign.cli.reference.tables import default_in_words, require_same, table
from countersign.engine.conditions import operators
from countersign.model import fields
from countersign.model.connection import DOCUMENT_FIELD
from countersign.model.pipeline import FieldType, Rule, Trigger
from countersign.model.timing import Span
from countersign.rules import RULES
from countersign.rules._shared.recipients import COLLEAGUES, PEOPLE
from countersign.simulation import script
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries.catalogue import Part
from countersign.use_cases.queries.catalogue.schema import part_schema


def reference() -> str:
    """The whole page."""
    parts = [texts.INTRODUCTION]
    for title, lines in (
        ("The pipeline file", _file()),
        ("Values", _values()),
        ("Times", _times()),
        ("Conditions", _conditions()),
        ("Recipients", _recipients()),
        ("Template variables", templates.variables()),
        ("Filters", templates.filter_examples()),
        ("Triggers", kinds("trigger", TRIGGERS, "en")),
        ("Rules", kinds("rule", RULES, "en")),
        ("Envelopes and documents", _envelopes()),
        ("Scripts", _scripts()),
        ("Providers", [providers_table()]),
    ):
        parts += [f"## {title}\n", "\n".join(lines).strip() + "\n"]
    return "\n".join(parts)


def _file() -> Iterator[str]:
    parts: tuple[tuple[str, str, Part], ...] = (
        ("Pipeline", "the top of the file", "pipeline"),
        ("Field", "each value of `fields`", "field"),
        ("Stage", "each of `stages`", "stage"),
        ("Trigger", "each of a stage's `triggers`", "trigger"),
        ("Rule", "each of a stage's `rules`", "rule"),
        ("Calendar", "`calendar`", "calendar"),
        ("Signature", "`signature`", "mail_signature"),
        ("Mail template", "each value of `mail_templates`", "mail_template"),
        ("Daily report", "`daily_report`", "daily_report"),
        ("Retention", "`retention`", "retention"),
        ("Kept for", "`final_after` of `retention`", "kept_for"),
    )
    yield "Keys at the top that begin with `x-` only hold what is repeated, for YAML's anchors."
    for title, place, which in parts:
        yield f"\n### {title}\n\n{place[0].upper()}{place[1:]}.\n"
        yield from part(which, "en")
        if which == "field":
            require_same("types of fields", get_args(FieldType), texts.FIELD_TYPES)
            yield ""
            rows = ((f"`{kind}`", *texts.FIELD_TYPES[kind]) for kind in get_args(FieldType))
            yield from table(("type", "for example", "holds"), rows)


def _scripts() -> Iterator[str]:
    yield script_texts.SCRIPTS
    for title, model in script_texts.SCRIPT_PARTS.items():
        yield f"\n### {title}\n"
        yield from _settings(getattr(script, model), list(_names(getattr(script, model))))


def _settings(model: type[BaseModel], names: Sequence[str]) -> Iterator[str]:
    rows = setting_rows(part_schema(model), names, WORDS["en"])
    yield from table(
        ("setting", "value", "default", "meaning"),
        (
            (
                f"`{row['name']}`",
                _type(model, row),
                _default(row),
                str(row["description"] or script_texts.SCRIPT_SETTINGS.get(row["name"], "")),
            )
            for row in rows
        ),
    )


def _type(model: type[BaseModel], row: Mapping[str, Any]) -> str:
    name = str(row["name"])
    if (choices := _literal(model, name)) and not isinstance(row["default"], bool):
        return ", ".join(f"`{choice}`" for choice in choices)
    return script_texts.SCRIPT_TYPES.get(name, str(row["type"]))


def _default(row: Mapping[str, Any]) -> str:
    if row["required"]:
        return WORDS["en"].required
    return default_in_words(row["default"], WORDS["en"])


def _literal(model: type[BaseModel], name: str) -> tuple[str, ...]:
    """The words that a setting takes, where it takes one of a few."""
    annotation = model.model_fields[name].annotation if name in model.model_fields else None
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    for choice in (annotation, *members):
        if get_origin(choice) is Literal:
            return get_args(choice)
    return ()


def _values() -> Iterator[str]:
    for name, meanings in texts.VALUES.items():
        model = Trigger if name == "authenticity" else Rule
        choices = get_args(model.model_fields[name].annotation)
        default = model.model_fields[name].default
        require_same(f"values of {name}", choices, meanings)
        yield f"**`{name}`**, {'of a trigger' if model is Trigger else 'of a rule'}\n"
        for choice in choices:
            yield f"- `{choice}`: {meanings[choice]}{' (default)' if choice == default else ''}"
        yield ""


def _times() -> Iterator[str]:
    yield "`time: immediately`, or a mapping. It has at most one of `after`, `before` and `on`.\n"
    yield from part("time", "en")
    yield "\nA length has one unit, and optionally the `field` that it is counted from.\n"
    require_same("units", [name for name in _names(Span) if name != "field"], texts.UNITS)
    rows = []
    for unit, meaning in texts.UNITS.items():
        low, high = _limits(unit)
        rows.append((f"`{unit}`", f"{low} to {high:,}", meaning))
    yield from table(("unit", "how many", "they"), rows)
    yield f"\n{texts.TIMES}"


def _limits(unit: str) -> tuple[int, int]:
    """The least and the most of a unit that may be written."""
    ge, le = get_args(Span.model_fields[unit].annotation)[0].__metadata__[0].metadata
    return ge.ge, le.le


def _conditions() -> Iterator[str]:
    yield texts.CONDITIONS
    require_same(
        "operators", {op for ops in operators.OPERATORS.values() for op in ops}, texts.OPERATORS
    )
    yield from table(
        ("type of field", "operators"),
        ((f"`{kind}`", _ticked(ops)) for kind, ops in operators.OPERATORS.items()),
    )
    yield ""
    yield from table(
        ("operator", "value, for example", "holds where"),
        ((f"`{op}`", value, text) for op, (value, text) in texts.OPERATORS.items()),
    )
    yield "\n### Fields\n\nEvery document has these, beside the pipeline's own.\n"
    yield from table(
        ("field", "type", "may be edited"),
        (
            (f"`{name}`", f"`{kind}`", "yes" if name in fields.WRITABLE else "no")
            for name, kind in fields.BUILT_IN.items()
        ),
    )
    yield "\nConditions of triggers know the event, too.\n"
    yield from table(
        ("field", "type"), ((f"`{name}`", f"`{kind}`") for name, kind in fields.EVENT.items())
    )


def _recipients() -> Iterator[str]:
    require_same("recipients", PEOPLE, texts.RECIPIENTS)
    yield "`to`, `cc`, `bcc` and `reply_to` of `send_email` take:\n"
    yield from table(
        ("recipient", "who"),
        (
            *((f"`{name}`", text) for name, text in texts.RECIPIENTS.items()),
            ("`role:<name>`", "the signers of that role at the provider"),
            ("`signer:<order>`", "the signers at that place in the signing order"),
            ("`field:<id>`", "the addresses in a field; also `field:sender`, `field:observers`"),
            ("an address", "that address"),
        ),
    )
    colleagues = ", ".join(f"`{name}`" for name in COLLEAGUES)
    yield f"\n{texts.SOME_SIGNERS.format(colleagues=colleagues)}"


def _envelopes() -> Iterator[str]:
    yield texts.ENVELOPES.format(field=DOCUMENT_FIELD)


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _ticked(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
