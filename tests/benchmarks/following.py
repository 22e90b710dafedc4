"""Follows webhooks until they are finished, and reports on their mails as the mail service does.

*Finished*: the mail is sent, the run is concluded, and the reports *sent* and *delivered* are
recorded. The oldest runs are read by their keys, few at a time unless all of these have ended, and
reports are sent ten with one call: a look at the whole table or mailbox would cost the local cloud
more than the functions do.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.table import MAX_KEYS, Table
from countersign.errors import CountersignError
from countersign.local.mail_reports import PLAYED
from countersign.model.run import CONCLUDED, Run, RunKey
from tests.benchmarks.local_scene import Target, waiting_reports
from tests.benchmarks.reports import reports
from tests.benchmarks.scene import document_of

EVERY = 0.2
"""Seconds between two looks."""
PATIENCE = 120.0
"""Seconds without anything new after which what is missing is given up."""
FEW = 8
"""Runs that a look begins with."""
MANY = 50
"""Looks at a run before others come first."""
MAX_SENT = 10
"""Messages of one SendMessageBatch, its service quota."""


class Following:
    """Used as a block, in which it works in a thread of its own. Safe to use from several.

    ``every`` is the time between two looks, in seconds.
    """

    def __init__(self, at: Target, every: float = EVERY) -> None:
        self._at, self._every = at, every
        client, name = at.client("dynamodb"), at.stack.outputs["TableName"]
        self._table, self._documents = Table(client, name), DynamoDocuments(client, name)
        self._sqs = at.client("sqs")
        self._example: RunKey | None = None
        self._open: dict[str, int] = {}
        """The numbers whose run is not concluded yet, in their order; how often each was read."""
        self._outbox: deque[str] = deque()
        """Reports that were not sent yet."""
        self.accepted = self.recorded = self._sent = 0
        self.latest = time.time()
        """When the last report was seen to be recorded, or anything else, in seconds since 1970."""
        self.concluded: set[str] = set()
        """The numbers whose run ended with a mail."""
        self.without_mail: list[str] = []
        """The numbers whose run ended otherwise than with a mail."""
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="following", daemon=True)

    def __enter__(self) -> Following:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def add(self, number: str) -> None:
        """Follow the webhook of this number, which was accepted."""
        with self._lock:
            self._open[number] = 0
            self.accepted += 1

    @property
    def finished(self) -> int:
        """How many webhooks are finished; also those that ended without a mail."""
        return self.recorded // len(PLAYED) + len(self.without_mail)

    @property
    def under_way(self) -> int:
        """How many are not finished yet."""
        return self.accepted - self.finished

    @property
    def followed(self) -> set[str]:
        """The numbers of all webhooks that were accepted."""
        with self._lock:
            return {*self._open, *self.concluded, *self.without_mail}

    def wait(self, patience: float = PATIENCE) -> bool:
        """Wait until all are finished; False where nothing happened for so many seconds."""
        self.latest = time.time()
        while self.under_way > 0:
            if time.time() > self.latest + patience:
                return False
            time.sleep(self._every / 4)
        return True

    # --- the thread

    def _work(self) -> None:
        while not self._over.wait(self._every if self._open else self._every / 4):
            if self.under_way == 0:
                continue
            try:
                self._look()
            except (OSError, BotoCoreError, ClientError, CountersignError):
                continue  # the local cloud is busy, or about to end

    def _look(self) -> None:
        asked = FEW
        while numbers := self._oldest(asked):
            ended = dict(self._ended(numbers))
            for number, run in ended.items():
                self._take(number, run)
            if len(ended) < len(numbers):
                self._let_pass(number for number in numbers if number not in ended)
                break
            asked = min(2 * asked, MAX_KEYS)
        while batch := list(islice(self._outbox, MAX_SENT)):
            self._send(batch)
        recorded = self._sent - waiting_reports(self._at, self._sqs)
        if recorded > self.recorded:
            self.recorded, self.latest = recorded, time.time()

    def _oldest(self, number: int) -> list[str]:
        with self._lock:
            return list(islice(self._open, number))

    def _let_pass(self, numbers: Iterable[str]) -> None:
        """What was looked at in vain for long goes behind the others, which it must not hold up."""
        with self._lock:
            for number in numbers:
                looks = self._open[number] + 1
                if looks > MANY:
                    del self._open[number]
                self._open[number] = looks % (MANY + 1)

    def _ended(self, numbers: Sequence[str]) -> Iterator[tuple[str, Run]]:
        """Those of the runs that are concluded."""
        example = self._example or self._learned(numbers)
        if example is None:
            return
        wanted = {
            keys.run(example.model_copy(update={"document": document_of(number)})): number
            for number in numbers
        }
        for key, item in self._table.get_all(wanted, consistent=False).items():
            run = items.parse(Run, item)
            if run.state in CONCLUDED:
                yield wanted[key], run

    def _learned(self, numbers: Iterable[str]) -> RunKey | None:
        """The key of the first run that was planned: all others differ by their document only."""
        for number in numbers:
            for run in self._documents.runs(document_of(number)):
                self._example = run.key
                return run.key
        return None

    def _take(self, number: str, run: Run) -> None:
        mailed = "message_id" in run.result
        with self._lock:
            del self._open[number]
            (self.concluded.add if mailed else self.without_mail.append)(number)
        self.latest = time.time()
        if not mailed:
            return
        self._outbox.extend(reports(run, self._at.stack.outputs["ConfigurationSet"]))

    def _send(self, batch: list[str]) -> None:
        """Send them; what the queue did not take stays for the next time."""
        entries: Any = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(batch)]
        queue = self._at.stack.outputs["FeedbackQueueUrl"]
        answer = self._sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        taken = {int(one["Id"]) for one in answer.get("Successful", ())}
        for _ in batch:
            self._outbox.popleft()
        self._outbox.extend(body for place, body in enumerate(batch) if place not in taken)
        self._sent += len(taken)
