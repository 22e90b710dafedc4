"""What is asked of the table, in the units that DynamoDB bills: counted, not measured.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import ceil
from typing import Any

from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.sizes import item_size
from countersign.adapters.dynamodb.table import key_of
from countersign.adapters.dynamodb.transaction import TransactionAction
from tests.template_file import Template

READ_BYTES = 4096
"""Of an item that a read unit reads."""
WRITE_BYTES = 1024
"""Of an item that a write unit writes."""
IN_TRANSACTION = 2
"""Underlying writes of each item of a transaction."""
STORED_BESIDE = 100
"""Bytes that are billed beside each item and each entry of an index.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What was asked of the table."""

    calls: int = 0
    items_read: int = 0
    """Those that were not there included."""
    items_written: int = 0
    """Conditions on items that are not written included."""
    read_units: float = 0.0
    write_units: float = 0.0
    index_units: float = 0.0
    """Write units of the indexes."""
    wire_bytes: int = 0
    """Of requests and answers, without their headers."""
    stored_bytes: int = 0
    """By which the table and its indexes grew."""
    expiring_bytes: int = 0
    """Of these, what DynamoDB deletes by itself after a time."""

    def __add__(self, other: Units) -> Units:
        return self._each(other, 1)

    def __sub__(self, other: Units) -> Units:
        return self._each(other, -1)

    def _each(self, other: Units, sign: int) -> Units:
        names = [field.name for field in fields(self)]
        return Units(**{name: getattr(self, name) + sign * getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class Index:
    """Which items an index holds, and what of them."""

    own_keys: tuple[str, ...]
    included: frozenset[str] | None
    """Attributes beside the keys; None for all."""

    def entry(self, item: Item | None) -> Item | None:
        """What it holds of an item; None where it does not hold the item."""
        if item is None or any(name not in item for name in self.own_keys):
            return None
        if self.included is None:
            return item
        held = {"pk", "sk", *self.own_keys, *self.included}
        return {name: value for name, value in item.items() if name in held}

    def writes(self, before: Item | None, after: Item | None) -> float:
        """Write units of an item's change.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
        """
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is None or new is None or self._place(old) == self._place(new):
            return _write_units(max(_size(old), _size(new)))
        return _write_units(_size(old)) + _write_units(_size(new))

    def _place(self, entry: Item) -> list[Any]:
        return [entry[name] for name in self.own_keys]


def read_indexes(template: Template) -> list[Index]:
    """The indexes of the template's table."""
    declared = template["Resources"]["State"]["Properties"]["GlobalSecondaryIndexes"]
    return [
        Index(
            tuple(one["AttributeName"] for one in index["KeySchema"]),
            None
            if index["Projection"]["ProjectionType"] == "ALL"
            else frozenset(index["Projection"].get("NonKeyAttributes", ())),
        )
        for index in declared
    ]


class Ledger:
    """Adds up what is asked of one table with these indexes."""

    def __init__(self, indexes: Iterable[Index]) -> None:
        self._indexes = tuple(indexes)
        self.total = Units()

    def get(self, found: Iterable[Item | None], asked: Iterable[keys.Key]) -> None:
        """Items that were read by their keys with one call, strongly consistent."""
        there = list(found)
        answered = [item for item in there if item is not None]
        self.total += Units(
            calls=1,
            items_read=len(there),
            read_units=sum(_read_units(_size(item)) for item in there),
            wire_bytes=_wire(answered) + _wire(list(asked)),
        )

    def query(self, found: Iterable[Item]) -> None:
        """A page of items that stand together, strongly consistent."""
        there = list(found)
        self.total += Units(
            calls=1,
            items_read=len(there),
            read_units=_read_units(sum(map(_size, there))),
            wire_bytes=_wire(there),
        )

    def write(self, parts: Iterable[TransactionAction], before: Mapping[keys.Key, Item]) -> None:
        """A transaction; ``before`` has the items that it replaces or looks at.

        A condition counts as a write: the documentation leaves open what else.
        """
        parts = list(parts)
        changes = [(before.get(_key(part)), part.request.get("Item")) for part in parts]
        self.total += Units(
            calls=1,
            items_written=len(parts),
            write_units=sum(
                IN_TRANSACTION * _write_units(max(_size(old), _size(new))) for old, new in changes
            ),
            index_units=sum(
                index.writes(old, new)
                for old, new in changes
                if new is not None
                for index in self._indexes
            ),
            wire_bytes=_wire([part.request for part in parts]),
            stored_bytes=sum(self._stored(new) - self._stored(old) for old, new in changes if new),
            expiring_bytes=sum(
                self._stored(new) - self._stored(old)
                for old, new in changes
                if new and "expires_ttl" in new
            ),
        )

    def _stored(self, item: Item | None) -> int:
        """Bytes that are billed for an item and its entries."""
        held = (item, *(index.entry(item) for index in self._indexes))
        return sum(_size(one) + STORED_BESIDE for one in held if one is not None)


def _key(part: TransactionAction) -> keys.Key:
    return key_of(part.request.get("Item") or part.request["Key"])


def _size(item: Item | None) -> int:
    return 0 if item is None else item_size(item)


def _read_units(size: int) -> int:
    """Of a strongly consistent read; one also for what is not there."""
    return max(1, ceil(size / READ_BYTES))


def _write_units(size: int) -> int:
    return max(1, ceil(size / WRITE_BYTES))


def _wire(value: Any) -> int:
    written = json.dumps(value, default=lambda raw: base64.b64encode(raw).decode())
    return len(written.encode())
