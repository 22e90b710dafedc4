"""What carries messages between the functions: queues, schedules and the stream, with their faults.

Queues and the stream hand over what they hold at least once
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from countersign.errors import UnavailableError
from countersign.model.message import JobMessage, RunDelivery, RunMessage
from countersign.model.run import Lane

QueueName = Literal["email", "web", "document", "parked", "feedback"]
QUEUES: dict[QueueName, tuple[timedelta, int]] = {
    "email": (timedelta(seconds=360), 5),
    "web": (timedelta(seconds=360), 5),
    "document": (timedelta(seconds=180), 5),
    "parked": (timedelta(seconds=150), 10),
    "feedback": (timedelta(seconds=180), 5),
}
"""Visibility timeout, and deliveries after which a message rests; as in template.yaml."""
WITHOUT_A_SWEEP: frozenset[QueueName] = frozenset({"parked", "feedback"})
"""Queues whose messages are put back in an outage: nothing else would bring them again."""

LONGEST_DELAY = timedelta(minutes=15)
MAX_STREAM_TRIES = 11


@dataclass(order=True, slots=True)
class Coming:
    """Something that will happen."""

    at: datetime
    number: int
    sort: str = field(compare=False)
    """What may not happen twice at once has a sort of its own: ``dispatch``, ``sweep``."""
    work: Callable[[], None] = field(compare=False)
    gone: bool = field(default=False, compare=False)


class Agenda:
    """What will happen, in order of time."""

    def __init__(self) -> None:
        self._coming: list[Coming] = []
        self._number = 0

    def add(self, at: datetime, sort: str, work: Callable[[], None]) -> Coming:
        """Plan something."""
        self._number += 1
        coming = Coming(at, self._number, sort, work)
        heapq.heappush(self._coming, coming)
        return coming

    def next(self) -> Coming | None:
        """What comes next, left where it is."""
        while self._coming and self._coming[0].gone:
            heapq.heappop(self._coming)
        return self._coming[0] if self._coming else None

    def due(self, until: datetime) -> Iterator[Coming]:
        """What comes up to then, in no particular order."""
        return (one for one in tuple(self._coming) if not one.gone and one.at <= until)

    def take(self, coming: Coming) -> None:
        """It happens now."""
        coming.gone = True


@dataclass(slots=True, kw_only=True)
class Letter:
    """A message in a queue."""

    queue: QueueName
    body: Any
    name: str
    poison: bool = False
    """Whether it asks for nothing that anybody knows."""
    received: int = 0
    put_back: int = 0
    """How often it was put back in an outage; it is a new message then."""
    since: datetime | None = None
    """When it was put into its queue for the first time."""
    is_replaced: bool = False
    """Whether a new message waits in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """How the queues ask what becomes of a message."""

    strike: Callable[[str, tuple[str, ...]], str | None]
    number: Callable[[str], float]


class SimulatedRunQueues:
    """``ports.RunQueues``: a queue's own delay up to 15 minutes, one-time schedules for later."""

    def __init__(
        self,
        send: Callable[[QueueName, Any, str, timedelta], None],
        agenda: Agenda,
        chances: Chances,
    ) -> None:
        self._send = send
        self._agenda = agenda
        self._chances = chances
        self._schedules: dict[str, Coming] = {}

    def send(self, lane: Lane, message: RunMessage, *, due: datetime, now: datetime) -> None:
        """Deliver it at or after ``due``, at least once, if no fault strikes."""
        name = f"{message.key}.{message.generation}"
        delay = timedelta(seconds=max(0, math.ceil((due - now).total_seconds())))
        if delay <= LONGEST_DELAY:
            self._send(lane, message, name, delay)
        elif name not in self._schedules:
            self._schedule(lane, message, name, due, now)

    def send_all(
        self, deliveries: Sequence[RunDelivery], *, now: datetime
    ) -> list[UnavailableError | None]:
        """Deliver each so; now and then some of a batch are not taken."""
        return [self._sent(one, now) for one in deliveries]

    def _sent(self, one: RunDelivery, now: datetime) -> UnavailableError | None:
        if self._chances.strike(f"batch {one.message.key}", ("refused",)):
            return UnavailableError("the queue did not take one of the batch")
        self.send(one.lane, one.message, due=one.due, now=now)
        return None

    def send_job(self, message: JobMessage) -> None:
        """Deliver it to the document lane, if no fault strikes."""
        self._send(
            "document",
            message,
            f"job {message.job}.{message.version}",
            timedelta(seconds=message.delay),
        )

    def withdraw(self, message: RunMessage) -> None:
        """Delete the schedule."""
        coming = self._schedules.pop(f"{message.key}.{message.generation}", None)
        if coming is not None:
            coming.gone = True

    def _schedule(
        self, lane: Lane, message: RunMessage, name: str, due: datetime, now: datetime
    ) -> None:
        fault = self._chances.strike(f"schedule of {name}", ("lost", "twice", "late", "early"))
        part = self._chances.number(name)
        late = timedelta(hours=30) * part if fault == "late" else timedelta()

        def fire() -> None:
            self._schedules.pop(name, None)
            for _ in range(2 if fault == "twice" else 1):
                self._send(lane, message, name, timedelta(0))

        if fault == "early":  # a clock that is wrong, or a person who sends it by hand
            sooner = max(timedelta(0), due - now - 2 * LONGEST_DELAY * part)
            self._send(lane, message, f"{name} early", sooner)
        # A schedule that never fires is deleted all the same: nobody sees that it was there.
        made = self._agenda.add(due + late, "schedule", fire if fault != "lost" else _nothing)
        self._schedules[name] = made


class OwnLaneAlone:
    """``ports.OwnRunQueue``: its own queue's delay, at most 15 minutes at a time."""

    def __init__(self, send: Callable[[QueueName, Any, str, timedelta], None]) -> None:
        self._send = send

    def send(self, lane: Lane, message: RunMessage, *, due: datetime, now: datetime) -> None:
        """Deliver it again then, or in 15 minutes."""
        delay = timedelta(seconds=max(0, math.ceil((due - now).total_seconds())))
        name = f"{message.key}.{message.generation}"
        self._send(lane, message, name, min(delay, LONGEST_DELAY))


def _nothing() -> None:
    """It should have fired."""
