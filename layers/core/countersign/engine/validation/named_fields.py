"""Fields that the settings of a kind name: whether they exist, and take the values given."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.engine.conditions.display import described
from countersign.engine.schedule import due
from countersign.engine.validation.schema_errors import close_or_all
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.base import Model, Place
from countersign.model.document import FieldValue
from countersign.model.pipeline import FieldSpec, Pipeline
from countersign.model.task import GROUP
from countersign.model.values import is_empty
from countersign.rules._shared.rendering import has_inserts
from countersign.rules.change_fields import ChangeFields
from countersign.rules.compute_field import ComputeField
from countersign.rules.create_task import CreateTask
from countersign.text.folding import fold
from countersign.triggers.field_changed import FieldChanged
from countersign.triggers.responsible_changed import ResponsibleChanged


def problems(kind: Model | None, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing must refuse about them, each with its place below the settings."""
    if isinstance(kind, FieldChanged):
        yield from _watched(kind, pipeline)
    if isinstance(kind, ResponsibleChanged):
        yield from _next_responsible(kind)
    if isinstance(kind, ChangeFields):
        for name, value in kind.values.items():
            try:
                fields.fit_value(value, name, pipeline)
            except PermanentError as error:
                yield ("values", name), str(error)
    if isinstance(kind, CreateTask) and kind.deadline is not None:
        yield from due.problems(kind.deadline, fields.types(pipeline), ("deadline",))
    if isinstance(kind, ComputeField):
        constant = None if has_inserts(kind.value) else kind.value
        for setting, value in (("field", None), ("value", constant)):
            try:
                fields.fit_value(value, kind.field, pipeline)
            except PermanentError as error:
                yield (setting,), str(error)
                return


def _watched(kind: FieldChanged, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    specs, types = fields.specs(pipeline), fields.types(pipeline)
    for n, name in enumerate(kind.fields):
        if name not in types:
            yield ("fields", n), f'there is no field "{name}"; {close_or_all(name, types)}'
    there = [name for name in kind.fields if name in types]
    for setting, word in (("old", "was_empty"), ("new", "became_empty")):
        value: FieldValue = getattr(kind, setting)
        if setting in kind.model_fields_set and is_empty(value):
            text = f"{setting} is empty, which means nothing here; leave it out for any value, or"
            yield (setting,), f"{text} write {word}: true for a field that {word.replace('_', ' ')}"
        elif value is not None:
            if getattr(kind, word):
                yield (word,), f"{word} and {setting} exclude each other; remove one of them"
            for name in there:
                if (misfit := _misfit(value, specs[name], name)) is not None:
                    hint = f"; for an empty field write {word}: true" if _says_empty(value) else ""
                    yield (setting,), f"{misfit}{hint}"
            if not kind.fields and all(_misfit(value, specs[name], name) for name in types):
                yield (setting,), f"no field of the pipeline can hold {described(value)}"


def _says_empty(value: FieldValue) -> bool:
    return isinstance(value, str) and fold(value) in ("empty", "blank", "none", "nil", "leer")


def _misfit(value: FieldValue, spec: FieldSpec, name: str) -> str | None:
    try:
        fields.fit(value, spec, name)
    except PermanentError as error:
        return str(error)
    return None


def _next_responsible(kind: ResponsibleChanged) -> Iterator[tuple[Place, str]]:
    user = FieldSpec(type="user")
    for n, name in enumerate(kind.to):
        text = "a user is blank" if is_empty(name) else _misfit(name, user, "responsible")
        if name.startswith(GROUP):
            text = f'"{name}" is a group, and one user becomes responsible; list its users'
        if text is not None:
            yield ("to", n), text
    if kind.to and kind.became_empty:
        yield ("became_empty",), "became_empty and to exclude each other; remove one of them"
