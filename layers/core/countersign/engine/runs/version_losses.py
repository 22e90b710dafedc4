"""What a new version takes from rules and timers of an older one that still wait to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countersign.engine.compiled_pipeline import Candidate, CompiledPipeline
from countersign.engine.conditions import evaluate
from countersign.engine.conditions.evaluate import Vocabulary
from countersign.model import timing
from countersign.model.base import Place
from countersign.model.pipeline import FieldSpec, Pipeline, Rule, Stage, Version
from countersign.model.references import settings_place
from countersign.model.timing import IMMEDIATELY


@dataclass(frozen=True, slots=True)
class VersionLoss:
    """Why a run cannot do what its own version says once the new one is published."""

    reason: str
    """As a sentence: what it names that the new version does not have."""
    is_gone: bool
    """Whether the rule or trigger itself goes, so that its run has no place in the new version."""


def losses(old: CompiledPipeline, new: Pipeline) -> Mapping[tuple[str, str], VersionLoss]:
    """By stage and name of the run: each rule and timer of the old version that loses something.

    Only what stages, fields, rules and triggers are no longer there, or are of another type: what
    the new version forbids for other reasons does not concern runs of the old one.
    """
    return {**dict(_of_rules(old, new)), **dict(_of_timers(old, new))}


def changed_fields(old: Pipeline, new: Pipeline) -> Mapping[str, FieldSpec | None]:
    """Fields that go (None), or are of another type or have other options, as they are then."""
    return {
        name: new.fields.get(name)
        for name, spec in old.fields.items()
        if (after := new.fields.get(name)) is None
        or (after.type, after.options) != (spec.type, spec.options)
    }


def _of_rules(
    old: CompiledPipeline, new: Pipeline
) -> Iterator[tuple[tuple[str, str], VersionLoss]]:
    # What rules name is looked into only where there is something that goes.
    goes = any(new.stage(stage.id) is None for stage in old.pipeline.stages)
    goes = goes or bool(changed_fields(old.pipeline, new))
    restored = _restored(old.pipeline, new) if goes else None
    for stage in old.pipeline.stages:
        after = new.stage(stage.id)
        enabled = {rule.id: rule.enabled for rule in after.rules} if after else {}
        for rule in stage.rules:
            loss = None
            if not rule.enabled:
                continue
            if rule.id not in enabled:
                loss = VersionLoss(f"the stage {stage.id} has no such rule any more", is_gone=True)
            elif not enabled[rule.id]:
                loss = VersionLoss("the rule is switched off", is_gone=True)
            elif restored is not None:
                loss = _of_rule(old, stage, rule, new, restored)
            if loss is not None:
                yield (stage.id, rule.id), loss


def _of_timers(
    old: CompiledPipeline, new: Pipeline
) -> Iterator[tuple[tuple[str, str], VersionLoss]]:
    then = CompiledPipeline(Version(number=old.version + 1, pipeline=new))
    for candidate in old.candidates:
        for stage in old.timed_stages(candidate):
            loss = _of_timer(candidate, stage, then)
            if loss is not None:
                yield (stage, candidate.timer_run.name), loss


def _of_rule(
    old: CompiledPipeline, stage: Stage, rule: Rule, new: Pipeline, restored: Pipeline
) -> VersionLoss | None:
    wrong = list(_problems(old, stage, rule, new))
    if not wrong:
        return None
    anyway = {place for place, _ in _problems(old, stage, rule, restored)}
    text = next((text for place, text in wrong if place not in anyway), None)
    return VersionLoss(text, is_gone=False) if text else None


def _of_timer(candidate: Candidate, stage: str, new: CompiledPipeline) -> VersionLoss | None:
    after = new.candidate(candidate.trigger.id)
    if after is None:
        return VersionLoss("there is no such trigger any more", is_gone=True)
    if stage not in new.timed_stages(after):
        return VersionLoss("no timer of it is armed there any more", is_gone=True)
    wrong = timing.problems(candidate.kind.timer(stage) or IMMEDIATELY, new.types, ())
    return VersionLoss(wrong[0][1], is_gone=False) if wrong else None


def _problems(
    old: CompiledPipeline, stage: Stage, rule: Rule, new: Pipeline
) -> Iterator[tuple[Place, str]]:
    """What publishing would refuse about the rule if it stood in the new pipeline."""
    vocabulary, kind = Vocabulary.of(new), old.kind_of(stage.id, rule)
    yield from timing.problems(rule.time, vocabulary.types, ("time",))
    yield from evaluate.problems(rule.condition, vocabulary, ("condition",), event=False)
    for place, text in kind.problems(new):
        yield ("settings", *settings_place(place)), text


def _restored(old: Pipeline, new: Pipeline) -> Pipeline:
    """The new pipeline with the stages and fields that it takes away, as they were."""
    stages = [Stage(id=stage.id) for stage in old.stages if new.stage(stage.id) is None]
    return new.model_copy(
        update={"stages": (*new.stages, *stages), "fields": {**new.fields, **old.fields}}
    )
