"""The lanes with an effect on the outside: claimed before it, and concluded after it."""

from __future__ import annotations

from dataclasses import replace

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
    ConflictError,
    NothingToDoError,
    PermanentError,
    RanBeforeError,
    StaleRunError,
    TransientError,
)
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.model.run_purpose import TaskMailRun
from countersign.model.run_result import RunResult
from countersign.rules._shared.task_mail import TaskMail
from countersign.rules.base import Reply, RuleKind
from countersign.use_cases.effects.base import Effect, PreparedEffect, SeveralMails
from countersign.use_cases.effects.mail_series import MailSeries, same_claim
from countersign.use_cases.runs.perform_run import (
    TRIES,
    Performance,
    Performer,
    perform_claimed,
)


def perform_effect_run(performer: Performer, message: RunMessage, effect: Effect) -> RunResult:
    """Perform the run that the message asks for, if it is still to be performed.

    ``effect`` is the lane's. Raises TransientError when the database could not be reached,
    ConflictError when the document kept changing: then the message must be delivered again.
    """
    return perform_claimed(performer, message, lambda performance: _perform(performance, effect))


def _perform(performance: Performance, effect: Effect) -> RunResult:
    performer, run = performance.performer, performance.run
    now = performer.clock()
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
    try:
        performer.documents.commit(begin(run, performance.before, performance.document))
    except RanBeforeError:
        return performance.skip_as_repeated()
    claimed = replace(performance, run=run)
    if isinstance(prepared, SeveralMails):
        return _send_all(claimed, prepared)
    after, reply = _carry_out(claimed, prepared)
    _report(claimed, after, reply)
    return RunResult.of(after)


def _kind(performance: Performance) -> RuleKind:
    """The kind of the run's rule, or what mails the assignee of a task."""
    run = performance.run
    if not isinstance(purpose := run.purpose, TaskMailRun):
        kind: RuleKind = performance.kind(RuleKind)
        return kind
    key = task_of(run, purpose)
    task = performance.performer.documents.task(key)
    if task is None:
        msg = f"there is no task {key}"
        raise PermanentError(msg)
    return TaskMail(task=task, assigned_in=purpose.version)


# --- several mails


def _send_all(claimed: Performance, prepared: SeveralMails) -> RunResult:
    """Hand over the run's mails, and write how its turn ended."""
    performer = claimed.performer
    series = MailSeries(
        documents=performer.documents,
        clock=performer.clock,
        lease=performer.lease,
        backoff=performer.backoff,
    )
    last, step = series.send(claimed.run, prepared)
    after = step(last)
    for attempt in range(TRIES):
        stored = claimed.read_again()
        if stored is None or not same_claim(last, stored.before):
            break
        after = step(stored.before)
        try:
            stored.conclude(after)
        except (ConflictError, StaleRunError):
            performer.backoff(attempt)
        else:
            break
    else:
        raise _too_many_conflicts(claimed)
    return RunResult.of(after)


# --- one effect


def _carry_out(claimed: Performance, prepared: PreparedEffect) -> tuple[Run, Reply | None]:
    """The run after its effect, and what the outside's answer means for the document."""
    clock, run = claimed.performer.clock, claimed.run
    try:
        effect = prepared.act()
    except Exception as error:
        kept = {**run.result, **prepared.so_far()}
        tried = run.model_copy(update={"result": kept})
        return after_error(tried, error, now=clock()), None
    return finished(run, "done", effect.reason, now=clock(), result=effect.result), effect.reply


def _report(claimed: Performance, after: Run, reply: Reply | None) -> None:
    """Write how the effect ended, whatever else moves meanwhile: the effect has been had."""
    for attempt in range(TRIES):
        stored = claimed.read_again()
        if stored is None or stored.before.state != "running":
            return
        # With the run below as it is now: it may have been stopped meanwhile.
        ours = replace(stored, before=claimed.run)
        try:
            if reply and (reply.values or reply.warnings):
                _conclude_with_reply(ours, after, reply)
            else:
                ours.conclude(after)
        except (ConflictError, StaleRunError):
            claimed.performer.backoff(attempt)
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
    raise _too_many_conflicts(claimed)


def _conclude_with_reply(ours: Performance, after: Run, reply: Reply) -> None:
    """Conclude, and write what the answer says into the document in the same transaction."""
    now, by = ours.performer.clock(), f"rule:{ours.run.rule}"
    current = ours.current()
    decision = answered(current, ours.document, reply, by=by, now=now, cause=ours.cause)
    ours.conclude_with(decision, current, after)


def _too_many_conflicts(claimed: Performance) -> ConflictError:
    return ConflictError(
        f"how the run {claimed.run.key} ended could not be written: {TRIES} conflicts in a row"
    )
