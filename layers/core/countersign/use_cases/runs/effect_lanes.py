"""The lanes with an effect on the outside: claimed before it, and concluded after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from countersign.engine.decisions.decide import answered
from countersign.engine.runs.lifecycle import (
    Conclusion,
    after_error,
    after_failure,
    begin,
    finished,
)
from countersign.engine.runs.mail_series import first_claim
from countersign.engine.runs.task_mails import task_of
from countersign.errors import (
    NothingToDoError,
    PermanentError,
    StaleRunError,
    TransientError,
)
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Lane, Run
from countersign.model.run_purpose import KeepFileRun, TaskMailRun
from countersign.model.run_result import RunResult
from countersign.model.transaction import Precondition, Transaction
from countersign.ports import RunRead
from countersign.rules._shared.keep_file import KeepFile
from countersign.rules._shared.task_mail import TaskMail
from countersign.rules.base import Reply, RuleKind
from countersign.use_cases.effects.base import Effect, PreparedEffect, SeveralMails
from countersign.use_cases.effects.mail_series import MailSeries, same_claim
from countersign.use_cases.known_runs import KnownRuns, known_first, read_together
from countersign.use_cases.runs.perform_run import (
    Outcome,
    Performance,
    Performer,
    perform_claimed,
)
from countersign.use_cases.transact import Proposal, transact

WITHIN = timedelta(seconds=8)
"""How long an invocation begins further runs. One more may take half a minute; the rest of the
batch goes back to the queue, so that no run waits behind several slow ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneBatch:
    """The messages of one invocation."""

    lane: Lane
    known: KnownRuns
    until: datetime
    """When it begins no further run."""


def begin_batch(performer: Performer, lane: Lane, messages: Iterable[RunMessage]) -> LaneBatch:
    """Read what the runs of a batch are performed on, together."""
    wanted = (RunRead(message.key, message.pipeline, message.next) for message in messages)
    known = read_together(performer.store, wanted)
    # From here on, so that a read that was slow does not put back the first of them.
    return LaneBatch(lane=lane, known=known, until=performer.store.clock() + WITHIN)


def perform_effect_run(
    performer: Performer, message: RunMessage, effect: Effect, batch: LaneBatch | None = None
) -> RunResult:
    """Perform the run that the message asks for, if it is still to be performed.

    ``effect`` is the lane's. One of a batch that has taken too long is sent to the queue again.
    Raises TransientError when the database could not be reached, ConflictError when the document
    kept changing: then the message must be delivered again.
    """
    now = performer.store.clock()
    if batch is not None and now >= batch.until:
        performer.lanes.send(batch.lane, message, due=now, now=now)
        reason = "those before it in its batch took too long; it is in the queue again"
        return RunResult(result="put_back", run=str(message.key), lane=batch.lane, reason=reason)
    known = batch.known if batch is not None else None
    claimed = perform_claimed(performer, message, partial(_claim, effect=effect), known)
    return performer.note_work(
        claimed
        if isinstance(claimed, RunResult)
        else _execute(claimed.performance, claimed.prepared)
    )


