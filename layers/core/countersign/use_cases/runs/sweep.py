"""Sweeping: what should have happened and did not is set going again, or reported.

Lost messages and schedules, functions that died, mails nobody reported on, messages left over from
a pause, jobs that stand still, connections that have gone silent, documents whose retention is
over. Doing it twice, or half, is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from countersign.engine.runs.lifecycle import (
    DOUBT,
    conclude,
    ended_with_stage,
    finished,
    is_left,
    is_too_late,
    lease_ended,
    update,
)
from countersign.errors import ConflictError, CountersignError, LeftStageError, StaleRunError
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.ports import Connections, FileStore, Heartbeats, Jobs, Pipelines
from countersign.use_cases.grace import MAX_LOST, grace, swept_again
from countersign.use_cases.jobs.stalled import JobFinding, stalled_jobs, tend_stalled
from countersign.use_cases.messages.apply_message import MessageApplier
from countersign.use_cases.messages.held_messages import apply_held_messages
from countersign.use_cases.messages.mail_events import REPORTS
from countersign.use_cases.personal_data.retention import Keeper, remove_expired
from countersign.use_cases.runs.perform_run import lane_heartbeat

Finding = Literal["lost", "failed", "left", "lease_ended", "tried_again", "given_up", "waits_on"]
"""What was found of a run: ``lost``: it was due and nobody performed it; ``failed``: so it was
every time, though its lane performed others; ``left``: its document has left; ``tried_again``:
nobody answered a call that may be repeated, or reported on a mail whose rule says ``on_doubt:
send_again``; ``given_up``: nobody reported on any other mail, and a person must tell;
``waits_on``: no report of any mail came, so that this says nothing of the one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """What sweeping needs from outside."""

    applier: MessageApplier
    pipelines: Pipelines
    connections: Connections
    heartbeats: Heartbeats
    jobs: Jobs
    files: FileStore
    time_is_up: Callable[[], bool] = field(default=lambda: False)
    """Whether to stop here; the next sweep goes on."""
    unreadable: Callable[[], tuple[str, ...]] = field(default=tuple)
    """Takes what the adapters could not read since it was last asked, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentConnection:
    """A connection that brought no event for longer than it may."""

    connection: str
    last: datetime
    """When its last event came, or the connection was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What a sweep found."""

    silent: tuple[SilentConnection, ...]
    messages: int
    """Messages left over from a pause that were applied."""
    removed: tuple[str, ...]
    """Documents that were removed, since their retention was over."""
    runs: tuple[tuple[str, Finding], ...]
    """Each run that was set going again or concluded, and why."""
    jobs: tuple[tuple[str, JobFinding], ...]
    """Each job that stood still."""
    problems: tuple[str, ...]
    """What could not be done this time, and what could not be read."""
    unreadable: int
    """How many items this version could not read; they are left alone."""
    finished: bool
    """Whether the time was enough."""

    @property
    def counts(self) -> Counter[Finding]:
        """How many runs there are of each finding."""
        return Counter(finding for _, finding in self.runs)


class _OnceASweep:
    """``ports.Heartbeats`` that are read once a name: a sweep may find thousands of runs."""

    def __init__(self, heartbeats: Heartbeats) -> None:
        self.beat = heartbeats.beat
        self.last = cache(heartbeats.last)


def sweep(sweeper: Sweeper) -> SweepReport:
    """One sweep. What one run or connection raises does not keep it from the others."""
    sweeper = replace(sweeper, heartbeats=_OnceASweep(sweeper.heartbeats))
    problems: list[str] = []
    silent = tuple(_silent(sweeper, problems))
    messages = _left_over(sweeper, problems)
    runs = tuple(_runs(sweeper, problems))
    jobs = tuple(_jobs(sweeper, problems))
    removed = tuple(_removed(sweeper, problems))
    unreadable = sweeper.unreadable()
    return SweepReport(
        silent=silent,
        messages=messages,
        removed=removed,
        runs=runs,
        jobs=jobs,
        problems=(*problems, *unreadable),
        unreadable=len(unreadable),
        finished=not sweeper.time_is_up(),
    )


# --- connections


def _silent(sweeper: Sweeper, problems: list[str]) -> Iterator[SilentConnection]:
    now = sweeper.applier.store.clock()
    for connection in sweeper.connections.list():
        if connection.silent_after is None or sweeper.time_is_up():
            continue
        try:
            last = _last_heard(sweeper, connection)
        except CountersignError as error:
            problems.append(f"connection {connection.id}: {error}")
            continue
        if last is not None and now - last > timedelta(days=connection.silent_after):
            yield SilentConnection(connection=connection.id, last=last)


def _last_heard(sweeper: Sweeper, connection: Connection) -> datetime | None:
    newest = sweeper.applier.store.documents.recent_events(connection.id, 1)
    return newest[0].at if newest else connection.created_at


# --- messages that came while their pipeline was being resumed


def _left_over(sweeper: Sweeper, problems: list[str]) -> int:
    number = 0
    for head in sweeper.pipelines.list():
        if head.paused or sweeper.time_is_up():
            continue
        try:
            applied = apply_held_messages(
                sweeper.applier, head.pipeline, time_is_up=sweeper.time_is_up
            )
        except CountersignError as error:
            problems.append(f"pipeline {head.pipeline}: {error}")
            continue
        number += applied.messages
        problems.extend(f"pipeline {head.pipeline}: {problem}" for problem in applied.problems)
    return number


# --- jobs


def _jobs(sweeper: Sweeper, problems: list[str]) -> Iterator[tuple[str, JobFinding]]:
    now = sweeper.applier.store.clock()
    for job in stalled_jobs(sweeper.jobs, now):
        if sweeper.time_is_up():
            return
        try:
            yield job.id, tend_stalled(sweeper.jobs, sweeper.heartbeats, job, now)
        except ConflictError:
            continue  # somebody works on it
        except CountersignError as error:
            problems.append(f"job {job.id}: {error}")


# --- runs


def _runs(sweeper: Sweeper, problems: list[str]) -> Iterator[tuple[str, Finding]]:
    # One whose head cannot be read may be paused.
    going = {head.pipeline for head in sweeper.pipelines.list() if not head.paused}
    for run in sweeper.applier.store.documents.due(sweeper.applier.store.clock()):
        if sweeper.time_is_up():
            return
        try:
            finding = _tend(sweeper, run, paused=run.pipeline not in going)
        except (StaleRunError, LeftStageError):
            continue  # somebody has it
        except CountersignError as error:
            problems.append(f"run {run.key}: {error}")
            continue
        if finding is not None:
            yield str(run.key), finding


def _tend(sweeper: Sweeper, run: Run, *, paused: bool) -> Finding | None:
    """Set one run going again, or conclude it; None where it is left alone."""
    applier = sweeper.applier
    now = applier.store.clock()
    if run.state == "running":
        unknown = lease_ended(run, now=now)
        applier.store.documents.commit(Transaction(updates=(update(run, unknown),)))
        return "lease_ended"
    if paused or (run.state == "ready" and not _is_late(run, now)):
        return None
    document = applier.store.documents.get(run.document)
    if document is None:
        return None
    gone = is_left(run, document)
    if run.state == "in_doubt" and not _may_be_repeated(applier, run, gone=gone, now=now):
        # It may have been sent, so that only a person can tell what it is; it is not sent again.
        return _wait(applier, run, None)
    if run.state == "in_doubt" and not run.repeatable and not _reports_come(sweeper, run):
        return _wait(applier, run, now + DOUBT)
    if gone:
        _end(applier, run, ended_with_stage(run, now=now), document, now=now)
        return "left"
    works = run.state != "ready" or _lane_works(sweeper, run)
    if run.state == "ready" and run.swept >= MAX_LOST and works:
        reason = (
            f"it was sent to its lane {MAX_LOST + 1} times and never performed, while the lane "
            "performed others; the lane's dead letters and log say why"
        )
        _end(applier, run, finished(run, "failed", reason, now=now), document, now=now)
        return "failed"
    why = (
        f"it was due {run.due:%Y-%m-%d %H:%M} UTC and was not performed; sent to its lane again"
        if run.state == "ready"
        else "no answer came, and it is safe to retry; it is tried again"
        if run.repeatable
        else "nobody reported that its mail was sent; its rule has it sent again"
    )
    again = run.ready_again(due=now, reason=why)
    update_ = {"swept": swept_again(run.swept, works=works), "doubt_until": None}
    again = again.model_copy(update=update_)
    applier.store.documents.commit(Transaction(updates=(update(run, again),)))
    return "lost" if run.state == "ready" else "tried_again"


def _may_be_repeated(applier: MessageApplier, run: Run, *, gone: bool, now: datetime) -> bool:
    """Whether a run in doubt may be tried again without a person's saying so."""
    if gone or is_too_late(run, now=now):
        return False
    if run.repeatable:
        return True
    rule = applier.store.programs.get(run.pipeline, run.pipeline_version).rule(run.stage, run.rule)
    return rule is not None and rule.on_doubt == "send_again"


