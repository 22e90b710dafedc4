"""What ``ports.RunQueues`` and ``ports.RetryQueue`` promise, kept by AWS and in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from pydantic import ValidationError

from countersign.adapters.aws import client_config
from countersign.adapters.memory.queues.retry_queue import MemoryRetryQueue
from countersign.adapters.memory.queues.run_queues import MemoryRunQueues, QueuedMessage
from countersign.adapters.s3.objects import Objects
from countersign.adapters.sqs.own_queue import OwnQueue
from countersign.adapters.sqs.retry_queue import SqsRetryQueue, retry_message, unpack_request
from countersign.adapters.sqs.run_queues import (
    LaneQueue,
    Schedules,
    SqsRunQueues,
    schedule_name,
    schedule_time,
)
from countersign.errors import NotFoundError, PermanentError, UnavailableError
from countersign.model.message import JobMessage, RunDelivery, RunMessage, lane_message
from countersign.model.run import Lane
from countersign.ports import RetryQueue, RunQueues

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

REGION = "eu-central-1"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MESSAGE = RunMessage(document="d1", entry=1, rule="mail", generation=1, pipeline="sales")
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in a lane: where it waits, and for how long after noon."""

    message: RunMessage
    scheduled: bool
    after: timedelta


def to(lane: Lane, message: RunMessage, after: timedelta) -> RunDelivery:
    """The message for the lane, so long after noon."""
    return RunDelivery(lane, message, NOON + after)


class Bench(Protocol):
    """An adapter, and a look at what it sent to the e-mail lane."""

    @property
    def lanes(self) -> RunQueues: ...

    def sent(self) -> list[Sent]: ...

    def jobs(self) -> list[JobMessage]:
        """What asks the document lane for jobs."""
        ...


class MemoryBench:
    def __init__(self) -> None:
        self.lanes = MemoryRunQueues()

    def sent(self) -> list[Sent]:
        return [
            Sent(one.message, one.scheduled, one.due - NOON)
            for one in self.lanes.waiting
            if one.lane == "email"
        ]

    def jobs(self) -> list[JobMessage]:
        return list(self.lanes.take_jobs())


class AwsBench:
    def __init__(self, sqs: SQSClient, scheduler: EventBridgeSchedulerClient) -> None:
        self._sqs = sqs
        self._delays: list[tuple[str, int]] = []
        self._queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in LANES}
        self._scheduler = scheduler
        scheduler.create_schedule_group(Name="runs")
        sqs.meta.events.register("provide-client-params.sqs.SendMessageBatch", self._note)
        self.lanes = SqsRunQueues(
            sqs,
            lambda: scheduler,
            queues={
                "email": LaneQueue(url=self._queues["email"], arn=arn("email")),
                "document": LaneQueue(url=self._queues["document"], arn=arn("document")),
            },
            schedules=Schedules(group="runs", role_arn=ROLE, dead_letter_arn=arn("dead")),
        )

    def _note(self, params: dict[str, Any], **_: object) -> None:
        if params["QueueUrl"] == self._queues["email"]:
            entries = params["Entries"]
            self._delays += [(one["MessageBody"], one["DelaySeconds"]) for one in entries]

    def sent(self) -> list[Sent]:
        queued = [
            Sent(RunMessage.model_validate_json(body), False, timedelta(seconds=delay))
            for body, delay in self._delays
        ]
        scheduled = []
        for one in self._scheduler.list_schedules(GroupName="runs")["Schedules"]:
            schedule = self._scheduler.get_schedule(GroupName="runs", Name=one["Name"])
            if schedule["Target"]["Arn"] == arn("email"):
                at = datetime.fromisoformat(schedule["ScheduleExpression"][3:-1] + "Z")
                message = RunMessage.model_validate_json(schedule["Target"]["Input"])
                scheduled.append(Sent(message, True, at - NOON))
        return queued + scheduled

    def jobs(self) -> list[JobMessage]:
        got = self._sqs.receive_message(
            QueueUrl=self._queues["document"], MessageSystemAttributeNames=["MessageGroupId"]
        )["Messages"]
        assert [one["Attributes"]["MessageGroupId"] for one in got] == ["jobs"] * len(got)
        return [JobMessage.model_validate_json(one["Body"]) for one in got]


LANES = ("email", "document")
ROLE = "arn:aws:iam::123456789012:role/schedules"


