"""Running a rule, or arming a trigger, for documents that were there before it was added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from countersign.engine.compiled_pipeline import NO_AUTOMATION, CompiledPipeline
from countersign.engine.runs.lifecycle import with_document_version
from countersign.engine.runs.planner import Arrival, arm, timer_of
from countersign.engine.transaction_limits import MAX_RUNS
from countersign.errors import (
    ConflictError,
    InvalidCursorError,
    NotAllowedError,
    PermanentError,
)
from countersign.model.actor import Actor, Origin, done_by
from countersign.model.document import Document
from countersign.model.page import PageRequest, StageQuery
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_purpose import TimerRun, purpose_of
from countersign.model.transaction import Transaction
from countersign.ports import Pages
from countersign.rules import RULES
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """What is planned for documents that are there already."""

    program: CompiledPipeline
    rule: str
    """What its runs are called."""
    stages: tuple[str, ...]
    """Those whose documents it is planned for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Who plans it, and for which job if it is one that does so for the person."""

    by: Actor
    job: str | None = None


class LeftOut(NamedTuple):
    """Why a document does not get the run."""

    reason: Literal["gone", "has_it", "full"]
    text: str


def backfill(store: Store, program: CompiledPipeline, rule: str, actor: Actor) -> tuple[str, ...]:
    """Plan the rule for every document that is in its stage and has no run of it in this entry.

    The run stands alone, outside the stage's chains. ``rule`` may also be a trigger that waits for
    a time (``trigger.<id>`` where a rule has the same id): its timer is armed for every document in
    a stage in which an arrival starts it, and counts from the arrival, so that a document that has
    waited for longer moves at once. Returns the documents it was planned for; one whose entry has
    as many runs ahead as there may be is left out. Raises what ``backfill_of`` raises.
    """
    wanted, planner = backfill_of(program, rule), Planner(by=actor)
    pipeline = program.pipeline.pipeline
    ids = [
        document.id
        for stage in wanted.stages
        for document in store.documents.in_stage(pipeline, stage)
    ]
    return tuple(
        document_id for document_id in ids if _is_planned(store, wanted, document_id, planner)
    )


def _is_planned(store: Store, wanted: Backfill, document_id: str, planner: Planner) -> bool:
    try:
        return plan_for(store, wanted, document_id, planner) is None
    except ConflictError:
        return False  # it never comes to rest


def backfill_of(program: CompiledPipeline, rule: str) -> Backfill:
    """What planning the rule, or arming the trigger, means in the published version.

    PermanentError for a rule or trigger that the version does not have or has switched off, and for
    a trigger that waits for no time or for no stage's arrival; NotAllowedError where the
    deployment's plan does not include automation.
    """
    if not program.automation:
        raise NotAllowedError(f"nothing can be planned: {NO_AUTOMATION}")
    for stage in program.pipeline.stages:
        if any(stage_rule.id == rule and stage_rule.enabled for stage_rule in stage.rules):
            return Backfill(program=program, rule=rule, stages=(stage.id,))
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
    return Backfill(program=program, rule=candidate.timer_run.name, stages=stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPage:
    """Some of the documents of a backfill."""

    found: tuple[Document, ...]
    """Those that would get the run as they are now."""
    have_it: int
    """How many have one in their stage entry."""
    full: Mapping[str, str]
    """Those that have as many runs ahead as there may be, each with that as a sentence."""
    next: str | None
    """The place of the next page; None on the last one."""


def page_backfill(store: Store, pages: Pages, wanted: Backfill, page: PageRequest) -> BackfillPage:
    """A page of the documents that are in the stages, the longest there first.

    Of each document the runs of its stage entry are read. Eventually consistent.
    """
    number, _, after = (page.after or "0/").partition("/")
    if not (number.isdecimal() and int(number) < len(wanted.stages)):
        raise InvalidCursorError("this is not a valid cursor; expected the `next` of a page")
    place = int(number)
    query = StageQuery(pipeline=wanted.program.pipeline.pipeline, stage=wanted.stages[place])
    listed = pages.in_stage(query, PageRequest(after or None, page.limit))
    judged = [
        (document, left_out(wanted, document, store.documents.runs(document.id, document.entry)))
        for document in listed.items
    ]
    following = f"{place + 1}/" if place + 1 < len(wanted.stages) else None
    return BackfillPage(
        found=tuple(document for document, out in judged if out is None),
        have_it=sum(out is not None and out.reason == "has_it" for _, out in judged),
        full={document.id: out.text for document, out in judged if out and out.reason == "full"},
        next=following if listed.next is None else f"{place}/{listed.next}",
    )


def left_out(wanted: Backfill, document: Document, runs: Sequence[Run]) -> LeftOut | None:
    """Why the document, with the runs of its stage entry, does not get one; None where it does."""
    if document.stage not in wanted.stages:
        return LeftOut("gone", _moved(document))
    if any(run.rule == wanted.rule for run in runs):
        return LeftOut("has_it", f"the document has a run of {wanted.rule} in this stage entry")
    if (ahead := _open(runs)) >= MAX_RUNS:
        text = f"the document has {ahead} runs ahead; expected fewer than {MAX_RUNS}"
        return LeftOut("full", text)
    return None


def _moved(document: Document) -> str:
    return f"the document has been moved meanwhile; it is in the stage {document.stage}"


def plan_for(
    store: Store, wanted: Backfill, document_id: str, planner: Planner, entry: int | None = None
) -> LeftOut | None:
    """Plan it for one document, only in that stage entry if one is given; why not, if not.

    None too where the same job has planned it before. ConflictError where the document keeps
    changing.
    """

    def propose() -> Proposal[LeftOut | None]:
        document = store.documents.get(document_id)
        if document is None:
            return Proposal(None, LeftOut("gone", "the document was removed"))
        runs = store.documents.runs(document.id, entry or document.entry)
        if planner.job and any(_is_ours(run, wanted, planner.job) for run in runs):
            return Proposal(None, None)
        if entry not in (None, document.entry):
            return Proposal(None, LeftOut("gone", _moved(document)))
        out = left_out(wanted, document, runs)
        if out is not None:
            return Proposal(None, out)
        origin = done_by(planner.by, store.clock())
        run = _run(wanted.program, document, wanted.rule, origin, place=len(runs))
        run = run.model_copy(update={"job": planner.job})
        change = Transaction(planned=(run,))
        version = wanted.program.version
        return Proposal(with_document_version(document, change, version=version), None)

    return transact(store, propose, subject=f"the document {document_id}").outcome


def _is_ours(run: Run, wanted: Backfill, job: str) -> bool:
    return run.rule == wanted.rule and run.job == job


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
