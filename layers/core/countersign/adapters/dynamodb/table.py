"""The table's calls: consistent reads in few round trips, whole queries, our errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.keys import ATTRIBUTES, Key
from countersign.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SERVICE = "DynamoDB"
MOST_KEYS = 100
"""Keys of one BatchGetItem, its service quota."""
MOST_DELETED = 25
"""Items of one BatchWriteItem, its service quota."""
PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds between the tries to read what DynamoDB left unread in a batch."""


class Table:
    """One DynamoDB table, with the client that speaks to it."""

    def __init__(
        self, client: DynamoDBClient, name: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.client = client
        self.name = name
        self._pause = pause

    def get(self, key: Key) -> Item | None:
        """One item, strongly consistent."""
        with our_errors(SERVICE):
            answer = self.client.get_item(TableName=self.name, Key=_named(key), ConsistentRead=True)
        found: Any = answer.get("Item")
        return found or None

    def get_all(self, wanted: Iterable[Key], *, consistent: bool = True) -> dict[Key, Item]:
        """The items of up to 100 keys that exist, in one round trip (unless DynamoDB is busy)."""
        found: dict[Key, Item] = {}
        request: Any = {
            self.name: {"Keys": [_named(key) for key in wanted], "ConsistentRead": consistent}
        }
        for pause in (*PAUSES, None):
            with our_errors(SERVICE):
                answer: Any = self.client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self.name, ()):
                found[item["pk"]["S"], item["sk"]["S"]] = item
            request = answer.get("UnprocessedKeys")
            if not request:
                return found
            if pause is not None:
                self._pause(pause)
        raise UnavailableError(f"{SERVICE} left part of a batch unread {len(PAUSES) + 1} times")

    def get_in_turn(self, wanted: Iterable[Key]) -> Iterator[Item]:
        """The items of any number of keys that exist, in the keys' order; eventually consistent."""
        rest = iter(wanted)
        while batch := list(islice(rest, MOST_KEYS)):
            found = self.get_all(dict.fromkeys(batch), consistent=False)
            yield from (found[key] for key in batch if key in found)

    def query(self, partition: str, prefix: str) -> Iterator[Item]:
        """The items of a partition whose sort key begins so, in order; strongly consistent."""
        return self._pages(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": partition}, ":sk": {"S": prefix}},
            ConsistentRead=True,
        )

    def keys(self, partition: str) -> Iterator[Key]:
        """The keys of everything in a partition, in order; strongly consistent."""
        found = self._pages(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ProjectionExpression="pk, sk",
            ConsistentRead=True,
        )
        return map(key_of, found)

    def delete_all(self, unwanted: Iterable[Key]) -> None:
        """Delete any number of items, 25 a round trip; those that are not there count as done."""
        rest = iter(unwanted)
        while batch := list(islice(rest, MOST_DELETED)):
            self._delete(batch)

    def _delete(self, batch: Iterable[Key]) -> None:
        request: Any = {self.name: [{"DeleteRequest": {"Key": _named(key)}} for key in batch]}
        for pause in (*PAUSES, None):
            with our_errors(SERVICE):
                answer: Any = self.client.batch_write_item(RequestItems=request)
            request = answer.get("UnprocessedItems")
            if not request:
                return
            if pause is not None:
                self._pause(pause)
        raise UnavailableError(f"{SERVICE} left part of a batch undone {len(PAUSES) + 1} times")

    def delete_version(self, key: Key, version: int, about: str) -> None:
        """Delete an item that is still in this version; ConflictError where it is not."""
        with our_errors(SERVICE):
            try:
                self.client.delete_item(
                    TableName=self.name,
                    Key=_named(key),
                    ConditionExpression="attribute_not_exists(pk) OR version = :version",
                    ExpressionAttributeValues={":version": {"N": str(version)}},
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                raise ConflictError(f"{about} was changed by somebody else") from error

    def query_index(
        self,
        index: str,
        partition: str,
        *,
        prefix: str | None = None,
        before: str | None = None,
        newest: int | None = None,
    ) -> Iterator[Item]:
        """The items of a partition of an index, in order; eventually consistent.

        ``prefix``: only those whose sort key begins so; ``before``: only those that sort before;
        ``newest``: only so many, from the end backwards.
        """
        name = ATTRIBUTES[index]
        condition, values = f"{name}_pk = :pk", {":pk": {"S": partition}}
        if prefix is not None:
            condition += f" AND begins_with({name}_sk, :sk)"
            values[":sk"] = {"S": prefix}
        if before is not None:
            condition += f" AND {name}_sk < :sk"
            values[":sk"] = {"S": before}
        asked: dict[str, Any] = {
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
        if newest is None:
            return self._pages(**asked)
        return islice(self._pages(**asked, ScanIndexForward=False, Limit=newest), newest)

    def _pages(self, **asked: Any) -> Iterator[Item]:
        while True:
            with our_errors(SERVICE):
                answer: Any = self.client.query(TableName=self.name, **asked)
            yield from answer["Items"]
            last = answer.get("LastEvaluatedKey")
            if not last:
                return
            asked["ExclusiveStartKey"] = last


def key_of(item: Item) -> Key:
    """The key of an item, also of one from an index."""
    return item["pk"]["S"], item["sk"]["S"]


def _named(key: Key) -> Item:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
