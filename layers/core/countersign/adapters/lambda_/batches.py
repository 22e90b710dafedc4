"""Batches that Lambda hands over from SQS, one message at a time, and from the table's stream.

A record that fails is told back alone, so that only it comes again
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.dynamodb import items
from countersign.errors import CountersignError, OutageError, UnreadableError, logged
from countersign.model.document import Document
from countersign.model.run import Run, RunKey, RunRecord
from countersign.model.statistics import DocumentRecord, StreamRecord

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
    raise are told back.

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

    return _each(event, handle, named=_message_id, told_back_as=_message_id)


def _message_id(record: Record) -> str:
    message: str = record["messageId"]
    return message


def _tries(record: Record) -> int:
    """How often the message was delivered, this time included; once where nothing says so, as in
    a message that somebody made."""
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


def all_runs(
    event: dict[str, Any], take: Callable[[Sequence[RunRecord]], Sequence[object]]
) -> dict[str, Any]:
    """Hand the runs of a stream batch to ``take``, before and after their changes.

    It returns for each what became of it; those of which that is an error are told back.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    read: dict[str, RunRecord] = {}

    def handle(record: Record) -> None:
        images = record["dynamodb"]
        before = _before(images.get("OldImage"))
        read[_place(record)] = RunRecord(old=before, new=items.parse(Run, images["NewImage"]))

    answer = _each(event, handle, named=lambda record: record.get("eventID"), told_back_as=_place)
    for (place, record), outcome in zip(read.items(), take(tuple(read.values())), strict=True):
        if isinstance(outcome, Exception):
            answer["batchItemFailures"].append(_failed(str(record.new.key), outcome, place))
    return answer


def all_changes(
    event: dict[str, Any], take: Callable[[Sequence[StreamRecord]], Mapping[str, Exception]]
) -> dict[str, Any]:
    """Hand the changes of documents and runs of a stream batch to ``take``.

    It returns the ids of the documents that failed, and why: their changes are told back. Where it
    raises one of our errors, all are.
    """
    read: dict[str, StreamRecord] = {}

    def handle(record: Record) -> None:
        read[_place(record)] = _change_of(record["dynamodb"])

    answer = _each(event, handle, named=lambda record: record.get("eventID"), told_back_as=_place)
    documents = {
        place: change.document if isinstance(change, RunKey) else change.document.id
        for place, change in read.items()
    }
    try:
        failed = take(tuple(read.values()))
    except CountersignError as error:
        failed = dict.fromkeys(documents.values(), error)
    for place, document in documents.items():
        if document in failed:
            answer["batchItemFailures"].append(_failed(document, failed[document], place))
    return answer


def _change_of(images: dict[str, Any]) -> StreamRecord:
    """A document after its change, or as it was when it was removed; or which run was changed."""
    old, new = images.get("OldImage"), images.get("NewImage")
    image = new or old or {}
    with items.readable(image):
        kind = image["type"]["S"]
        if kind == "run":
            repeat = image.get("repeat", {"N": "0"})
            return RunKey(
                document=image["document"]["S"],
                entry=int(image["entry"]["N"]),
                rule=image["rule"]["S"],
                repeat=int(repeat["N"]),
            )
    return DocumentRecord(document=items.parse(Document, image), removed=new is None)


def _place(record: Record) -> str:
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


def _each(
    event: dict[str, Any],
    handle: Callable[[Record], None],
    *,
    named: Callable[[Record], str | None],
    told_back_as: Callable[[Record], str],
) -> dict[str, Any]:
    """Handle each record. One that fails has a line and a count, and comes again: the answer lists
    it as the queue or the stream knows it."""
    failed = []
    for record in event["Records"]:
        try:
            handle(record)
        except Exception as error:
            failed.append(_failed(named(record), error, told_back_as(record)))
    return {"batchItemFailures": failed}


def _failed(record: str | None, error: Exception, told_back_as: str) -> dict[str, str]:
    metrics.add_metric(name="record_failed", unit="Count", value=1)
    logger.warning("record failed", record=record, reason=logged(error))
    return {"itemIdentifier": told_back_as}
