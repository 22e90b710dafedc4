"""A field of the document has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from countersign.model import fields
from countersign.model.document import Document, FieldValue
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.model.values import (
    InvalidValueError,
    described,
    fit,
    is_empty,
    plain,
    same,
    type_of,
)
from countersign.text.folding import fold
from countersign.text.suggestions import close_or_all
from countersign.triggers.base import TriggerGroup, TriggerKind


class FieldChanged(TriggerKind):
    """Fires when one of the fields changes, from and to the values that are set."""

    kind: Literal["field_changed"] = "field_changed"
    group: ClassVar[TriggerGroup] = "element_management"
    titles: ClassVar = {"en": "Field changed", "de": "Feld geändert"}
    descriptions: ClassVar = {
        "en": "A field of the document got another value.",
        "de": "Ein Feld des Dokuments hat einen anderen Wert bekommen.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"field.changed"})
    fields: tuple[str, ...] = ()
    """The fields that are watched; none listed means any."""
    old: FieldValue = None
    """Only a change from this value, read as the field reads values: ``yes`` is true."""
    new: FieldValue = None
    """Only a change to this value."""
    was_empty: bool | None = None
    """true: only a field that was empty before; false: only one that was not."""
    became_empty: bool | None = None
    """true: only a field that has been emptied; false: only one that got a value."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        name = happening.field or ""
        if self.fields and name not in self.fields:
            return f"the field {name} changed, not {' or '.join(self.fields)}"
        sides = (
            ("was", happening.old, self.old, self.was_empty),
            ("became", happening.new, self.new, self.became_empty),
        )
        for word, actual, wanted, empty in sides:
            if empty is not None and is_empty(actual) != empty:
                return f"{name} {word} {_shown(actual)}, not {'empty' if empty else 'filled'}"
            if wanted is not None and not _is(actual, wanted, happening):
                return f"{name} {word} {_shown(actual)}, not {_shown(wanted)}"
        return None

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        return (*self._unknown_fields(pipeline), *self._unfit_values(pipeline))

    def _unknown_fields(self, pipeline: Pipeline) -> Iterator[tuple[SettingPlace, str]]:
        types = fields.types(pipeline)
        for n, name in enumerate(self.fields):
            if name not in types:
                yield ("fields", n), f'there is no field "{name}"; {close_or_all(name, types)}'

    def _unfit_values(self, pipeline: Pipeline) -> Iterator[tuple[SettingPlace, str]]:
        for setting, word, value in (
            ("old", "was_empty", self.old),
            ("new", "became_empty", self.new),
        ):
            if setting in self.model_fields_set and is_empty(value):
                text = f"{setting} is empty, which means nothing here; leave it out for any value"
                of_word = f"write {word}: true for a field that {word.replace('_', ' ')}"
                yield setting, f"{text}, or {of_word}"
            elif value is not None:
                if getattr(self, word):
                    yield word, f"{word} and {setting} exclude each other; remove one of them"
                yield from ((setting, text) for text in self._unfit(value, word, pipeline))

    def _unfit(self, value: FieldValue, word: str, pipeline: Pipeline) -> Iterator[str]:
        """Why the watched fields cannot hold the value."""
        specs, types = fields.specs(pipeline), fields.types(pipeline)
        hint = f"; for an empty field write {word}: true" if _says_empty(value) else ""
        for name in self.fields:
            text = fields.misfit(value, specs[name], name) if name in types else None
            if text is not None:
                yield f"{text}{hint}"
        if not self.fields and all(fields.misfit(value, specs[name], name) for name in types):
            yield f"no field of the pipeline can hold {described(value)}"


def _says_empty(value: FieldValue) -> bool:
    return isinstance(value, str) and fold(value) in ("empty", "blank", "none", "nil", "leer")


def _is(value: FieldValue, wanted: FieldValue, happening: DocumentEvent) -> bool:
    """Whether the field's value is the setting's, as the field would keep it."""
    kind = happening.field_type or type_of(value)
    try:
        return same(value, fit(wanted, kind, happening.field or ""), kind)
    except InvalidValueError:  # A value of another field's type, where any field is watched.
        return False


def _shown(value: FieldValue) -> str:
    match value:
        case _ if is_empty(value):
            return "empty"
        case bool():
            return "yes" if value else "no"
        case _:
            return plain(value) or "empty"
