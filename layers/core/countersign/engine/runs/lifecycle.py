"""The life of a run: claimed when its time has come, judged, performed, concluded once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal

from countersign.engine.compiled_pipeline import CompiledPipeline, ProgramOf
from countersign.engine.conditions.evaluate import Scope, judge
from countersign.engine.runs.planner import arm, is_behind
from countersign.errors import (
    InDoubtError,
    OutageError,
    PermanentError,
    QuotaError,
    ThrottledError,
    TransientError,
)
from countersign.model.condition import Verdict
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.message import RunMessage
from countersign.model.run import CONCLUDED, NOT_BEGUN, Run
from countersign.model.run_purpose import RuleRun
from countersign.model.transaction import Precondition, RunUpdate, Transaction
from countersign.ports import RunSnapshot

Conclusion = Literal["done", "skipped", "failed", "cancelled"]

PAUSES = (10, 30, 120, 600, 1800, 3600, 10800, 21600)
"""Seconds between the tries of a run whose effect failed temporarily, up to twice as long: eight
more tries in 12 to 24 h."""

OUTAGE_PAUSES = (10, 30, 60, 120, 300, 600, 900, 1800)
"""Seconds between the tries of a run that is refused as everybody is, the last one for as long as
it lasts: an outage uses up no try, so that a weekend of it loses nothing."""

QUOTA_PAUSE = 1800
"""Seconds between the tries of a mail for which the account's daily quota is used up, up to twice
as long. The quota counts the last 24 hours, so that it frees itself bit by bit, at a time that SES
does not tell. https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html"""

LONGEST_PAUSE = timedelta(days=1)
"""What the outside may ask for between two tries; a larger wish counts as this."""

DOUBT = timedelta(hours=1)
"""How long the mail service's report on a mail is waited for. It comes within seconds, but "on a
best-effort basis": https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html"""

MAX_SWEPT = 2
"""How often a run in doubt is tried again without a person's saying so, where its receiver knows
a repetition or its rule says ``on_doubt: send_again``."""

EARLY = timedelta(seconds=1)
"""A message may come this much before the run is due: queues count in whole seconds."""


@dataclass(frozen=True, slots=True)
class VoidClaim:
    """Nothing to do: the run was dealt with, or is not this message's business any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class EarlyClaim:
    """The message came before the run is due; it must come again."""

    run: Run


@dataclass(frozen=True, slots=True)
class ClosedClaim:
    """The run ends without an effect: skipped, cancelled, or left in doubt by a dead lane."""

    run: Run
    document: Document


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """The run may be performed; ``run`` is as it is claimed."""

    run: Run
    document: Document


Claim = VoidClaim | EarlyClaim | ClosedClaim | OpenClaim


def claim(
    snapshot: RunSnapshot,
    message: RunMessage,
    program: CompiledPipeline,
    *,
    now: datetime,
    lease: timedelta,
) -> Claim:
    """What a lane may do with a run that it was asked to perform.

    ``program`` is the version the run was planned with. The condition is judged here, on the
    values just read.
    """
    run, document = snapshot.run, snapshot.document
    if run is None or document is None:
        return VoidClaim(f"there is no run {message.key}")
    if run.generation != message.generation:
        return VoidClaim(f"generation {message.generation} was replaced by {run.generation}")
    if run.state == "running":
        if run.lease_until is not None and now >= run.lease_until:
            return ClosedClaim(lease_ended(run, now=now), document)
        return VoidClaim("another delivery of the same message is performing it")
    if run.state != "ready":
        return VoidClaim(f"the run is {run.state_in_words}")
    if snapshot.head is not None and snapshot.head.paused:
        return VoidClaim("the pipeline is paused; the run goes on when it is resumed")
    if is_left(run, document):
        return ClosedClaim(ended_with_stage(run, now=now), document)
    if is_behind(run, document):
        return VoidClaim(f"its date field {run.date_field} has changed; it will be rescheduled")
    if run.due is not None and now < run.due - EARLY:
        return EarlyClaim(run)
    if is_too_late(run, now=now):
        reason = f"its time has passed: {run.reason}"
        return ClosedClaim(finished(run, _without_the_rest(run), reason, now=now), document)
    verdict = judge_run(program, run, document, now=now)
    if verdict is not None and not verdict.holds:
        judged = run.model_copy(update={"verdict": verdict})
        ended = finished(judged, _without_the_rest(run), verdict.reason, now=now)
        return ClosedClaim(ended, document)
    begun = run.model_copy(
        update={
            "state": "running",
            "attempts": run.attempts + 1,
            "started_at": now,
            "lease_until": now + lease,
            "verdict": verdict,
            "reason": None,
        }
    )
    return OpenClaim(run=begun, document=document)


def _without_the_rest(run: Run) -> Conclusion:
    """How a run ends without an effect: some of its mails may be sent already."""
    return "done" if run.sent_mails else "skipped"


def is_too_late(run: Run, *, now: datetime) -> bool:
    """Whether what the run was due before, or its time itself, has passed for good."""
    return run.not_after is not None and now > run.not_after


def judge_run(
    program: CompiledPipeline, run: Run, document: Document, *, now: datetime
) -> Verdict | None:
    """The rule's condition on these values; None where it has none."""
    rule = program.rule(run.stage, run.rule)
    if rule is None or rule.condition is None:
        return None
    scope = Scope(
        document=document,
        types=program.types,
        now=now,
        working=program.working,
        groups=program.pipeline.groups,
    )
    return judge(rule.condition, scope)


