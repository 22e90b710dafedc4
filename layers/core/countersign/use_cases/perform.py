"""Performing a run in its lane: claim, effect, conclusion; once, whatever the queue delivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from countersign.engine.decide import edit, run_out
from countersign.engine.plan import TIMER
from countersign.engine.program import Program
from countersign.engine.runs import (
    Begin,
    Early,
    Ended,
    Void,
    after_failure,
    begin,
    claim,
    conclude,
    ended,
    in_doubt,
    needs_more,
)
from countersign.errors import (
    ConflictError,
    CountersignError,
    InDoubtError,
    LeftStageError,
    NotFoundError,
    PermanentError,
    RanBeforeError,
    StaleRunError,
    TransientError,
)
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.ports import Claimable, Documents, Lanes
from countersign.rules.base import DocumentRule, RuleContext, RuleKind
from countersign.use_cases.programs import Programs
from countersign.use_cases.settle import settled

TRIES = 8
"""How often a conflicting transaction is made anew within one delivery."""

Result = Literal["done", "skipped", "failed", "cancelled", "retried", "unknown", "void", "early"]


class Effect(Protocol):
    """What a lane does to the outside, in two steps: nothing leaves before the claim."""

    def prepare(self, kind: RuleKind, context: RuleContext) -> Any:
        """Work out the effect; PermanentError where it can never be had."""
        ...

    def carry_out(self, prepared: Any) -> dict[str, str]:
        """Have the effect, once; what it leaves behind.

        PermanentError, TransientError, or InDoubtError when no answer came.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """What performing needs from outside."""

    documents: Documents
    programs: Programs
    lanes: Lanes
    clock: Callable[[], datetime]
    lease: timedelta
    """How long a claimed run may be worked on; longer than the function's timeout."""
    pause: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, before a conflicting transaction is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """How a delivery ended, for the log and the metrics."""

    result: Result
    run: str
    kind: str | None = None
    because: str | None = None

    @property
    def note(self) -> str | None:
        """What the log may be told: other reasons may quote the document, and stand on its run."""
        return self.because if self.result in ("void", "early", "cancelled") else None


