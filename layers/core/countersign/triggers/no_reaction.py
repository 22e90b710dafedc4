"""Nothing has happened for so long in a stage."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace, unknown_stage
from countersign.model.timing import Span, Timing, When
from countersign.triggers.base import TriggerGroup, TriggerKind


class NoReaction(TriggerKind):
    """Fires when a document has stayed in ``stage`` for the time that is set."""

    kind: Literal["no_reaction"] = "no_reaction"
    group: ClassVar[TriggerGroup] = "time"
    titles: ClassVar = {"en": "No reaction", "de": "Keine Reaktion"}
    descriptions: ClassVar = {
        "en": "The document has stayed in a stage for so long.",
        "de": "Das Dokument ist so lange in einer Stufe geblieben.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"timer.due"})
    stage: str
    """Id of the stage that is watched."""
    after: Span
    """How long the document must have stayed there."""
    working_hours: bool = False
    """Whether the time is moved to the start of the next working time."""

    def timer(self, stage: str) -> When | None:
        if stage != self.stage:
            return None
        return Timing(after=self.after, working_hours=self.working_hours)

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        if unknown := unknown_stage(self.stage, pipeline):
            return (((), unknown),)
        if self.after.field is not None:
            text = "it is counted from the arrival; for a date field take date_reached"
            return (((), text),)
        return ()
