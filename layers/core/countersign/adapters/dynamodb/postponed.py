"""Messages for paused pipelines in the table, a partition a pipeline, in the order they came."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from countersign.adapters.aws_errors import our_errors
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.adapters.instants import iso
from countersign.errors import UnavailableError
from countersign.model.postponed import Postponed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_BYTES = 390_000
"""Of a message, compressed; an item holds 400 KB (DynamoDB's quota)."""


class DynamoPostponedMessages:
    """``ports.PostponedMessages`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def add(self, message: Postponed) -> None:
        body = _packed(message)
        if len(body) > MOST_BYTES:
            body = _packed(message.model_copy(update={"raw": None}))
        if len(body) > MOST_BYTES:
            msg = f"a message of {len(body):,} bytes, compressed, is too large to be postponed"
            raise UnavailableError(msg)
        partition, place = _key(message)
        with our_errors(SERVICE):
            self._table.client.put_item(
                TableName=self._table.name,
                Item={
                    "pk": {"S": partition},
                    "sk": {"S": place},
                    "type": {"S": "postponed"},
                    "body": {"B": body},
                },
            )

    def list(self, pipeline: str) -> Iterator[Postponed]:
        for item in self._table.query(_partition(pipeline), "2"):
            yield Postponed.model_validate_json(zlib.decompress(bytes(item["body"]["B"])))

    def remove(self, message: Postponed) -> None:
        partition, place = _key(message)
        with our_errors(SERVICE):
            self._table.client.delete_item(
                TableName=self._table.name, Key={"pk": {"S": partition}, "sk": {"S": place}}
            )


def _packed(message: Postponed) -> bytes:
    return zlib.compress(message.model_dump_json().encode())


def _partition(pipeline: str) -> str:
    return f"POSTPONED#{pipeline}"


def _key(message: Postponed) -> Key:
    """By time; the same message again has the same key."""
    told = [message.feedback.key] if message.feedback else [one.key for one in message.events]
    meaning = "\0".join(told)
    digest = hashlib.sha256(f"{message.connection}\0{meaning}".encode()).hexdigest()[:32]
    return _partition(message.pipeline), f"{iso(message.received_at)}#{digest}"
