"""Performing a run: claim, effect, conclusion; once, whatever the queue delivers.

What all lanes have in common. ``document_lane`` and ``effect_lanes`` say what they do with a run
that they may perform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decision import Decision
from countersign.engine.runs.lifecycle import (
    ClosedClaim,
    EarlyClaim,
    OpenClaim,
    VoidClaim,
    claim,
    conclude,
    finished,
    with_erasures,
)
from countersign.errors import (
    NotFoundError,
    PermanentError,
    RanBeforeError,
)
from countersign.model.actor import Actor, Origin
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Lane, Run, RunKey
from countersign.model.run_purpose import TimerRun
from countersign.model.run_result import RunResult
from countersign.model.transaction import Precondition, Transaction
from countersign.ports import Heartbeats, OwnRunQueue, RoundRobin, RunSnapshot
from countersign.rules.base import RuleContext
from countersign.use_cases.known_runs import KnownRuns, known_first
from countersign.use_cases.runs.propagate import propagated
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """What performing needs from outside."""

    store: Store
    lanes: OwnRunQueue
    turns: RoundRobin
    lease: timedelta
    """How long a claimed run may be worked on; longer than the function's timeout."""
    heartbeats: Heartbeats | None = None
    """Where it is noted that the lane is at work."""

    def note_work(self, result: RunResult) -> RunResult:
        """A delivery was dealt with, so the run's lane is at work."""
        if result.lane is not None:
            self.note_lane(result.lane)
        return result

    def note_lane(self, lane: Lane) -> None:
        """The lane is at work."""
        if self.heartbeats is not None:
            self.heartbeats.beat(lane_heartbeat(lane), self.store.clock())


def lane_heartbeat(lane: Lane) -> str:
    """The name of a lane's heartbeat."""
    return f"lane {lane}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A run in the hands of its lane, with all that was read for it."""

    performer: Performer
    message: RunMessage
    snapshot: RunSnapshot
    before: Run
    """As it is stored."""
    run: Run
    """As it is performed: claimed, once that is written."""
    program: CompiledPipeline
    """The version that the run was planned with."""
    document: Document

    def origin(self, now: datetime) -> Origin:
        """What brings about what the run changes: its rule, or a trigger's timer."""
        run = self.run
        is_timer = isinstance(run.purpose, TimerRun)
        by = Actor(kind="system", name="timer") if is_timer else Actor(kind="rule", name=run.rule)
        return Origin(by=by, at=now, cause=f"{run.cause} > {run.rule}" if run.cause else run.rule)

    def current(self) -> CompiledPipeline:
        """The version that is published now, whose triggers count."""
        head = self.snapshot.head
        if head is None:
            msg = f"the pipeline {self.run.pipeline} has no published version"
            raise NotFoundError(msg)
        return self.performer.store.programs.published(head)

    def kind(self, sort: type[Any]) -> Any:
        """The kind of the run's rule; PermanentError where it is not of that sort."""
        run = self.run
        rule = self.program.rule(run.stage, run.rule)
        if rule is None:
            msg = f"version {run.pipeline_version} has no rule {run.rule} in the stage {run.stage}"
            raise PermanentError(msg)
        kind = self.program.kind_of(run.stage, rule)
        if not isinstance(kind, sort):
            msg = f"the rule kind {rule.kind} is not performed in this lane"
            raise PermanentError(msg)
        return kind

    def context(self, now: datetime) -> RuleContext:
        """What the rule's kind is given."""
        return RuleContext(
            run=self.run,
            document=self.document,
            pipeline=self.program.pipeline,
            types=self.program.types,
            now=now,
        )

    def read_again(self) -> Performance | None:
        """The same with the run and its document as they are now; None where they are gone."""
        snapshot = self.performer.store.documents.read_run(self.message)
        if snapshot.run is None or snapshot.document is None:
            return None
        return replace(self, snapshot=snapshot, before=snapshot.run, document=snapshot.document)

    def conclude(self, after: Run) -> Proposal[RunResult]:
        """What writes how the run ended, or when it is tried again."""
        store = self.performer.store
        chain = store.chain_below(after, self.snapshot.next, self.document)
        end = conclude(self.before, after, chain, now=store.clock())
        return Proposal(end, RunResult.of(after))

    def conclude_with(
        self,
        decision: Decision,
        current: CompiledPipeline,
        after: Run,
        *,
        once: tuple[RunKey, ...] = (),
    ) -> Proposal[RunResult]:
        """What writes a decision together with how the run ended: one transaction."""
        store, before = self.performer.store, decision.before
        chain = store.chain_below(after, self.snapshot.next, decision.document)
        end = conclude(self.before, after, chain, now=store.clock())
        # A stopped stage has no rule below whose turn could come; ``propagated`` cancels them all.
        stops = decision.stop_rules and before is not None and self.before.entry == before.entry
        change = decision.change().model_copy(
            update={"updates": end.updates[:1] if stops else end.updates, "once": once}
        )
        return Proposal(propagated(store, change, decision, current), RunResult.of(after))

    def skip_as_repeated(self) -> Proposal[RunResult]:
        """What concludes a run of a rule that runs once per document, and did."""
        reason = "it runs once per document, and ran for an earlier stage entry"
        now = self.performer.store.clock()
        return self.conclude(finished(self.before, "skipped", reason, now=now))


