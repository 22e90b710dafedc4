"""Batches that Lambda hands over from SQS and from the table's stream, one record at a time.

A record that fails is told back alone, so that only it comes again
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
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


def each_run(
    event: dict[str, Any], context: Any, take: Callable[[RunRecord], None]
) -> dict[str, Any]:
    """Hand each run of a stream batch to ``take``, before and after its change."""

    def handle(record: DynamoDBRecord) -> None:
        with _told_back(record.event_id):
            images = record.raw_event["dynamodb"]
            old = images.get("OldImage")
            take(RunRecord(old=_before(old), new=items.parse(Run, images["NewImage"])))

    processor = BatchProcessor(
        event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False
    )
    return dict(process_partial_response(event, handle, processor, context))


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
        metrics.add_metric(name="record_failed", unit="Count", value=1)
        logger.warning("record failed", record=record, reason=logged(error))
        raise
