"""How the functions are called: by queues and by the stream, at least once, in any order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from countersign.adapters.lambda_.batches import subject
from countersign.adapters.memory.queues.dead_letters import MemoryDeadLetters
from countersign.adapters.sqs.redelivery import RedeliveryCount, pause_before
from countersign.errors import OutageError, UnreadableError
from countersign.model.dead_letter import DeadLetter, LostChanges
from countersign.model.message import JobMessage, RunMessage
from countersign.model.run import Run, RunRecord
from tests.crash.kernel import PASSING, Kernel
from tests.crash.poison import REFUSALS, SAID
from tests.crash.queues import (
    MAX_STREAM_TRIES,
    QUEUES,
    WITHOUT_A_SWEEP,
    Coming,
    Letter,
    QueueName,
)
from tests.crash.wire import delivered

FUNCTIONS: Mapping[QueueName, str] = {
    "email": "run_email",
    "web": "run_web",
    "document": "run_document",
    "parked": "receive_webhook",
    "feedback": "record_mail_event",
}
AT_ONCE: Mapping[QueueName, int] = {"document": 10, "email": 10, "parked": 10, "feedback": 10}
"""How many messages an invocation takes, where it takes more than one."""
LATEST = timedelta(minutes=40)
LATEST_AGAIN = timedelta(hours=1)


class Queues:
    """The queues, and the functions that are called with their messages."""

    def __init__(
        self,
        kernel: Kernel,
        take: Callable[[Letter], Any],
        begin: Callable[[list[Letter]], None],
    ) -> None:
        """``begin`` is called with all that an invocation is handed, before ``take`` with each."""
        self._kernel = kernel
        self._take = take
        self._begin = begin
        self.dead_letters = MemoryDeadLetters()
        self._in_batches = kernel.in_batches
        self._lying: defaultdict[QueueName, list[tuple[Coming, Letter]]] = defaultdict(list)

    def send(self, queue: QueueName, body: Any, name: str, delay: timedelta) -> None:
        """Deliver a message after the delay, if it is not lost."""
        asks = isinstance(body, RunMessage | JobMessage)
        if isinstance(body, RunMessage) and self._kernel.state.on_the_wire:
            body = delivered(body)
        letter = Letter(queue=queue, body=body, name=f"{queue} {name}")
        # Parked requests and reports have no sweep that would make up for them.
        sorts = ("lost", "late") if asks else ("late",)
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

    def lay(self, letter: Letter) -> None:
        """A message lies in its queue."""
        self._put(letter, timedelta(0))

    def _put(self, letter: Letter, delay: timedelta) -> None:
        at = self._kernel.now + delay
        lying = self._kernel.agenda.add(at, letter.queue, lambda: self._deliver(letter))
        self._lying[letter.queue].append((lying, letter))

    def _deliver(self, letter: Letter) -> None:
        """The queue hands it over, now and then with others that lie there."""
        kernel, queue = self._kernel, letter.queue
        end = kernel.outages.over(f"{queue} lane", kernel.now)
        if end is not None:  # nobody takes it, and it lies there
            self._put(letter, end - kernel.now)
            return
        visibility, most = QUEUES[queue]
        batch = []
        for one in (letter, *self._others(letter)):
            if one.received >= most:
                self._bury(one)
            else:
                one.received += 1
                batch.append(one)
        if not batch:
            return
        seen_again = kernel.now + visibility
        if kernel.outages.over(f"broken {queue} lane", kernel.now):
            kernel.tell(f"{letter.name} meets a broken function")
            failed = batch
        else:
            failed = self._taken(batch)
        for one in batch:
            if one in failed:
                self._put(one, max(timedelta(0), seen_again - kernel.now))
            elif not one.is_replaced and kernel.strike(f"{one.name} again", ("twice",)):
                again = replace(one, received=0)
                self._put(again, LATEST_AGAIN * kernel.fate.number(f"{one.name} again"))

    def _others(self, letter: Letter) -> list[Letter]:
        """What is handed over with it."""
        kernel, queue = self._kernel, letter.queue
        there = [pair for pair in self._lying[queue] if not pair[0].gone]
        self._lying[queue] = there
        if not self._in_batches or queue not in AT_ONCE:
            return []
        due = [pair for pair in there if pair[0].at <= kernel.now and pair[1] is not letter]
        number = int(AT_ONCE[queue] * kernel.fate.number(f"{letter.name}: batch"))
        for coming, _ in due[:number]:
            kernel.agenda.take(coming)
        return [one for _, one in due[:number]]

    def _taken(self, batch: list[Letter]) -> list[Letter]:
        """Those of the batch that come again: which are told, or all where the function ends."""
        kernel, failed = self._kernel, list[Letter]()
        first = batch[0]
        name = f"{FUNCTIONS[first.queue]} {first.name}"

        def each() -> None:
            self._begin(batch)
            for letter in batch:
                kernel.tell(letter.name)
                try:
                    self._take(letter)
                except Exception as error:
                    kernel.failed(letter.name, error, self._expected(letter))
                    if not self._put_back(letter, error):
                        failed.append(letter)

        if len(batch) > 1:
            outcome = kernel.invoke(f"{name} and {len(batch) - 1} more", each)
            return batch if kernel.failed(name, outcome) else failed
        before = len(kernel.state.written)

        def alone() -> Any:
            self._begin(batch)
            return self._take(first)

        outcome = kernel.invoke(name, alone)
        since = kernel.state.written[before:]
        if first.poison and any(first.name in who for _, who, _ in since):
            kernel.state.broken("poison", f"{first.name} has changed something: {first.body}")
        is_back = kernel.failed(first.name, outcome, self._expected(first)) and not self._put_back(
            first, outcome
        )
        return batch if is_back else []

    def _expected(self, letter: Letter) -> tuple[type[BaseException], ...]:
        unreadable = letter.poison and isinstance(letter.body, str)
        return (*PASSING, *REFUSALS) if unreadable else PASSING

    def give_up(self, request: str, reason: str) -> None:
        """A parked request rests, since trying again cannot help."""
        now = self._kernel.now
        self.dead_letters.resting.append(
            DeadLetter(
                queue="parked",
                id=f"{self._kernel.place}, given up {now:%d %H:%M:%S.%f}",
                receipt="",
                sent_at=now,
                body=request,
                webhook="a connection",
                reason=reason,
            )
        )

    def bury_changes(self, number: int) -> None:
        """The stream gives up some changes, and says how many."""
        now = self._kernel.now
        name = f"changes, given up {now:%d %H:%M:%S.%f}"
        changes = LostChanges(number=number, since=now)
        self.dead_letters.resting.append(
            DeadLetter(queue="dispatch", id=name, receipt="", sent_at=now, body="", changes=changes)
        )

    def _put_back(self, letter: Letter, outcome: object) -> bool:
        """Whether it waits for the end of an outage, as a new message."""
        if letter.queue not in WITHOUT_A_SWEEP or not isinstance(outcome, OutageError):
            return False
        waited = RedeliveryCount(letter.put_back, letter.since or self._kernel.now)
        pause = pause_before(waited, letter.name, self._kernel.now)
        if pause is None:
            return False
        self._kernel.tell(f"{letter.name} is put back for {pause}")
        self._put(replace(letter, received=0, put_back=waited.times + 1, since=waited.since), pause)
        letter.is_replaced = True
        return True

    def _bury(self, letter: Letter) -> None:
        self._kernel.tell(f"{letter.name} is given up")
        body, is_report = letter.body, letter.queue == "feedback"
        self.dead_letters.resting.append(
            DeadLetter(
                queue=letter.queue,
                id=f"{letter.name}, given up {self._kernel.now:%d %H:%M:%S.%f}",
                receipt="",
                sent_at=self._kernel.now,
                body=body if isinstance(body, str) else "",
                run=body if isinstance(body, RunMessage) else None,
                job=body if isinstance(body, JobMessage) else None,
                webhook="a connection" if letter.queue == "parked" and not letter.poison else None,
                feedback=None if isinstance(body, str) else body if is_report else None,
                reason="it cannot be read" if letter.poison else None,
            )
        )


Take = Callable[[list[RunRecord | JobMessage]], Sequence[object]]
"""What becomes of each of a batch: an exception where it failed."""


class Stream:
    """The table's stream: shards, each with batches in order, the failed ones again in pieces."""

    def __init__(self, kernel: Kernel, take: Take, queues: Queues) -> None:
        self._kernel = kernel
        self._shards = [_Shard(kernel, take, queues, n) for n in range(1 + 2 * kernel.in_batches)]

    def add(self, records: Iterable[tuple[Run | None, Run]]) -> None:
        """Runs have become ready: each document has its own place."""
        for old, new in records:
            self._shard(new.document).add(RunRecord(old=old, new=new))

    def add_jobs(self, messages: Iterable[JobMessage]) -> None:
        """Jobs go on."""
        for message in messages:
            self._shard(message.job).add(message)

    def _shard(self, name: str) -> _Shard:
        digest = hashlib.blake2b(name.encode(), digest_size=1).digest()
        return self._shards[digest[0] % len(self._shards)]

    def poison(self, number: int) -> str:
        """A change comes by that another version has made."""
        shard = number % len(self._shards)
        self._shards[shard].add(None)
        return f"a change that cannot be read comes by shard {shard}"


