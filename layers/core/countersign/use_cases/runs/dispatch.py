"""Dispatching: a run that became ready, or a job that goes on, is sent to its lane, now or when it
is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from countersign.model.message import JobMessage, RunDelivery, RunMessage
from countersign.model.run import Run, RunRecord
from countersign.ports import RunQueues


def dispatch(
    lanes: RunQueues, records: Sequence[RunRecord | JobMessage], now: datetime
) -> list[bool | Exception]:
    """Send each run that its change made ready to its lane, and each job that goes on; of each
    record whether something was sent, or what kept it from that.

    Doing it twice is harmless. A message that was scheduled for an earlier generation is
    withdrawn: it would be void, so that is mere tidiness.
    """
    wanted = {
        place: delivery for place, record in enumerate(records) if (delivery := _delivery(record))
    }
    outcomes: list[bool | Exception] = [place in wanted for place in range(len(records))]
    sent = lanes.send_all(tuple(wanted.values()), now=now)
    for place, error in zip(wanted, sent, strict=True):
        outcomes[place] = error or True
    # Afterwards, since one of the batch may replace what another one has just scheduled.
    for place, record in enumerate(records):
        try:
            if isinstance(record, JobMessage):
                lanes.send_job(record)
                outcomes[place] = True
            else:
                _withdraw(lanes, record, now)
        except Exception as error:
            outcomes[place] = error
    return outcomes


def _delivery(record: RunRecord | JobMessage) -> RunDelivery | None:
    if isinstance(record, JobMessage):
        return None
    old, new = record.old, record.new
    if new.state != "ready" or new.due is None:
        return None
    if old is not None and old.state == "ready" and old.generation == new.generation:
        return None
    return RunDelivery(lane=new.lane, message=RunMessage.of(new), due=new.due)


def _withdraw(lanes: RunQueues, record: RunRecord, now: datetime) -> None:
    old = record.old
    if old is not None and _was_scheduled(old, now) and _replaced(old, record.new):
        lanes.withdraw(RunMessage.of(old))


def _was_scheduled(run: Run, now: datetime) -> bool:
    return run.state == "ready" and run.due is not None and run.due > now


def _replaced(old: Run, new: Run) -> bool:
    return new.state != "ready" or new.generation != old.generation
