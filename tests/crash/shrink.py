"""Making a failing scenario shorter: whatever can be left out without mending it is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from tests.crash.acts import Act, Scenario
from tests.crash.run import Outcome, live

T = TypeVar("T")
Fails = Callable[[Scenario], bool]
MAX_TRIES = 1500


def shrink(failed: Outcome) -> Outcome:
    """A shorter scenario that breaks the same law, and its story."""
    law, best, tries = failed.law, failed.scenario, 0

    def fails(given: Scenario) -> bool:
        nonlocal tries
        tries += 1
        return tries <= MAX_TRIES and live(given).law == law

    before = None
    while before != best and tries < MAX_TRIES:
        before = best
        for cut in (_acts, _second, _outages, _faults, _versions, _rules):
            best = cut(best, fails)
    return live(best, tell=True)


def smallest(
    parts: Sequence[T],
    made_of: Callable[[Sequence[T]], Scenario],
    fails: Fails,
) -> Sequence[T]:
    """As few of the parts as still fail: halves first, then smaller pieces."""
    size = max(1, len(parts) // 2)
    while parts:
        for start in range(0, len(parts), size):
            rest = (*parts[:start], *parts[start + size :])
            if fails(made_of(rest)):
                parts = rest
                break
        else:
            if size == 1:
                return parts
            size = max(1, size // 2)
    return parts


def _acts(given: Scenario, fails: Fails) -> Scenario:
    moments, at = [], timedelta(0)
    for act in given.acts:
        at += act.after
        moments.append((at, act))

    def made_of(parts: Sequence[tuple[timedelta, Act]]) -> Scenario:
        acts, before = [], timedelta(0)
        for at, act in parts:
            acts.append(replace(act, after=at - before))
            before = at
        return replace(given, acts=tuple(acts))

    return made_of(smallest(moments, made_of, fails))


def _faults(given: Scenario, fails: Fails) -> Scenario:
    struck = live(given).places

    def made_of(left: Sequence[str]) -> Scenario:
        spared = frozenset(struck) - frozenset(left)
        return replace(given, spared=given.spared | spared)

    return made_of(smallest(struck, made_of, fails))


def _second(given: Scenario, fails: Fails) -> Scenario:
    alone = replace(given, second=None)
    return alone if given.second is not None and fails(alone) else given


def _outages(given: Scenario, fails: Fails) -> Scenario:
    kept = smallest(given.outages, lambda parts: replace(given, outages=tuple(parts)), fails)
    return replace(given, outages=tuple(kept))


def _versions(given: Scenario, fails: Fails) -> Scenario:
    first, *others = given.pipelines
    kept = smallest(others, lambda parts: replace(given, pipelines=(first, *parts)), fails)
    return replace(given, pipelines=(first, *kept))


def _rules(given: Scenario, fails: Fails) -> Scenario:
    """Rules, triggers, and what they are told beyond what they need."""
    best = given
    for sort in ("rules", "triggers"):
        named = sorted({one["id"] for one in _parts(best, sort)})
        kept = smallest(named, partial(_only, best, sort), fails)
        best = _only(best, sort, kept)
    for name in (
        *("condition", "on_reentry", "on_failure", "on_leave", "execution", "again", "if_passed"),
        *("on_doubt", "time"),
    ):
        for rule in sorted({one["id"] for one in _parts(best, "rules") if name in one}):
            plainer = _plainer(best, rule, name)
            best = plainer if fails(plainer) else best
    return best


def _parts(given: Scenario, sort: str) -> Iterator[dict[str, Any]]:
    for pipeline in given.pipelines:
        for stage in pipeline["stages"]:
            yield from stage[sort]


def _mapped(
    given: Scenario, sort: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> Scenario:
    pipelines = tuple(
        {
            **pipeline,
            "stages": [
                {**stage, sort: [new for one in stage[sort] if (new := change(one)) is not None]}
                for stage in pipeline["stages"]
            ],
        }
        for pipeline in given.pipelines
    )
    return replace(given, pipelines=pipelines)


def _only(given: Scenario, sort: str, names: Sequence[str]) -> Scenario:
    return _mapped(given, sort, lambda one: one if one["id"] in names else None)


def _plainer(given: Scenario, rule: str, name: str) -> Scenario:
    """The rule without a setting that it was given."""
    return _mapped(
        given,
        "rules",
        lambda one: {k: v for k, v in one.items() if k != name} if one["id"] == rule else one,
    )
