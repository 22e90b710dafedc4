"""Changes of documents and runs in batches of the table's stream, apart from what lanes load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from countersign.adapters.dynamodb import items
from countersign.adapters.lambda_.batches import Record, each_record, failed_record, place_of
from countersign.errors import CountersignError
from countersign.model.document import Document
from countersign.model.run import RunKey
from countersign.model.statistics import DocumentRecord, StreamRecord


def all_changes(
    event: dict[str, Any], take: Callable[[Sequence[StreamRecord]], Mapping[str, Exception]]
) -> dict[str, Any]:
    """Hand the changes of documents and runs of a stream batch to ``take``.

    It returns the ids of the documents that failed, and why: their changes are reported as failed.
    Where it raises one of our errors, all are.
    """
    read: dict[str, StreamRecord] = {}

    def handle(record: Record) -> None:
        read[place_of(record)] = _change_of(record["dynamodb"])

    answer = each_record(
        event, handle, named=lambda record: record.get("eventID"), item_identifier=place_of
    )
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
            answer["batchItemFailures"].append(failed_record(document, failed[document], place))
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