class _Shard:
    """A part of the stream: what is in it comes in order."""

    def __init__(self, kernel: Kernel, take: Take, queues: Queues, number: int) -> None:
        self._kernel = kernel
        self._take = take
        self._queues = queues
        self._sort = f"dispatch {number}" if number else "dispatch"
        self._records: list[RunRecord | JobMessage | None] = []
        self._tries = 0

    def add(self, record: RunRecord | JobMessage | None) -> None:
        """A run has become ready; None for one that cannot be read."""
        self._records.append(record)
        if len(self._records) == 1:
            self._later(timedelta(milliseconds=200))

    def _later(self, pause: timedelta) -> None:
        self._kernel.agenda.add(self._kernel.now + pause, self._sort, self._dispatch)

    def _dispatch(self) -> None:
        size = 1 + int(4 * self._kernel.fate.number("stream: batch"))
        batch = self._records[: max(1, size >> self._tries)]
        lost = self._tries >= MAX_STREAM_TRIES or self._kernel.strike("stream", ("lost",))
        taken = len(batch) if lost else self._taken(batch)
        if lost:
            self._queues.bury_changes(len(batch))
        del self._records[:taken]
        self._tries = 0 if taken == len(batch) else self._tries + 1
        if self._records:
            self._later(timedelta(seconds=min(60, 2**self._tries) - 1))

    def _taken(self, batch: list[RunRecord | JobMessage | None]) -> int:
        """How many of the batch are done, from its start: the rest comes again."""
        kernel, failed = self._kernel, list[int]()

        def work() -> None:
            outcomes = iter(self._take([record for record in batch if record]))
            for place, record in enumerate(batch):
                failure = next(outcomes) if record else UnreadableError(f"a change {SAID}")
                if isinstance(failure, Exception):
                    kernel.tell(f"record {place} failed: {failure}")
                    kernel.failed("dispatch_runs", failure)
                    failed.append(place)

        first = next((subject(record) for record in batch if record), "poison")
        outcome = kernel.invoke(f"dispatch_runs {first}", work)
        if kernel.failed("dispatch_runs", outcome):
            return 0
        return min(failed, default=len(batch))
