"""Custom fields of an envelope as fields of its document, read in their country's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.edits import keeps, kept
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.connection import FieldMapping
from countersign.model.document import Document, FieldValue
from countersign.model.foreign_values import ValueFormat, in_currency, read
from countersign.model.values import same

_WRITTEN_BY_COUNTRY = frozenset({"number", "money", "date", "datetime", "bool"})
"""Types of fields whose values people write otherwise than programs."""


def mapped(
    document: Document,
    news: Sequence[FieldMapping],
    envelope_fields: Mapping[str, str],
    program: CompiledPipeline,
    locale: str | None,
) -> tuple[dict[str, FieldValue], tuple[str, ...]]:
    """What is to be written into the document, by field, and what is to be noted instead.

    ``envelope_fields`` are the envelope's custom fields, ``news`` the mappings of those that are
    new. Each is read in the locale, or else in the pipeline's language. What a person set stays.
    """
    locale = locale or program.pipeline.language
    reading = reading_for(document, program, locale)
    values: dict[str, FieldValue] = {}
    warnings = []
    # The currency first: an amount that names another one is not taken over.
    for mapping in sorted(news, key=lambda mapping: mapping.field != "currency"):
        name, text = mapping.field, envelope_fields[mapping.source]
        source = f'the custom field "{mapping.source}" of the envelope'
        try:
            spec = fields.writable(name, program.pipeline)
            value = read(text, spec, name, reading)
        except PermanentError as error:
            hint = "" if locale else _hint(text, name, program)
            warnings.append(f"{source} was not taken over: {error}{hint}")
            continue
        if not keeps(document, name):
            values[name] = value
            if name == "currency":
                reading = in_currency(reading, value)
        elif not same(fields.read(document, name), value, spec.type):
            warnings.append(kept(name, source, text))
    in_order = {mapping.field: values[mapping.field] for mapping in news if mapping.field in values}
    return in_order, tuple(warnings)


def reading_for(document: Document, program: CompiledPipeline, locale: str | None) -> ValueFormat:
    """How values from outside are read for this document."""
    return ValueFormat(zone=program.working.zone, locale=locale, currency=document.currency)


def _hint(text: str, name: str, program: CompiledPipeline) -> str:
    """What helps where a value is refused that people of some country may have written."""
    if program.types.get(name) not in _WRITTEN_BY_COUNTRY or not text.strip():
        return ""
    return (
        "; if people fill it in, set the connection's locale: "
        "countersign connections update ID --locale NAME"
    )
