"""What is kept and sent as it is on the wire: what does not survive that, the functions never see.

Items are written and read again as DynamoDB's client sends them, and messages as SQS carries them.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from countersign.adapters.dynamodb import items
from countersign.model.base import Model
from countersign.model.message import RunMessage
from countersign.model.transaction import Transaction


def read_back(change: Transaction) -> Transaction:
    """The change with everything in it as it is read from the table afterwards."""
    document = change.document
    parts = [items.parse_part(_sent(item)) for item in items.dump_logs(change)]
    update: dict[str, Any] = {
        "document": document and _stored(document, items.dump_document(document)),
        "log": tuple(entry for part in parts for entry in part.entries),
        "parts": tuple(
            items.parse_part(_sent(items.dump_log(document.id if document else "", part)))
            for part in change.parts
        ),
        "hashes": tuple(proof for part in parts for proof in part.hashes),
        "planned": tuple(_stored(run, items.dump_run(run)) for run in change.planned),
        "updates": tuple(
            one.model_copy(update={"run": _stored(one.run, items.dump_run(one.run))})
            for one in change.updates
        ),
        "tasks": tuple(_stored(task, items.dump_task(task)) for task in change.tasks),
        "events": tuple(
            _stored(event, items.dump_event(0, number, event)).model_copy(update={"raw": event.raw})
            for number, event in enumerate(change.events)
        ),
    }
    return change.model_copy(update=update)


def diff(written: Transaction, read: Transaction) -> Iterator[str]:
    """What was read otherwise than it was written."""
    for name in type(written).model_fields:
        before, after = getattr(written, name), getattr(read, name)
        if before != after:
            yield f"{name} was written as {before}, and read as {after}"[:2000]


def delivered(message: RunMessage) -> RunMessage:
    """A run message as its lane takes it from the queue."""
    return RunMessage.model_validate_json(message.model_dump_json(exclude_none=True))


def _stored(value: Any, item: items.Item) -> Any:
    model: type[Model] = type(value)
    return items.parse(model, _sent(item))


def _sent(item: items.Item) -> items.Item:
    """The item after it went through JSON, its bytes as they were."""
    raw: dict[str, bytes] = {}

    def kept(value: bytes) -> str:
        text = b64encode(value).decode()
        raw[text] = value
        return text

    sent: items.Item = json.loads(json.dumps(item, default=kept))
    for attribute in sent.values():
        if "B" in attribute:
            attribute["B"] = raw[attribute["B"]]
    return sent
