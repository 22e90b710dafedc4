"""Dispatching: a run that became ready is sent to its lane, now or when it is due."""

from __future__ import annotations

from datetime import datetime

from countersign.model.message import RunMessage
from countersign.model.run import Run, RunRecord
from countersign.ports import RunQueues


def dispatch(lanes: RunQueues, record: RunRecord, now: datetime) -> bool:
    """Send the run to its lane if this change made it ready; returns whether it did.

    Doing it twice is harmless. A message that was scheduled for an earlier generation is
    withdrawn: it would be void, so that is mere tidiness.
    """
    old, new = record.old, record.new
    if old is not None and _was_scheduled(old, now) and _replaced(old, new):
        lanes.withdraw(RunMessage.of(old))
    if new.state != "ready" or new.due is None:
        return False
    if old is not None and old.state == "ready" and old.generation == new.generation:
        return False
    lanes.send(new.lane, RunMessage.of(new), due=new.due, now=now)
    return True


def _was_scheduled(run: Run, now: datetime) -> bool:
    return run.state == "ready" and run.due is not None and run.due > now


def _replaced(old: Run, new: Run) -> bool:
    return new.state != "ready" or new.generation != old.generation