def _reports_come(sweeper: Sweeper, run: Run) -> bool:
    """Whether a report of any mail has come while the one on this mail was waited for."""
    last = sweeper.heartbeats.last(REPORTS)
    return last is not None and run.doubt_until is not None and last >= run.doubt_until - DOUBT


def _lane_works(sweeper: Sweeper, run: Run) -> bool:
    """Whether the run's lane has performed anything since the run was last sent to it.

    A lane that is off is not a run's fault, however long it lasts.
    """
    last = sweeper.heartbeats.last(lane_heartbeat(run.lane))
    return last is not None and run.due is not None and last >= run.due


def _wait(applier: MessageApplier, run: Run, until: datetime | None) -> Finding:
    """Leave a run in doubt: until then, or for a person."""
    waits = run.model_copy(update={"doubt_until": until})
    applier.store.documents.commit(Transaction(updates=(update(run, waits),)))
    return "waits_on" if until else "given_up"


def _is_late(run: Run, now: datetime) -> bool:
    return run.due is not None and now - run.due > grace(run.swept)


def _end(applier: MessageApplier, was: Run, run: Run, document: Document, *, now: datetime) -> None:
    """Conclude a run; the chain under it goes on."""
    chain = applier.store.whole_chain(run, document)
    applier.store.commit(conclude(was, run, chain, now=now))


# --- documents whose retention is over


def _removed(sweeper: Sweeper, problems: list[str]) -> Iterator[str]:
    store = sweeper.applier.store
    for head in sweeper.pipelines.list():
        if head.paused:
            continue
        keeper = Keeper(
            documents=store.documents,
            files=sweeper.files,
            heartbeats=sweeper.heartbeats,
            clock=store.clock,
            time_is_up=sweeper.time_is_up,
        )
        try:
            pipeline = store.programs.get(head.pipeline, head.version).pipeline
            yield from remove_expired(keeper, pipeline, problems)
        except CountersignError as error:
            problems.append(f"pipeline {head.pipeline}: {error}")
