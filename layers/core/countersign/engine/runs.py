"""The life of a run: claimed when its time has come, judged, performed, concluded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from countersign.engine.conditions import Scope, judge
from countersign.engine.plan import TIMER, arm
from countersign.engine.program import Program
from countersign.model import fields
from countersign.model.change import Change, RunUpdate, Stay
from countersign.model.condition import Verdict
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import CONCLUDED, NOT_BEGUN, Run
from countersign.ports import Claimable

Conclusion = Literal["done", "skipped", "failed", "cancelled"]

PAUSES = (10, 30, 120, 600, 1800, 3600, 10800, 21600)
"""Seconds between the tries of a run whose effect met a passing fault: eight more tries, 12 h."""

DOUBT = timedelta(hours=1)
"""How long the mail service's report on a mail is waited for. It comes within seconds, but "on a
best-effort basis": https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html"""

MOST_SWEPT = 2
"""How often a run in doubt is tried again without a person's saying so."""

EARLY = timedelta(seconds=1)
"""A message may come this much before the run is due: queues count in whole seconds."""


@dataclass(frozen=True, slots=True)
class Void:
    """Nothing to do: the run was dealt with, or is not this message's business any more."""

    because: str


@dataclass(frozen=True, slots=True)
class Early:
    """The message came before the run is due; it must come again."""

    run: Run


@dataclass(frozen=True, slots=True)
class Ended:
    """The run ends without an effect: skipped, cancelled, or left in doubt by a dead lane."""

    run: Run


@dataclass(frozen=True, slots=True)
class Begin:
    """The run may be performed; ``run`` is as it is claimed."""

    run: Run
    document: Document


Claim = Void | Early | Ended | Begin


def claim(
    found: Claimable, message: RunMessage, program: Program, *, now: datetime, lease: timedelta
) -> Claim:
    """What a lane may do with a run that it was asked to perform.

    ``program`` is the version the run was planned with. The condition is judged here, on the
    values just read.
    """
    run, document = found.run, found.document
    if run is None or document is None:
        return Void(f"there is no run {message.key}")
    if run.generation != message.generation:
        return Void(f"generation {message.generation} was replaced by {run.generation}")
    if run.state == "running":
        if run.lease_until is not None and now >= run.lease_until:
            return Ended(lease_ended(run, now=now))
        return Void("another delivery of the same message is performing it")
    if run.state != "ready":
        return Void(f"the run is {run.state}")
    if found.head is not None and found.head.paused:
        return Void("the pipeline is paused; the run goes on when it is resumed")
    if run.entry != document.entry and run.on_leave == "cancel":
        return Ended(ended(run, "cancelled", left(run), now=now))
    if run.due is not None and now < run.due - EARLY:
        return Early(run)
    verdict = judge_run(program, run, document, now=now)
    if verdict is not None and not verdict.holds:
        return Ended(ended(run, "skipped", verdict.because, now=now, verdict=verdict))
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
    return Begin(run=begun, document=document)


def judge_run(program: Program, run: Run, document: Document, *, now: datetime) -> Verdict | None:
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


def begin(begun: Run, was: Run) -> Change:
    """The transaction that claims a run: its state, and that the document is still there."""
    stay = None
    if begun.on_leave == "cancel":
        stay = Stay(document=begun.document, entry=begun.entry)
    return Change(
        stay=stay,
        updates=(update(was, begun),),
        once=(begun.key,) if begun.once else (),
    )


def ended(
    run: Run,
    state: Conclusion,
    reason: str | None,
    *,
    now: datetime,
    verdict: Verdict | None = None,
    result: Mapping[str, str] | None = None,
) -> Run:
    """The run as it is concluded."""
    return run.model_copy(
        update={
            "state": state,
            "reason": reason,
            "concluded_at": now,
            "lease_until": None,
            "doubt_until": None,
            "verdict": verdict or run.verdict,
            "result": {**run.result, **(result or {})},
        }
    )


def after_failure(run: Run, error: Exception, *, passing: bool, now: datetime) -> Run:
    """The run after its effect failed: ready for another try, or failed for good."""
    if not passing or run.attempts > len(PAUSES):
        tries = f" (after {run.attempts} tries)" if run.attempts > 1 else ""
        return ended(run, "failed", f"{error}{tries}", now=now)
    pause = PAUSES[run.attempts - 1]
    return run.model_copy(
        update={
            "state": "ready",
            "generation": run.generation + 1,
            "due": now + timedelta(seconds=pause),
            "lease_until": None,
            "reason": f"try {run.attempts} met a passing fault: {error}",
        }
    )


def in_doubt(run: Run, because: str, *, now: datetime) -> Run:
    """The outside gave no answer: neither done nor failed until somebody tells.

    The mail service tells by itself; where nothing does any more, a person must.
    """
    tells = run.lane == "email" and run.swept < MOST_SWEPT
    return run.model_copy(
        update={
            "state": "unknown",
            "lease_until": None,
            "doubt_until": now + DOUBT if tells else None,
            "reason": because,
        }
    )


def lease_ended(run: Run, *, now: datetime) -> Run:
    """A run whose function died over it, as it stands then."""
    because = "the function that performed it ended without a report; it may have had its effect"
    return in_doubt(run, because, now=now)


