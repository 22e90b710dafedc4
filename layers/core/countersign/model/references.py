"""What a rule or trigger refers to outside its own settings: stages, rules, a provider's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from countersign.model.base import Place
from countersign.model.pipeline import Pipeline

if TYPE_CHECKING:
    from countersign.model.provider_api import Offer

SettingPlace = str | Place
"""The name of a setting, or a place below the settings; ``""`` or ``()`` for the settings as a
whole."""

Product = Literal["mail", "task"]
"""What a rule leaves behind that a trigger can wait for."""


class NamedRule(NamedTuple):
    """A rule that a setting names, and what that rule must do."""

    setting: str
    rule: str | None
    """Its id; None where any rule will do."""
    product: Product
    tracked: bool = False
    """Whether opens and clicks of its mails must be reported."""


class NamedStage(NamedTuple):
    """A stage that a setting names."""

    setting: str
    stage: str


class ProviderRequirement(NamedTuple):
    """What a rule needs of the signing provider's API."""

    offer: Offer
    setting: str | None = None
    """The setting that asks for it; None where the kind itself does."""

    @property
    def place(self) -> Place:
        """Where it is asked for, below the rule."""
        return ("settings", self.setting) if self.setting else ("kind",)


def settings_place(place: SettingPlace) -> Place:
    """The place below the settings."""
    if isinstance(place, str):
        return (place,) if place else ()
    return place


def unknown_stage(stage: str, pipeline: Pipeline) -> str | None:
    """What publishing must refuse about the name of a stage, as a sentence, or None."""
    if pipeline.stage(stage) is not None:
        return None
    there = ", ".join(stage.id for stage in pipeline.stages)
    return f'no stage "{stage}"; this pipeline has {there}'
