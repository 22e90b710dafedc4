"""Compute a field: works out a value from the document and writes it into a field."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from countersign.model.fields import misfit_of
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.rules._shared import rendering
from countersign.rules._shared.template_variables import first, values, zone_of
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup

_EXACT = frozenset({"number", "money", "date", "datetime"})
"""Types whose values are written for the field to read; others as people read them."""


class ComputeField(DocumentRule):
    """Writes a text with inserts into ``field``, as the field's type reads it.

    ``{{ document.amount | times: 1.19 | round: 2 }}`` is a number, ``{{ today | plus_days: 14 }}``
    a date. A text that comes out empty empties the field; one that does not fit fails the run.
    """

    kind: Literal["compute_field"] = "compute_field"
    group: ClassVar[RuleGroup] = "data"
    titles: ClassVar = {"en": "Compute a field", "de": "Feld berechnen"}
    descriptions: ClassVar = {
        "en": "Works out a number, a date or a text and writes it into a field.",
        "de": "Berechnet eine Zahl, ein Datum oder einen Text und schreibt ihn in ein Feld.",
    }
    field: str
    """Id of the field that is written."""
    value: Annotated[str, Field(min_length=1)]
    """What is written: Liquid, with the inserts of mails. Nothing in it can run code."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        return (*rendering.problems({"value": self.value}, pipeline), *self._misfit(pipeline))

    def _misfit(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        """That the field cannot be written, or does not take a value without inserts."""
        constant = None if rendering.has_inserts(self.value) else self.value
        for setting, value in (("field", None), ("value", constant)):
            text = misfit_of(value, self.field, pipeline)
            if text is not None:
                return ((setting, text),)
        return ()

    def edit(self, context: RuleContext) -> Edit:
        inserted = values(context, first(context.document, "client"), self.titles["en"])
        kind = context.types.get(self.field)
        form: Literal["exact", "text"] = "exact" if kind in _EXACT else "text"
        text = rendering.filled("value", self.value, inserted, form).strip()
        if kind == "date":
            text = _day(text, zone_of(context.pipeline))
        return Edit(values={self.field: text})


def _day(text: str, zone: tzinfo) -> str:
    """The day of a moment, by the pipeline's clocks; any other text as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if moment.tzinfo is None else moment.astimezone(zone).date().isoformat()
