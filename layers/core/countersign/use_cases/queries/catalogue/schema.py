"""The JSON Schema of the pipeline file, with the settings of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from countersign.model.base import Model
from countersign.model.pipeline import Pipeline
from countersign.model.pipeline import Rule as PipelineRule
from countersign.model.pipeline import Trigger as PipelineTrigger
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries.catalogue.field_docs import field_docs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_Schema = dict[str, Any]


def pipeline_schema() -> _Schema:
    """The schema of a whole pipeline file."""
    triggers = {kind: TRIGGERS.get(kind) for kind in TRIGGERS.kinds}
    rules = {kind: RULES.get(kind) for kind in RULES.kinds}
    models: list[type[BaseModel]] = [Pipeline, PipelineTrigger, PipelineRule]
    models += [*triggers.values(), *rules.values()]
    named, whole = models_json_schema([(model, "validation") for model in models])
    definitions = whole["$defs"]
    places = {model: reference["$ref"] for (model, _), reference in named.items()}
    for model in _all_models(Model):
        if model.__name__ in definitions:
            _describe(definitions[model.__name__], model)
    for part, kinds in ((PipelineTrigger, triggers), (PipelineRule, rules)):
        choices = {kind: (places[model], model) for kind, model in kinds.items()}
        for reference, model in choices.values():
            _describe(definitions[_name(reference)], model)
            definitions[_name(reference)]["properties"].pop("kind", None)
        _choose(definitions[_name(places[part])], choices, definitions)
    top = definitions.pop(_name(places[Pipeline]))
    return {
        "$schema": DIALECT,
        **top,
        "title": "Countersign pipeline",
        "patternProperties": {"^x-": {}},
        "$defs": definitions,
    }


def part_schema(model: type[BaseModel]) -> _Schema:
    """The schema of a model, with what the source says of its fields."""
    own = model.model_json_schema()
    _describe(own, model)
    return own


def _choose(part: _Schema, choices: dict[str, tuple[str, Any]], definitions: _Schema) -> None:
    """Make the kind decide which settings there are."""
    part["properties"]["kind"] = {
        "description": "What it is; `countersign kinds` lists them.",
        "oneOf": [
            {"const": kind, "description": model.descriptions["en"]}
            for kind, (_, model) in choices.items()
        ],
    }
    part["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {
                "properties": {"settings": {"$ref": reference}},
                **({"required": ["settings"]} if _required(definitions, reference) else {}),
            },
        }
        for kind, (reference, _) in choices.items()
    ]


def _required(definitions: _Schema, reference: str) -> bool:
    return bool(definitions[_name(reference)].get("required"))


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _describe(definition: _Schema, model: type[BaseModel]) -> None:
    docs = field_docs(model)
    for name, field in model.model_fields.items():
        place = definition.get("properties", {}).get(field.alias or name)
        if place is not None and name in docs:
            place["description"] = docs[name]


def _all_models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _all_models(model)
