"""Running a rule, or arming a trigger, for documents that were there before it was added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.runs.lifecycle import with_document_version
from countersign.engine.runs.planner import Arrival, arm, timer_of
from countersign.engine.transaction_limits import MAX_RUNS
from countersign.errors import ConflictError, PermanentError
from countersign.model.document import Document
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_purpose import TimerRun, purpose_of
from countersign.model.transaction import Transaction
from countersign.ports import Documents
from countersign.rules import RULES

TRIES = 5
"""How often a document is looked at anew when it changes meanwhile."""


def backfill(
    documents: Documents, program: CompiledPipeline, rule: str, *, by: str, now: datetime
) -> tuple[str, ...]:
    """Plan the rule for every document that is in its stage and has no run of it in this entry.

    The run stands alone, outside the stage's chains. ``rule`` may also be a trigger that waits for
    a time (``trigger.<id>`` where a rule has the same id): its timer is armed for every document in
    a stage in which an arrival starts it, and counts from the arrival, so that a document that has
    waited for longer moves at once. Returns the documents it was planned for; one whose entry has
    as many runs ahead as there may be is left out.
    PermanentError for a rule or trigger that the published version does not have or has switched
    off, and for a trigger that waits for no time or for no stage's arrival.
    """
    name, stages = _found(program, rule)
    pipeline = program.pipeline.pipeline
    there = [one.id for stage in stages for one in documents.in_stage(pipeline, stage)]
    return tuple(
        document
        for document in there
        if _plan(documents, program, document, stages, name, by=by, now=now)
    )


def _found(program: CompiledPipeline, rule: str) -> tuple[str, tuple[str, ...]]:
    """What its runs are called, and the stages whose documents they are planned for."""
    for stage in program.pipeline.stages:
        if any(one.id == rule and one.enabled for one in stage.rules):
            return rule, (stage.id,)
    candidate = program.timed_trigger(purpose_of(rule)) or program.candidate(rule)
    if candidate is None or not candidate.trigger.enabled:
        what = "rule" if candidate is None else "trigger"
        msg = f'version {program.version} has no {what} "{rule}" that is switched on'
        raise PermanentError(msg)
    stages = program.timed_stages(candidate)
    if not stages:
        msg = (
            f'the trigger "{rule}" is not armed in any stage: it waits for something that happens, '
            "or only in stages that it may not move documents out of"
        )
        raise PermanentError(msg)
    return candidate.timer_run.name, stages


def _plan(
    documents: Documents,
    program: CompiledPipeline,
    name: str,
    stages: Iterable[str],
    rule: str,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Plan it for one document, unless it has left or has a run of it; whether it was planned."""
    for _ in range(TRIES):
        document = documents.get(name)
        if document is None or document.stage not in stages:
            return False
        there = documents.runs(document.id, document.entry)
        if any(run.rule == rule for run in there) or _open(there) >= MAX_RUNS:
            return False
        run = _run(program, document, rule, by=by, place=len(there), now=now)
        try:
            documents.commit(
                with_document_version(
                    document, Transaction(planned=(run,)), version=program.version
                )
            )
        except ConflictError:
            continue  # it was moved or changed, or somebody else planned it
        return True
    return False


def _open(runs: Iterable[Run]) -> int:
    """How many runs a stop of the stage's rules would have to cancel."""
    return sum(run.state in NOT_BEGUN for run in runs)


def _run(
    program: CompiledPipeline, document: Document, rule: str, *, by: str, place: int, now: datetime
) -> Run:
    if isinstance(purpose := purpose_of(rule), TimerRun):
        candidate = program.timed_trigger(purpose)
        if candidate is None:
            msg = f"version {program.version} has no trigger {purpose.trigger}"
            raise PermanentError(msg)
        cause = f"{by} armed it for documents already here"
        arrival = Arrival(document, at=document.since, cause=cause)
        timer = timer_of(program, candidate, arrival, place=place)
        return timer.model_copy(update=arm(program, timer, document, turn=arrival.at))
    stage = document.stage
    found = program.rule(stage, rule)
    if found is None:
        msg = f'the stage {stage} has no rule "{rule}"'
        raise PermanentError(msg)
    run = Run(
        document=document.id,
        entry=document.entry,
        rule=rule,
        position=place,
        pipeline=document.pipeline,
        pipeline_version=program.version,
        stage=stage,
        kind=found.kind,
        lane=RULES.get(found.kind).lane,
        state="waiting",
        planned_at=now,
        on_leave=found.on_leave,
        once=found.on_reentry == "once",
        cause=f"{by} ran it for documents already here",
    )
    return run.model_copy(update=arm(program, run, document, turn=now))