def arn(queue: str) -> str:
    return f"arn:aws:sqs:{REGION}:123456789012:{queue}"


@pytest.fixture
def sqs(aws: None) -> SQSClient:
    return boto3.client("sqs", region_name=REGION, config=client_config.QUEUES)


@pytest.fixture
def scheduler(aws: None) -> EventBridgeSchedulerClient:
    return boto3.client("scheduler", region_name=REGION, config=client_config.QUEUES)


@pytest.fixture(params=["memory", "aws"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        return MemoryBench()
    return AwsBench(request.getfixturevalue("sqs"), request.getfixturevalue("scheduler"))


@pytest.mark.parametrize(
    ("ahead", "scheduled", "after"),
    [
        pytest.param(timedelta(0), False, timedelta(0), id="at once"),
        pytest.param(-timedelta(days=3), False, timedelta(0), id="in the past"),
        pytest.param(timedelta(seconds=7), False, timedelta(seconds=7), id="soon"),
        pytest.param(QUARTER, False, QUARTER, id="as late as the queue holds back"),
        pytest.param(
            QUARTER + timedelta(seconds=1), True, QUARTER + timedelta(seconds=1), id="later"
        ),
        pytest.param(timedelta(days=400), True, timedelta(days=400), id="next year"),
    ],
)
def test_a_message_waits_for_its_time(
    bench: Bench, ahead: timedelta, scheduled: bool, after: timedelta
) -> None:
    batch = (to("email", MESSAGE, ahead), to("document", MESSAGE, ahead + QUARTER))
    assert list(bench.lanes.send_all(batch, now=NOON)) == [None, None]
    assert bench.sent() == [Sent(MESSAGE, scheduled, after)]


def test_a_schedule_sent_twice_fires_once(bench: Bench) -> None:
    for _ in range(2):
        bench.lanes.send_all([to("email", MESSAGE, 2 * QUARTER)], now=NOON)
    assert bench.sent() == [Sent(MESSAGE, True, 2 * QUARTER)]


def test_a_later_generation_has_its_own_schedule_and_only_that_is_withdrawn(bench: Bench) -> None:
    later = MESSAGE.model_copy(update={"generation": 2})
    bench.lanes.send_all([to("email", MESSAGE, 2 * QUARTER)], now=NOON)
    bench.lanes.send_all([to("email", later, 3 * QUARTER)], now=NOON)
    bench.lanes.withdraw(MESSAGE)
    assert bench.sent() == [Sent(later, True, 3 * QUARTER)]


def test_withdrawing_what_is_not_scheduled_is_harmless(bench: Bench) -> None:
    bench.lanes.send_all([to("email", MESSAGE, timedelta(0))], now=NOON)
    bench.lanes.withdraw(MESSAGE)
    bench.lanes.withdraw(MESSAGE)
    assert bench.sent() == [Sent(MESSAGE, False, timedelta(0))]


def test_whoever_plays_the_functions_takes_what_is_due() -> None:
    lanes = MemoryRunQueues()
    later = MESSAGE.model_copy(update={"generation": 2})
    lanes.send("email", later, due=NOON + 2 * QUARTER, now=NOON)
    lanes.send("document", MESSAGE, due=NOON, now=NOON)
    first = QueuedMessage(lane="document", message=MESSAGE, due=NOON, scheduled=False)
    second = QueuedMessage(lane="email", message=later, due=NOON + 2 * QUARTER, scheduled=True)
    assert lanes.take_due(NOON + QUARTER) == (first,)
    assert lanes.take_due(NOON + 2 * QUARTER) == (second,)
    assert lanes.take_due(NOON + 9 * QUARTER) == ()


def test_no_message_comes_before_its_time() -> None:
    assert schedule_time(NOON) == "at(2026-03-02T12:00:00)"
    assert schedule_time(NOON + timedelta(microseconds=1)) == "at(2026-03-02T12:00:01)"


def test_a_schedule_deletes_itself_and_has_its_dead_letter_queue(
    sqs: SQSClient, scheduler: EventBridgeSchedulerClient
) -> None:
    delivery = to("email", MESSAGE, 2 * QUARTER)
    AwsBench(sqs, scheduler).lanes.send_all([delivery], now=NOON)
    schedule = scheduler.get_schedule(GroupName="runs", Name="d1.1.mail.1")
    target = schedule["Target"]
    assert (
        schedule["ActionAfterCompletion"],
        schedule["ScheduleExpressionTimezone"],
        schedule["FlexibleTimeWindow"],
        target["RoleArn"],
        target["DeadLetterConfig"],
        json.loads(target["Input"]),
    ) == (
        "DELETE",
        "UTC",
        {"Mode": "OFF"},
        ROLE,
        {"Arn": arn("dead")},
        {"document": "d1", "entry": 1, "rule": "mail", "generation": 1, "pipeline": "sales"},
    )


def test_a_lane_that_is_not_deployed_is_named(
    sqs: SQSClient, scheduler: EventBridgeSchedulerClient
) -> None:
    bench = AwsBench(sqs, scheduler)
    batch = [to("web", MESSAGE, timedelta(0)), to("email", MESSAGE, timedelta(0))]
    refused, sent = bench.lanes.send_all(batch, now=NOON)
    assert isinstance(refused, PermanentError)
    assert "is for the lane web; deployed are email, document" in str(refused)
    assert sent is None
    assert bench.sent() == [Sent(MESSAGE, False, timedelta(0))]


def messages(number: int) -> list[RunMessage]:
    return [MESSAGE.model_copy(update={"entry": entry}) for entry in range(1, number + 1)]


def test_any_number_goes_out_together(bench: Bench) -> None:
    wanted = messages(23)
    batch = [to("email", one, timedelta(seconds=n)) for n, one in enumerate(wanted)]
    assert list(bench.lanes.send_all(batch, now=NOON)) == [None] * 23
    assert bench.sent() == [Sent(one, False, timedelta(seconds=n)) for n, one in enumerate(wanted)]
    assert list(bench.lanes.send_all((), now=NOON)) == []


def test_ten_messages_to_a_lane_are_one_call_each_in_the_group_of_its_pipeline(
    sqs: SQSClient, scheduler: EventBridgeSchedulerClient
) -> None:
    asked = list[dict[str, Any]]()
    sqs.meta.events.register(
        "provide-client-params.sqs.*", lambda params, **_: asked.append(params)
    )
    other = MESSAGE.model_copy(update={"pipeline": "leases"})
    batch = [to("email", one, timedelta(0)) for one in (*messages(10), other)]
    bench = AwsBench(sqs, scheduler)
    asked.clear()
    bench.lanes.send_all(batch, now=NOON)
    groups = [[one["MessageGroupId"] for one in call["Entries"]] for call in asked]
    assert groups == [["sales"] * 10, ["leases"]]


def test_what_sqs_does_not_take_of_a_batch_is_named_alone(
    sqs: SQSClient, scheduler: EventBridgeSchedulerClient
) -> None:
    def answer(**_: object) -> Any:
        failed = {"Id": "1", "Code": "InternalError", "SenderFault": False, "Message": "busy"}
        return Mock(status_code=200), {"Successful": [], "Failed": [failed]}

    bench = AwsBench(sqs, scheduler)
    sqs.meta.events.register("before-call.sqs.SendMessageBatch", answer)
    batch = [to("email", one, timedelta(0)) for one in messages(3)]
    first, second, third = bench.lanes.send_all(batch, now=NOON)
    assert (first, third) == (None, None)
    assert isinstance(second, UnavailableError)
    assert str(second) == "SQS did not take the message: InternalError: busy"


def test_a_queue_that_does_not_answer_fails_what_was_for_it_alone(
    sqs: SQSClient, scheduler: EventBridgeSchedulerClient
) -> None:
    def refuse(params: dict[str, Any], **_: object) -> None:
        if "email" in params["QueueUrl"]:
            raise EndpointConnectionError(endpoint_url=params["QueueUrl"])

    bench = AwsBench(sqs, scheduler)
    sqs.meta.events.register("provide-client-params.sqs.SendMessageBatch", refuse)
    batch = [
        to("email", MESSAGE, timedelta(0)),
        to("document", MESSAGE, timedelta(0)),
        to("email", MESSAGE, 2 * QUARTER),
    ]
    email, document, scheduled = bench.lanes.send_all(batch, now=NOON)
    assert isinstance(email, UnavailableError)
    assert (document, scheduled) == (None, None)


def test_a_schedule_is_named_after_its_run_and_generation() -> None:
    timer = MESSAGE.model_copy(update={"rule": "trigger.late", "generation": 3})
    assert schedule_name(timer) == "d1.1.trigger.late.3"


def test_a_message_of_a_repeated_run_brings_back_its_own_run() -> None:
    again = MESSAGE.model_copy(update={"repeat": 2})
    assert RunMessage.model_validate_json(again.model_dump_json(exclude_none=True)) == again
    assert schedule_name(again) != schedule_name(MESSAGE)
    assert re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", schedule_name(again))


@pytest.mark.parametrize("document", ["d" * 60, "d 1", "dä"])
def test_a_name_that_does_not_fit_the_scheduler_becomes_one_that_does(document: str) -> None:
    first, second = (
        schedule_name(MESSAGE.model_copy(update={"document": document, "generation": generation}))
        for generation in (1, 2)
    )
    assert first != second
    assert re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", first)


@pytest.mark.parametrize(
    ("ahead", "delay"),
    [
        (-QUARTER, 0),
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (QUARTER, 900),
        (timedelta(days=3), 900),
    ],
)
def test_a_lane_sends_itself_what_came_early_as_late_as_the_queue_holds_back(
    sqs: SQSClient, ahead: timedelta, delay: int
) -> None:
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(dict(params))

    sqs.meta.events.register("provide-client-params.sqs.SendMessage", note)
    url = sqs.create_queue(QueueName="email")["QueueUrl"]
    lane = OwnQueue(lambda: sqs, "email", url)
    lane.send("email", MESSAGE, due=NOON + ahead, now=NOON)
    body = MESSAGE.model_dump_json(exclude_none=True)
    sent = {"QueueUrl": url, "MessageBody": body, "DelaySeconds": delay, "MessageGroupId": "sales"}
    assert asked == [sent]


def test_a_lane_sends_to_no_other_lane(sqs: SQSClient) -> None:
    url = sqs.create_queue(QueueName="email")["QueueUrl"]
    with pytest.raises(PermanentError, match="the lane email sends no message to the lane web"):
        OwnQueue(lambda: sqs, "email", url).send("web", MESSAGE, due=NOON, now=NOON)


# Parked requests


class RetryQueueBench(Protocol):
    @property
    def parked(self) -> RetryQueue: ...

    def take(self) -> tuple[tuple[str, str], ...]: ...


class MemoryRetryQueueBench:
    def __init__(self) -> None:
        self.parked = MemoryRetryQueue()
        self.take = self.parked.take


class SqsRetryQueueBench:
    def __init__(self, sqs: SQSClient) -> None:
        self._sqs = sqs
        self._url = sqs.create_queue(QueueName="parked")["QueueUrl"]
        self.s3 = boto3.client("s3", region_name="eu-central-1")
        where = {"LocationConstraint": "eu-central-1"}
        self.s3.create_bucket(Bucket="large", CreateBucketConfiguration=where)  # type: ignore[arg-type]
        self.large = Objects(lambda: self.s3, "large")
        self.parked = SqsRetryQueue(lambda: sqs, self._url, self.large)

    def take(self) -> tuple[tuple[str, str], ...]:
        parked = map(retry_message, self.bodies())
        return tuple((one.connection, unpack_request(one, self.large)) for one in parked)

    def bodies(self) -> Iterator[str]:
        while got := self._sqs.receive_message(QueueUrl=self._url).get("Messages"):
            for one in got:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=one["ReceiptHandle"])
                yield one["Body"]


@pytest.fixture(params=["memory", "sqs"])
def parked_bench(request: pytest.FixtureRequest) -> RetryQueueBench:
    if request.param == "memory":
        return MemoryRetryQueueBench()
    return SqsRetryQueueBench(request.getfixturevalue("sqs"))


def test_a_parked_request_comes_back_as_it_was(parked_bench: RetryQueueBench) -> None:
    long = '{"body": "' + "Vertrag über 5 Räume " * 100_000 + '"}'
    parked_bench.parked.park("c1", '{"body": "\\u0000"}')
    parked_bench.parked.park("c2", long)
    assert sorted(parked_bench.take()) == [("c1", '{"body": "\\u0000"}'), ("c2", long)]
    assert parked_bench.take() == ()


def incompressible(length: int) -> str:
    """So many characters, of which compressing takes off no more than half."""
    blocks = (sha256(str(n).encode()).hexdigest() for n in range(length // 64 + 1))
    return "".join(blocks)[:length]


@pytest.mark.parametrize("length", [1_200_000, 1_600_000, 2_560_000, 8_000_000])
def test_a_request_of_any_size_comes_back_as_it_was(
    parked_bench: RetryQueueBench, length: int
) -> None:
    request = incompressible(length)
    parked_bench.parked.park("c1", request)
    assert parked_bench.take() == (("c1", request),)


def test_what_is_too_large_for_the_queue_lies_in_the_bucket_and_the_message_names_it(
    sqs: SQSClient,
) -> None:
    bench, request = SqsRetryQueueBench(sqs), incompressible(2_560_000)
    bench.parked.park("c1", request)
    (body,) = bench.bodies()
    told = json.loads(body)
    assert set(told) == {"connection", "key"}
    assert told["key"].startswith("parked/c1/")
    # Delivered a second time, it is there still.
    assert [unpack_request(retry_message(body), bench.large) for _ in range(2)] == [request] * 2


def test_what_fits_into_the_queue_touches_no_bucket(sqs: SQSClient) -> None:
    bench = SqsRetryQueueBench(sqs)
    bench.parked.park("c1", incompressible(1_000_000))
    assert bench.s3.list_objects_v2(Bucket="large")["KeyCount"] == 0
    (body,) = bench.bodies()
    assert 500_000 < len(body) <= 1_048_576


def test_a_message_never_names_what_could_not_be_written(sqs: SQSClient) -> None:
    bench = SqsRetryQueueBench(sqs)
    bench.s3.delete_bucket(Bucket="large")
    with pytest.raises(PermanentError, match="S3 refused PutObject: NoSuchBucket"):
        bench.parked.park("c1", incompressible(2_560_000))
    assert list(bench.bodies()) == []


def test_one_whose_object_has_expired_is_told(sqs: SQSClient) -> None:
    bench = SqsRetryQueueBench(sqs)
    bench.parked.park("c1", incompressible(2_560_000))
    (body,) = bench.bodies()
    bench.s3.delete_object(Bucket="large", Key=json.loads(body)["key"])
    with pytest.raises(NotFoundError, match="the parked request of c1 has expired"):
        unpack_request(retry_message(body), bench.large)


@pytest.mark.parametrize(
    "body",
    [
        *("", "{}", "[1]", '{"connection": "c1"}', '{"connection": "c1", "key": "rejected/c1/x"}'),
        '{"connection": "c1", "request": "AAAA"}',
        '{"connection": "c1", "request": "no Base64"}',
        '{"connection": "c1", "request": "AAAA", "key": "parked/c1/x"}',
    ],
)
def test_what_nobody_parked_is_refused_for_good(body: str, sqs: SQSClient) -> None:
    with pytest.raises(PermanentError, match="not a parked request"):
        unpack_request(retry_message(body), SqsRetryQueueBench(sqs).large)


def test_a_job_s_message_goes_to_the_document_lane_at_once(bench: Bench) -> None:
    bench.lanes.send_job(JobMessage(job="j-1", version=7))
    assert bench.jobs() == [JobMessage(job="j-1", version=7)]


def test_a_slice_of_a_job_waits_in_the_queue(sqs: SQSClient) -> None:
    asked: list[dict[str, Any]] = []
    sqs.meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: asked.append(params)
    )
    url = sqs.create_queue(QueueName="document")["QueueUrl"]
    unused: Any = None
    queue = LaneQueue(url=url, arn=arn("document"))
    lanes = SqsRunQueues(sqs, unused, queues={"document": queue}, schedules=unused)
    lanes.send_job(JobMessage(job="j-1", version=7, delay=30))
    ((delay, body),) = [(one["DelaySeconds"], one["MessageBody"]) for one in asked]
    assert (delay, json.loads(body)) == (30, {"job": "j-1", "version": 7})


def test_the_document_lane_tells_its_messages_apart() -> None:
    for message in (MESSAGE, JobMessage(job="j-1", version=7)):
        assert lane_message(message.model_dump_json(exclude_none=True)) == message


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", '{"job": 1}', '{"job":"j-1"}', '{"job":"j-1","version":"x"}']
)
def test_what_asks_for_nothing_is_no_message(body: str) -> None:
    with pytest.raises(ValidationError):
        lane_message(body)