def begin(begun: Run, was: Run, document: Document) -> Transaction:
    """The transaction that claims a run: its state, and that the document is still there.

    The date field that the run hangs on must be as it was read, too.
    """
    entry = begun.entry if begun.ends_on_leaving else None
    version = document.version if begun.date_field and not begun.is_half_sent else None
    bound = entry is not None or version is not None
    stay = Precondition(document=begun.document, entry=entry, version=version) if bound else None
    return Transaction(
        stay=stay,
        updates=(update(was, begun),),
        once=(begun.key,) if begun.once else (),
    )


def finished(
    run: Run,
    state: Conclusion,
    reason: str | None,
    *,
    now: datetime,
    result: Mapping[str, str] | None = None,
) -> Run:
    """The run as it is concluded; ``result`` is added to what it has left behind already."""
    return run.model_copy(
        update={
            "state": state,
            "reason": reason,
            "concluded_at": now,
            "lease_until": None,
            "doubt_until": None,
            "quota_since": None,
            "result": {**run.result, **(result or {})},
        }
    )


def after_failure(run: Run, error: Exception, *, passing: bool, now: datetime) -> Run:
    """The run after its effect failed: ready for another try, or failed for good.

    What is refused as everybody is refused uses up no try.
    """
    if passing and isinstance(error, OutageError):
        return _put_off(run, error, now=now)
    if not passing or run.attempts > len(PAUSES):
        tries = f" (after {run.attempts} tries)" if run.attempts > 1 else ""
        return finished(run, "failed", f"{error}{tries}", now=now)
    due = now + _pause(run, error, PAUSES[run.attempts - 1])
    again = run.ready_again(due=due, reason=f"try {run.attempts} failed temporarily: {error}")
    return again.model_copy(update={"put_off": 0, "quota_since": None, "slot": None})


def _put_off(run: Run, error: OutageError, *, now: datetime) -> Run:
    """The run as it waits for the end of an outage, or for its turn."""
    seconds = OUTAGE_PAUSES[min(run.put_off, len(OUTAGE_PAUSES) - 1)]
    turn, slot = (error.after, error.slot) if isinstance(error, ThrottledError) else (None, None)
    quota = isinstance(error, QuotaError)
    if quota:
        seconds = QUOTA_PAUSE
    pause = _pause(run, error, seconds) if turn is None else min(turn, LONGEST_PAUSE)
    reason = f"waits, without using up a try: {error}"
    if quota:
        reason = (
            f"waits for the account's daily quota of mails, without using up a try: {error}; the "
            "quota counts the last 24 hours, so the mail is tried again every 30 to 60 minutes, "
            f"next at {now + pause:%Y-%m-%d %H:%M} UTC"
        )
    return run.ready_again(due=now + pause, reason=reason).model_copy(
        update={
            "attempts": run.attempts - 1,
            "put_off": run.put_off + 1,
            "quota_since": (run.quota_since or now) if quota else None,
            "slot": slot,
        }
    )