def perform_claimed(
    performer: Performer,
    message: RunMessage,
    carry_out: Callable[[Performance], Proposal[Outcome | RunResult]],
    known: KnownRuns | None = None,
) -> Outcome | RunResult:
    """Write what ``carry_out`` proposes for the run that the message asks for, if it is still to be
    performed; otherwise how the delivery ended.

    A run of a rule that runs once per document, and did, is skipped. ``known`` is what was read for
    the batch: it is decided on first, and read again where the document has changed since.

    Raises TransientError when the database could not be reached, ConflictError when the document
    kept changing: then the message must be delivered again.
    """

    store, subject = performer.store, f"the run {message.key}"
    # The stale run of a conflict may be another that was to be stopped or to follow; if it is this
    # one, reading it again says who has it.
    read = partial(store.documents.read_run, message)
    first = None if known is None else known.take(message.key, store.clock())
    snapshots = known_first(first, read)

    def propose() -> Proposal[Outcome | RunResult]:
        snapshot = snapshots()
        proposal = _propose(performer, message, snapshot, carry_out)
        if snapshot is not first:
            return proposal._replace(change=with_erasures(proposal.change, snapshot.document))
        return proposal._replace(change=_as_read(proposal.change, snapshot.document))

    def skip() -> Proposal[RunResult]:
        return _propose(performer, message, read(), Performance.skip_as_repeated)

    try:
        return transact(store, propose, subject=subject).outcome
    except RanBeforeError:
        return transact(store, skip, subject=subject).outcome


def _propose(
    performer: Performer,
    message: RunMessage,
    snapshot: RunSnapshot,
    carry_out: Callable[[Performance], Proposal[Outcome | RunResult]],
) -> Proposal[Outcome | RunResult]:
    store, run = performer.store, snapshot.run
    if run is None:
        reason = "there is no such run"
        return Proposal(None, RunResult(result="void", run=str(message.key), reason=reason))
    now = store.clock()
    program = store.programs.get(run.pipeline, run.pipeline_version)
    performance = partial(
        Performance,
        performer=performer,
        message=message,
        snapshot=snapshot,
        before=run,
        program=program,
    )
    match claim(snapshot, message, program, now=now, lease=performer.lease):
        case VoidClaim(reason):
            return Proposal(None, RunResult.without_change(run, "void", reason))
        case EarlyClaim(early):
            due = early.due or now
            performer.lanes.send(early.lane, message, due=due, now=now)
            return Proposal(None, RunResult.without_change(run, "early", f"due {due.isoformat()}"))
        case ClosedClaim(after, document):
            return performance(run=run, document=document).conclude(after)
        case OpenClaim(begun, document):
            return carry_out(performance(run=begun, document=document))


def _as_read(change: Transaction | None, document: Document | None) -> Transaction | None:
    """The change, on condition that the document is still as it was read for it."""
    if change is None or change.document is not None or document is None:
        return change
    # In this version nobody was erased since.
    entry = change.stay.entry if change.stay is not None else None
    stay = Precondition(document=document.id, entry=entry, version=document.version)
    return change.model_copy(update={"stay": stay})
