"""Messages for paused pipelines in the table, a few partitions for each, in the order they came."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.dynamodb import keys, shards
from countersign.adapters.dynamodb.items import Item, readable
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.adapters.instants import iso
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.errors import UnavailableError
from countersign.model.incoming_message import IncomingMessage, SetAsideMessage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HELD = "2"
"""What the sort keys of messages that wait begin with: the millennium."""
ASIDE = "ASIDE#"
"""What the sort keys of messages that were set aside begin with."""
MAX_BYTES = 390_000
"""Of a message, compressed; an item holds 400 KB (DynamoDB's quota)."""


class DynamoHeldMessages:
    """``ports.HeldMessages`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def add(self, message: IncomingMessage) -> None:
        self._put(_item(message, _key(message)))

    def list(self, pipeline: str) -> Iterator[IncomingMessage]:
        items = self._table.query_all(keys.held_shards(pipeline), HELD)
        return each_readable(items, parse_message, self._note)

    def count(self, pipeline: str, most: int) -> int:
        counted = 0
        for shard in keys.held_shards(pipeline):
            counted += self._table.count(shard, HELD, most - counted)
            if counted == most:
                break
        return counted

    def remove(self, message: IncomingMessage) -> None:
        self._delete(_key(message), message.pipeline)

    def set_aside(self, message: IncomingMessage, reason: str, *, at: datetime) -> None:
        # In two steps: a message that stays in between is applied, or set aside, once more.
        item = _item(message, _aside(_key(message)))
        self._put({**item, "reason": {"S": reason}, "at": {"S": iso(at)}})
        self._delete(_key(message), message.pipeline)

    def list_aside(self, pipeline: str) -> Iterator[SetAsideMessage]:
        items = self._table.query_all(keys.held_shards(pipeline), ASIDE)
        return each_readable(items, parse_set_aside, self._note)

    def remove_aside(self, message: IncomingMessage) -> None:
        self._delete(_aside(_key(message)), message.pipeline)

    def _delete(self, key: Key, pipeline: str) -> None:
        # An earlier version kept all messages of a pipeline in the first shard.
        for place in dict.fromkeys((key, (keys.held(pipeline), key[1]))):
            if self._deleted(place):
                return

    def _deleted(self, key: Key) -> bool:
        with our_errors(SERVICE):
            answer = self._table.client.delete_item(
                TableName=self._table.name,
                Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}},
                ReturnValues="ALL_OLD",
            )
        return bool(answer.get("Attributes"))

    def _put(self, item: Item) -> None:
        with our_errors(SERVICE):
            self._table.client.put_item(TableName=self._table.name, Item=item)


def _item(message: IncomingMessage, key: Key) -> Item:
    """The message as an item; UnavailableError where it is too large even without its raw text."""
    body = _packed(message)
    if len(body) > MAX_BYTES:
        body = _packed(message.model_copy(update={"raw": None}))
    if len(body) > MAX_BYTES:
        msg = f"a message of {len(body):,} bytes, compressed, is too large to be postponed"
        raise UnavailableError(msg)
    return {
        "pk": {"S": key[0]},
        "sk": {"S": key[1]},
        "type": {"S": "postponed"},
        "body": {"B": body},
    }


def _packed(message: IncomingMessage) -> bytes:
    return zlib.compress(message.model_dump_json().encode())


def parse_message(item: Item) -> IncomingMessage:
    """The message of an item."""
    with readable(item):
        return IncomingMessage.model_validate_json(zlib.decompress(bytes(item["body"]["B"])))


def parse_set_aside(item: Item) -> SetAsideMessage:
    """The message of an item that was set aside."""
    with readable(item):
        values = {"reason": item["reason"]["S"], "at": item["at"]["S"]}
        return SetAsideMessage.model_validate({"message": parse_message(item), **values})


def _aside(key: Key) -> Key:
    """Where a message is kept that was set aside."""
    return key[0], f"{ASIDE}{key[1]}"


def place_in_order(message: IncomingMessage) -> str:
    """By time; the same message again has the same place."""
    return f"{iso(message.received_at)}#{message.digest}"


def _key(message: IncomingMessage) -> Key:
    number = shards.shard_of(message.digest, shards.HELD)
    return keys.held(message.pipeline, number), place_in_order(message)
