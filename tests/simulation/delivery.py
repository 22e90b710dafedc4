"""How the functions are called: by queues and by the stream, at least once, in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from countersign.adapters.memory.dead_letters import MemoryDeadLetters
from countersign.adapters.put_back import Waited, pause_before
from countersign.errors import OutageError
from countersign.model.dead_letter import DeadLetter
from countersign.model.message import RunMessage
from countersign.model.run import Run, RunRecord
from tests.simulation.kernel import Kernel
from tests.simulation.queues import (
    MOST_STREAM_TRIES,
    QUEUES,
    WITHOUT_A_SWEEP,
    Letter,
    QueueName,
)
from tests.simulation.wire import delivered

FUNCTIONS: Mapping[QueueName, str] = {
    "email": "run_email",
    "web": "run_web",
    "document": "run_document",
    "parked": "receive_webhook",
    "feedback": "record_feedback",
}
LATEST = timedelta(minutes=40)
LATEST_AGAIN = timedelta(hours=1)


class Queues:
    """The queues, and the functions that are called with their messages."""

    def __init__(self, kernel: Kernel, take: Callable[[Letter], Any]) -> None:
        self._kernel = kernel
        self._take = take
        self.dead_letters = MemoryDeadLetters()

    def send(self, queue: QueueName, body: Any, name: str, delay: timedelta) -> None:
        """Deliver a message after the delay, if it is not lost."""
        if isinstance(body, RunMessage) and self._kernel.state.on_the_wire:
            body = delivered(body)
        letter = Letter(queue=queue, body=body, name=f"{queue} {name}")
        # Parked requests and reports have no sweep that would make up for them.
        sorts = ("lost", "late") if isinstance(body, RunMessage) else ("late",)
        fault = self._kernel.strike(f"message {letter.name}", sorts)
        if fault == "lost":
            return
        if fault == "late":
            delay += LATEST * self._kernel.fate.number(letter.name)
        self._put(letter, delay)

    def park(self, request: str) -> None:
        """A webhook goes to the queue of parked requests."""
        digest = hashlib.blake2b(request.encode(), digest_size=4).hexdigest()
        self.send("parked", request, digest, timedelta(seconds=1))

    def take_back(self) -> None:
        """What a person sent back from the dead letters goes to its queue again."""
        for letter, lane in self.dead_letters.sent_back:
            body: Any = letter.run or letter.feedback or letter.body
            queue = cast(QueueName, lane or letter.queue)
            self._put(Letter(queue=queue, body=body, name=f"{letter.id} again"), timedelta(0))
        self.dead_letters.sent_back.clear()
        self.dead_letters.let_go()

    def _put(self, letter: Letter, delay: timedelta) -> None:
        at = self._kernel.now + delay
        self._kernel.agenda.add(at, letter.queue, lambda: self._deliver(letter))

    def _deliver(self, letter: Letter) -> None:
        visibility, most = QUEUES[letter.queue]
        end = self._kernel.outages.over(f"{letter.queue} lane", self._kernel.now)
        if end is not None:  # nobody takes it, and it lies there
            self._put(letter, end - self._kernel.now)
            return
        if letter.received >= most:
            self._bury(letter)
            return
        letter.received += 1
        kernel = self._kernel
        if kernel.outages.over(f"broken {letter.queue} lane", kernel.now):
            kernel.tell(f"{letter.name} meets a broken function")
            self._put(letter, visibility)
            return
        outcome = kernel.invoke(
            f"{FUNCTIONS[letter.queue]} {letter.name}", lambda: self._take(letter)
        )
        if kernel.failed(letter.name, outcome):
            if not self._put_back(letter, outcome):
                self._put(letter, visibility)
        elif kernel.strike(f"{letter.name} again", ("twice",)):
            again = Letter(queue=letter.queue, body=letter.body, name=letter.name)
            self._put(again, LATEST_AGAIN * kernel.fate.number(f"{letter.name} again"))

    def _put_back(self, letter: Letter, outcome: object) -> bool:
        """Whether it waits for the end of an outage, as a new message."""
        if letter.queue not in WITHOUT_A_SWEEP or not isinstance(outcome, OutageError):
            return False
        waited = Waited(letter.put_back, letter.since or self._kernel.now)
        pause = pause_before(waited, letter.name, self._kernel.now)
        if pause is None:
            return False
        self._kernel.tell(f"{letter.name} is put back for {pause}")
        self._put(replace(letter, received=0, put_back=waited.times + 1, since=waited.since), pause)
        return True

    def _bury(self, letter: Letter) -> None:
        self._kernel.tell(f"{letter.name} is given up")
        body = letter.body
        self.dead_letters.resting.append(
            DeadLetter(
                queue=letter.queue,
                id=f"{letter.name}, given up {self._kernel.now:%d %H:%M:%S.%f}",
                receipt="",
                sent_at=self._kernel.now,
                body=body if isinstance(body, str) else "",
                run=body if isinstance(body, RunMessage) else None,
                webhook="a connection" if letter.queue == "parked" else None,
                feedback=body if letter.queue == "feedback" else None,
            )
        )


class Stream:
    """The table's stream: batches in order, the failed ones again in smaller pieces."""

    def __init__(self, kernel: Kernel, take: Callable[[RunRecord], object]) -> None:
        self._kernel = kernel
        self._take = take
        self._records: list[tuple[Run | None, Run]] = []
        self._tries = 0

    def add(self, records: Iterable[tuple[Run | None, Run]]) -> None:
        """Runs have become ready."""
        waiting = bool(self._records)
        self._records.extend(records)
        if self._records and not waiting:
            self._later(timedelta(milliseconds=200))

    def _later(self, pause: timedelta) -> None:
        self._kernel.agenda.add(self._kernel.now + pause, "dispatch", self._dispatch)

    def _dispatch(self) -> None:
        size = 1 + int(4 * self._kernel.fate.number("stream: batch"))
        batch = self._records[: max(1, size >> self._tries)]
        lost = self._tries >= MOST_STREAM_TRIES or self._kernel.strike("stream", ("lost",))
        taken = len(batch) if lost else self._taken(batch)
        del self._records[:taken]
        self._tries = 0 if taken == len(batch) else self._tries + 1
        if self._records:
            self._later(timedelta(seconds=min(60, 2**self._tries) - 1))

    def _taken(self, batch: list[tuple[Run | None, Run]]) -> int:
        """How many of the batch are done, from its start: the rest comes again."""
        kernel, failed = self._kernel, list[int]()

        def work() -> None:
            for place, (old, new) in enumerate(batch):
                try:
                    self._take(RunRecord(old=old, new=new))
                except Exception as error:
                    kernel.tell(f"record {new.key} failed: {error}")
                    kernel.failed("dispatch_runs", error)
                    failed.append(place)

        outcome = kernel.invoke(f"dispatch_runs {batch[0][1].key}", work)
        if kernel.failed("dispatch_runs", outcome):
            return 0
        return min(failed, default=len(batch))