def _pause(run: Run, error: Exception, seconds: int) -> timedelta:
    """How long to wait: up to twice as long, so that runs refused together come apart, and not
    shorter than the outside asked for.

    The share is made of the run's key and turn, so that it is the same wherever it is worked out.
    """
    drawn = blake2b(f"{run.key} {run.generation}".encode(), digest_size=4).digest()
    share = int.from_bytes(drawn) / 2**32
    asked = (isinstance(error, TransientError) and error.after) or timedelta()
    return max(timedelta(seconds=seconds), min(asked, LONGEST_PAUSE)) + timedelta(
        seconds=seconds * share
    )


def after_error(run: Run, error: Exception, *, now: datetime) -> Run:
    """The run after its effect raised: failed, ready for another try, or in doubt."""
    match error:
        case PermanentError():
            return after_failure(run, error, passing=False, now=now)
        case TransientError():
            return after_failure(run, error, passing=True, now=now)
        case InDoubtError():
            reason = str(error)
        case _:
            # Nobody knows whether it came before or after the effect.
            reason = f"{type(error).__name__}: {error}"
    next_try = now + _pause(run, error, PAUSES[min(run.attempts, len(PAUSES)) - 1])
    if is_too_late(run, now=next_try):
        return in_doubt(run, reason, now=now)  # not skipped: it may have taken effect
    if run.repeatable and run.attempts <= len(PAUSES):
        return after_failure(run, error, passing=True, now=now)
    return in_doubt(run, reason, now=now)


def in_doubt(run: Run, reason: str, *, now: datetime) -> Run:
    """The outside gave no answer: neither done nor failed until somebody tells.

    The mail service tells by itself; what may be repeated is, by the next sweep, and so is a mail
    whose rule says so; where none of it helps, a person must tell.
    """
    until = now if run.repeatable else now + DOUBT if run.lane == "email" else None
    return run.model_copy(
        update={
            "state": "in_doubt",
            "lease_until": None,
            "doubt_until": until if run.swept < MAX_SWEPT else None,
            "reason": reason,
        }
    )


def lease_ended(run: Run, *, now: datetime) -> Run:
    """A run whose function died over it, as it stands then."""
    reason = "the function that performed it ended without a report; it may have taken effect"
    return in_doubt(run, reason, now=now)


def is_left(run: Run, document: Document) -> bool:
    """Whether the run belongs to a stage entry that its document has left, and ends with it."""
    return run.left_stage(document) and not run.sent_mails


def ended_with_stage(run: Run, *, now: datetime) -> Run:
    """The run as it is concluded where its document left the stage before it began."""
    return finished(run, "cancelled", left_stage_reason(run), now=now)


