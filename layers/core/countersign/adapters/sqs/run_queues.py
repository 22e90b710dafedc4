"""Run messages to the lanes' queues, the distant ones through one-time schedules.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.errors import CountersignError, PermanentError, UnavailableError
from countersign.model.message import JobMessage, RunDelivery, RunMessage
from countersign.model.run import Lane

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import RetryPolicyTypeDef
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

LONGEST_DELAY = 900
"""Seconds that SQS itself holds back a message."""
MAX_AT_ONCE = 10
"""Messages of one SendMessageBatch, its limit.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""
JOBS = "jobs"
"""The group of the messages about jobs; no pipeline's runs wait behind them."""
LONGEST_NAME = 64
"""Characters of a schedule's name."""
RETRIES: RetryPolicyTypeDef = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400}
"""The service's own upper limits: tries and seconds to put the message into the queue."""
_NAME = re.compile(r"[0-9A-Za-z_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneQueue:
    """A lane's queue: its address for sending, its ARN for schedules."""

    url: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules:
    """Where schedules live: their group, the role they send with, their dead-letter queue."""

    group: str
    role_arn: str
    dead_letter_arn: str


class _Entry(NamedTuple):
    """A message that goes through a queue."""

    place: int
    """Which of the deliveries it is."""
    body: str
    delay: int
    """Seconds."""
    pipeline: str


class SqsRunQueues:
    """``ports.RunQueues`` over SQS and EventBridge Scheduler.

    The scheduler's client is made when it is first needed: most runs are due at once.
    """

    def __init__(
        self,
        sqs: SQSClient,
        scheduler: Callable[[], EventBridgeSchedulerClient],
        *,
        queues: Mapping[Lane, LaneQueue],
        schedules: Schedules,
    ) -> None:
        self._sqs = sqs
        self._make_scheduler = scheduler
        self._scheduler: EventBridgeSchedulerClient | None = None
        self._queues = queues
        self._schedules = schedules

    def send_all(
        self, deliveries: Sequence[RunDelivery], *, now: datetime
    ) -> list[CountersignError | None]:
        outcomes: list[CountersignError | None] = [None] * len(deliveries)
        soon = defaultdict[str, list[_Entry]](list)
        for place, (lane, message, due) in enumerate(deliveries):
            body = message.model_dump_json(exclude_none=True)
            delay = max(0, math.ceil((due - now).total_seconds()))
            try:
                queue = self._queue(lane, message)
                if delay > LONGEST_DELAY:
                    self._schedule(schedule_name(message), queue, body, due)
                else:
                    soon[queue.url].append(_Entry(place, body, delay, message.pipeline))
            except CountersignError as error:
                outcomes[place] = error
        for url, entries in soon.items():
            for first in range(0, len(entries), MAX_AT_ONCE):
                for place, refusal in self._send(url, entries[first : first + MAX_AT_ONCE]):
                    outcomes[place] = refusal
        return outcomes

    def _queue(self, lane: Lane, message: RunMessage) -> LaneQueue:
        queue = self._queues.get(lane)
        if queue is None:
            msg = (
                f"run {message.key} is for the lane {lane}; deployed are {', '.join(self._queues)}"
            )
            raise PermanentError(msg)
        return queue

    def _send(self, url: str, entries: Sequence[_Entry]) -> Iterator[tuple[int, CountersignError]]:
        """Send up to ten messages, a few hundred bytes each; yields those that were not taken.

        Each is of its pipeline's group: where one pipeline has many messages waiting, those of the
        others are handed over before them.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
        """
        asked: list[SendMessageBatchRequestEntryTypeDef] = [
            {
                "Id": str(entry.place),
                "MessageBody": entry.body,
                "DelaySeconds": entry.delay,
                "MessageGroupId": entry.pipeline,
            }
            for entry in entries
        ]
        try:
            with our_errors("SQS"):
                answer = self._sqs.send_message_batch(QueueUrl=url, Entries=asked)
        except CountersignError as error:
            yield from ((entry.place, error) for entry in entries)
            return
        for failed in answer.get("Failed", ()):
            reason = f"{failed['Code']}: {failed.get('Message', 'no reason')}"
            yield int(failed["Id"]), UnavailableError(f"SQS did not take the message: {reason}")

    def send_job(self, message: JobMessage) -> None:
        queue = self._queues["document"]
        with our_errors("SQS"):
            self._sqs.send_message(
                QueueUrl=queue.url,
                MessageBody=message.model_dump_json(exclude={"delay"}),
                MessageGroupId=JOBS,
                DelaySeconds=message.delay,
            )

    def withdraw(self, message: RunMessage) -> None:
        with our_errors("EventBridge Scheduler"):
            try:
                self._client().delete_schedule(
                    GroupName=self._schedules.group, Name=schedule_name(message)
                )
            except ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise

    def _schedule(self, name: str, queue: LaneQueue, body: str, due: datetime) -> None:
        with our_errors("EventBridge Scheduler"):
            try:
                self._client().create_schedule(
                    Name=name,
                    GroupName=self._schedules.group,
                    ScheduleExpression=schedule_time(due),
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": queue.arn,
                        "RoleArn": self._schedules.role_arn,
                        "Input": body,
                        "DeadLetterConfig": {"Arn": self._schedules.dead_letter_arn},
                        "RetryPolicy": RETRIES,
                    },
                )
            except ClientError as error:
                if code_of(error) != "ConflictException":  # it is there already
                    raise

    def _client(self) -> EventBridgeSchedulerClient:
        if self._scheduler is None:
            self._scheduler = self._make_scheduler()
        return self._scheduler


def schedule_name(message: RunMessage) -> str:
    """The name of a run's schedule in this generation: up to 64 of ``[0-9A-Za-z-_.]``."""
    name = f"{message.key}.{message.generation}"
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return name
    return hashlib.sha256(name.encode()).hexdigest()


def schedule_time(due: datetime) -> str:
    """``at(…)`` in UTC, at the first full second that is not before ``due``."""
    moment = due.astimezone(UTC)
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"
