"""In an outage messages wait in their queue: no try is used up, and nobody has to do anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from countersign.adapters.lambda_ import batches
from countersign.adapters.lambda_.batches import each_message
from countersign.adapters.sqs.redelivery import Redelivery, RedeliveryCount, pause_before, waited
from countersign.errors import ConflictError, PermanentError, ThrottledError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SENT = datetime(2026, 5, 8, 17, 30, tzinfo=UTC)
"""A Friday evening."""


@pytest.fixture(autouse=True)
def no_metrics_are_left() -> Iterator[None]:
    """What is counted here belongs to no function that a later test calls."""
    yield
    batches.metrics.clear_metrics()


def record(
    message: str = "m-1", *, body: str = "a report", times: int = 0, first: datetime | None = None
) -> dict[str, Any]:
    """A message as SQS hands it to a function."""
    milliseconds = str(int(SENT.timestamp() * 1000))
    given: dict[str, Any] = {
        "messageId": message,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": milliseconds},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
    if first is not None:
        numbers = {"times_put_back": times, "first_sent_ms": int(first.timestamp() * 1000)}
        given["messageAttributes"] = {
            name: {"stringValue": str(value), "dataType": "Number"}
            for name, value in numbers.items()
        }
    return given


class Queue:
    """A queue whose messages are not hidden from the test."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.client: SQSClient = boto3.client("sqs", region_name="eu-central-1")
        self.url = self.client.create_queue(QueueName="reports")["QueueUrl"]
        hook: Any = self._note
        self.client.meta.events.register("provide-client-params.sqs.SendMessage", hook)
        self.put_back = Redelivery(self.client, self.url)

    def _note(self, params: dict[str, Any], **_: object) -> dict[str, Any]:
        self.sent.append(params)
        return {**params, "DelaySeconds": 0}

    def received(self) -> dict[str, Any]:
        """What the queue holds, as Lambda hands it over."""
        (got,) = self.client.receive_message(
            QueueUrl=self.url, MessageAttributeNames=["All"], AttributeNames=["All"]
        )["Messages"]
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=got["ReceiptHandle"])
        return {
            "messageId": got["MessageId"],
            "body": got["Body"],
            "attributes": got["Attributes"],
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in got["MessageAttributes"].items()
            },
        }


@pytest.fixture
def queue(aws: None) -> Queue:
    return Queue()


def test_a_weekend_of_72_hours_is_waited_for_in_steps_of_at_most_15_minutes(queue: Queue) -> None:
    now, message, delays = SENT, record(), []
    while now < SENT + timedelta(hours=72):
        assert queue.put_back(message, now)
        delays.append(queue.sent[-1]["DelaySeconds"])
        now += timedelta(seconds=delays[-1])
        message = queue.received()
    assert waited(message) == RedeliveryCount(times=len(delays), since=SENT)
    assert message["body"] == "a report"
    assert 15 <= delays[0] <= 30
    assert all(450 <= delay <= 900 for delay in delays[5:])
    assert 289 <= len(delays) < 600  # 72 h in steps of 15 min are 288


def test_messages_of_one_second_do_not_come_again_in_one() -> None:
    pauses = {pause_before(RedeliveryCount(6, SENT), f"m-{number}", SENT) for number in range(300)}
    assert len(pauses) > 150
    assert None not in pauses


@pytest.mark.parametrize(
    ("now", "goes_back"),
    [
        (SENT + timedelta(days=14, seconds=-1), True),
        (SENT + timedelta(days=14), False),
        (SENT - timedelta(hours=1), True),
    ],
)
def test_it_waits_for_a_fortnight_since_it_was_first_sent(
    queue: Queue, now: datetime, goes_back: bool
) -> None:
    """As long as a dead letter rests; also where the clock has gone back."""
    assert queue.put_back(record(times=900, first=SENT), now) is goes_back
    assert len(queue.sent) == goes_back


def test_attributes_of_another_sort_count_for_nothing() -> None:
    odd = {name: {"stringValue": "soon", "dataType": "String"} for name in
           ("times_put_back", "first_sent_ms")}  # fmt: skip
    assert waited({**record(), "messageAttributes": odd}) == RedeliveryCount(times=0, since=SENT)


def test_a_queue_that_does_not_answer_leaves_the_message_where_it_is(queue: Queue) -> None:
    def refuse(**_: Any) -> None:
        throttled: Any = {"Error": {"Code": "RequestThrottled", "Message": "slow down"}}
        raise ClientError(throttled, "SendMessage")

    queue.client.meta.events.register("before-call.sqs.SendMessage", refuse)
    assert queue.put_back(record(), SENT) is False


@pytest.mark.parametrize(
    ("error", "told_back"),
    [
        (UnavailableError("DynamoDB cannot answer now"), []),
        (ThrottledError("too many a second"), []),
        (ConflictError("the document kept changing"), ["m-1"]),
        (PermanentError("the message cannot be read"), ["m-1"]),
        (ValueError("nobody foresaw it"), ["m-1"]),
    ],
)
def test_only_an_outage_uses_up_no_try(
    queue: Queue, error: Exception, told_back: list[str]
) -> None:
    def take(body: str, tries: int) -> None:
        raise error

    event = {"Records": [record()]}
    answer = each_message(event, take, lambda one: queue.put_back(one, SENT))
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == told_back
    assert len(queue.sent) == (0 if told_back else 1)
