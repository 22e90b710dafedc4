"""Batches that Lambda hands over from SQS, one message at a time, and from the table's stream.

A record that fails is reported alone, so that only it is redelivered
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.dynamodb import items
from countersign.errors import OutageError, UnreadableError, logged
from countersign.model.message import JobMessage
from countersign.model.run import Run, RunRecord

logger = Logger(service="countersign")
metrics = Metrics()

Record = dict[str, Any]
"""One record of an event, as Lambda hands it over."""


def each_message(
    event: dict[str, Any],
    take: Callable[[str, int], None],
    put_back: Callable[[Record], bool] | None = None,
) -> dict[str, Any]:
    """Hand the body of each SQS message to ``take``, and how often it was delivered; those that
    raise are reported as failed.

    ``put_back`` takes the record of a message that met an outage, and says whether it waits now
    without using up a try.
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
    """

    def handle(record: Record) -> None:
        try:
            take(record["body"], _tries(record))
        except OutageError as error:
            if put_back is None or not put_back(record):
                raise
            metrics.add_metric(name="message_put_back", unit="Count", value=1)
            logger.warning("message put back", record=record["messageId"], reason=logged(error))

    return each_record(event, handle, named=_message_id, item_identifier=_message_id)


def _message_id(record: Record) -> str:
    message: str = record["messageId"]
    return message


def _tries(record: Record) -> int:
    """How often the message was delivered, this time included; once where nothing says so, as in
    a message that somebody made."""
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


def all_changes(
    event: dict[str, Any], take: Callable[[Sequence[RunRecord | JobMessage]], Sequence[object]]
) -> dict[str, Any]:
    """Hand the runs of a stream batch to ``take``, before and after their changes, and what asks
    for the jobs that were written.

    It returns for each what became of it; those of which that is an error are reported as failed.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    read: dict[str, RunRecord | JobMessage] = {}

    def handle(record: Record) -> None:
        images = record["dynamodb"]
        image = images["NewImage"]
        if image.get("type") == {"S": "job"}:
            with items.readable(image):
                job, version = image["id"]["S"], int(image["version"]["N"])
                delay = int(image.get("delay", {"N": "0"})["N"])
            read[place_of(record)] = JobMessage(job=job, version=version, delay=delay)
            return
        before = _before(images.get("OldImage"))
        read[place_of(record)] = RunRecord(old=before, new=items.parse(Run, image))

    answer = each_record(
        event, handle, named=lambda record: record.get("eventID"), item_identifier=place_of
    )
    for (place, record), outcome in zip(read.items(), take(tuple(read.values())), strict=True):
        if isinstance(outcome, Exception):
            answer["batchItemFailures"].append(failed_record(subject(record), outcome, place))
    return answer


def subject(record: RunRecord | JobMessage) -> str:
    """What a change is about, for the log: the run's key, or the job."""
    return f"job {record.job}" if isinstance(record, JobMessage) else str(record.new.key)


def place_of(record: Record) -> str:
    """Where a record stands in its stream."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _before(image: dict[str, Any] | None) -> Run | None:
    """The run as it was; None where there was none, or one that this version cannot read."""
    if not image:
        return None
    try:
        return items.parse(Run, image)
    except UnreadableError:
        return None


def each_record(
    event: dict[str, Any],
    handle: Callable[[Record], None],
    *,
    named: Callable[[Record], str | None],
    item_identifier: Callable[[Record], str],
) -> dict[str, Any]:
    """Handle each record. One that fails has a line and a count, and comes again: the answer lists
    it as the queue or the stream knows it."""
    failed = []
    for record in event["Records"]:
        try:
            handle(record)
        except Exception as error:
            failed.append(failed_record(named(record), error, item_identifier(record)))
    return {"batchItemFailures": failed}


def failed_record(record: str | None, error: Exception, item_identifier: str) -> dict[str, str]:
    """A record that is reported as failed, with a line and a count."""
    metrics.add_metric(name="record_failed", unit="Count", value=1)
    logger.warning("record failed", record=record, reason=logged(error))
    return {"itemIdentifier": item_identifier}
