"""Performing a run in its lane: claim, effect, conclusion; once, whatever the queue delivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Literal

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.decisions.decide import answered, edit, run_out
from countersign.engine.decisions.decision import Decision
from countersign.engine.runs.lifecycle import (
    Begin,
    Concluded,
    Conclusion,
    Early,
    Void,
    after_error,
    after_failure,
    begin,
    claim,
    conclude,
    finished,
    needs_more,
)
from countersign.engine.runs.mail_series import first_claim
from countersign.engine.runs.task_mails import task_of
from countersign.engine.runs.tasks import made_task
from countersign.errors import (
    ConflictError,
    LeftStageError,
    NotFoundError,
    NothingToDoError,
    PermanentError,
    RanBeforeError,
    StaleRunError,
    TransientError,
)
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Lane, Run, RunKey
from countersign.model.run_purpose import BacklogRun, TaskMailRun, TimerRun
from countersign.ports import Documents, Heartbeats, RoundRobin, RunQueues, RunSnapshot
from countersign.rules._shared.task_mail import TaskMail
from countersign.rules.base import DocumentRule, Reply, RuleContext, RuleKind
from countersign.use_cases.effects.base import Effect, PreparedEffect, SeveralMails
from countersign.use_cases.effects.mail_series import MailSeries, same_claim
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.propagate import propagate_backlog, propagated

TRIES = 8
"""How often a conflicting transaction is made anew within one delivery."""

Result = Literal[
    "done", "skipped", "failed", "cancelled", "retried", "awaiting", "in_doubt", "void", "early"
]


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
    pause: Callable[[int], None] = field(default=lambda attempt: None)
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
class RunResult:
    """How a delivery ended, for the log and the metrics."""

    result: Result
    run: str
    kind: str | None = None
    reason: str | None = None
    quota: bool = False
    """Whether the mail waits for the account's daily quota."""

    @property
    def note(self) -> str | None:
        """What the log may be told: other reasons may quote the document, and stand on its run."""
        return self.reason if self.result in ("void", "early", "cancelled") else None


