"""Running a rule for documents that were in its stage before the rule was added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from countersign.engine.plan import arm
from countersign.engine.program import Program
from countersign.engine.room import MAX_RUNS
from countersign.engine.runs import touching
from countersign.errors import ConflictError, PermanentError
from countersign.model.change import Change
from countersign.model.document import Document
from countersign.model.run import NOT_BEGUN, Run
from countersign.ports import Documents
from countersign.rules import RULES

TRIES = 5
"""How often a document is looked at anew when it changes meanwhile."""


def run_here(
    documents: Documents, program: Program, rule: str, *, by: str, now: datetime
) -> tuple[str, ...]:
    """Plan the rule for every document that is in its stage and has no run of it in this entry.

    The run stands alone, outside the stage's chains. Returns the documents it was planned for;
    one whose entry has as many runs ahead as there may be is left out.
    PermanentError for a rule that the published version does not have or has switched off.
    """
    stage = next(
        (s for s in program.pipeline.stages for r in s.rules if r.id == rule and r.enabled), None
    )
    if stage is None:
        msg = f'version {program.version} has no rule "{rule}" that is switched on'
        raise PermanentError(msg)
    found = (one.id for one in documents.in_stage(program.pipeline.pipeline, stage.id))
    return tuple(
        name for name in found if _plan(documents, program, name, stage.id, rule, by=by, now=now)
    )


def _plan(
    documents: Documents,
    program: Program,
    name: str,
    stage: str,
    rule: str,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Plan it for one document, unless it has left or has a run of it; whether it was planned."""
    for _ in range(TRIES):
        document = documents.get(name)
        if document is None or document.stage != stage:
            return False
        there = documents.runs(document.id, document.entry)
        if any(run.rule == rule for run in there) or _open(there) >= MAX_RUNS:
            return False
        run = _run(program, document, stage, rule, by=by, place=len(there), now=now)
        try:
            documents.commit(touching(document, Change(planned=(run,)), version=program.version))
        except ConflictError:
            continue  # it was moved or changed, or somebody else planned it
        return True
    return False


def _open(runs: Iterable[Run]) -> int:
    """How many runs a stop of the stage's rules would have to cancel."""
    return sum(run.state in NOT_BEGUN for run in runs)


def _run(
    program: Program,
    document: Document,
    stage: str,
    rule: str,
    *,
    by: str,
    place: int,
    now: datetime,
) -> Run:
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
