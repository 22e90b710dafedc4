"""The form of a written pipeline: all that is wrong with it, and what of it can be checked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from countersign.engine.validation.schema_errors import (
    SchemaError,
    is_optional,
    model_at,
    names_of,
    schema_errors,
)
from countersign.model.base import Place
from countersign.model.pipeline import Pipeline, Rule
from countersign.registry import Registry, UnknownKindError
from countersign.rules import RULES
from countersign.text.suggestions import close_name
from countersign.triggers import TRIGGERS

_ROUNDS = 12
_LISTED = {"stages": {}, "triggers": {"kind": ""}, "rules": {"kind": ""}}
"""What an entry of these lists must have, beside its id, for the rest to be read."""
_REGISTRIES: Mapping[str, Registry[Any]] = {"triggers": TRIGGERS, "rules": RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialPipeline:
    """What could be read of a pipeline."""

    pipeline: Pipeline | None
    """The pipeline without the parts that do not fit; None where nothing is left to check."""
    schema_errors: tuple[SchemaError, ...]
    left_out: frozenset[Place] = field(default_factory=frozenset)
    """Where parts were taken out or replaced: what is found there means nothing."""

    def means_nothing(self, place: Place) -> bool:
        """Whether the place lies in a part that was left out."""
        return any(place[: len(prefix)] == prefix for prefix in self.left_out)


def parse_leniently(raw: object) -> PartialPipeline:
    """Read a pipeline from plain values; everything that does not fit is reported at once.

    Parts that do not fit are left out so that the rest can still be checked. A rule or trigger
    of kind "" stands for one whose kind could not be read.
    """
    if not isinstance(raw, Mapping):
        keys = ", ".join(names_of(Pipeline))
        text = f"this is not a pipeline; expected a mapping with {keys}"
        return PartialPipeline(pipeline=None, schema_errors=(SchemaError((), text),))
    tree = _copy(raw)
    reported: tuple[SchemaError, ...] | None = None
    left_out: set[Place] = set()
    for _ in range(_ROUNDS):
        try:
            pipeline = Pipeline.model_validate(tree)
        except ValidationError as error:
            errors = schema_errors(error, Pipeline, tree)
            if reported is None:
                reported = tuple(_as_meant(error, tree) for error in errors)
            for schema_error in errors:
                left_out.add(_leave_out(tree, schema_error.place))
            continue
        pipeline = _with_written_ids(pipeline, raw)
        return PartialPipeline(
            pipeline=pipeline, schema_errors=reported or (), left_out=frozenset(left_out)
        )
    return PartialPipeline(pipeline=None, schema_errors=reported or ())


def _leave_out(tree: Any, place: Place) -> Place:
    """Take out the smallest part around the place that can be missed; returns where."""
    if not _is_there(tree, place[:-1]):
        return place  # Something around it was taken out already.
    for end in range(len(place), 0, -1):
        where = place[:end]
        *_, outer, owner, key = (None, None, *where)
        parent = _at(tree, where[:-1])
        if isinstance(key, int):
            if owner in _LISTED:
                parent[key] = {"id": _stand_in(where), **_LISTED[str(owner)]}
                return where
            if owner in ("all", "any", "none"):
                parent[key] = {"all": []}
                return where
        elif key in ("id", "kind") and outer in _LISTED:
            if key == "id":
                parent[key] = _stand_in(where)
            elif outer == "stages":
                parent.pop(key)
            else:
                parent[key] = ""
            return where
        elif where == ("pipeline",) or where == ("stages",):
            tree[key] = "stand-in" if key == "pipeline" else [{"id": "stand-in"}]
            return where
        elif "condition" not in where[:-1] and key in parent and is_optional(Pipeline, where, tree):
            parent.pop(key)
            return where
    return place


def _stand_in(place: Place) -> str:
    return "x-" + "-".join(str(part) for part in place if isinstance(part, int))


def _with_written_ids(pipeline: Pipeline, raw: Mapping[Any, Any]) -> Pipeline:
    """Stage ids as they are written, right or wrong, so that what refers to them finds them."""
    written = raw.get("stages")
    if not isinstance(written, list) or len(written) != len(pipeline.stages):
        return pipeline
    stages = tuple(
        stage.model_copy(update={"id": raw_stage["id"]})
        if isinstance(raw_stage, Mapping) and isinstance(raw_stage.get("id"), str)
        else stage
        for stage, raw_stage in zip(pipeline.stages, written, strict=True)
    )
    return pipeline.model_copy(update={"stages": stages})


def _as_meant(error: SchemaError, tree: Any) -> SchemaError:
    """Read an unknown key as the one that was meant, so that nothing else follows from it."""
    if not error.of_key or not error.place or not isinstance(error.place[-1], str):
        return error
    place, key = error.place, error.place[-1]
    part = _at(tree, place[:-1])
    if len(place) > 2 and place[-3] in _REGISTRIES and _is_setting(part, key, str(place[-3])):
        settings = part.setdefault("settings", {})
        if isinstance(settings, dict):
            settings.setdefault(key, part[key])
        text = f'"{key}" is a setting of {part["kind"]}; write it under settings'
        return SchemaError(place, text, of_key=True)
    if place[2:3] == ("rules",) and place[-2] == "time" and key in names_of(Rule):
        _at(tree, place[:-2]).setdefault(key, part[key])
        return SchemaError(place, f'"{key}" stands beside time, not under it', of_key=True)
    owner = model_at(Pipeline, place[:-1], tree)
    if owner is not None and (meant := close_name(key, names_of(owner))):
        part.setdefault(meant, part[key])
    return error


def _is_setting(part: Any, key: str, registry: str) -> bool:
    try:
        return key in names_of(_REGISTRIES[registry].get(str(part.get("kind"))))
    except UnknownKindError:
        return False


def _at(node: Any, place: Place) -> Any:
    for part in place:
        node = node[part]
    return node


def _is_there(node: Any, place: Place) -> bool:
    try:
        _at(node, place)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _copy(node: Any) -> Any:
    """A copy that shares nothing, not even what the file shares by an alias."""
    if isinstance(node, Mapping):
        return {key: _copy(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_copy(element) for element in node]
    return node
