"""Performing a run: claim, effect, conclusion; once, whatever the queue delivers.

What all lanes have in common. ``document_lane`` and ``effect_lanes`` say what they do with a run
that they may perform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.decisions.decision import Decision
from countersign.engine.runs.lifecycle import (
    Begin,
    Chain,
    Concluded,
    Early,
    Void,
    claim,
    conclude,
    finished,
    needs_more,
)
from countersign.errors import (
    ConflictError,
    LeftStageError,
    NotFoundError,
    PermanentError,
    StaleRunError,
)
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Lane, Run, RunKey
from countersign.model.run_result import RunResult
from countersign.ports import Documents, Heartbeats, RoundRobin, RunQueues, RunSnapshot
from countersign.rules.base import RuleContext
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.propagate import propagated

TRIES = 8
"""How often a conflicting transaction is made anew within one delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """What performing needs from outside."""

    documents: Documents
    programs: CompiledPipelines
    lanes: RunQueues
    turns: RoundRobin
    clock: Callable[[], datetime]
    lease: timedelta
    """How long a claimed run may be worked on; longer than the function's timeout."""
    backoff: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, before a conflicting transaction is made anew."""
    heartbeats: Heartbeats | None = None
    """Where it is noted that the lane is at work."""

    def note_work(self, run: Run | None) -> None:
        """A delivery was dealt with, so the run's lane is at work."""
        if self.heartbeats is not None and run is not None:
            self.heartbeats.beat(lane_heartbeat(run.lane), self.clock())


def lane_heartbeat(lane: Lane) -> str:
    """The name of a lane's heartbeat."""
    return f"lane {lane}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A run in the hands of its lane, with all that was read for it."""

    performer: Performer
    message: RunMessage
    found: RunSnapshot
    before: Run
    """As it is stored."""
    run: Run
    """As it is performed: claimed, once that is written."""
    program: CompiledPipeline
    """The version that the run was planned with."""
    document: Document

    @property
    def cause(self) -> str:
        """The chain of causes of what the run changes."""
        return f"{self.run.cause} > {self.run.rule}" if self.run.cause else self.run.rule

    def current(self) -> CompiledPipeline:
        """The version that is published now, whose triggers count."""
        head = self.found.head
        if head is None:
            msg = f"the pipeline {self.run.pipeline} has no published version"
            raise NotFoundError(msg)
        return self.performer.programs.get(self.run.pipeline, head.version)

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
        found = self.performer.documents.read_run(self.message)
        if found.run is None or found.document is None:
            return None
        return replace(self, found=found, before=found.run, document=found.document)

    def conclude(self, after: Run) -> RunResult:
        """Write how the run ended, or when it is tried again."""
        chain = self._chain(after, self.document)
        now = self.performer.clock()
        self.performer.documents.commit(conclude(self.before, after, chain, now=now))
        return RunResult.of(after)

    def conclude_with(
        self,
        decision: Decision,
        current: CompiledPipeline,
        after: Run,
        *,
        once: tuple[RunKey, ...] = (),
    ) -> RunResult:
        """Write a decision together with how the run ended: one transaction."""
        performer, before = self.performer, decision.before
        now = performer.clock()
        end = conclude(self.before, after, self._chain(after, decision.document), now=now)
        # A stopped stage has no rule below whose turn could come; ``propagated`` cancels them all.
        stops = decision.stop_rules and before is not None and self.before.entry == before.entry
        change = decision.change().model_copy(
            update={"updates": end.updates[:1] if stops else end.updates, "once": once}
        )
        program_of = performer.programs.of(self.run.pipeline)
        performer.documents.commit(
            propagated(change, decision, current, performer.documents, program_of, now=now)
        )
        return RunResult.of(after)

    def skip_as_repeated(self) -> RunResult:
        """Conclude a run of a rule that runs once per document, and did."""
        reason = "it runs once per document, and ran for an earlier stage entry"
        skipped = finished(self.before, "skipped", reason, now=self.performer.clock())
        return self.conclude(skipped)

    def _chain(self, after: Run, document: Document) -> Chain:
        """The runs that may follow: the next one, or the whole entry where more are concerned."""
        below = self.found.next
        if needs_more(after, below, self.program, document):
            runs = self.performer.documents.runs(after.document, after.entry)
        else:
            runs = (below,) if below else ()
        return Chain(self.program, document, runs)


def perform_claimed(
    performer: Performer, message: RunMessage, carry_out: Callable[[Performance], RunResult]
) -> RunResult:
    """Carry out the run that the message asks for, if it is still to be performed.

    Raises TransientError when the database could not be reached, ConflictError when the document
    kept changing: then the message must be delivered again.
    """
    for attempt in range(TRIES):
        try:
            found = performer.documents.read_run(message)
            result = _perform_found(performer, message, found, carry_out)
        except (ConflictError, LeftStageError, StaleRunError):
            # The stale run may be another that was to be stopped or to follow; if it is this one,
            # reading it again says who has it.
            performer.backoff(attempt)
        else:
            performer.note_work(found.run)
            return result
    msg = f"the run {message.key} met {TRIES} conflicts in a row"
    raise ConflictError(msg)


def _perform_found(
    performer: Performer,
    message: RunMessage,
    found: RunSnapshot,
    carry_out: Callable[[Performance], RunResult],
) -> RunResult:
    run, key = found.run, str(message.key)
    if run is None:
        return RunResult(result="void", run=key, reason="there is no such run")
    now = performer.clock()
    program = performer.programs.get(run.pipeline, run.pipeline_version)
    performance = partial(
        Performance, performer=performer, message=message, found=found, before=run, program=program
    )
    match claim(found, message, program, now=now, lease=performer.lease):
        case Void(reason):
            return RunResult(result="void", run=key, kind=run.kind, reason=reason)
        case Early(early):
            due = early.due or now
            performer.lanes.send(early.lane, message, due=due, now=now)
            reason = f"due {due.isoformat()}"
            return RunResult(result="early", run=key, kind=run.kind, reason=reason)
        case Concluded(after, document):
            return performance(run=run, document=document).conclude(after)
        case Begin(begun, document):
            return carry_out(performance(run=begun, document=document))
