"""What a person may do with a run that has not begun, as pure functions: run it now, shift it,
skip it."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.engine.runs.lifecycle import finished, is_left
from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_change import RunChange
from countersign.model.run_purpose import BacklogRun

MAX_QUOTED = 300
"""Characters of the reason before that the new one quotes: a run may be shifted again and again."""


def changed_while_waiting(
    run: Run, wanted: RunChange, document: Document, *, by: str, now: datetime
) -> Run:
    """The run after ``now``, ``shift`` or ``skip``; PermanentError says why it does not take it.

    Its time is then the person's: it counts no working hours, and no other field than the one that
    the run's time depends on changes it. ``document`` is as it was read for this; the next version
    of it is written together with the run.
    """
    _refuse(run, wanted, document)
    if wanted.action == "skip":
        return finished(run, "skipped", f"skipped by {by}; {_before(run)}", now=now)
    if wanted.action == "now":
        _refuse_now(run, now)
        return _due(run, now, f"run now by {by}; {_before(run)}", document)
    due = _shifted(run, wanted, now)
    return _due(run, due, f"shifted to {_shown(due)} by {by}; {_before(run)}", document)


def _refuse(run: Run, wanted: RunChange, document: Document) -> None:
    action = {"now": "run now", "shift": "shifted", "skip": "skipped"}[wanted.action]
    if run.state not in NOT_BEGUN:
        msg = f"the run {run.key} is {run.state_in_words}; only runs that have not begun can be"
        raise PermanentError(f"{msg} {action}")
    if isinstance(run.purpose, BacklogRun):
        msg = f"the run {run.key} moves other runs of the document; it cannot be {action}"
        raise PermanentError(msg)
    if is_left(run, document):
        msg = f"the run {run.key} cannot be {action}: the stage {run.stage} was left"
        raise PermanentError(f"{msg}; the document is in {document.stage} now")
    if run.state == "waiting" and wanted.action != "skip":
        msg = f"the run {run.key} cannot be {action}: it waits for {run.after}"
        raise PermanentError(f"{msg}; change that run, or skip this one")


def _refuse_now(run: Run, now: datetime) -> None:
    if run.due is not None and run.due <= now:
        msg = f"the run {run.key} is due since {_shown(run.due)}; it runs as soon as its lane"
        raise PermanentError(f"{msg} takes it")
    if run.slot is not None:
        msg = f"the run {run.key} has its place among the mails that wait, at {_shown(run.slot)}"
        raise PermanentError(f"{msg}; it cannot go before the others")


def _shifted(run: Run, wanted: RunChange, now: datetime) -> datetime:
    """The time that the person gives it."""
    if run.started_at is not None:
        msg = f"the run {run.key} has begun and cannot be shifted: {run.reason}"
        raise PermanentError(f"{msg}; run it now, or skip it")
    due = wanted.to or _later(run, wanted.by or timedelta())
    if due < now:
        msg = f"the run {run.key} cannot be shifted to {_shown(due)}, which has passed"
        raise PermanentError(f"{msg}; expected {_shown(now)} or later")
    if run.not_after is not None and due > run.not_after:
        msg = f"the run {run.key} cannot be shifted to {_shown(due)}: it is due before a date"
        raise PermanentError(f"{msg}; expected {_shown(run.not_after)} or earlier")
    return due


def _later(run: Run, by: timedelta) -> datetime:
    if run.due is None:
        msg = f"the run {run.key} has no time to be shifted from: the field {run.date_field}"
        raise PermanentError(f"{msg} is empty; give a moment instead of a duration")
    try:
        return run.due + by
    except OverflowError:
        msg = f"the run {run.key} cannot be shifted by {by}, beyond the year 9999"
        raise PermanentError(msg) from None


def _due(run: Run, due: datetime, reason: str, document: Document) -> Run:
    """The run with another time, in a new generation: messages for the old time are void."""
    update = {
        "slot": None,
        "swept": 0,
        # Changes of its field up to here do not move it any more, later ones do.
        "date_field_version": document.version + 1 if run.date_field else 0,
    }
    return run.ready_again(due=due, reason=reason).model_copy(update=update)


def _before(run: Run) -> str:
    """How the run was, for people."""
    state = f"due {_shown(run.due)}" if run.state == "ready" and run.due else run.state_in_words
    if not run.reason:
        return f"it was {state}"
    reason = run.reason if len(run.reason) <= MAX_QUOTED else f"{run.reason[:MAX_QUOTED]}…"
    return f"it was {state}: {reason}"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