def left(run: Run) -> str:
    """Why a run of a stage that was left does not run."""
    return f"the document left the stage {run.stage} before it began"


def conclude(
    was: Run,
    run: Run,
    program: Program,
    document: Document,
    below: Iterable[Run],
    *,
    now: datetime,
) -> Change:
    """The transaction that writes how a run ended and what follows for the runs below it.

    ``below`` holds the runs under it in its chain, as far as they are known.
    """
    following = advance(run, program, document, below, now=now)
    change = Change(updates=(update(was, run), *following))
    return touching(document, change) if any(one.run.hangs_on for one in following) else change


def touching(document: Document, change: Change, *, version: int | None = None) -> Change:
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


def advance(
    run: Run, program: Program, document: Document, below: Iterable[Run], *, now: datetime
) -> tuple[RunUpdate, ...]:
    """What a concluded run means for the chain under it, down to the first run that may go on."""
    waiting = {one.rule: one for one in below if one.entry == run.entry}
    updates = []
    current, stopped = run, _stops(run, program)
    while current.state in CONCLUDED and current.next in waiting:
        following = waiting[current.next]
        if following.state == "cancelled":
            current = following  # taken out of the chain before its turn
            continue
        if following.state != "waiting":
            break
        if stopped:
            current = ended(following, "cancelled", stopped_by(run.rule), now=now)
        elif following.entry != document.entry and following.on_leave == "cancel":
            current = ended(following, "cancelled", left(following), now=now)
        else:
            current = following.model_copy(update=arm(program, following, document, turn=now))
        updates.append(update(following, current))
    return tuple(updates)


def stopped_by(rule: str) -> str:
    """Why a run below a failed one does not run."""
    return f"the chain was stopped: {rule} failed"


def needs_more(run: Run, below: Run | None, program: Program, document: Document) -> bool:
    """Whether ``advance`` must see the whole chain, not only the run next below."""
    if run.next is None or run.state not in CONCLUDED:
        return False
    gone = below is not None and below.state == "cancelled"
    return gone or _stops(run, program) or run.entry != document.entry


def _stops(run: Run, program: Program) -> bool:
    rule = program.rule(run.stage, run.rule)
    return run.state == "failed" and rule is not None and rule.on_failure == "stop"


def update(was: Run, run: Run) -> RunUpdate:
    """The run's new state, on condition that it is still in the old one."""
    return RunUpdate(run=run, was=was.state, was_generation=was.generation)


def move_with_fields(
    runs: Iterable[Run],
    before: Document,
    after: Document,
    program_of: Callable[[int], Program],
    *,
    now: datetime,
) -> tuple[RunUpdate, ...]:
    """Runs whose date field has changed: parked ones are armed, armed ones moved or parked."""
    updates = []
    for run in runs:
        dead = run.entry != after.entry and run.on_leave == "cancel"
        if run.hangs_on is None or run.state not in NOT_BEGUN or dead:
            continue
        if fields.read(before, run.hangs_on) == fields.read(after, run.hangs_on):
            continue
        new = arm(program_of(run.pipeline_version), run, after, turn=now)
        if new["state"] == run.state and new["due"] == run.due:
            continue
        moved = run.model_copy(update={**new, "generation": run.generation + 1})
        updates.append(update(run, moved))
    return tuple(updates)


def changed_hooks(program: Program, before: Document | None, after: Document) -> bool:
    """Whether a date field changed that runs may hang on."""
    if before is None:
        return False
    old, new = partial(fields.read, before), partial(fields.read, after)
    return any(old(name) != new(name) for name in program.hooks)


def release_kept(
    runs: Iterable[Run],
    before: Document,
    after: Document,
    program_of: Callable[[int], Program],
    *,
    now: datetime,
) -> tuple[RunUpdate, ...]:
    """At leaving: kept rules below rules that are cancelled get their turn.

    Only chains with a kept rule are touched; the runs of the others are dead by their entry.
    """
    entry = {run.rule: run for run in runs if run.entry == before.entry}
    updates: list[RunUpdate] = []
    for run in entry.values():
        active = run.state in ("ready", "parked")
        if not active or run.on_leave == "keep" or not _keeps_below(run, entry):
            continue
        dead = ended(run, "cancelled", left(run), now=now)
        below = [one for one in entry.values() if one.rule != run.rule]
        updates.append(update(run, dead))
        updates.extend(advance(dead, program_of(run.pipeline_version), after, below, now=now))
    return tuple(updates)


def _keeps_below(run: Run, entry: Mapping[str, Run]) -> bool:
    below = entry.get(run.next) if run.next else None
    while below is not None:
        if below.on_leave == "keep":
            return True
        below = entry.get(below.next) if below.next else None
    return False


def stop(runs: Iterable[Run], by: str, *, now: datetime) -> tuple[RunUpdate, ...]:
    """Every run that has not begun is cancelled, those that would be kept past the stage too."""
    reason = f"{by} stopped the rules of the stage"
    return tuple(
        update(run, ended(run, "cancelled", reason, now=now))
        for run in runs
        if run.state in NOT_BEGUN and not run.rule.startswith(TIMER)
    )