def perform(performer: Performer, message: RunMessage, effect: Effect | None) -> Performed:
    """Perform the run that the message asks for, if it is still to be performed.

    ``effect`` is the lane's; None in the document lane, where claim, effect and conclusion are
    one transaction. Raises TransientError when the database could not be reached: then the
    message must be delivered again.
    """
    for attempt in range(TRIES):
        try:
            return _Performance.read(performer, message).perform(effect)
        except (ConflictError, LeftStageError, StaleRunError):
            # The stale run may be another that was to be stopped or to follow; if it is this one,
            # reading it again says who has it.
            performer.pause(attempt)
    msg = f"the run {message.key} met {TRIES} conflicts in a row"
    raise ConflictError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Performance:
    performer: Performer
    message: RunMessage
    found: Claimable
    program: Program | None

    @classmethod
    def read(cls, performer: Performer, message: RunMessage) -> _Performance:
        found = performer.documents.read_run(message)
        run = found.run
        program = performer.programs.get(run.pipeline, run.pipeline_version) if run else None
        return cls(performer=performer, message=message, found=found, program=program)

    def perform(self, effect: Effect | None) -> Performed:
        run, program = self.found.run, self.program
        if run is None or program is None:
            return self._told("void", because="there is no such run")
        now = self.performer.clock()
        claimed = claim(self.found, self.message, program, now=now, lease=self.performer.lease)
        match claimed:
            case Void(because):
                return self._told("void", because=because)
            case Early(run):
                due = run.due or now
                self.performer.lanes.send(run.lane, self.message, due=due, now=now)
                return self._told("early", because=f"due {due.isoformat()}")
            case Ended(concluded):
                self._conclude(run, concluded, program, self._document())
                return self._told(_result(concluded), because=concluded.reason)
            case Begin(begun, document):
                if effect is None:
                    return self._change(run, begun, program, document)
                return self._act(run, begun, program, document, effect)

    # --- the document lane: one transaction

    def _change(self, was: Run, begun: Run, program: Program, document: Document) -> Performed:
        now = self.performer.clock()
        head = self.found.head
        if head is None:
            msg = f"the pipeline {was.pipeline} has no published version"
            raise NotFoundError(msg)
        current = self.performer.programs.get(was.pipeline, head.version)
        cause = f"{was.cause} > {was.rule}" if was.cause else was.rule
        try:
            if was.rule.startswith(TIMER):
                trigger = was.rule.removeprefix(TIMER)
                decision = run_out(current, document, trigger, now=now, cause=cause)
            else:
                wanted = self._kind(program, was, DocumentRule).edit(
                    _context(program, begun, document, now)
                )
                decision = edit(
                    current, document, wanted,
                    by=f"rule:{was.rule}", automatic=True, now=now, cause=cause,
                )  # fmt: skip
        except PermanentError as error:
            failed = ended(begun, "failed", str(error), now=now)
            self._conclude(was, failed, program, document)
            return self._told("failed", because=str(error))
        stopped = [line.text for line in decision.log if line.kind == "stopped"]
        done = ended(begun, "done", None, now=now)
        if stopped:
            done = ended(begun, "failed", stopped[0], now=now)
        elif was.rule.startswith(TIMER) and not decision.moved:
            done = ended(begun, "skipped", decision.log[-1].text, now=now)
        after = conclude(
            was, done, program, decision.document, self._below(done, program, decision.document),
            now=now,
        )  # fmt: skip
        # A stopped stage has no rule below whose turn could come; ``settled`` cancels them all.
        stops = decision.stop_rules and was.entry == document.entry
        change = decision.change().model_copy(
            update={
                "updates": after.updates[:1] if stops else after.updates,
                "once": (was.key,) if was.once else (),
            }
        )
        change = settled(
            change, decision, current, self.performer.documents,
            self.performer.programs.of(was.pipeline), now=now,
        )  # fmt: skip
        try:
            self.performer.documents.commit(change)
        except RanBeforeError:
            return self._ran_before(was, program, document)
        return self._told(_result(done), because=done.reason)

    # --- the other lanes: claim, effect, conclusion

    def _act(
        self, was: Run, begun: Run, program: Program, document: Document, effect: Effect
    ) -> Performed:
        now = self.performer.clock()
        try:
            kind = self._kind(program, was, RuleKind)
            prepared = effect.prepare(kind, _context(program, begun, document, now))
        except PermanentError as error:
            failed = ended(begun, "failed", str(error), now=now)
            self._conclude(was, failed, program, document)
            return self._told("failed", because=str(error))
        except CountersignError:
            raise
        except Exception as error:
            # A fault of ours: nothing has left yet, so it may be tried again, visibly.
            again = after_failure(begun, error, passing=True, now=now)
            self._conclude(was, again, program, document)
            return self._told(_result(again), because=again.reason)
        try:
            self.performer.documents.commit(begin(begun, was))
        except RanBeforeError:
            return self._ran_before(was, program, document)
        after = self._carry_out(begun, effect, prepared)
        self._report(begun, after, program)
        return self._told(_result(after), because=after.reason)

    def _carry_out(self, begun: Run, effect: Effect, prepared: Any) -> Run:
        clock = self.performer.clock
        try:
            result = effect.carry_out(prepared)
        except InDoubtError as error:
            return in_doubt(begun, str(error), now=clock())
        except PermanentError as error:
            return after_failure(begun, error, passing=False, now=clock())
        except TransientError as error:
            return after_failure(begun, error, passing=True, now=clock())
        except Exception as error:
            # Nobody knows whether it came before or after the effect.
            return in_doubt(begun, f"{type(error).__name__}: {error}", now=clock())
        return ended(begun, "done", None, now=clock(), result=result)

    def _report(self, begun: Run, after: Run, program: Program) -> None:
        """Write how the effect ended, whatever else moves meanwhile: the effect has been had."""
        for attempt in range(TRIES):
            found = self.performer.documents.read_run(self.message)
            if found.run is None or found.document is None or found.run.state != "running":
                return
            try:
                # With the run below as it is now: it may have been stopped meanwhile.
                replace(self, found=found)._conclude(begun, after, program, found.document)
            except (ConflictError, StaleRunError):
                self.performer.pause(attempt)
            else:
                return
        msg = f"how the run {begun.key} ended could not be written: {TRIES} conflicts in a row"
        raise ConflictError(msg)

    # --- conclusions

    def _conclude(self, was: Run, run: Run, program: Program, document: Document) -> None:
        below = self._below(run, program, document)
        change = conclude(was, run, program, document, below, now=self.performer.clock())
        self.performer.documents.commit(change)

    def _below(self, run: Run, program: Program, document: Document) -> tuple[Run, ...]:
        """The runs that may follow: the next one, or the whole entry where more are concerned."""
        if needs_more(run, self.found.next, program, document):
            return self.performer.documents.runs(run.document, run.entry)
        return (self.found.next,) if self.found.next else ()

    def _ran_before(self, was: Run, program: Program, document: Document) -> Performed:
        because = "it runs once per document, and ran for an earlier stage entry"
        skipped = ended(was, "skipped", because, now=self.performer.clock())
        self._conclude(was, skipped, program, document)
        return self._told("skipped", because=because)

    def _document(self) -> Document:
        document = self.found.document
        if document is None:
            msg = f"the document {self.message.document} does not exist"
            raise NotFoundError(msg)
        return document

    def _kind(self, program: Program, run: Run, sort: type[Any]) -> Any:
        rule = program.rule(run.stage, run.rule)
        if rule is None:
            msg = f"version {run.pipeline_version} has no rule {run.rule} in the stage {run.stage}"
            raise PermanentError(msg)
        kind = program.kind_of(run.stage, rule)
        if not isinstance(kind, sort):
            msg = f"the rule kind {rule.kind} is not performed in this lane"
            raise PermanentError(msg)
        return kind

    def _told(self, result: Result, *, because: str | None = None) -> Performed:
        kind = self.found.run.kind if self.found.run else None
        return Performed(result=result, run=str(self.message.key), kind=kind, because=because)


def _context(program: Program, run: Run, document: Document, now: datetime) -> RuleContext:
    return RuleContext(
        run=run, document=document, pipeline=program.pipeline, types=program.types, now=now
    )


def _result(run: Run) -> Result:
    match run.state:
        case "done" | "skipped" | "failed" | "cancelled" | "unknown":
            return run.state
        case _:
            return "retried"
