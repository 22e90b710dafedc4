"""The lanes' queues in memory: the caller that stands in for the functions takes what is due."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.model.message import JobMessage, RunDelivery, RunMessage
from countersign.model.run import Lane

LONGEST_DELAY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message on its way to a lane."""

    lane: Lane
    message: RunMessage
    due: datetime
    scheduled: bool
    """Whether it waits in a schedule, which can be withdrawn, and not in the queue."""


class MemoryRunQueues:
    """``ports.RunQueues`` and ``ports.OwnRunQueue`` in memory."""

    def __init__(self) -> None:
        self._waiting: list[QueuedMessage] = []
        self._jobs: list[JobMessage] = []

    def send(self, lane: Lane, message: RunMessage, *, due: datetime, now: datetime) -> None:
        scheduled = due - now > LONGEST_DELAY
        if scheduled and any(
            queued.scheduled and queued.message == message for queued in self._waiting
        ):
            return
        waiting = QueuedMessage(lane=lane, message=message, due=max(due, now), scheduled=scheduled)
        insort(self._waiting, waiting, key=lambda queued: queued.due)

    def send_all(self, deliveries: Sequence[RunDelivery], *, now: datetime) -> tuple[None, ...]:
        for lane, message, due in deliveries:
            self.send(lane, message, due=due, now=now)
        return (None,) * len(deliveries)

    def send_job(self, message: JobMessage) -> None:
        self._jobs.append(message)

    def take_jobs(self) -> tuple[JobMessage, ...]:
        """The messages about jobs, in order; they are taken out."""
        taken, self._jobs = tuple(self._jobs), []
        return taken

    def withdraw(self, message: RunMessage) -> None:
        self._waiting = [
            queued
            for queued in self._waiting
            if not (queued.scheduled and queued.message == message)
        ]

    @property
    def waiting(self) -> tuple[QueuedMessage, ...]:
        """What is on its way, earliest first."""
        return tuple(self._waiting)

    def take_due(self, now: datetime) -> tuple[QueuedMessage, ...]:
        """What must be delivered by now, earliest first; it is taken out."""
        number = bisect_right(self._waiting, now, key=lambda queued: queued.due)
        taken = tuple(self._waiting[:number])
        del self._waiting[:number]
        return taken
