"""Fields that the settings of a kind name: whether they exist, and take the values given."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.engine import timing
from countersign.engine.misfits import close_or_all
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.base import Model, Place
from countersign.model.pipeline import Pipeline
from countersign.rules._texts import has_inserts
from countersign.rules.change_fields import ChangeFields
from countersign.rules.compute_field import ComputeField
from countersign.rules.create_task import CreateTask
from countersign.triggers.field_changed import FieldChanged


def problems(kind: Model | None, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing must refuse about them, each with its place below the settings."""
    if isinstance(kind, FieldChanged):
        yield from _watched(kind, pipeline)
    if isinstance(kind, ChangeFields):
        for name, value in kind.values.items():
            try:
                fields.fit_value(value, name, pipeline)
            except PermanentError as error:
                yield ("values", name), str(error)
    if isinstance(kind, CreateTask) and kind.deadline is not None:
        yield from timing.problems(kind.deadline, fields.types(pipeline), ("deadline",))
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
            continue
        for setting in ("old", "new"):
            try:
                fields.fit(getattr(kind, setting), specs[name], name)
            except PermanentError as error:
                yield (setting,), str(error)
