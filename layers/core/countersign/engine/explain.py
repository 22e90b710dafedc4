"""Why, and why not: a document's way and what is planned for it, in words people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from countersign.engine.compiled_pipeline import NO_AUTOMATION, CompiledPipeline, ProgramOf
from countersign.engine.conditions.display import shown_field
from countersign.engine.runs.lifecycle import is_left, is_too_late, left_stage_reason
from countersign.engine.runs.mail_series import progress
from countersign.engine.runs.planner import is_behind, timing_of
from countersign.engine.runs.tasks import task_text
from countersign.engine.schedule.due import describe
from countersign.model.base import Instant, Model
from countersign.model.condition import Verdict
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import NOT_BEGUN, Run, RunKey, RunState
from countersign.model.run_purpose import BacklogRun, KeepFileRun, TaskMailRun, TimerRun, purpose_of
from countersign.model.stored_file import FILE_WORDS
from countersign.model.task import Task
from countersign.model.timing import IMMEDIATELY


class ExplainedRun(Model):
    """One rule, or one timer of a trigger, for one stage entry."""

    rule: str
    repeat: int
    """How often a date that has moved has armed the rule again."""
    name: str
    kind: str
    state: RunState
    """As it is now: a run whose document has left is cancelled, whatever is stored of it."""
    words: str
    """The state as a sentence, with times in the pipeline's zone."""
    due: Instant | None = None
    concluded_at: Instant | None = None
    """When it ended; None for one that ends with the stage that its document left."""
    date_field: str | None = None
    reason: str | None = None
    verdict: Verdict | None = None
    result: dict[str, str] = {}


class ExplainedEntry(Model):
    """One stay in one stage, with its runs in the order of the plan."""

    entry: int
    stage: str
    name: str
    current: bool
    runs: tuple[ExplainedRun, ...]


class AddedLater(Model):
    """A rule or a trigger's timer that came with a later version than the document's arrival, or
    that automation did not plan."""

    rule: str
    """As a run of it would be called: the rule's id, ``trigger.<id>`` for a timer."""
    name: str
    words: str
    """That it does not run for this document, and why; the command that makes it, if one does."""


