"""The reference of the pipeline file as Markdown, read off the code: ``make reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from countersign.cli import reference_texts as texts
from countersign.cli.catalogue import kinds_table, providers_table, settings
from countersign.cli.kinds import setting_rows
from countersign.cli.schema import part_schema
from countersign.engine.conditions import operators
from countersign.model import fields
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.pipeline import (
    Calendar,
    DailyReport,
    FieldSpec,
    Pipeline,
    Rule,
    Stage,
    Trigger,
)
from countersign.model.run import Run
from countersign.model.signing_event import Signer
from countersign.model.timing import Span, Timing
from countersign.registry import Registry
from countersign.rules import RULES
from countersign.rules._shared.recipients import COLLEAGUES, PEOPLE
from countersign.rules._shared.template_variables import known, values
from countersign.rules.base import RuleContext, RuleKind
from countersign.templates import filters
from countersign.templates.render import render
from countersign.triggers import TRIGGERS
from countersign.triggers.base import TriggerKind


def reference() -> str:
    """The whole page."""
    parts = [texts.INTRODUCTION]
    for title, lines in (
        ("The pipeline file", _file()),
        ("Values", _values()),
        ("Times", _times()),
        ("Conditions", _conditions()),
        ("Recipients", _recipients()),
        ("Template variables", _variables()),
        ("Filters", _filters()),
        ("Triggers", _kinds("trigger", TRIGGERS)),
        ("Rules", _kinds("rule", RULES)),
        ("Envelopes and documents", _envelopes()),
        ("Providers", [providers_table()]),
    ):
        parts += [f"## {title}\n", "\n".join(lines).strip() + "\n"]
    return "\n".join(parts)


def _file() -> Iterator[str]:
    models: tuple[tuple[str, str, type[BaseModel]], ...] = (
        ("Pipeline", "the top of the file", Pipeline),
        ("Field", "each value of `fields`", FieldSpec),
        ("Stage", "each of `stages`", Stage),
        ("Trigger", "each of a stage's `triggers`", Trigger),
        ("Rule", "each of a stage's `rules`", Rule),
        ("Calendar", "`calendar`", Calendar),
        ("Daily report", "`daily_report`", DailyReport),
    )
    yield "Keys at the top that begin with `x-` only hold what is repeated, for YAML's anchors."
    for title, place, model in models:
        yield f"\n### {title}\n\n{place[0].upper()}{place[1:]}.\n"
        yield from _settings(model, list(_names(model)))


def _settings(model: type[BaseModel], names: Sequence[str]) -> Iterator[str]:
    rows = setting_rows(part_schema(model), names)
    yield from _table(
        ("setting", "value", "default", "meaning"),
        (
            (
                f"`{row['name']}`",
                _type(model, row),
                _default(row),
                str(row["description"] or ""),
            )
            for row in rows
        ),
    )


def _type(model: type[BaseModel], row: Mapping[str, Any]) -> str:
    name = str(row["name"])
    if (choices := _literal(model, name)) and not isinstance(row["default"], bool):
        return ", ".join(f"`{choice}`" for choice in choices)
    own = texts.TYPES if model in (Pipeline, Stage, Trigger, Rule, Timing) else texts.TYPES_OF_KINDS
    return own.get(name, str(row["type"]))


def _literal(model: type[BaseModel], name: str) -> tuple[str, ...]:
    annotation = model.model_fields[name].annotation if name in model.model_fields else None
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _default(row: Mapping[str, Any]) -> str:
    default = row["default"]
    if row["required"]:
        return "required"
    if default in (None, "", [], {}):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, dict):
        return "see there"
    return f"`{str(default).removesuffix(':00') if row['name'] == 'at' else default}`"


def _values() -> Iterator[str]:
    for name, meanings in texts.VALUES.items():
        model = Trigger if name == "authenticity" else Rule
        choices = get_args(model.model_fields[name].annotation)
        default = model.model_fields[name].default
        _same(f"values of {name}", choices, meanings)
        yield f"**`{name}`**, {'of a trigger' if model is Trigger else 'of a rule'}\n"
        for choice in choices:
            yield f"- `{choice}`: {meanings[choice]}{' (default)' if choice == default else ''}"
        yield ""


def _times() -> Iterator[str]:
    yield "`time: immediately`, or a mapping. It has at most one of `after`, `before` and `on`.\n"
    yield from _settings(Timing, list(_names(Timing)))
    yield "\nA length has one unit, and optionally the `field` that it is counted from.\n"
    _same("units", [name for name in _names(Span) if name != "field"], texts.UNITS)
    rows = []
    for unit, meaning in texts.UNITS.items():
        low, high = _limits(unit)
        rows.append((f"`{unit}`", f"{low} to {high:,}", meaning))
    yield from _table(("unit", "how many", "they"), rows)
    yield f"\n{texts.TIMES}"


def _limits(unit: str) -> tuple[int, int]:
    """The least and the most of a unit that may be written."""
    ge, le = get_args(Span.model_fields[unit].annotation)[0].__metadata__[0].metadata
    return ge.ge, le.le


def _conditions() -> Iterator[str]:
    yield texts.CONDITIONS
    _same("operators", {op for ops in operators.OPERATORS.values() for op in ops}, texts.OPERATORS)
    yield from _table(
        ("type of field", "operators"),
        ((f"`{kind}`", _ticked(ops)) for kind, ops in operators.OPERATORS.items()),
    )
    yield ""
    yield from _table(
        ("operator", "value, for example", "holds where"),
        ((f"`{op}`", value, text) for op, (value, text) in texts.OPERATORS.items()),
    )
    yield "\n### Fields\n\nEvery document has these, beside the pipeline's own.\n"
    yield from _table(
        ("field", "type", "may be edited"),
        (
            (f"`{name}`", f"`{kind}`", "yes" if name in fields.WRITABLE else "no")
            for name, kind in fields.BUILT_IN.items()
        ),
    )
    yield "\nConditions of triggers know the event, too.\n"
    yield from _table(
        ("field", "type"), ((f"`{name}`", f"`{kind}`") for name, kind in fields.EVENT.items())
    )


def _recipients() -> Iterator[str]:
    _same("recipients", PEOPLE, texts.RECIPIENTS)
    yield "`to`, `cc`, `bcc` and `reply_to` of `send_email` take:\n"
    yield from _table(
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


def _variables() -> Iterator[str]:
    yield texts.VARIABLES
    for root in known(_pipeline()).names:
        shape = known(_pipeline()).names[root]
        paths = [path for path in known(_pipeline()).paths() if path.split(".")[0] == root]
        if root in ("client", "company"):
            yield f"- `{root}`: the first signer of the {root}, with what `signer` has"
        elif shape == known(_pipeline()).names["signers"]:
            yield "- `signers`"
        else:
            own = [path for path in paths if "contract_end" not in path]
            yield f"- {', '.join(f'`{path}`' for path in own)}"


def _filters() -> Iterator[str]:
    _same("filters", filters.FILTERS, texts.FILTERS)
    yield "For a document titled *Lease of the workshop* of 1,234.5 EUR, with `language: en`:\n"
    yield from _table(
        ("filter", "example", "gives"),
        (
            (f"`{name}`", f"`{source}`", f"`{render(source, _example())}`".replace("\n", ""))
            for name, source in texts.FILTERS.items()
        ),
    )
    yield f"\n{texts.FILTER_NOTES}"


def _kinds(word: str, registry: Registry[Any]) -> Iterator[str]:
    yield kinds_table(word, registry)
    for kind in registry.kinds:
        model: type[TriggerKind] | type[RuleKind] = registry.get(kind)
        yield f"\n### {kind}\n\n{model.titles['en']}. {model.descriptions['en']}"
        if names := list(settings(model)):
            yield ""
            yield from _settings(model, names)


def _envelopes() -> Iterator[str]:
    field = Connection.model_fields["document_field"].default
    yield texts.ENVELOPES.format(field=field)


def _pipeline() -> Pipeline:
    own = {"contract_end": FieldSpec(type="date")}
    return Pipeline(pipeline="contracts", name="Contracts", fields=own, stages=(Stage(id="sent"),))


def _example() -> Mapping[str, object]:
    """What the examples of filters are rendered with."""
    at = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    signers = (
        Signer(id="1", name="Anna Berger", email="anna@acme.example", party="company"),
        Signer(id="2", name="Klara Vogel", email="klara@kunde.example", party="client"),
    )
    document = Document(
        id="d-1042",
        pipeline="contracts",
        stage="sent",
        since=at,
        created_at=at,
        title="Lease of the workshop",
        reason="Too dear.\nToo late.",
        amount=Decimal("1234.5"),
        signers=signers,
        fields={"contract_end": date(2026, 5, 31).isoformat()},
    )
    run = Run(
        document=document.id,
        entry=1,
        rule="hello",
        position=0,
        pipeline="contracts",
        pipeline_version=1,
        stage="sent",
        kind="send_email",
        lane="email",
        state="ready",
        planned_at=at,
    )
    pipeline = _pipeline()
    types = fields.types(pipeline)
    context = RuleContext(document=document, pipeline=pipeline, run=run, now=at, types=types)
    return values(context, signers[1], "Send e-mail")


def _same(what: str, there: Any, told: Any) -> None:
    """ValueError where the texts and the code do not have the same names."""
    if set(there) != set(told):
        msg = f"cli.reference_texts: {what} differ from the code: {set(there) ^ set(told)}"
        raise ValueError(msg)


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _ticked(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    """The text as a cell; what looks like HTML is escaped outside code."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(
        part if n % 2 else part.replace("<", "&lt;").replace(">", "&gt;")
        for n, part in enumerate(parts)
    )


def _table(heading: Sequence[str], rows: Any) -> Iterator[str]:
    for row in (heading, ["---"] * len(heading), *rows):
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"


if __name__ == "__main__":
    sys.stdout.write(reference())