def _execute(claimed: Performance, prepared: PreparedEffect | SeveralMails) -> RunResult:
    if not isinstance(prepared, SeveralMails):
        return RunResult.of(_carry_out(claimed, prepared))
    try:
        return RunResult.of(_send_all(claimed, prepared))
    except StaleRunError as error:
        return RunResult.without_change(claimed.run, "void", str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    """A run that is claimed, and what it is to do."""

    performance: Performance
    prepared: PreparedEffect | SeveralMails


def _claim(performance: Performance, effect: Effect) -> Proposal[_Claimed | RunResult]:
    """What claims the run; its conclusion, where there is nothing to do or nothing can be done."""
    run, now = performance.run, performance.performer.store.clock()
    try:
        prepared = effect.prepare(_kind(performance), performance.context(now))
    except (PermanentError, NothingToDoError) as error:
        state: Conclusion = "failed" if isinstance(error, PermanentError) else "skipped"
        return performance.conclude(finished(run, state, str(error), now=now))
    except Exception as error:
        # Nothing has left yet, so it may be tried again, visibly; a fault of ours, too.
        return performance.conclude(after_failure(run, error, passing=True, now=now))
    if isinstance(prepared, SeveralMails):
        run = first_claim(run, prepared.mails, now=now)
        if run.state != "running":
            return performance.conclude(run)
    else:
        run = run.model_copy(update={"repeatable": prepared.repeatable})
    claimed = _Claimed(performance=replace(performance, run=run), prepared=prepared)
    return Proposal(begin(run, performance.before, performance.document), claimed)


def _kind(performance: Performance) -> RuleKind:
    """The kind of the run's rule, or of what the product does by itself."""
    run = performance.run
    purpose = run.purpose
    if isinstance(purpose, KeepFileRun):
        return KeepFile(wanted=purpose.kind)
    if not isinstance(purpose, TaskMailRun):
        kind: RuleKind = performance.kind(RuleKind)
        return kind
    key = task_of(run, purpose)
    task = performance.performer.store.documents.task(key)
    if task is None:
        msg = f"there is no task {key}"
        raise PermanentError(msg)
    return TaskMail(task=task, assigned_in=purpose.version)


# --- several mails


def _send_all(claimed: Performance, prepared: SeveralMails) -> Run:
    """Hand over the run's mails, and write how its turn ended; StaleRunError where another delivery
    has the run by now."""
    performer = claimed.performer
    last, step = MailSeries(store=performer.store, lease=performer.lease).send(
        claimed.run, prepared
    )

    def end(stored: Performance) -> Proposal[Run | None]:
        if not same_claim(last, stored.before):
            return Proposal(None, None)
        after = step(stored.before)
        return Proposal(stored.conclude(after).change, after)

    return _write_end(claimed, last, end) or step(last)


# --- one effect


def _carry_out(claimed: Performance, prepared: PreparedEffect) -> Run:
    """The run after its effect, which is written with what the outside's answer fills in."""
    clock, run = claimed.performer.store.clock, claimed.run
    try:
        effect = prepared.execute()
    except Exception as error:
        kept = {**run.result, **prepared.partial_result()}
        after = after_error(run.model_copy(update={"result": kept}), error, now=clock())
        _write(claimed, after, None)
        return after
    after = finished(run, "done", effect.reason, now=clock(), result=effect.result)
    try:
        _write(claimed, after, effect.reply)
    except TransientError:
        raise
    except Exception as error:
        if effect.reply is None or not effect.reply.values:
            raise
        # The document has no room for them, say; that the effect was had must be kept.
        why = str(error) if isinstance(error, PermanentError) else type(error).__name__
        _write(claimed, after, Reply(warnings=(f"the answer was not taken over: {why}",)))
    return after


def _write(claimed: Performance, after: Run, reply: Reply | None) -> None:
    """Write how the effect ended, whatever else moves meanwhile: the effect has been had."""
    says_something = reply is not None and bool(reply.values or reply.warnings)

    def end(stored: Performance) -> Proposal[RunResult | None]:
        if stored.before.state != "running":
            return Proposal(None, None)
        # With the run below as it is now: it may have been stopped meanwhile.
        ours = replace(stored, before=claimed.run)
        if reply is None or not says_something:
            return ours.conclude(after)
        return _conclude_with_reply(ours, after, reply)

    # What an answer says is judged by the version that is published now.
    _write_end(claimed, claimed.run, end, afresh=says_something)


def _conclude_with_reply(ours: Performance, after: Run, reply: Reply) -> Proposal[RunResult]:
    """Conclude, and write what the answer says into the document in the same transaction."""
    current, origin = ours.current(), ours.origin(ours.performer.store.clock())
    decision = answered(current, ours.document, reply, origin)
    return ours.conclude_with(decision, current, after)


def _write_end(
    claimed: Performance,
    last: Run,
    end: Callable[[Performance], Proposal[Outcome | None]],
    *,
    afresh: bool = False,
) -> Outcome | None:
    """Write what ``end`` proposes; None where there is nothing to write any more.

    It is decided on what was read for the claim and on ``last``, the run as this delivery wrote it
    last: the transaction's conditions refuse it where the run, the one below it or what it takes
    from the document has changed since. Then, and with ``afresh`` at once, all of it is read again.
    """
    known = None if afresh else replace(claimed, before=last)
    performances = known_first(known, claimed.read_again)

    def propose() -> Proposal[Outcome | None]:
        stored = performances()
        if stored is None:
            return Proposal(None, None)
        ended = end(stored)
        if stored is not known:
            return ended
        return ended._replace(change=_in_this_entry(ended.change, claimed.document))

    subject = f"how the run {claimed.run.key} ended could not be written: it"
    return transact(claimed.performer.store, propose, subject=subject).outcome


def _in_this_entry(change: Transaction | None, document: Document) -> Transaction | None:
    """The change, which gives runs below their turn only while the document is where it was."""
    if change is None or change.document or change.stay or len(change.updates) == 1:
        return change
    stay = Precondition(document=document.id, entry=document.entry)
    return change.model_copy(update={"stay": stay})
