"""Sweeping: what should have happened and did not is set going again, or reported.

Lost messages and schedules, functions that died, mails nobody reported on, messages left over from
a pause, connections that have gone silent. Doing it twice, or half, is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from countersign.engine.runs import conclude, ended, is_too_late, lease_ended, left, update
from countersign.errors import CountersignError, LeftStageError, StaleRunError
from countersign.model.change import Change
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.run import Run
from countersign.ports import Connections, Pipelines
from countersign.use_cases.apply import Applier
from countersign.use_cases.pause import apply_postponed

GRACE = timedelta(minutes=2)
"""How late a ready run may be. Schedules are precise to a minute, queues to seconds."""
LONGEST_GRACE = timedelta(hours=2)
"""A lane that is far behind has its messages still; so the wait grows each time, up to this."""

MOST_LOST = 8
"""How often a run that nobody performs is sent to its lane again, in about half a day."""

Finding = Literal["lost", "failed", "left", "lease_ended", "tried_again", "given_up"]
"""What was found of a run: ``lost``: it was due and nobody performed it; ``failed``: so it was
every time; ``left``: its document has left; ``tried_again``, ``given_up``: nobody reported on its
mail, or answered a call that may be repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """What sweeping needs from outside."""

    applier: Applier
    pipelines: Pipelines
    connections: Connections
    time_is_up: Callable[[], bool] = field(default=lambda: False)
    """Whether to stop here; the next sweep goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A connection that brought no event for longer than it may."""

    connection: str
    last: datetime
    """When its last event came, or the connection was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep found."""

    silent: tuple[Silent, ...]
    messages: int
    """Messages left over from a pause that were applied."""
    runs: tuple[tuple[str, Finding], ...]
    """Each run that was set going again or concluded, and why."""
    problems: tuple[str, ...]
    """What could not be done this time."""
    finished: bool
    """Whether the time was enough."""

    @property
    def counts(self) -> Counter[Finding]:
        """How many runs there are of each finding."""
        return Counter(finding for _, finding in self.runs)


def sweep(sweeper: Sweeper) -> Swept:
    """One sweep. What one run or connection raises does not keep it from the others."""
    problems: list[str] = []
    silent = tuple(_silent(sweeper, problems))
    messages = _left_over(sweeper, problems)
    runs = tuple(_runs(sweeper, problems))
    return Swept(
        silent=silent,
        messages=messages,
        runs=runs,
        problems=tuple(problems),
        finished=not sweeper.time_is_up(),
    )


# --- connections


def _silent(sweeper: Sweeper, problems: list[str]) -> Iterator[Silent]:
    now = sweeper.applier.clock()
    for connection in sweeper.connections.list():
        if connection.silent_after is None or sweeper.time_is_up():
            continue
        try:
            last = _last_heard(sweeper, connection)
        except CountersignError as error:
            problems.append(f"connection {connection.id}: {error}")
            continue
        if last is not None and now - last > timedelta(days=connection.silent_after):
            yield Silent(connection=connection.id, last=last)


def _last_heard(sweeper: Sweeper, connection: Connection) -> datetime | None:
    newest = sweeper.applier.documents.recent_events(connection.id, 1)
    return newest[0].at if newest else connection.created_at


# --- messages that came while their pipeline was being resumed


def _left_over(sweeper: Sweeper, problems: list[str]) -> int:
    number = 0
    for head in sweeper.pipelines.list():
        if head.paused or sweeper.time_is_up():
            continue
        try:
            number += apply_postponed(sweeper.applier, head.pipeline, time_is_up=sweeper.time_is_up)
        except CountersignError as error:
            problems.append(f"pipeline {head.pipeline}: {error}")
    return number


# --- runs


def _runs(sweeper: Sweeper, problems: list[str]) -> Iterator[tuple[str, Finding]]:
    paused = {head.pipeline for head in sweeper.pipelines.list() if head.paused}
    for run in sweeper.applier.documents.due(sweeper.applier.clock()):
        if sweeper.time_is_up():
            return
        try:
            finding = _tend(sweeper.applier, run, paused=run.pipeline in paused)
        except (StaleRunError, LeftStageError):
            continue  # somebody has it
        except CountersignError as error:
            problems.append(f"run {run.key}: {error}")
            continue
        if finding is not None:
            yield str(run.key), finding


def _tend(applier: Applier, run: Run, *, paused: bool) -> Finding | None:
    """Set one run going again, or conclude it; None where it is left alone."""
    now = applier.clock()
    if run.state == "running":
        unknown = lease_ended(run, now=now)
        applier.documents.commit(Change(updates=(update(run, unknown),)))
        return "lease_ended"
    if paused or (run.state == "ready" and not _is_late(run, now)):
        return None
    document = applier.documents.get(run.document)
    if document is None:
        return None
    gone = run.entry != document.entry and run.ends_on_leaving
    if run.state == "unknown" and (gone or is_too_late(run, now=now)):
        # It may have been sent, so that only a person can tell what it is; it is not sent again.
        given_up = run.model_copy(update={"doubt_until": None})
        applier.documents.commit(Change(updates=(update(run, given_up),)))
        return "given_up"
    if gone:
        _end(applier, run, ended(run, "cancelled", left(run), now=now), document, now=now)
        return "left"
    if run.state == "ready" and run.swept >= MOST_LOST:
        because = (
            f"it was sent to its lane {MOST_LOST + 1} times and never performed; "
            "the lane's dead letters and log say why"
        )
        _end(applier, run, ended(run, "failed", because, now=now), document, now=now)
        return "failed"
    why = (
        f"it was due {run.due:%Y-%m-%d %H:%M} UTC and was not performed; sent to its lane again"
        if run.state == "ready"
        else "no answer came, and it may be had again without harm; it is tried again"
        if run.repeatable
        else "nobody reported that its mail was sent; it is tried again"
    )
    again = run.model_copy(
        update={
            "state": "ready",
            "generation": run.generation + 1,
            "due": now,
            "swept": run.swept + 1,
            "doubt_until": None,
            "reason": why,
        }
    )
    applier.documents.commit(Change(updates=(update(run, again),)))
    return "lost" if run.state == "ready" else "tried_again"


def _is_late(run: Run, now: datetime) -> bool:
    grace = min(GRACE * 4 ** min(run.swept, 5), LONGEST_GRACE)
    return run.due is not None and now - run.due > grace


def _end(applier: Applier, was: Run, run: Run, document: Document, *, now: datetime) -> None:
    """Conclude a run; the chain under it goes on."""
    program = applier.programs.get(run.pipeline, run.pipeline_version)
    entry = applier.documents.runs(run.document, run.entry)
    applier.documents.commit(conclude(was, run, program, document, entry, now=now))
