"""What ``ports.DeadLetters`` promises, kept by SQS and by its twin in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest

from countersign.adapters.aws import client_config
from countersign.adapters.memory.queues.dead_letters import MemoryDeadLetters
from countersign.adapters.s3.objects import Objects
from countersign.adapters.sqs.dead_letters import DeadLetterQueueUrls, SqsDeadLetters
from countersign.adapters.sqs.retry_queue import SqsRetryQueue
from countersign.errors import PermanentError
from countersign.model.dead_letter import DeadLetter, DeadLetterQueue, LostChanges
from countersign.model.message import JobMessage, RunMessage
from countersign.ports import DeadLetters

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MESSAGE = RunMessage(document="d1", entry=1, rule="mail", generation=1, pipeline="sales")
BODY = MESSAGE.model_dump_json(exclude_none=True)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NAMES: tuple[DeadLetterQueue, ...] = (
    "parked", "dispatch", "statistics", "schedule", "email", "web", "document", "feedback",
)  # fmt: skip


class Bench(Protocol):
    """An adapter, with a way to lay letters in and to look where they went."""

    @property
    def letters(self) -> DeadLetters: ...

    def lay(self, queue: DeadLetterQueue) -> None:
        """A run's message that was given up."""

    def returned(self) -> list[str]:
        """The queues to which messages were sent back."""


class MemoryBench:
    def __init__(self) -> None:
        self.letters = MemoryDeadLetters()

    def lay(self, queue: DeadLetterQueue) -> None:
        number = str(len(self.letters.resting))
        self.letters.resting.append(
            DeadLetter(queue=queue, id=number, receipt=number, sent_at=NOON, body=BODY, run=MESSAGE)
        )

    def returned(self) -> list[str]:
        return [lane or letter.queue for letter, lane in self.letters.sent_back]


class AwsBench:
    def __init__(self, sqs: SQSClient) -> None:
        self._sqs = sqs
        self._urls = {
            name: sqs.create_queue(QueueName=name)["QueueUrl"]
            for queue in NAMES
            for name in (queue, f"dead-{queue}")
        }
        homeless = ("dispatch", "statistics", "schedule")
        self.letters = SqsDeadLetters(
            sqs,
            {
                queue: DeadLetterQueueUrls(
                    url=self._urls[f"dead-{queue}"],
                    home=None if queue in homeless else self._urls[queue],
                )
                for queue in NAMES
            },
            {
                "email": self._urls["email"],
                "web": self._urls["web"],
                "document": self._urls["document"],
            },
        )

    def lay(self, queue: DeadLetterQueue, body: str = BODY, **more: Any) -> None:
        self._sqs.send_message(QueueUrl=self._urls[f"dead-{queue}"], MessageBody=body, **more)

    def returned(self) -> list[str]:
        back: list[str] = []
        for name in NAMES:
            answer = self._sqs.receive_message(QueueUrl=self._urls[name], MaxNumberOfMessages=10)
            back += [name for one in answer.get("Messages", ()) if one["Body"] == BODY]
        return back


@pytest.fixture
def on_aws(aws: None) -> Iterator[AwsBench]:
    sqs = boto3.client(
        "sqs",
        region_name="eu-central-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=client_config.QUEUES,
    )
    # moto really waits, and knows at once what rests in a queue.
    sqs.meta.events.register("provide-client-params.sqs.ReceiveMessage", _at_once)
    yield AwsBench(sqs)
    sqs.close()


def _at_once(params: dict[str, Any], **_: Any) -> None:
    params.pop("WaitTimeSeconds", None)


