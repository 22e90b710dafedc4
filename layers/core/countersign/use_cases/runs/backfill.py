"""Running a rule, or arming a trigger, for documents that were there before it was added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from countersign.engine.compiled_pipeline import NO_AUTOMATION, CompiledPipeline
from countersign.engine.runs.lifecycle import with_document_version
from countersign.engine.runs.planner import Arrival, arm, timer_of
from countersign.engine.transaction_limits import MAX_RUNS
from countersign.errors import ConflictError, NotAllowedError, PermanentError
from countersign.model.actor import Actor, Origin, done_by
from countersign.model.document import Document
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_purpose import TimerRun, purpose_of
from countersign.model.transaction import Transaction
from countersign.rules import RULES
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact


def backfill(store: Store, program: CompiledPipeline, rule: str, actor: Actor) -> tuple[str, ...]:
    """Plan the rule for every document that is in its stage and has no run of it in this entry.

    The run stands alone, outside the stage's chains. ``rule`` may also be a trigger that waits for
    a time (``trigger.<id>`` where a rule has the same id): its timer is armed for every document in
    a stage in which an arrival starts it, and counts from the arrival, so that a document that has
    waited for longer moves at once. Returns the documents it was planned for; one whose entry has
    as many runs ahead as there may be is left out.
    PermanentError for a rule or trigger that the published version does not have or has switched
    off, and for a trigger that waits for no time or for no stage's arrival; NotAllowedError where
    the deployment's plan does not include automation.
    """
    if not program.automation:
        raise NotAllowedError(f"nothing can be planned: {NO_AUTOMATION}")
    wanted = _wanted(program, rule)
    pipeline = program.pipeline.pipeline
    ids = [one.id for stage in wanted.stages for one in store.documents.in_stage(pipeline, stage)]
    return tuple(document for document in ids if _plan(store, program, document, wanted, actor))


class _Wanted(NamedTuple):
    """What is planned for documents that are there already."""

    rule: str
    """What its runs are called."""
    stages: tuple[str, ...]
    """Those whose documents it is planned for."""


def _wanted(program: CompiledPipeline, rule: str) -> _Wanted:
    for stage in program.pipeline.stages:
        if any(one.id == rule and one.enabled for one in stage.rules):
            return _Wanted(rule, (stage.id,))
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
    return _Wanted(candidate.timer_run.name, stages)


def _plan(
    store: Store, program: CompiledPipeline, document_id: str, wanted: _Wanted, actor: Actor
) -> bool:
    """Plan it for one document, unless it has left or has a run of it; whether it was planned."""

    def propose() -> Proposal[bool]:
        document = store.documents.get(document_id)
        if document is None or document.stage not in wanted.stages:
            return Proposal(None, False)
        runs = store.documents.runs(document.id, document.entry)
        if any(run.rule == wanted.rule for run in runs) or _open(runs) >= MAX_RUNS:
            return Proposal(None, False)
        origin = done_by(actor, store.clock())
        run = _run(program, document, wanted.rule, origin, place=len(runs))
        change = Transaction(planned=(run,))
        return Proposal(with_document_version(document, change, version=program.version), True)

    try:
        return transact(store, propose, subject=f"the document {document_id}").outcome
    except ConflictError:
        return False  # it never comes to rest


def _open(runs: Iterable[Run]) -> int:
    """How many runs a stop of the stage's rules would have to cancel."""
    return sum(run.state in NOT_BEGUN for run in runs)


def _run(
    program: CompiledPipeline, document: Document, rule: str, origin: Origin, *, place: int
) -> Run:
    if isinstance(purpose := purpose_of(rule), TimerRun):
        candidate = program.timed_trigger(purpose)
        if candidate is None:
            msg = f"version {program.version} has no trigger {purpose.trigger}"
            raise PermanentError(msg)
        cause = f"{origin.by} armed it for documents already here"
        arrival = Arrival(document, at=document.since, cause=cause)
        timer = timer_of(program, candidate, arrival, place=place)
        return timer.model_copy(update=arm(program, timer, document, turn=arrival.at))
    stage = document.stage
    definition = program.rule(stage, rule)
    if definition is None:
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
        kind=definition.kind,
        lane=RULES.get(definition.kind).lane,
        state="waiting",
        planned_at=origin.at,
        on_leave=definition.on_leave,
        once=definition.on_reentry == "once",
        cause=f"{origin.by} ran it for documents already here",
    )
    return run.model_copy(update=arm(program, run, document, turn=origin.at))
