"""Change fields: gives fields of the document fixed values."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from countersign.model.fields import misfit_of
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup


class ChangeFields(DocumentRule):
    """Writes each value into its field; null empties a field."""

    kind: Literal["change_fields"] = "change_fields"
    group: ClassVar[RuleGroup] = "element_management"
    titles: ClassVar = {"en": "Change fields", "de": "Felder ändern"}
    descriptions: ClassVar = {
        "en": "Gives fields of the document fixed values.",
        "de": "Gibt Feldern des Dokuments feste Werte.",
    }
    values: Annotated[dict[str, Any], Field(min_length=1)]
    """Fields and their new values."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        texts = ((name, misfit_of(value, name, pipeline)) for name, value in self.values.items())
        return tuple((("values", name), text) for name, text in texts if text is not None)

    def edit(self, context: RuleContext) -> Edit:
        return Edit(values=self.values)
