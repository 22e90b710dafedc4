"""A broken law as a story: what was published and done, what went wrong, what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.crash.run import Outcome

DEFAULTS: dict[str, Any] = {
    "execution": "after_previous",
    "time": "immediately",
    "on_leave": "cancel",
    "on_reentry": "every_arrival",
    "on_failure": "continue",
    "on_doubt": "stay",
    "if_passed": "run",
    "again": False,
    "enabled": True,
    "allow_return": False,
}


def story(outcome: Outcome) -> str:
    """Everything that a reader needs to see how it came about."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    scenario = outcome.scenario
    yield f"seed {scenario.seed} {'breaks' if outcome.violations else 'holds'}"
    for violation in outcome.violations:
        yield f"  {violation.law}: {violation.text}"
    second = [scenario.second] if scenario.second else []
    for number, pipeline in enumerate([*scenario.pipelines, *second]):
        yield f"pipeline {number}, {pipeline['time_zone']}"
        for stage in pipeline["stages"]:
            yield f"  {stage['id']}"
            for sort in ("triggers", "rules"):
                for one in stage[sort]:
                    yield f"    {sort[:-1]} {_told(one)}"
    yield f"acts from {scenario.start:%Y-%m-%d %H:%M}"
    for act in scenario.acts:
        yield f"  after {act.after}: {act}"
    for outage in scenario.outages:
        yield f"  {outage}"
    yield f"faults ({len(outcome.places)})"
    for place in outcome.places:
        yield f"  {place}"
    yield "course"
    for line in outcome.story:
        yield f"  {line}"


def _told(one: dict[str, Any]) -> str:
    kept = {
        name: value
        for name, value in one.items()
        if name not in ("id", "kind") and DEFAULTS.get(name) != value and value != {}
    }
    if one["kind"] == "send_email":
        settings = kept.pop("settings", {})
        kept |= {name: settings[name] for name in ("attachments",) if name in settings}
    more = json.dumps(kept) if kept else ""
    return f"{one['id']} {one['kind']} {more}".rstrip()
