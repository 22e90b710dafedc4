"""The table's calls: consistent reads in few round trips, whole queries, our errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.keys import ATTRIBUTES, Key
from countersign.adapters.dynamodb.merging import merged
from countersign.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SERVICE = "DynamoDB"
MAX_KEYS = 100
"""Keys of one BatchGetItem, its service quota."""
MAX_DELETED = 25
"""Items of one BatchWriteItem, its service quota."""
PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds between the tries to read what DynamoDB left unread in a batch."""
FIRST_PAGE = 25
"""Entries that are read of each partition of an index before it is known how many are wanted."""
GROWTH, LARGEST_PAGE = 4, 400
"""How many times more each further page may have, up to so many: all shards have one in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexQuery:
    """Which entries of an index are wanted."""

    index: str
    partitions: Sequence[str]
    prefix: str | None = None
    """Only those whose sort key begins so."""
    after: str | None = None
    """Only those whose sort key sorts after."""
    before: str | None = None
    """Only those whose sort key sorts before."""
    newest: int | None = None
    """Only so many, from the end backwards."""


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
        item: Any = answer.get("Item")
        return item or None

    def get_all(self, wanted: Iterable[Key], *, consistent: bool = True) -> dict[Key, Item]:
        """The items of up to 100 keys that exist, in one round trip (unless DynamoDB is busy)."""
        items: dict[Key, Item] = {}
        request: Any = {
            self.name: {"Keys": [_named(key) for key in wanted], "ConsistentRead": consistent}
        }
        for pause in (*PAUSES, None):
            with our_errors(SERVICE):
                answer: Any = self.client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self.name, ()):
                items[item["pk"]["S"], item["sk"]["S"]] = item
            request = answer.get("UnprocessedKeys")
            if not request:
                return items
            if pause is not None:
                self._pause(pause)
        raise UnavailableError(f"{SERVICE} left part of a batch unread {len(PAUSES) + 1} times")

    def get_in_turn(self, wanted: Iterable[Key]) -> Iterator[Item]:
        """The items of any number of keys that exist, in the keys' order; eventually consistent."""
        rest = iter(wanted)
        while batch := list(islice(rest, MAX_KEYS)):
            items = self.get_all(dict.fromkeys(batch), consistent=False)
            yield from (items[key] for key in batch if key in items)

    def query(self, partition: str, prefix: str) -> Iterator[Item]:
        """The items of a partition whose sort key begins so, in order; strongly consistent."""
        return chain.from_iterable(self._begun_so(partition, prefix))

    def count(self, partition: str, prefix: str, most: int) -> int:
        """How many items of a partition have a sort key that begins so, counted up to ``most``;
        eventually consistent."""
        counted = 0
        start: dict[str, Any] = {}
        while counted < most:
            with our_errors(SERVICE):
                answer: Any = self.client.query(
                    TableName=self.name,
                    Select="COUNT",
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                    ExpressionAttributeValues={":pk": {"S": partition}, ":sk": {"S": prefix}},
                    Limit=most - counted,
                    **start,
                )
            counted += answer["Count"]
            last = answer.get("LastEvaluatedKey")
            if not last:
                break
            start = {"ExclusiveStartKey": last}
        return counted

    def query_between(
        self, partition: str, first: str, last: str, *, consistent: bool = True
    ) -> Iterator[Item]:
        """The items of a partition whose sort key is one of these or between them, in order."""
        return self._all(
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": partition},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            ConsistentRead=consistent,
        )

    def query_all(self, partitions: Sequence[str], prefix: str) -> Iterator[Item]:
        """The same of several partitions at once, in the order of the sort keys."""
        pages = [self._begun_so(partition, prefix, Limit=FIRST_PAGE) for partition in partitions]
        return merged(pages, lambda item: item["sk"]["S"])

    def _begun_so(self, partition: str, prefix: str, **more: Any) -> Iterator[list[Item]]:
        return self.pages(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": partition}, ":sk": {"S": prefix}},
            ConsistentRead=True,
            **more,
        )

    def keys(self, partition: str, prefix: str = "") -> Iterator[Key]:
        """The keys of everything in a partition whose sort key begins so, in order; strongly
        consistent."""
        condition, values = "pk = :pk", {":pk": {"S": partition}}
        if prefix:
            condition += " AND begins_with(sk, :sk)"
            values[":sk"] = {"S": prefix}
        items = self._all(
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ProjectionExpression="pk, sk",
            ConsistentRead=True,
        )
        return map(key_of, items)

    def delete_all(self, unwanted: Iterable[Key]) -> None:
        """Delete any number of items, 25 a round trip; those that are not there count as done."""
        rest = iter(unwanted)
        while batch := list(islice(rest, MAX_DELETED)):
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

    def query_index(self, query: IndexQuery) -> Iterator[Item]:
        """The items of an index that the query means, in order; eventually consistent.

        Where there are several partitions, the first page of each is read at once, and further
        ones when their turn comes. The order is that of the sort keys alone, so that a sort key
        says where in the list somebody is.
        """
        pages = [self._index_pages(query, partition) for partition in query.partitions]
        newest, place = query.newest, f"{ATTRIBUTES[query.index]}_sk"
        items = merged(pages, lambda item: item[place]["S"], reverse=newest is not None)
        if query.after is not None:
            items = (item for item in items if item[place]["S"] != query.after)
        return items if newest is None else islice(items, newest)

    def _index_pages(self, query: IndexQuery, partition: str) -> Iterator[list[Item]]:
        name = ATTRIBUTES[query.index]
        condition, values = f"{name}_pk = :pk", {":pk": {"S": partition}}
        if query.prefix is not None:
            condition += f" AND begins_with({name}_sk, :sk)"
            values[":sk"] = {"S": query.prefix}
        if query.after is not None and query.before is not None:
            # Both ends are included; no sort key is the later one.
            condition += f" AND {name}_sk BETWEEN :after AND :before"
            values |= {":after": {"S": query.after}, ":before": {"S": query.before}}
        elif query.after is not None:
            condition += f" AND {name}_sk > :after"
            values[":after"] = {"S": query.after}
        elif query.before is not None:
            condition += f" AND {name}_sk < :sk"
            values[":sk"] = {"S": query.before}
        return self.pages(
            IndexName=query.index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ScanIndexForward=query.newest is None,
            Limit=FIRST_PAGE if query.newest is None else query.newest,
        )

    def _all(self, **asked: Any) -> Iterator[Item]:
        return chain.from_iterable(self.pages(**asked))

    def pages(self, **asked: Any) -> Iterator[list[Item]]:
        """What a query finds, page by page, with a limit each larger than the one before."""
        while True:
            with our_errors(SERVICE):
                answer: Any = self.client.query(TableName=self.name, **asked)
            yield answer["Items"]
            last = answer.get("LastEvaluatedKey")
            if not last:
                return
            asked["ExclusiveStartKey"] = last
            if "Limit" in asked:
                asked["Limit"] = min(asked["Limit"] * GROWTH, max(LARGEST_PAGE, asked["Limit"]))


def key_of(item: Item) -> Key:
    """The key of an item, also of one from an index."""
    return item["pk"]["S"], item["sk"]["S"]


def _named(key: Key) -> Item:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
