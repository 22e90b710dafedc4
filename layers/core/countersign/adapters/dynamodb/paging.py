"""Reading the beginning of what is left of a list, in as few round trips as its parts allow.

Each partition is asked once for a few items, and again where a page uses them up: a page takes at
most as many queries as there are partitions, and one more for each of those few items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.keys import ATTRIBUTES
from countersign.adapters.dynamodb.merging import merged
from countersign.adapters.dynamodb.table import Table

FEWEST = 5
SHARE = 8
"""Of each of several partitions, so many items are asked for first: an eighth of the page."""
HIGHEST = "\U0010ffff"
"""No text that begins with another one stands behind that one with this letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """Which sort keys are wanted, in their order."""

    prefix: str = ""
    after: str | None = None
    """Only those behind this one; in the order of the list, so before it if ``newest_first``."""
    since: str | None = None
    """Only those from this one on, which begins with the prefix."""
    before: str | None = None
    """Only those up to this one, which begins with the prefix."""
    newest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionRange:
    """A range of sort keys in one partition of the table or an index."""

    partition: str
    keys: KeyRange
    index: str | None = None


def entries(
    table: Table, ranges: Sequence[PartitionRange], limit: int, *, consistent: bool = False
) -> Iterator[tuple[str, Item]]:
    """The items of all ranges, each with its place: the sort key without its range's prefix.

    In the order of their places. ``limit``: how many will be looked at, for all one knows.
    """
    at_first = limit if len(ranges) == 1 else max(FEWEST, limit // SHARE)
    newest_first = any(partition_range.keys.newest_first for partition_range in ranges)
    lists = [
        _placed(table, partition_range, at_first + 1, consistent) for partition_range in ranges
    ]
    items = merged(lists, _place_of, reverse=newest_first)
    return ((_place_of(item), item) for item in items)


_PLACE = "place"
"""What an item's place is called while items are sorted by it; no item has such an attribute."""


def _place_of(item: Item) -> str:
    return str(item[_PLACE]["S"])


def _placed(
    table: Table, wanted: PartitionRange, limit: int, consistent: bool
) -> Iterator[list[Item]]:
    name = f"{ATTRIBUTES[wanted.index]}_" if wanted.index else ""
    keys = wanted.keys
    asked = _asked(wanted, name)
    if asked is None:
        return
    begin = len(keys.prefix)
    pages = table.pages(
        **asked, ScanIndexForward=not keys.newest_first, ConsistentRead=consistent, Limit=limit
    )
    for page in pages:
        placed = ((item[f"{name}sk"]["S"], item) for item in page)
        yield [
            {**item, _PLACE: {"S": place[begin:]}} for place, item in placed if place != keys.after
        ]


def _asked(wanted: PartitionRange, name: str) -> Mapping[str, Any] | None:
    """The query; None where there can be nothing between the ends of the range."""
    keys = wanted.keys
    low, high = keys.since or keys.prefix, keys.before or f"{keys.prefix}{HIGHEST}"
    if keys.after is not None and keys.newest_first:
        high = min(high, keys.after)
    elif keys.after is not None:
        low = max(low, keys.after)
    if low > high:
        return None
    values = {":pk": wanted.partition, ":low": low, ":high": high}
    condition = f"{name}pk = :pk AND {name}sk BETWEEN :low AND :high"
    if not low:
        del values[":low"]
        condition = f"{name}pk = :pk AND {name}sk <= :high"
    index = {"IndexName": wanted.index} if wanted.index else {}
    return {
        **index,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {key: {"S": value} for key, value in values.items()},
    }


def over(
    partitions: Sequence[str], keys: KeyRange, index: str | None = None
) -> tuple[PartitionRange, ...]:
    """The same range in each of several partitions."""
    return tuple(
        PartitionRange(partition=partition, keys=keys, index=index) for partition in partitions
    )
