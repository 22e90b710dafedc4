"""When something was last seen at work: one item a name, written at most once a minute a process.

Whoever does the work must neither wait for this nor fail by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.adapters.instants import iso
from countersign.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVERY = timedelta(minutes=1)
"""How often a process writes a name at most."""


class DynamoHeartbeats:
    """``ports.Heartbeats`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)
        self._written: dict[str, datetime] = {}

    def beat(self, name: str, at: datetime) -> None:
        before = self._written.get(name)
        if before is not None and at < before + EVERY:
            return
        try:
            self._write(name, at)
        except UnavailableError:
            return  # the next one writes it
        self._written[name] = at

    def last(self, name: str) -> datetime | None:
        item = self._table.get(keys.heartbeat(name))
        return None if item is None else datetime.fromisoformat(item["at"]["S"])

    def _write(self, name: str, at: datetime) -> None:
        pk, sk = keys.heartbeat(name)
        item: items.Item = {
            "pk": {"S": pk},
            "sk": {"S": sk},
            "type": {"S": "heartbeat"},
            "at": {"S": iso(at)},
        }
        with our_errors(SERVICE):
            try:
                self._table.client.put_item(
                    TableName=self._table.name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk) OR #at < :at",
                    ExpressionAttributeNames={"#at": "at"},
                    ExpressionAttributeValues={":at": {"S": iso(at)}},
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
