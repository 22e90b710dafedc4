"""Batches that Lambda hands over from SQS, one message at a time, and from the table's stream.

A record that fails is told back alone, so that only it comes again
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from countersign.adapters.dynamodb import items
from countersign.errors import OutageError, UnreadableError, logged
from countersign.model.run import Run, RunRecord

logger = Logger(service="countersign")
metrics = Metrics()


def each_message(
    event: dict[str, Any],
    context: Any,
    take: Callable[[str, int], None],
    put_back: Callable[[dict[str, Any]], bool] | None = None,
) -> dict[str, Any]:
    """Hand the body of each SQS message to ``take``, and how often it was delivered; those that
    raise are told back.

    ``put_back`` takes the record of a message that met an outage, and says whether it waits now
    without using up a try.
    """

    def handle(record: SQSRecord) -> None:
        with _told_back(record.message_id):
            try:
                take(record.body, _tries(record))
            except OutageError as error:
                if put_back is None or not put_back(record.raw_event):
                    raise
                metrics.add_metric(name="message_put_back", unit="Count", value=1)
                logger.warning("message put back", record=record.message_id, reason=logged(error))

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, handle, processor, context))


def _tries(record: SQSRecord) -> int:
    """How often the message was delivered, this time included; once where nothing says so, as in
    a message that somebody made."""
    return int(record.raw_event.get("attributes", {}).get("ApproximateReceiveCount", 1))


def all_runs(
    event: dict[str, Any], take: Callable[[Sequence[RunRecord]], Sequence[object]]
) -> dict[str, Any]:
    """Hand the runs of a stream batch to ``take``, before and after their changes.

    It returns for each what became of it; those of which that is an error are told back.
    """
    read: dict[str, RunRecord] = {}
    failed = []
    for record in event["Records"]:
        images, number = record["dynamodb"], record["dynamodb"]["SequenceNumber"]
        try:
            with _told_back(record["eventID"]):
                old = images.get("OldImage")
                read[number] = RunRecord(old=_before(old), new=items.parse(Run, images["NewImage"]))
        except Exception:
            failed.append(number)
    for (number, record), outcome in zip(read.items(), take(tuple(read.values())), strict=True):
        if isinstance(outcome, Exception):
            _tell(str(record.new.key), outcome)
            failed.append(number)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _before(image: dict[str, Any] | None) -> Run | None:
    """The run as it was; None where there was none, or one that this version cannot read."""
    if not image:
        return None
    try:
        return items.parse(Run, image)
    except UnreadableError:
        return None


@contextmanager
def _told_back(record: str | None) -> Iterator[None]:
    """One line and one count for a record that fails, which the queue or stream brings again."""
    try:
        yield
    except Exception as error:
        _tell(record, error)
        raise


def _tell(record: str | None, error: Exception) -> None:
    metrics.add_metric(name="record_failed", unit="Count", value=1)
    logger.warning("record failed", record=record, reason=logged(error))
