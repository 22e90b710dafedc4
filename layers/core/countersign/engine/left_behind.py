"""What a new version takes from rules and timers of an older one that still wait to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countersign.engine import conditions, named_fields, timing
from countersign.engine.program import TIMER, Candidate, Program
from countersign.model import fields
from countersign.model.base import Place
from countersign.model.pipeline import FieldSpec, Pipeline, Rule, Stage


@dataclass(frozen=True, slots=True)
class Loss:
    """Why a run cannot do what its own version says once the new one is published."""

    reason: str
    """As a sentence: what it names that the new version does not have."""
    is_gone: bool
    """Whether the rule or trigger itself goes, so that its run has no place in the new version."""


def losses(old: Program, new: Pipeline) -> Mapping[tuple[str, str], Loss]:
    """By stage and name of the run: each rule and timer of the old version that loses something.

    Only what stages, fields, rules and triggers are no longer there, or are of another type: what
    the new version forbids for other reasons does not concern runs of the old one.
    """
    found: dict[tuple[str, str], Loss] = {}
    restored = _restored(old.pipeline, new)
    for stage in old.pipeline.stages:
        for rule in stage.rules:
            loss = _of_rule(old, stage, rule, new, restored) if rule.enabled else None
            if loss is not None:
                found[stage.id, rule.id] = loss
    for candidate in old.candidates:
        for stage in old.pipeline.stages:
            loss = _of_timer(candidate, stage, new)
            if loss is not None:
                found[stage.id, f"{TIMER}{candidate.trigger.id}"] = loss
    return found


def changed_fields(old: Pipeline, new: Pipeline) -> Mapping[str, FieldSpec | None]:
    """Fields that go (None), or are of another type or have other options, as they are then."""
    return {
        name: new.fields.get(name)
        for name, spec in old.fields.items()
        if (after := new.fields.get(name)) is None
        or (after.type, after.options) != (spec.type, spec.options)
    }


def _of_rule(
    old: Program, stage: Stage, rule: Rule, new: Pipeline, restored: Pipeline
) -> Loss | None:
    after = new.stage(stage.id)
    there = {one.id for one in after.rules} if after else set()
    if rule.id not in there:
        return Loss(f"the stage {stage.id} has no such rule any more", is_gone=True)
    fitting = {place for place, _ in _problems(old, stage, rule, restored)}
    for place, text in _problems(old, stage, rule, new):
        if place not in fitting:
            return Loss(text, is_gone=False)
    return None


def _of_timer(candidate: Candidate, stage: Stage, new: Pipeline) -> Loss | None:
    when = candidate.kind.timer(stage.id) if candidate.trigger.enabled else None
    if when is None:
        return None
    if not any(one.id == candidate.trigger.id for each in new.stages for one in each.triggers):
        return Loss("there is no such trigger any more", is_gone=True)
    wrong = timing.problems(when, fields.types(new), ())
    return Loss(wrong[0][1], is_gone=False) if wrong else None


def _problems(old: Program, stage: Stage, rule: Rule, new: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing would refuse about the rule if it stood in the new pipeline."""
    types, kind = fields.types(new), old.kind_of(stage.id, rule)
    yield from timing.problems(rule.time, types, ("time",))
    yield from conditions.problems(
        rule.condition,
        types,
        ("condition",),
        specs=fields.specs(new),
        groups=new.groups,
        event=False,
    )
    for setting, text in kind.problems(new):
        yield ("settings", setting), text
    for place, text in named_fields.problems(kind, new):
        yield ("settings", *place), text


def _restored(old: Pipeline, new: Pipeline) -> Pipeline:
    """The new pipeline with the stages and fields that it takes away, as they were."""
    stages = [Stage(id=stage.id) for stage in old.stages if new.stage(stage.id) is None]
    return new.model_copy(
        update={"stages": (*new.stages, *stages), "fields": {**new.fields, **old.fields}}
    )