def left_stage_reason(run: Run) -> str:
    """Why a run of a stage that was left does not run."""
    return f"the document left the stage {run.stage} before it began"


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands below a run, and what arms or ends it when the run is concluded."""

    program_of: ProgramOf
    """The versions of the pipeline: each run counts by the one that it was planned with, or was
    moved to, which need not be that of the run above it."""
    document: Document
    runs: Iterable[Run]
    """Those below the run, as far as they are known. Others of its document may be among them."""


def conclude(was: Run, run: Run, chain: Chain, *, now: datetime) -> Transaction:
    """The transaction that writes how a run ended and what follows for the runs below it.

    A run that did not begin is concluded only while the date field that it hangs on is as it was
    read.
    """
    document = chain.document
    following = advance_chain(run, chain, now=now)
    change = Transaction(updates=(update(was, run), *following))
    if begins_to_wait_for_quota(was, run):
        line = LogEntry(
            at=now,
            kind="warning",
            text=f"{run.rule}: {run.reason}",
            by=f"rule:{run.rule}",
            entry=run.entry,
            cause=run.cause,
        )
        return with_document_version(document, change.model_copy(update={"log": (line,)}))
    if any(run_update.run.date_field for run_update in following):
        return with_document_version(document, change)
    if was.date_field and was.state in NOT_BEGUN:
        stay = Precondition(document=document.id, version=document.version)
        return change.model_copy(update={"stay": stay})
    return change


def begins_to_wait_for_quota(was: Run, run: Run) -> bool:
    """Whether the run was refused for the daily quota, and was not waiting for it before."""
    return was.quota_since is None and run.quota_since is not None


def with_erasures(change: Transaction | None, document: Document | None) -> Transaction | None:
    """The change on condition that nobody's personal data was erased from the document since it was
    read: what runs say, and whom they write to, is known from what was read."""
    if change is None or change.document is not None or document is None:
        return change
    stay = change.stay or Precondition(document=document.id)
    bound = stay.model_copy(update={"erasures": len(document.erased)})
    return change.model_copy(update={"stay": bound})


def with_document_version(
    document: Document, change: Transaction, *, version: int | None = None
) -> Transaction:
    """The change with a new version of the document, for runs that begin to hang on its fields.

    Whoever changes the field at the same time has read no such run; one of the two conflicts, and
    is decided anew with what the other has written. ``version`` is the pipeline's that the runs
    are on from now on.
    """
    versions = dict.fromkeys((*document.planned_with, *([version] if version else [])))
    touched = document.model_copy(
        update={"version": document.version + 1, "planned_with": tuple(versions)}
    )
    return change.model_copy(update={"document": touched, "was_version": document.version})


def advance_chain(run: Run, chain: Chain, *, now: datetime) -> tuple[RunUpdate, ...]:
    """What a concluded run means for the chain under it, down to the first run that may go on."""
    waiting = {
        other.rule: other for other in chain.runs if other.entry == run.entry and other.repeat == 0
    }
    updates = []
    current, stopped = run, _stops(run, chain.program_of(run.pipeline_version))
    while current.state in CONCLUDED and current.next in waiting:
        following = waiting[current.next]
        if following.was_taken_out:
            current = following
            continue
        if following.state != "waiting":
            break
        if stopped:
            current = finished(following, "cancelled", stopped_by(run.rule), now=now)
        elif following.left_stage(chain.document):
            current = ended_with_stage(following, now=now)
        else:
            program = chain.program_of(following.pipeline_version)
            armed = arm(program, following, chain.document, turn=now)
            current = following.model_copy(update=armed)
        updates.append(update(following, current))
    return tuple(updates)


def stopped_by(rule: str) -> str:
    """Why a run below a failed one does not run."""
    return f"the chain was stopped: {rule} failed"


def needs_more(run: Run, below: Run | None, program: CompiledPipeline, document: Document) -> bool:
    """Whether ``advance`` must see the whole chain, not only the run next below."""
    if run.next is None or run.state not in CONCLUDED:
        return False
    gone = below is not None and below.was_taken_out
    return gone or _stops(run, program) or run.entry != document.entry


def _stops(run: Run, program: CompiledPipeline) -> bool:
    rule = program.rule(run.stage, run.rule)
    return run.state == "failed" and rule is not None and rule.on_failure == "stop"


def update(was: Run, run: Run) -> RunUpdate:
    """The run's new state, on condition that it is still in the old one."""
    lease = was.lease_until if was.state == "running" else None
    return RunUpdate(run=run, was=was.state, was_generation=was.generation, was_lease=lease)


def stop(runs: Iterable[Run], by: str, *, now: datetime) -> tuple[RunUpdate, ...]:
    """Every rule's run that has not begun is cancelled, also what would be kept past the stage."""
    reason = f"{by} stopped the rules of the stage"
    return tuple(
        update(run, finished(run, "cancelled", reason, now=now))
        for run in runs
        if run.state in NOT_BEGUN and isinstance(run.purpose, RuleRun)
    )
