"""Laws of dates and of final stages: written down apart from the engine, in their own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.planner import arm
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.pipeline import Rule
from countersign.model.run import NOT_BEGUN, Run, RunKey
from countersign.model.run_purpose import TaskMailRun, TimerRun
from countersign.model.timing import Timing
from countersign.model.transaction import Transaction

SLACK = timedelta(minutes=1)
"""What a function that writes now may have read before."""


def is_final(program: CompiledPipeline, stage: str | None) -> bool:
    """Whether the stage ends the process."""
    found = program.pipeline.stage(stage or "")
    return found is not None and found.kind in ("success", "failure")


def last_moment(program: CompiledPipeline, run: Run, document: Document) -> datetime | None:
    """When the date is over that the run is due before; None where it is before none."""
    timing = _timing(program, run)
    if timing is None or timing.before is None or timing.before.field is None:
        return None
    value = fields.read(document, timing.before.field)
    if not isinstance(value, str):
        return None
    next_day = datetime.combine(date.fromisoformat(value) + timedelta(days=1), time())
    return next_day.replace(tzinfo=ZoneInfo(program.pipeline.time_zone)).astimezone(UTC)


def may_be_late(program: CompiledPipeline, run: Run, document: Document, now: datetime) -> bool:
    """Whether the run may have been skipped because its time has passed."""
    rule, timing = program.rule(run.stage, run.rule), _timing(program, run)
    if rule is None or timing is None or timing.field is None:
        return False
    if rule.if_passed == "skip":
        return True
    last = last_moment(program, run, document)
    return last is not None and (now > last or timing.working_hours)


def date_faults(
    change: Transaction,
    old: Document | None,
    runs: Mapping[RunKey, Run],
    program_of: Callable[[Run], CompiledPipeline],
    now: datetime,
) -> Iterator[tuple[str, str]]:
    """What is wrong with the repeated runs of a change, or with those that it lacks."""
    new = change.document
    if new is None:
        return
    for run in change.planned:
        # The mail about a task of a repeated run carries its number, and repeats nothing itself.
        if run.repeat and not isinstance(run.purpose, TaskMailRun):
            yield from _repeated(run, old, new, runs, program_of(run))
    if old is None or fields.read(old, "end") == fields.read(new, "end"):
        return
    if new.pending_updates is not None and "end" in new.pending_updates.fields:
        return
    for run in _newest(runs, new):
        program = program_of(run)
        begun = run.state not in NOT_BEGUN and run.state != "cancelled"
        if not begun or run.date_field != "end" or not _again(program, run):
            continue
        # By each of the clocks: a moment earlier it may still be working time, and due at once.
        anew = [arm(program, run, new, turn=moment) for moment in (now - SLACK, now, now + SLACK)]
        if all(one["state"] == "ready" and one["due"] > now + SLACK for one in anew):
            yield "again", f"{run.key} is {run.state}, and due {anew[1]['due']:%d %H:%M} anew"


def _repeated(
    run: Run,
    old: Document | None,
    new: Document,
    runs: Mapping[RunKey, Run],
    program: CompiledPipeline,
) -> Iterator[tuple[str, str]]:
    before = runs.get(run.key.model_copy(update={"repeat": run.repeat - 1}))
    if before is None or before.state in NOT_BEGUN or before.state == "cancelled":
        yield "again", f"{run.key} repeats what is {before and before.state}"
    if not _again(program, run):
        yield "again", f"{run.key} is of a rule that is not armed again"
    if run.entry != new.entry and run.on_leave == "cancel":
        yield "again", f"{run.key} is of a stage that was left"
    if run.state != "ready" or run.due is None or run.due <= run.planned_at:
        yield "again", f"{run.key} is {run.state}, due {run.due}"
    behind = (
        old is not None and old.pending_updates is not None and "end" in old.pending_updates.fields
    )
    if not behind and old is not None and fields.read(old, "end") == fields.read(new, "end"):
        yield "again", f"{run.key} was armed by no change of its date"


def _newest(runs: Mapping[RunKey, Run], document: Document) -> tuple[Run, ...]:
    """Of each rule the newest run that may still be repeated."""
    there = [
        run
        for run in runs.values()
        if run.document == document.id and (run.entry == document.entry or run.on_leave == "keep")
    ]
    there.sort(key=lambda run: (run.entry, run.repeat))
    return tuple({run.rule: run for run in there}.values())


def _again(program: CompiledPipeline, run: Run) -> bool:
    if isinstance(run.purpose, TimerRun):
        return program.timed_trigger(run.purpose) is not None
    rule = program.rule(run.stage, run.rule)
    return isinstance(rule, Rule) and rule.again


def _timing(program: CompiledPipeline, run: Run) -> Timing | None:
    rule = program.rule(run.stage, run.rule)
    return rule.time if rule is not None and isinstance(rule.time, Timing) else None
