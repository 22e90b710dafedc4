"""The dead-letter queues in SQS: read without taking anything out, sent back one by one.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, ValidationError

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.ses.mail_events import mail_event_of
from countersign.adapters.sqs.retry_queue import REASON, retry_message
from countersign.errors import PermanentError
from countersign.model.base import Instant, Model
from countersign.model.dead_letter import DeadLetter, DeadLetterQueue, LostChanges
from countersign.model.message import JobMessage, RunMessage, lane_message
from countersign.model.run import Lane

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

HOLD = 300
"""Seconds that a message is hidden from others while somebody looks at it."""

AT_ONCE = 8
"""Queues that are read at the same time: each waits a second at its end. The client keeps ten
connections."""

RESTING: tuple[QueueAttributeNameType, ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)
"""What the queue knows of messages that anybody may take, and of those that somebody holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterQueueUrls:
    """A dead-letter queue's address, and that of the queue its messages came from, if any."""

    url: str
    home: str | None = None


class SqsDeadLetters:
    """``ports.DeadLetters`` over SQS queues."""

    def __init__(
        self,
        client: SQSClient,
        queues: Mapping[DeadLetterQueue, DeadLetterQueueUrls],
        lanes: Mapping[Lane, str],
    ) -> None:
        """``lanes``: the address of each lane's queue, for runs whose schedule was lost."""
        self._client = client
        self._queues = queues
        self._lanes = lanes

    @property
    def queues(self) -> tuple[DeadLetterQueue, ...]:
        return tuple(self._queues)

    def count(self, queue: DeadLetterQueue) -> int:
        with our_errors("SQS"):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._queues[queue].url, AttributeNames=[*RESTING]
            )
        return sum(int(answer["Attributes"][name]) for name in RESTING)

    def hold(self, queue: DeadLetterQueue) -> Iterator[DeadLetter]:
        seen: set[str] = set()
        while True:
            with our_errors("SQS"):
                answer = self._client.receive_message(
                    QueueUrl=self._queues[queue].url,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=HOLD,
                    # Without waiting, SQS asks only some of its servers.
                    WaitTimeSeconds=1,
                    MessageSystemAttributeNames=["SentTimestamp"],
                    MessageAttributeNames=["All"],
                )
            fresh = [
                message
                for message in answer.get("Messages", ())
                if message["MessageId"] not in seen
            ]
            if not fresh:
                return
            seen.update(message["MessageId"] for message in fresh)
            yield from (_letter(queue, message) for message in fresh)

    def look(self, queues: tuple[DeadLetterQueue, ...]) -> tuple[DeadLetter, ...]:
        # Only who lists something needs it.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(AT_ONCE) as readers:
            return tuple(chain.from_iterable(readers.map(self._look, queues)))

    def _look(self, queue: DeadLetterQueue) -> tuple[DeadLetter, ...]:
        held = tuple(self.hold(queue))
        for letter in held:
            self.release(letter)
        return held

    def release(self, letter: DeadLetter) -> None:
        with our_errors("SQS"):
            self._client.change_message_visibility(
                QueueUrl=self._queues[letter.queue].url,
                ReceiptHandle=letter.receipt,
                VisibilityTimeout=0,
            )

    def send_back(self, letter: DeadLetter, lane: Lane | None = None) -> None:
        home = self._lanes.get(lane) if lane else self._queues[letter.queue].home
        if home is None:
            msg = f"messages of the dead-letter queue {letter.queue} have no queue to go back to"
            raise PermanentError(msg)
        with our_errors("SQS"):
            self._client.send_message(QueueUrl=home, MessageBody=letter.body)
        self.remove(letter)

    def remove(self, letter: DeadLetter) -> None:
        with our_errors("SQS"):
            self._client.delete_message(
                QueueUrl=self._queues[letter.queue].url, ReceiptHandle=letter.receipt
            )


def _letter(queue: DeadLetterQueue, message: MessageTypeDef) -> DeadLetter:
    body = message["Body"]
    attributes: Mapping[str, Any] = message.get("MessageAttributes", {})
    reason = attributes.get(REASON, {}).get("StringValue")
    try:
        read = _READERS[queue](body)
    except (PermanentError, ValidationError) as error:
        text = str(error).splitlines()[0]
        read = {"reason": f"it cannot be read: {text}"}
    sent = int(message["Attributes"]["SentTimestamp"]) / 1000
    return DeadLetter.model_validate(
        {
            "queue": queue,
            "id": message["MessageId"],
            "receipt": message["ReceiptHandle"],
            "sent_at": datetime.fromtimestamp(sent, UTC),
            "body": body,
            "reason": reason,
            **read,
        }
    )


class _Context(Model):
    model_config = ConfigDict(extra="ignore")

    condition: str = ""


class _Batch(Model):
    model_config = ConfigDict(extra="ignore")

    size: int = Field(0, alias="batchSize")
    first: Instant | None = Field(None, alias="approximateArrivalOfFirstRecord")


class _StreamFailure(Model):
    """https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html"""

    model_config = ConfigDict(extra="ignore")

    context: _Context = Field(_Context(), alias="requestContext")
    batch: _Batch = Field(alias="DDBStreamBatchInfo")


def _run(body: str) -> dict[str, Any]:
    return {"run": RunMessage.model_validate_json(body)}


def _run_or_job(body: str) -> dict[str, Any]:
    message = lane_message(body)
    return {"job" if isinstance(message, JobMessage) else "run": message}


def _webhook(body: str) -> dict[str, Any]:
    return {"webhook": retry_message(body).connection}


def _report(body: str) -> dict[str, Any]:
    return {"feedback": mail_event_of(body)}


def _changes(body: str) -> dict[str, Any]:
    failure = _StreamFailure.model_validate_json(body)
    changes = LostChanges(number=failure.batch.size, since=failure.batch.first)
    return {"changes": changes, "reason": failure.context.condition or None}


_READERS: Mapping[DeadLetterQueue, Callable[[str], dict[str, Any]]] = {
    "parked": _webhook,
    "dispatch": _changes,
    "statistics": _changes,
    "schedule": _run,
    "email": _run,
    "web": _run,
    "document": _run_or_job,
    "feedback": _report,
}