@pytest.fixture(params=["memory", "sqs"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        return MemoryBench()
    made: AwsBench = request.getfixturevalue("on_aws")
    return made


def test_letters_are_counted_without_taking_them_in_hand(bench: Bench) -> None:
    assert bench.letters.count("email") == 0
    for queue in ("email", "email", "web", "email"):
        bench.lay(queue)
    assert [bench.letters.count(queue) for queue in ("email", "web", "parked")] == [3, 1, 0]
    held = list(bench.letters.hold("email"))
    assert (len(held), bench.letters.count("email")) == (3, 3)
    bench.letters.remove(held[0])
    assert bench.letters.count("email") == 2


def test_the_queues_are_named(bench: Bench) -> None:
    assert set(bench.letters.queues) == set(NAMES)


def test_every_message_of_a_queue_is_held_until_it_is_released(bench: Bench) -> None:
    for _ in range(23):
        bench.lay("email")
    bench.lay("document")
    held = list(bench.letters.hold("email"))
    assert [(one.queue, one.body, one.run) for one in held] == [("email", BODY, MESSAGE)] * 23
    assert list(bench.letters.hold("email")) == []
    bench.letters.release(held[0])
    assert [one.id for one in bench.letters.hold("email")] == [held[0].id]


def test_who_looks_at_several_queues_leaves_everything_as_it_was(bench: Bench) -> None:
    for queue in ("web", "email", "web", "feedback"):
        bench.lay(queue)
    (held,) = bench.letters.hold("feedback")
    for _ in range(2):
        looked = bench.letters.look(("web", "parked", "email", "feedback"))
        assert [(one.queue, one.run) for one in looked] == [
            ("web", MESSAGE),
            ("web", MESSAGE),
            ("email", MESSAGE),
        ]
    bench.letters.release(held)
    assert [one.id for one in bench.letters.look(("feedback",))] == [held.id]
    assert bench.letters.look(()) == ()


def test_all_queues_are_looked_at_at_once(on_aws: AwsBench) -> None:
    """Each waits a second at its end, one after the other eight."""
    together = Barrier(len(NAMES), timeout=20)

    def wait(**_: Any) -> None:
        together.wait()

    on_aws._sqs.meta.events.register("before-send.sqs.ReceiveMessage", wait)
    assert on_aws.letters.look(NAMES) == ()


def test_what_asks_for_a_job_names_it(on_aws: AwsBench) -> None:
    on_aws.lay("document", '{"job":"j-1","version":4}')
    (letter,) = on_aws.letters.hold("document")
    assert (letter.job, letter.run, letter.reason) == (JobMessage(job="j-1", version=4), None, None)


def test_what_is_removed_is_gone(bench: Bench) -> None:
    bench.lay("email")
    (letter,) = bench.letters.hold("email")
    bench.letters.remove(letter)
    assert list(bench.letters.hold("email")) == []
    assert bench.returned() == []


@pytest.mark.parametrize(("queue", "lane"), [("email", None), ("schedule", "document")])
def test_what_is_sent_back_is_there_and_no_longer_here(
    bench: Bench, queue: DeadLetterQueue, lane: Any
) -> None:
    bench.lay(queue)
    (letter,) = bench.letters.hold(queue)
    bench.letters.send_back(letter, lane)
    assert bench.returned() == [lane or queue]
    assert list(bench.letters.hold(queue)) == []


def test_what_has_no_queue_to_go_back_to_stays(on_aws: AwsBench) -> None:
    on_aws.lay("schedule")
    (letter,) = on_aws.letters.hold("schedule")
    with pytest.raises(PermanentError, match="schedule have no queue to go back to"):
        on_aws.letters.send_back(letter)
    on_aws.letters.release(letter)
    assert len(list(on_aws.letters.hold("schedule"))) == 1


def test_a_webhook_names_its_connection(on_aws: AwsBench) -> None:
    parked = SqsRetryQueue(
        lambda: on_aws._sqs,
        on_aws._urls["dead-parked"],
        Objects(lambda: boto3.client("s3"), "none"),
    )
    parked.park("docusign", "{}")
    (letter,) = on_aws.letters.hold("parked")
    assert (letter.webhook, letter.run) == ("docusign", None)


def test_what_the_stream_could_not_hand_over_is_counted(on_aws: AwsBench) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html"""
    failure = {
        "requestContext": {"requestId": "r1", "condition": "RetryAttemptsExhausted"},
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "version": "1.0",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-1",
            "startSequenceNumber": "1",
            "endSequenceNumber": "7",
            "approximateArrivalOfFirstRecord": "2026-03-02T12:00:00Z",
            "approximateArrivalOfLastRecord": "2026-03-02T12:00:00Z",
            "batchSize": 7,
            "streamArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/State/stream/x",
        },
    }
    on_aws.lay("dispatch", json.dumps(failure))
    (letter,) = on_aws.letters.hold("dispatch")
    assert letter.changes == LostChanges(number=7, since=NOON)
    assert letter.reason == "RetryAttemptsExhausted"


def test_why_a_schedule_could_not_reach_its_lane_is_told(on_aws: AwsBench) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html"""
    told = {"ERROR_MESSAGE": {"DataType": "String", "StringValue": "access denied"}}
    on_aws.lay("schedule", MessageAttributes=told)
    (letter,) = on_aws.letters.hold("schedule")
    assert (letter.run, letter.reason) == (MESSAGE, "access denied")


@pytest.mark.parametrize("queue", NAMES)
def test_what_cannot_be_read_says_so_and_is_told_all_the_same(
    on_aws: AwsBench, queue: DeadLetterQueue
) -> None:
    on_aws.lay(queue, "nonsense")
    (letter,) = on_aws.letters.hold(queue)
    assert (letter.body, letter.run, letter.webhook) == ("nonsense", None, None)
    assert (letter.reason or "").startswith("it cannot be read: ")