def perform(performer: Performer, message: RunMessage, effect: Effect | None) -> RunResult:
    """Perform the run that the message asks for, if it is still to be performed.

    ``effect`` is the lane's; None in the document lane, where claim, effect and conclusion are
    one transaction. Raises TransientError when the database could not be reached: then the
    message must be delivered again.
    """
    # Drawn once, however often the transaction is made anew.
    turn = cache(partial(performer.turns.draw, message.pipeline, message.rule))
    for attempt in range(TRIES):
        try:
            performance = _Performance.read(performer, message, turn)
            performed = performance.perform(effect)
        except (ConflictError, LeftStageError, StaleRunError):
            # The stale run may be another that was to be stopped or to follow; if it is this one,
            # reading it again says who has it.
            performer.pause(attempt)
        else:
            performer.note_work(performance.found.run)
            return performed
    msg = f"the run {message.key} met {TRIES} conflicts in a row"
    raise ConflictError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Performance:
    performer: Performer
    message: RunMessage
    turn: Callable[[], int]
    found: RunSnapshot
    program: CompiledPipeline | None

    @classmethod
    def read(
        cls, performer: Performer, message: RunMessage, turn: Callable[[], int]
    ) -> _Performance:
        found = performer.documents.read_run(message)
        run = found.run
        program = performer.programs.get(run.pipeline, run.pipeline_version) if run else None
        return cls(performer=performer, message=message, turn=turn, found=found, program=program)

    def perform(self, effect: Effect | None) -> RunResult:
        run, program = self.found.run, self.program
        if run is None or program is None:
            return self._told("void", reason="there is no such run")
        now = self.performer.clock()
        claimed = claim(self.found, self.message, program, now=now, lease=self.performer.lease)
        match claimed:
            case Void(reason):
                return self._told("void", reason=reason)
            case Early(run):
                due = run.due or now
                self.performer.lanes.send(run.lane, self.message, due=due, now=now)
                return self._told("early", reason=f"due {due.isoformat()}")
            case Concluded(concluded):
                self._conclude(run, concluded, program, self._document())
                return self._told(_result(concluded), reason=concluded.reason)
            case Begin(begun, document):
                if effect is None:
                    return self._change(run, begun, program, document)
                return self._act(run, begun, program, document, effect)

    # --- the document lane: one transaction

    def _change(
        self, was: Run, begun: Run, program: CompiledPipeline, document: Document
    ) -> RunResult:
        now = self.performer.clock()
        if isinstance(was.purpose, BacklogRun):
            documents, programs = self.performer.documents, self.performer.programs
            rest = propagate_backlog(was, document, documents, programs.of(was.pipeline), now=now)
            documents.commit(rest)
            return self._told("done")
        current, cause = self._current(was), _cause(was)
        try:
            if isinstance(was.purpose, TimerRun):
                trigger = was.purpose.trigger
                decision = run_out(current, document, trigger, now=now, cause=cause)
            else:
                kind = self._kind(program, was, DocumentRule)
                context = _context(program, begun, document, now)
                wanted = kind.edit(self._told_what_it_asks(kind, context, current))
                decision = edit(
                    current, document, wanted,
                    by=f"rule:{was.rule}", automatic=True, now=now, cause=cause,
                )  # fmt: skip
        except PermanentError as error:
            failed = finished(begun, "failed", str(error), now=now)
            self._conclude(was, failed, program, document)
            return self._told("failed", reason=str(error))
        stopped = [line.text for line in decision.log if line.kind == "stopped"]
        done = finished(begun, "done", None, now=now)
        if stopped:
            done = finished(begun, "failed", stopped[0], now=now)
        elif isinstance(was.purpose, TimerRun) and not decision.moved:
            done = finished(begun, "skipped", decision.log[-1].text, now=now)
        for task in decision.tasks:
            done = made_task(begun, task, now=now)
        try:
            self._decide(was, done, program, decision, current, once=(was.key,) if was.once else ())
        except RanBeforeError:
            return self._ran_before(was, program, document)
        return self._told(_result(done), reason=done.reason)

    def _told_what_it_asks(
        self, kind: DocumentRule, context: RuleContext, current: CompiledPipeline
    ) -> RuleContext:
        match kind.asks:
            case "turn":
                return replace(context, turn=self.turn())
            case "loads":
                stages = [one.id for one in current.pipeline.stages if one.kind == "open"]
                loads = self.performer.documents.loads(context.document.pipeline, stages)
                return replace(context, loads=loads)
            case _:
                return context

    # --- the other lanes: claim, effect, conclusion

    def _act(
        self, was: Run, begun: Run, program: CompiledPipeline, document: Document, effect: Effect
    ) -> RunResult:
        now = self.performer.clock()
        try:
            kind = self._task_mail(was) or self._kind(program, was, RuleKind)
            prepared = effect.prepare(kind, _context(program, begun, document, now))
        except (PermanentError, NothingToDoError) as error:
            state: Conclusion = "failed" if isinstance(error, PermanentError) else "skipped"
            self._conclude(was, finished(begun, state, str(error), now=now), program, document)
            return self._told(state, reason=str(error))
        except Exception as error:
            # Nothing has left yet, so it may be tried again, visibly; a fault of ours, too.
            again = after_failure(begun, error, passing=True, now=now)
            self._conclude(was, again, program, document)
            return self._told(_result(again), reason=again.reason)
        if isinstance(prepared, SeveralMails):
            begun = first_claim(begun, prepared.mails, now=now)
            if begun.state != "running":
                self._conclude(was, begun, program, document)
                return self._told(_result(begun), reason=begun.reason)
        else:
            begun = begun.model_copy(update={"repeatable": prepared.repeatable})
        try:
            self.performer.documents.commit(begin(begun, was, document))
        except RanBeforeError:
            return self._ran_before(was, program, document)
        if isinstance(prepared, SeveralMails):
            return self._send_all(begun, program, prepared)
        after, reply = self._carry_out(begun, prepared)
        self._report(begun, after, program, reply)
        return self._told_of(after)

    def _send_all(self, begun: Run, program: CompiledPipeline, prepared: SeveralMails) -> RunResult:
        """Hand over the run's mails, and write how its turn ended."""
        performer = self.performer
        series = MailSeries(
            documents=performer.documents,
            clock=performer.clock,
            lease=performer.lease,
            pause=performer.pause,
        )
        last, step = series.send(begun, prepared)
        after = step(last)
        for attempt in range(TRIES):
            found = performer.documents.read_run(self.message)
            if found.run is None or found.document is None or not same_claim(last, found.run):
                break
            after = step(found.run)
            try:
                replace(self, found=found)._conclude(found.run, after, program, found.document)
            except (ConflictError, StaleRunError):
                performer.pause(attempt)
            else:
                break
        else:
            msg = f"how the run {begun.key} ended could not be written: {TRIES} conflicts in a row"
            raise ConflictError(msg)
        return self._told_of(after)

    def _carry_out(self, begun: Run, prepared: PreparedEffect) -> tuple[Run, Reply | None]:
        """The run after its effect, and what the outside's answer means for the document."""
        clock = self.performer.clock
        try:
            had = prepared.act()
        except Exception as error:
            kept = {**begun.result, **prepared.so_far()}
            tried = begun.model_copy(update={"result": kept})
            return after_error(tried, error, now=clock()), None
        return finished(begun, "done", had.reason, now=clock(), result=had.result), had.reply

    def _report(
        self, begun: Run, after: Run, program: CompiledPipeline, reply: Reply | None
    ) -> None:
        """Write how the effect ended, whatever else moves meanwhile: the effect has been had."""
        for attempt in range(TRIES):
            found = self.performer.documents.read_run(self.message)
            if found.run is None or found.document is None or found.run.state != "running":
                return
            # With the run below as it is now: it may have been stopped meanwhile.
            here = replace(self, found=found)
            try:
                if reply and (reply.values or reply.warnings):
                    here._fill(begun, after, program, found.document, reply)
                else:
                    here._conclude(begun, after, program, found.document)
            except (ConflictError, StaleRunError):
                self.performer.pause(attempt)
            except TransientError:
                raise
            except Exception as error:
                if reply is None or not reply.values:
                    raise
                # The document has no room for them, say; that the effect was had must be kept.
                why = str(error) if isinstance(error, PermanentError) else type(error).__name__
                reply = Reply(warnings=(f"the answer was not taken over: {why}",))
            else:
                return
        msg = f"how the run {begun.key} ended could not be written: {TRIES} conflicts in a row"
        raise ConflictError(msg)

    def _fill(
        self,
        begun: Run,
        after: Run,
        program: CompiledPipeline,
        document: Document,
        reply: Reply,
    ) -> None:
        """Conclude, and write what the answer says into the document in the same transaction."""
        now = self.performer.clock()
        current = self._current(begun)
        decision = answered(
            current, document, reply, by=f"rule:{begun.rule}", now=now, cause=_cause(begun)
        )
        self._decide(begun, after, program, decision, current)

    # --- conclusions

    def _decide(
        self,
        was: Run,
        done: Run,
        program: CompiledPipeline,
        decision: Decision,
        current: CompiledPipeline,
        once: tuple[RunKey, ...] = (),
    ) -> None:
        """Write a decision together with the run's conclusion: one transaction."""
        now = self.performer.clock()
        document = decision.document
        after = conclude(
            was, done, program, document, self._below(done, program, document), now=now
        )
        # A stopped stage has no rule below whose turn could come; ``settled`` cancels them all.
        before = decision.before
        stops = decision.stop_rules and before is not None and was.entry == before.entry
        change = decision.change().model_copy(
            update={"updates": after.updates[:1] if stops else after.updates, "once": once}
        )
        documents, programs = self.performer.documents, self.performer.programs
        change = propagated(
            change, decision, current, documents, programs.of(was.pipeline), now=now
        )
        documents.commit(change)

    def _current(self, run: Run) -> CompiledPipeline:
        """The version that is published now, whose triggers count."""
        head = self.found.head
        if head is None:
            msg = f"the pipeline {run.pipeline} has no published version"
            raise NotFoundError(msg)
        return self.performer.programs.get(run.pipeline, head.version)

    def _conclude(self, was: Run, run: Run, program: CompiledPipeline, document: Document) -> None:
        below = self._below(run, program, document)
        change = conclude(was, run, program, document, below, now=self.performer.clock())
        self.performer.documents.commit(change)

    def _below(self, run: Run, program: CompiledPipeline, document: Document) -> tuple[Run, ...]:
        """The runs that may follow: the next one, or the whole entry where more are concerned."""
        if needs_more(run, self.found.next, program, document):
            return self.performer.documents.runs(run.document, run.entry)
        return (self.found.next,) if self.found.next else ()

    def _ran_before(self, was: Run, program: CompiledPipeline, document: Document) -> RunResult:
        reason = "it runs once per document, and ran for an earlier stage entry"
        skipped = finished(was, "skipped", reason, now=self.performer.clock())
        self._conclude(was, skipped, program, document)
        return self._told("skipped", reason=reason)

    def _document(self) -> Document:
        document = self.found.document
        if document is None:
            msg = f"the document {self.message.document} does not exist"
            raise NotFoundError(msg)
        return document

    def _kind(self, program: CompiledPipeline, run: Run, sort: type[Any]) -> Any:
        rule = program.rule(run.stage, run.rule)
        if rule is None:
            msg = f"version {run.pipeline_version} has no rule {run.rule} in the stage {run.stage}"
            raise PermanentError(msg)
        kind = program.kind_of(run.stage, rule)
        if not isinstance(kind, sort):
            msg = f"the rule kind {rule.kind} is not performed in this lane"
            raise PermanentError(msg)
        return kind

    def _task_mail(self, run: Run) -> TaskMail | None:
        """What mails the assignee of a task, where the run is about one."""
        if not isinstance(purpose := run.purpose, TaskMailRun):
            return None
        key = task_of(run, purpose)
        task = self.performer.documents.task(key)
        if task is None:
            msg = f"there is no task {key}"
            raise PermanentError(msg)
        return TaskMail(task=task, assigned_in=purpose.version)

    def _told(self, result: Result, *, reason: str | None = None) -> RunResult:
        kind = self.found.run.kind if self.found.run else None
        return RunResult(result=result, run=str(self.message.key), kind=kind, reason=reason)

    def _told_of(self, after: Run) -> RunResult:
        """How an effect ended, by the run after it."""
        told = self._told(_result(after), reason=after.reason)
        return replace(told, quota=after.state == "ready" and after.quota_since is not None)


def _context(program: CompiledPipeline, run: Run, document: Document, now: datetime) -> RuleContext:
    return RuleContext(
        run=run, document=document, pipeline=program.pipeline, types=program.types, now=now
    )


def _cause(run: Run) -> str:
    return f"{run.cause} > {run.rule}" if run.cause else run.rule


def _result(run: Run) -> Result:
    match run.state:
        case "done" | "skipped" | "failed" | "cancelled" | "in_doubt" | "awaiting":
            return run.state
        case _:
            return "retried"
