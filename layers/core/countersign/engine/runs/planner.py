"""Planning an arrival: which runs a stage entry begins with, in chains, each with its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Literal

from countersign.engine.compiled_pipeline import Candidate, CompiledPipeline
from countersign.engine.schedule.due import due
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.pipeline import IfPassed, Rule, Stage
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_purpose import TimerRun
from countersign.model.timing import IMMEDIATELY, Timing, When
from countersign.rules import RULES


@dataclass(frozen=True, slots=True)
class Arrival:
    """What begins a plan: a document in a stage entry."""

    document: Document
    at: datetime
    """From when on its runs are counted."""
    cause: str
    """The chain of causes of the arrival."""


def plan(
    program: CompiledPipeline, document: Document, *, now: datetime, cause: str
) -> tuple[Run, ...]:
    """The runs of the stage entry that the document has just begun, yet without their times.

    Rules in listed order, those that are switched off left out; behind them the timers of
    triggers that wait for this arrival. ``with_times`` arms them. None without automation.
    """
    if not program.automation:
        return ()
    arrival = Arrival(document, at=now, cause=cause)
    given = {"document": document.id, "entry": document.entry, "planned_at": now, "cause": cause}
    rules = [run.model_copy(update=given) for run in _outlines(program, document.stage)]
    return (*rules, *_timers(program, arrival, place=len(rules)))


def with_times(
    program: CompiledPipeline, runs: Iterable[Run], document: Document, *, turn: datetime
) -> tuple[Run, ...]:
    """The runs of a plan, each that waits for no other one armed by the document as it is now.

    Rules of the same time are worked out once.
    """
    armed: dict[tuple[str, str], dict[str, Any]] = {}
    result = []
    for run in runs:
        if run.state == "waiting" and run.after is None:
            first = run.stage, _first_of_same_time(program, run.stage).get(run.rule, run.rule)
            if first not in armed:
                armed[first] = arm(program, run, document, turn=turn)
            run = run.model_copy(update=armed[first])
        result.append(run)
    return tuple(result)


@lru_cache(maxsize=1024)
def _first_of_same_time(program: CompiledPipeline, stage_id: str) -> Mapping[str, str]:
    """For each rule of a stage the first one that wants to run at the same time."""
    stage = program.pipeline.stage(stage_id)
    first: dict[tuple[When, IfPassed], str] = {}
    rules = stage.rules if stage else ()
    return {rule.id: first.setdefault((rule.time, rule.if_passed), rule.id) for rule in rules}


@lru_cache(maxsize=1024)
def _outlines(program: CompiledPipeline, stage_id: str) -> tuple[Run, ...]:
    """The rules of a stage that are on, in listed order: what a version alone says of their runs.

    Each arrival adds the document.
    """
    stage = program.pipeline.stage(stage_id)
    return tuple(
        Run(
            document="",
            entry=0,
            planned_at=datetime.min.replace(tzinfo=UTC),
            rule=rule.id,
            position=place,
            pipeline=program.pipeline.pipeline,
            pipeline_version=program.version,
            stage=stage_id,
            kind=rule.kind,
            lane=RULES.get(rule.kind).lane,
            state="waiting",
            after=above,
            next=below,
            on_leave=rule.on_leave,
            once=rule.on_reentry == "once",
            reason=f"waits for {above}" if above else None,
        )
        for place, (rule, above, below) in enumerate(_chain(stage) if stage else ())
    )


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


def arm(
    program: CompiledPipeline, run: Run, document: Document, *, turn: datetime
) -> dict[str, Any]:
    """What changes about a run whose turn has come: ready with its time, or without a date."""
    when, if_passed = times_of(program, run)
    if not isinstance(when, Timing):
        return {
            "state": "ready",
            "due": turn,
            "not_after": None,
            "date_field": None,
            "date_field_version": 0,
            "reason": None,
            "slot": None,
        }
    value_of = partial(fields.read, document)
    time = due(when, turn, program.working, value_of, if_passed=if_passed)
    return {
        "state": "no_date" if time.at is None else "ready",
        # What is too late is concluded at once, so that the chain below it goes on.
        "due": turn if time.is_too_late else time.at,
        "not_after": time.not_after,
        "date_field": time.date_field,
        "date_field_version": document.version if time.date_field else 0,
        "reason": time.note,
        "slot": None,
    }


def is_behind(run: Run, document: Document) -> bool:
    """Whether the date field that its time hangs on has changed, and the run is yet to follow."""
    pending_updates = document.pending_updates
    if pending_updates is None or run.date_field is None or run.is_half_sent:
        return False
    return run.date_field_version < pending_updates.fields.get(run.date_field, 0)


_ALSO_OF_THE_NEXT = (
    "document",
    "entry",
    "rule",
    "position",
    "pipeline",
    "pipeline_version",
    "stage",
    "kind",
    "lane",
    "on_leave",
    "once",
)


def arm_again(
    program: CompiledPipeline, run: Run, document: Document, *, now: datetime
) -> Run | None:
    """The repeated run of one that has begun, for its date has moved; None where it stays as it is.

    Only a rule that is to be armed again has one, and a trigger's timer that did not fire; only
    while the document is in the stage entry, or the rule is kept; and only for a time ahead.
    """
    if run.state in NOT_BEGUN or run.state == "cancelled" or run.date_field is None:
        return None
    if run.left_stage(document):
        return None
    rule = program.rule(run.stage, run.rule)
    if not (rule.again if rule else program.has_timer(run.rule)):
        return None
    anew = Run(
        **{name: getattr(run, name) for name in _ALSO_OF_THE_NEXT},
        repeat=run.repeat + 1,
        state="waiting",
        planned_at=now,
        cause=f"{run.cause or 'system'} > {run.date_field} has changed",
    )
    anew = anew.model_copy(update=arm(program, anew, document, turn=now))
    return anew if anew.due is not None and anew.due > now else None


def times_of(program: CompiledPipeline, run: Run) -> tuple[When, IfPassed]:
    """All that says when the run wants to run."""
    rule = program.rule(run.stage, run.rule)
    return timing_of(program, run), rule.if_passed if rule else "run"


def kept_of(planned: Sequence[Run]) -> tuple[Run, ...]:
    """What stays of one entry's plan when it is left before anything of it could begin.

    Kept rules close ranks: each waits for the kept rule above it, or has its turn at once.
    """
    runs = {run.rule: run for run in planned}

    def nearest(run: Run, link: Literal["after", "next"]) -> str | None:
        rule: str | None = getattr(run, link)
        while rule is not None and runs[rule].on_leave == "cancel":
            rule = getattr(runs[rule], link)
        return rule

    kept = []
    for run in planned:
        if run.on_leave == "cancel":
            continue
        above, below = nearest(run, "after"), nearest(run, "next")
        update: dict[str, Any] = {"after": above, "next": below}
        if run.after is not None:
            update["reason"] = f"waits for {above}" if above else None
        kept.append(run.model_copy(update=update))
    return tuple(kept)


def timing_of(program: CompiledPipeline, run: Run) -> When:
    """When the run's rule, or its trigger's timer, wants to run."""
    if isinstance(run.purpose, TimerRun):
        candidate = program.timed_trigger(run.purpose)
        return (candidate and candidate.kind.timer(run.stage)) or IMMEDIATELY
    rule = program.rule(run.stage, run.rule)
    return rule.time if rule else IMMEDIATELY


def _timers(program: CompiledPipeline, arrival: Arrival, *, place: int) -> Iterator[Run]:
    here = program.pipeline.index(arrival.document.stage)
    if here < 0:
        return
    stage = program.pipeline.stages[here]
    waiting = (candidate for candidate in program.candidates if candidate.waits_for(here, stage))
    for number, candidate in enumerate(waiting, place):
        yield timer_of(program, candidate, arrival, place=number)


def timer_of(
    program: CompiledPipeline, candidate: Candidate, arrival: Arrival, *, place: int
) -> Run:
    """The timer of a trigger for the stage entry that the document is in, yet without its time."""
    document = arrival.document
    return Run(
        document=document.id,
        entry=document.entry,
        rule=candidate.timer_run.name,
        position=place,
        pipeline=document.pipeline,
        pipeline_version=program.version,
        stage=document.stage,
        kind=candidate.trigger.kind,
        lane="document",
        state="waiting",
        planned_at=arrival.at,
        cause=arrival.cause,
    )
