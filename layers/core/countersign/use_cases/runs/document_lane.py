"""The document lane: claim, change of the document and conclusion of its run in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache, partial

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decide import edit, run_out
from countersign.engine.decisions.decision import Decision
from countersign.engine.runs.lifecycle import finished
from countersign.engine.runs.tasks import made_task
from countersign.errors import PermanentError
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.model.run_purpose import BacklogRun, TimerRun
from countersign.model.run_result import RunResult
from countersign.rules.base import DocumentRule, RuleContext
from countersign.use_cases.runs.perform_run import (
    Performance,
    Performer,
    perform_claimed,
)
from countersign.use_cases.runs.propagate import propagate_backlog
from countersign.use_cases.transact import Proposal

DrawTurn = Callable[[], int]
"""The number that a rule hands out in turn, the same one however often it is asked for."""


def perform_document_run(performer: Performer, message: RunMessage) -> RunResult:
    """Perform the run that the message asks for, if it is still to be performed.

    Raises TransientError when the database could not be reached, ConflictError when the document
    kept changing: then the message must be delivered again.
    """
    # Drawn once, however often the transaction is made anew.
    draw = cache(partial(performer.turns.draw, message.pipeline, message.rule))
    return performer.note_work(perform_claimed(performer, message, partial(_change, draw=draw)))


def _change(performance: Performance, draw: DrawTurn) -> Proposal[RunResult]:
    now = performance.performer.store.clock()
    if isinstance(performance.run.purpose, BacklogRun):
        return _write_backlog(performance)
    current = performance.current()
    try:
        decision = _decision(performance, current, draw, now=now)
    except PermanentError as error:
        return performance.conclude(finished(performance.run, "failed", str(error), now=now))
    before, after = performance.before, _after(performance.run, decision, now=now)
    once = (before.key,) if before.once else ()
    return performance.conclude_with(decision, current, after, once=once)


def _write_backlog(performance: Performance) -> Proposal[RunResult]:
    run = performance.before
    head = performance.snapshot.head
    change = propagate_backlog(
        performance.performer.store,
        run,
        performance.document,
        automation=head is None or head.automation,
    )
    return Proposal(change, RunResult.without_change(run, "done"))


def _decision(
    performance: Performance, current: CompiledPipeline, draw: DrawTurn, *, now: datetime
) -> Decision:
    """What the run makes of its document; PermanentError where it can make nothing of it."""
    run, document = performance.run, performance.document
    if isinstance(run.purpose, TimerRun):
        return run_out(current, document, run.purpose.trigger, performance.origin(now))
    kind: DocumentRule = performance.kind(DocumentRule)
    context = performance.context(now)
    match kind.asks:
        case "turn":
            context = replace(context, turn=draw())
        case "loads":
            context = _with_loads(context, performance, current)
    wanted = kind.edit(context)
    return edit(current, document, wanted, performance.origin(now))


def _with_loads(
    context: RuleContext, performance: Performance, current: CompiledPipeline
) -> RuleContext:
    stages = [stage.id for stage in current.pipeline.stages if stage.kind == "open"]
    loads = performance.performer.store.documents.loads(context.document.pipeline, stages)
    return replace(context, loads=loads)


def _after(run: Run, decision: Decision, *, now: datetime) -> Run:
    """The run once its decision is written."""
    after = finished(run, "done", None, now=now)
    stopped = [line.text for line in decision.log if line.kind == "stopped"]
    if stopped:
        after = finished(run, "failed", stopped[0], now=now)
    elif isinstance(run.purpose, TimerRun) and not decision.moved:
        after = finished(run, "skipped", decision.log[-1].text, now=now)
    for task in decision.tasks:
        after = made_task(run, task, now=now)
    return after
