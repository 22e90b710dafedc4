"""What went otherwise with a draft, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from countersign.model.base import Instant, Model
from countersign.model.pipeline import Pipeline
from countersign.model.run import NOT_BEGUN
from countersign.simulation.backtest.effects import Effect, EffectKind
from countersign.simulation.backtest.replay import Replay


class EffectDifference(Model):
    """One thing that went otherwise."""

    change: Literal["added", "changed", "removed"]
    """``added``: only with the draft; ``removed``: only as published; ``changed``: with both,
    but otherwise."""
    kind: EffectKind
    by: str
    """The rule, or of a move who moved: ``trigger:<id>``, ``rule:<id>`` or a user."""
    at: Instant
    """When it happened; of what is changed, as published."""
    published: str | None
    """What happened as published, in words."""
    draft: str | None
    """What happened with the draft."""
    reason: str
    """Why, as a sentence."""


def compare(published: Replay, draft: Replay) -> tuple[EffectDifference, ...]:
    """What went otherwise, in order of time.

    Effects of the same kind by the same rule are compared: first those that are alike, then by
    recipients, then one after the other.
    """
    before, after = _by_source(published.effects), _by_source(draft.effects)
    differences: list[EffectDifference] = []
    for source in dict.fromkeys((*before, *after)):
        old, new = _without_same(before[source], after[source])
        for effect, other in (*_pairs(old, new, _goal), *_pairs(old, new, lambda _: ())):
            differences.append(_changed(effect, other))
        differences += [_removed(effect, draft) for effect in old]
        differences += [_added(effect, published) for effect in new]
    return tuple(sorted(differences, key=lambda difference: difference.at))


_Source = tuple[EffectKind, str]


def _by_source(effects: Iterable[Effect]) -> defaultdict[_Source, list[Effect]]:
    by_source: defaultdict[_Source, list[Effect]] = defaultdict(list)
    for effect in effects:
        by_source[effect.kind, effect.by].append(effect)
    return by_source


def _without_same(
    old: Iterable[Effect], new: Iterable[Effect]
) -> tuple[list[Effect], list[Effect]]:
    rest, left = list(new), []
    for effect in old:
        if effect in rest:
            rest.remove(effect)
        else:
            left.append(effect)
    return left, rest


def _goal(effect: Effect) -> tuple[object, ...]:
    return effect.stage, effect.to, effect.text


def _pairs(
    old: list[Effect], new: list[Effect], key: Callable[[Effect], tuple[object, ...]]
) -> Iterator[tuple[Effect, Effect]]:
    """Those that are paired, taken out of both lists."""
    for effect in tuple(old):
        match = next((other for other in new if key(other) == key(effect)), None)
        if match is not None:
            old.remove(effect)
            new.remove(match)
            yield effect, match


_WORDS: Mapping[EffectKind, Mapping[str, str]] = {
    "move": {"to": "from another stage"},
    "mail": {"to": "other recipients", "text": "another subject"},
    "task": {"to": "another assignee", "text": "another title"},
    "call": {"text": "another address"},
    "event": {"text": "another name"},
    "sms": {"to": "another number", "text": "another text"},
}
"""What it means that an attribute is another one."""


def _changed(published: Effect, draft: Effect) -> EffectDifference:
    words = {"at": "another time", "stage": "another stage", **_WORDS[published.kind]}
    parts = [
        word for name, word in words.items() if getattr(published, name) != getattr(draft, name)
    ]
    return EffectDifference(
        change="changed",
        kind=published.kind,
        by=published.by,
        at=published.at,
        published=_words(published),
        draft=_words(draft),
        reason=" and ".join(parts),
    )


def _removed(effect: Effect, draft: Replay) -> EffectDifference:
    return EffectDifference(
        change="removed",
        kind=effect.kind,
        by=effect.by,
        at=effect.at,
        published=_words(effect),
        draft=None,
        reason=f"with the draft {why_not(effect, draft)}",
    )


def _added(effect: Effect, published: Replay) -> EffectDifference:
    return EffectDifference(
        change="added",
        kind=effect.kind,
        by=effect.by,
        at=effect.at,
        published=None,
        draft=_words(effect),
        reason=f"as published {why_not(effect, published)}",
    )


def _words(effect: Effect) -> str:
    return f"{effect.at:%Y-%m-%d %H:%M}: {effect}"


def why_not(effect: Effect, replay: Replay) -> str:
    """Why the effect did not happen there."""
    sort, _, name = effect.by.rpartition(":") if effect.kind == "move" else ("rule", "", effect.by)
    if sort == "trigger":
        return _why_no_move(name, replay)
    if sort == "rule":
        return _why_no_run(name, effect, replay)
    return f"{effect.by} did not move the document"


def _why_no_move(trigger: str, replay: Replay) -> str:
    if trigger not in _ids(replay.pipeline, "triggers"):
        return f"there is no trigger {trigger}"
    for entry in reversed(replay.timeline):
        for passed in entry.passed:
            if passed.trigger == trigger:
                return f"the trigger {trigger} did not match: {passed.reason}"
    return f"the trigger {trigger} did not fire"


def _why_no_run(rule: str, effect: Effect, replay: Replay) -> str:
    runs = [run for run in replay.runs if run.rule == rule]
    if runs:
        run = next((run for run in reversed(runs) if run.state != "done"), runs[-1])
        due = f"due {run.due:%Y-%m-%d %H:%M} UTC" if run.due and run.state in NOT_BEGUN else None
        reason = run.reason or due
        return f"the rule {rule} is {run.state_in_words}" + (f": {reason}" if reason else "")
    if rule not in _ids(replay.pipeline, "rules"):
        return f"there is no rule {rule}"
    stages = {run.stage for run in replay.runs} | {entry.to_stage for entry in replay.timeline}
    # A rule that moves stands in the stage that the document leaves.
    stage = effect.to[0] if effect.kind == "move" else effect.stage
    if stage not in stages:
        return f"the document did not come into the stage {stage}"
    return f"the rule {rule} was not planned"


def _ids(pipeline: Pipeline, part: Literal["triggers", "rules"]) -> set[str]:
    return {element.id for stage in pipeline.stages for element in getattr(stage, part)}