class Explanation(Model):
    """All there is to know about one document."""

    document: Document
    pipeline: str
    stage: str
    """Both as people call them; the ids are the document's."""
    time_zone: str
    paused: bool
    automation: bool
    """Whether the deployment's plan includes automation."""
    timeline: tuple[LogEntry, ...]
    """Oldest first."""
    entries: tuple[ExplainedEntry, ...]
    """Stage entries that planned anything, oldest first."""
    tasks: tuple[Task, ...] = ()
    """By stage entry, oldest first."""
    added_later: tuple[AddedLater, ...] = ()
    """What an arrival in its stage would plan today, and its own did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentHistory:
    """All that is stored of a document."""

    document: Document
    timeline: Sequence[LogEntry] = ()
    """Oldest first."""
    runs: Iterable[Run] = ()
    """By entry and in the order of planning."""
    tasks: Iterable[Task] = ()
    """By entry, oldest first."""


def explain(
    history: DocumentHistory,
    current: CompiledPipeline,
    program_of: ProgramOf,
    *,
    paused: bool = False,
) -> Explanation:
    """Everything about a document; ``current`` is the version that is published now."""
    document = history.document
    entries: dict[int, list[Run]] = {}
    for run in history.runs:
        if not isinstance(run.purpose, BacklogRun):
            entries.setdefault(run.entry, []).append(run)
    pipeline = current.pipeline
    made = {task.run: task for task in history.tasks}
    return Explanation(
        document=document,
        pipeline=pipeline.name or pipeline.pipeline,
        stage=stage_name(current, document.stage),
        time_zone=pipeline.time_zone,
        paused=paused,
        automation=current.automation,
        timeline=tuple(history.timeline),
        entries=tuple(
            ExplainedEntry(
                entry=entry,
                stage=planned[0].stage,
                name=stage_name(program_of(planned[0].pipeline_version), planned[0].stage),
                current=entry == document.entry,
                runs=tuple(
                    _explained(run, document, program_of(run.pipeline_version), made)
                    for run in planned
                ),
            )
            for entry, planned in entries.items()
        ),
        tasks=tuple(made.values()),
        added_later=tuple(_added_later(current, history, entries.get(document.entry, []))),
    )


def _added_later(
    current: CompiledPipeline, history: DocumentHistory, planned: Iterable[Run]
) -> Iterator[AddedLater]:
    """What the published version plans with an arrival in the stage, and this entry has not."""
    document = history.document
    stage, planned_rules = current.pipeline.stage(document.stage), {run.rule for run in planned}
    rules = [rule.id for rule in stage.rules if rule.enabled] if stage else []
    place = current.pipeline.index(document.stage)
    timers = [
        candidate.timer_run.name
        for candidate in current.candidates
        if stage is not None and candidate.waits_for(place, stage)
    ]
    for rule in (*rules, *timers):
        if rule not in planned_rules:
            does = "is not armed" if rule in timers else "does not run"
            reason = _reason_not_planned(current, history)
            changes = f"`countersign pipelines backfill {current.pipeline.pipeline} {rule}`"
            how = f"; {changes} changes that" if current.automation else ""
            yield AddedLater(
                rule=rule,
                name=_name(rule, document.stage, current),
                words=f"{does} for this document, because {reason}{how}",
            )


def _reason_not_planned(current: CompiledPipeline, history: DocumentHistory) -> str:
    if not current.automation:
        return NO_AUTOMATION
    entry = history.document.entry
    if any(line.entry == entry and line.reason == NO_AUTOMATION for line in history.timeline):
        return "automation was not included in this deployment's plan when it arrived"
    return "it was added after its arrival"


def stage_name(program: CompiledPipeline, stage: str) -> str:
    """What people call the stage; its id where it has no name or no longer exists."""
    named_stage = program.pipeline.stage(stage)
    return (named_stage and named_stage.name) or stage


def _explained(
    run: Run, document: Document, program: CompiledPipeline, tasks: Mapping[RunKey, Task]
) -> ExplainedRun:
    dead = is_left(run, document) and run.state in NOT_BEGUN
    if dead:
        run = run.model_copy(update={"state": "cancelled", "reason": left_stage_reason(run)})
    words = _words(run, program, tasks.get(run.key))
    if run.state in NOT_BEGUN and is_behind(run, document):
        words = f"will be rescheduled: the field {run.date_field} has changed"
    elif run.state == "ready" and run.due and is_too_late(run, now=run.due):
        words = f"will be skipped: its time has passed: {run.reason}"
    return ExplainedRun(
        rule=run.rule,
        repeat=run.repeat,
        name=_name(run.rule, run.stage, program) + (f" (repeat {run.repeat})" * bool(run.repeat)),
        kind=run.kind,
        state=run.state,
        words=words,
        due=run.due if run.state == "ready" else None,
        concluded_at=run.concluded_at,
        date_field=run.date_field,
        reason=run.reason,
        verdict=run.verdict,
        result=run.result,
    )


def _name(rule: str, stage: str, program: CompiledPipeline) -> str:
    match purpose_of(rule):
        case TaskMailRun(rule=made_by):
            return f"mail about the task of {made_by}"
        case KeepFileRun(kind=kind):
            return f"keeping the {FILE_WORDS[kind]}"
        case TimerRun(trigger) as timer:
            candidate = program.timed_trigger(timer)
            return (candidate and candidate.trigger.name) or trigger
        case _:
            named_rule = program.rule(stage, rule)
            return (named_rule and named_rule.name) or rule


def _words(run: Run, program: CompiledPipeline, task: Task | None) -> str:
    zone = ZoneInfo(program.pipeline.time_zone)
    reason = f": {run.reason}" if run.reason else ""
    match run.state:
        case "waiting":
            return f"waits for {_name(run.after, run.stage, program)}" if run.after else "waits"
        case "ready":
            due = f"ready, due {moment(run.due, zone)}" if run.due else "ready"
            if run.attempts or run.mails:
                return f"{due}{reason}"
            when = timing_of(program, run)
            return due if when == IMMEDIATELY else f"{due}: {describe(when)}"
        case "running":
            since = f" since {moment(run.started_at, zone)}" if run.started_at else ""
            tries = f", try {run.attempts}" if run.attempts > 1 else ""
            so_far = f"; {progress(run)}" if run.mails else ""
            return f"running{since}{tries}{so_far}"
        case "awaiting":
            return f"waits for the task {task_text(task, zone)}" if task else f"awaiting{reason}"
        case "done":
            at = f" {moment(run.concluded_at, zone)}" if run.concluded_at else ""
            return f"done{at}{reason}" if run.mails else f"done{at}"
        case "in_doubt":
            so_far = f"; {progress(run)}" if run.mails else ""
            return f"in doubt{reason}{so_far}; it is not known whether it took effect"
        case _:
            return f"{run.state_in_words}{reason}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A point in time as the clock in the zone shows it: ``2026-03-05 09:00 Europe/Berlin``."""
    return shown_field(at.replace(microsecond=0), "datetime", zone)
