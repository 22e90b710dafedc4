"""A date has been reached."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace, unknown_stage
from countersign.model.timing import Timing, When
from countersign.triggers.base import TriggerGroup, TriggerKind


class DateReached(TriggerKind):
    """Fires before, on or after the date in a field, in whatever other stage the document is."""

    kind: Literal["date_reached"] = "date_reached"
    group: ClassVar[TriggerGroup] = "time"
    titles: ClassVar = {"en": "Date reached", "de": "Datum erreicht"}
    descriptions: ClassVar = {
        "en": "The date in a field has come, or comes in so many days.",
        "de": "Das Datum in einem Feld ist erreicht oder steht bevor.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"timer.due"})
    time: Timing
    """Before, on or after the date in a field."""
    stages: tuple[str, ...] = ()
    """Only while the document is in one of these stages; none listed means any."""

    def timer(self, stage: str) -> When | None:
        return self.time if not self.stages or stage in self.stages else None

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        unknown = [text for stage in self.stages if (text := unknown_stage(stage, pipeline))]
        if unknown:
            return (((), unknown[0]),)
        if self.time.field is None:
            return (((), "its time must name a date field: before, on or after one"),)
        return ()
