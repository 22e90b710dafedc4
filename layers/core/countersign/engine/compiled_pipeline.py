"""A published pipeline made ready to run: kinds resolved, candidates in order, fields typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from countersign.engine.schedule.business_hours import BusinessHours
from countersign.engine.transaction_limits import PlannedItems, next_of
from countersign.model import fields
from countersign.model.pipeline import FieldType, Pipeline, Rule, Stage, Trigger, Version
from countersign.model.run_purpose import RunPurpose, TimerRun, purpose_of
from countersign.model.timing import Timing, When
from countersign.rules import RULES
from countersign.rules.base import RuleKind
from countersign.triggers import TRIGGERS
from countersign.triggers.base import TriggerKind

NO_AUTOMATION = "automation is not included in this deployment's plan"
"""Why no trigger fires and nothing is planned."""


def kind_with_settings(rule: Rule) -> RuleKind:
    """The kind of a checked rule, with the rule's settings."""
    return RULES.get(rule.kind).model_validate({"kind": rule.kind, **rule.settings})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trigger in its stage, its kind resolved."""

    place: int
    """The stage's place in the pipeline's order, from 0."""
    stage: Stage
    trigger: Trigger
    kind: TriggerKind

    @property
    def timer_run(self) -> TimerRun:
        """What a run is for that is its timer."""
        return TimerRun(self.trigger.id)

    def holds(self, place: int, stage: Stage) -> str | None:
        """Why the trigger may not move a document out of this stage, at this place in the pipeline.

        None where it may.
        """
        if self.place == place:
            return "the document is in the trigger's own stage"
        if self.trigger.allow_return:
            return None
        if self.place < place:
            return "its stage is an earlier one, and it does not allow a return"
        if stage.is_final:
            return f"the stage {stage.id} is final ({stage.kind}), and it does not allow a return"
        return None

    def waits_for(self, place: int, stage: Stage) -> bool:
        """Whether an arrival in this stage, at this place in the pipeline, starts its timer."""
        if not self.trigger.enabled or self.holds(place, stage) is not None:
            return False
        return self.kind.timer(stage.id) is not None


class CompiledPipeline:
    """One version of a pipeline, ready to run. Immutable; made once for each version.

    Without ``automation`` its triggers fire nothing, and it plans neither rules nor timers.
    """

    def __init__(self, version: Version, *, automation: bool = True) -> None:
        self.version = version.number
        self.automation = automation
        self.pipeline: Pipeline = version.pipeline
        self.types: Mapping[str, FieldType] = fields.types(version.pipeline)
        self.candidates: tuple[Candidate, ...] = tuple(
            Candidate(
                place=place,
                stage=stage,
                trigger=trigger,
                kind=TRIGGERS.get(trigger.kind).model_validate(
                    {"kind": trigger.kind, **trigger.settings}
                ),
            )
            for place, stage in enumerate(version.pipeline.stages)
            for trigger in stage.triggers
        )
        self._by_id = {
            (stage.id, rule.id): rule for stage in version.pipeline.stages for rule in stage.rules
        }
        self._rules: dict[tuple[str, str], RuleKind] = {}

    @cached_property
    def working(self) -> BusinessHours:
        """The pipeline's working time and time zone."""
        return BusinessHours.of(self.pipeline)

    @cached_property
    def hooks(self) -> frozenset[str]:
        """The date fields on which a rule's or a timer's time hangs."""
        stages = self.pipeline.stages
        whens: list[When | None] = [rule.time for stage in stages for rule in stage.rules]
        whens += [
            candidate.kind.timer(stage.id) for candidate in self.candidates for stage in stages
        ]
        timings = [when for when in whens if isinstance(when, Timing)]
        return frozenset(timing.field for timing in timings if timing.field)

    @cached_property
    def most_planned(self) -> int:
        """The most runs that one more fact of a message can plan."""
        return next_of([self._load(n, stage) for n, stage in enumerate(self.pipeline.stages)])

    def _load(self, here: int, stage: Stage) -> PlannedItems:
        rules = [rule for rule in stage.rules if rule.enabled]
        timers = sum(candidate.waits_for(here, stage) for candidate in self.candidates)
        kept = sum(rule.on_leave == "keep" for rule in rules)
        return PlannedItems(rules=len(rules), timers=timers, kept=kept)

    @cached_property
    def keeps_hanging(self) -> bool:
        """Whether a rule that is kept past its stage hangs on a date field."""
        return any(
            rule.on_leave == "keep" and isinstance(rule.time, Timing) and rule.time.field
            for stage in self.pipeline.stages
            for rule in stage.rules
        )

    def keeps_in_chain(self, stage: str) -> bool:
        """Whether a rule that is kept past this stage waits for a rule above it."""
        definition = self.pipeline.stage(stage)
        return definition is not None and any(
            rule.on_leave == "keep" and rule.execution == "after_previous"
            for rule in definition.rules[1:]
        )

    def rule(self, stage: str, rule: str) -> Rule | None:
        """The rule of that id in that stage, or None."""
        return self._by_id.get((stage, rule))

    def candidate(self, trigger: str) -> Candidate | None:
        """The trigger of that id, or None."""
        return next(
            (candidate for candidate in self.candidates if candidate.trigger.id == trigger), None
        )

    def timed_stages(self, candidate: Candidate) -> tuple[str, ...]:
        """The stages in which an arrival starts the trigger's timer, in order."""
        return tuple(
            stage.id
            for place, stage in enumerate(self.pipeline.stages)
            if candidate.waits_for(place, stage)
        )

    def plans_in(self, stage: str) -> bool:
        """Whether an arrival in this stage begins rules or timers, where automation is included."""
        place = self.pipeline.index(stage)
        if place < 0:
            return False
        here = self.pipeline.stages[place]
        rules = any(rule.enabled for rule in here.rules)
        return rules or any(candidate.waits_for(place, here) for candidate in self.candidates)

    def timed_trigger(self, purpose: RunPurpose) -> Candidate | None:
        """The trigger whose timer a run of this purpose is.

        None for other runs, and where the version has no such trigger.
        """
        return self.candidate(purpose.trigger) if isinstance(purpose, TimerRun) else None

    def has_timer(self, rule: str) -> bool:
        """Whether a run of that name is the timer of one of its triggers."""
        return self.timed_trigger(purpose_of(rule)) is not None

    def kind_of(self, stage: str, rule: Rule) -> RuleKind:
        """The rule's kind with its settings; checked at publishing, built on first use."""
        key = (stage, rule.id)
        if key not in self._rules:
            self._rules[key] = kind_with_settings(rule)
        return self._rules[key]


ProgramOf = Callable[[int], CompiledPipeline]
"""Gives the versions of one pipeline, by their numbers."""
