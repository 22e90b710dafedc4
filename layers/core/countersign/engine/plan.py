"""Planning an arrival: which runs a stage entry begins with, in chains, each with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

from countersign.engine.program import Program
from countersign.engine.timing import due
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.pipeline import Rule, Stage
from countersign.model.run import Run
from countersign.model.timing import IMMEDIATELY, Timing, When
from countersign.model.values import Value
from countersign.rules import RULES

TIMER = "trigger."
"""Prefix of a run that is the timer of a trigger, not a rule."""


def plan(program: Program, document: Document, *, now: datetime, cause: str) -> tuple[Run, ...]:
    """The runs of the stage entry that the document has just begun.

    Rules in listed order, those that are switched off left out; behind them the timers of
    triggers that wait for this arrival.
    """
    stage = program.pipeline.stage(document.stage)
    if stage is None:
        return ()
    value_of = partial(fields.read, document)
    runs = [
        Run(
            document=document.id,
            entry=document.entry,
            rule=rule.id,
            position=place,
            pipeline=document.pipeline,
            pipeline_version=program.version,
            stage=stage.id,
            kind=rule.kind,
            lane=RULES.get(rule.kind).lane,
            planned_at=now,
            after=above,
            next=below,
            on_leave=rule.on_leave,
            once=rule.on_reentry == "once",
            cause=cause,
            **(_WAITING | {"reason": f"waits for {above}"})
            if above
            else _armed(rule.time, now, program, value_of),
        )
        for place, (rule, above, below) in enumerate(_chain(stage))
    ]
    runs.extend(_timers(program, document, now=now, cause=cause, place=len(runs)))
    return tuple(runs)


def _chain(stage: Stage) -> list[tuple[Rule, str | None, str | None]]:
    """Each rule that is on, with the id of the rule above and below it in its chain."""
    rules = [rule for rule in stage.rules if rule.enabled]
    above = [
        rules[place - 1].id if place and rule.execution == "after_previous" else None
        for place, rule in enumerate(rules)
    ]
    below = [
        rules[place + 1].id if place + 1 < len(rules) and above[place + 1] else None
        for place in range(len(rules))
    ]
    return list(zip(rules, above, below, strict=True))


_WAITING: dict[str, Any] = {"state": "waiting"}


def arm(program: Program, run: Run, document: Document, *, turn: datetime) -> dict[str, Any]:
    """What changes about a run whose turn has come: ready with its time, or parked."""
    return _armed(timing_of(program, run), turn, program, partial(fields.read, document))


def _armed(
    when: When, turn: datetime, program: Program, value_of: Callable[[str], Value]
) -> dict[str, Any]:
    if not isinstance(when, Timing):
        return {"state": "ready", "due": turn, "hangs_on": None, "reason": None}
    found = due(when, turn, program.working, value_of)
    return {
        "state": "parked" if found.at is None else "ready",
        "due": found.at,
        "hangs_on": found.hangs_on,
        "reason": found.note,
    }


def kept_of(
    program: Program, planned: Sequence[Run], document: Document, *, now: datetime
) -> tuple[Run, ...]:
    """What stays of one entry's plan when it is left before anything of it could begin.

    Kept rules close ranks: each waits for the kept rule above it, or has its turn at once.
    """
    runs = {run.rule: run for run in planned}

    def nearest(run: Run, link: Literal["after", "next"]) -> str | None:
        found: str | None = getattr(run, link)
        while found is not None and runs[found].on_leave == "cancel":
            found = getattr(runs[found], link)
        return found

    kept = []
    for run in planned:
        if run.on_leave == "cancel":
            continue
        above, below = nearest(run, "after"), nearest(run, "next")
        update: dict[str, Any] = {"after": above, "next": below}
        if above is not None:
            update["reason"] = f"waits for {above}"
        elif run.after is not None:
            update |= arm(program, run, document, turn=now)
        kept.append(run.model_copy(update=update))
    return tuple(kept)


def timing_of(program: Program, run: Run) -> When:
    """When the run's rule, or its trigger's timer, wants to run."""
    if run.rule.startswith(TIMER):
        candidate = program.candidate(run.rule.removeprefix(TIMER))
        return (candidate and candidate.kind.timer(run.stage)) or IMMEDIATELY
    rule = program.rule(run.stage, run.rule)
    return rule.time if rule else IMMEDIATELY


def _timers(
    program: Program, document: Document, *, now: datetime, cause: str, place: int
) -> Iterator[Run]:
    here = program.pipeline.index(document.stage)
    for candidate in program.candidates:
        trigger = candidate.trigger
        backwards = candidate.place < here and not trigger.allow_return
        if not trigger.enabled or backwards or candidate.place == here:
            continue
        if candidate.kind.timer(document.stage) is None:
            continue
        run = Run(
            document=document.id,
            entry=document.entry,
            rule=f"{TIMER}{trigger.id}",
            position=place,
            pipeline=document.pipeline,
            pipeline_version=program.version,
            stage=document.stage,
            kind=trigger.kind,
            lane="document",
            state="waiting",
            planned_at=now,
            cause=cause,
        )
        yield run.model_copy(update=arm(program, run, document, turn=now))
        place += 1
