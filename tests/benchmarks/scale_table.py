"""A table in memory that counts what DynamoDB would: units, for each key of it and its indexes.

It stands where the client stands, so that the adapters' own calls are counted. Conditions are not
judged: whoever writes here has had the change judged by the twin in memory.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.sizes import item_size

WRITE_UNIT, READ_UNIT = 1024, 4096
"""Bytes of an item that one unit writes, or reads strongly consistent."""
TRANSACTIONAL = 2
"""How many times as much a part of a transaction costs; what it does to indexes costs once."""

Key = tuple[str, str]
Place = tuple[str, str]
"""A partition key: the name of its index, empty for the table itself, and its value."""


class IndexDefinition:
    """One index: the attributes of its key, and what of an item it holds."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.name: str = definition["IndexName"]
        self.key = tuple(one["AttributeName"] for one in definition["KeySchema"])
        projection = definition["Projection"]
        kept = {"pk", "sk", *self.key, *projection.get("NonKeyAttributes", ())}
        self._kept = None if projection["ProjectionType"] == "ALL" else kept

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None where it holds nothing."""
        if item is None or any(name not in item for name in self.key):
            return None
        if self._kept is None:
            return item
        return {name: value for name, value in item.items() if name in self._kept}

    def writes(self, before: Item | None, after: Item | None) -> Iterable[tuple[Place, int]]:
        """The write units that a changed item costs here, by partition key."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return
        same = old and new and all(old[name] == new[name] for name in self.key)
        if old and new and same:
            yield self._place(new), max(_write_units(old), _write_units(new))
            return
        for entry in (old, new):
            if entry:
                yield self._place(entry), _write_units(entry)

    def _place(self, entry: Item) -> Place:
        return self.name, entry[self.key[0]]["S"]


class MeteredTable:
    """The table, as a client of DynamoDB for the calls that the adapters make."""

    def __init__(self, indexes: Iterable[Mapping[str, Any]]) -> None:
        self.indexes = {one["IndexName"]: IndexDefinition(one) for one in indexes}
        self.items: dict[Key, Item] = {}
        self._entries: dict[str, dict[str, list[Item]]] = {}
        self.writes: Counter[Place] = Counter()
        """Write units, by partition key."""
        self.reads = defaultdict[Place, float](float)
        """Read units, by partition key; halves for what is read eventually consistent."""
        self.calls: Counter[str] = Counter()
        """Requests, by operation."""
        self.stream: list[tuple[Item | None, Item | None]] = []
        """The images of each changed item, before and after."""

    def begin(self) -> None:
        """Count from here on; the items stay."""
        for counted in (self.writes, self.reads, self.calls, self.stream):
            counted.clear()

    # --- the calls of the client

    def get_item(self, *, Key: Item, ConsistentRead: bool = False, **_: Any) -> dict[str, Any]:
        self.calls["GetItem"] += 1
        found = self._read(Key, consistent=ConsistentRead)
        return {"Item": found} if found else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        self.calls["BatchGetItem"] += 1
        ((name, wanted),) = RequestItems.items()
        found = [self._read(key, consistent=wanted["ConsistentRead"]) for key in wanted["Keys"]]
        return {"Responses": {name: [item for item in found if item]}}

    def put_item(self, *, Item: Item, **_: Any) -> dict[str, Any]:
        self.calls["PutItem"] += 1
        self._write(_key(Item), Item, times=1)
        return {}

    def delete_item(self, *, Key: Item, **_: Any) -> dict[str, Any]:
        self.calls["DeleteItem"] += 1
        before = self.items.get(_key(Key))
        self._write(_key(Key), None, times=1)
        return {"Attributes": before} if before else {}

    def transact_write_items(self, *, TransactItems: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        self.calls["TransactWriteItems"] += 1
        for action in TransactItems:
            ((kind, request),) = action.items()
            if kind == "Put":
                self._write(_key(request["Item"]), request["Item"], times=TRANSACTIONAL)
            else:
                key = _key(request["Key"])
                after = None if kind == "Delete" else self.items.get(key)
                self._write(key, after, times=TRANSACTIONAL)
        return {}

    def query(self, **asked: Any) -> dict[str, Any]:
        self.calls["Query"] += 1
        index = self.indexes.get(asked.get("IndexName", ""))
        pk, sk = index.key if index else ("pk", "sk")
        partition = asked["ExpressionAttributeValues"][":pk"]["S"]
        found = self._partition(index, pk, partition)
        found = [one for one in found if _is_between(one[sk]["S"], asked)]
        found.sort(key=lambda one: one[sk]["S"], reverse=not asked.get("ScanIndexForward", True))
        start = asked.get("ExclusiveStartKey")
        if start is not None:
            found = found[found.index(next(one for one in found if _key(one) == _key(start))) + 1 :]
        page = found[: asked.get("Limit", len(found))]
        units = max(1, ceil(sum(map(item_size, page)) / READ_UNIT))
        share = 1.0 if asked.get("ConsistentRead") else 0.5
        self.reads[index.name if index else "", partition] += units * share
        last = {"LastEvaluatedKey": page[-1]} if page and len(page) < len(found) else {}
        return {"Items": page, **last}

    def _partition(self, index: IndexDefinition | None, pk: str, partition: str) -> list[Item]:
        """The entries of a partition. Those of an index are kept until something is written."""
        name = index.name if index else ""
        if name not in self._entries:
            grouped: defaultdict[str, list[Item]] = defaultdict(list)
            for item in self.items.values():
                entry = index.entry(item) if index else item
                if entry:
                    grouped[entry[pk]["S"]].append(entry)
            self._entries[name] = grouped
        return self._entries[name].get(partition, [])

    # --- units

    def _read(self, named: Item, *, consistent: bool) -> Item | None:
        key = _key(named)
        found = self.items.get(key)
        units = ceil(item_size(found) / READ_UNIT) if found else 1
        self.reads["", key[0]] += units if consistent else units / 2
        return found

    def _write(self, key: Key, after: Item | None, *, times: int) -> None:
        before = self.items.get(key)
        largest = max((_write_units(item) for item in (before, after) if item), default=1)
        self.writes["", key[0]] += largest * times
        if before == after:
            return
        for index in self.indexes.values():
            for place, units in index.writes(before, after):
                self.writes[place] += units
        self.stream.append((before, after))
        self._entries.clear()
        if after is None:
            self.items.pop(key)
        else:
            self.items[key] = after


def hottest(units: Mapping[Place, float]) -> tuple[Place, float]:
    """The partition key with the most units, and how many."""
    return max(units.items(), key=lambda one: one[1])


def _is_between(place: str, asked: Mapping[str, Any]) -> bool:
    """Whether a sort key is one of those that are asked for."""
    values: dict[str, str] = {
        name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()
    }
    condition = asked["KeyConditionExpression"]
    if "begins_with" in condition:
        return place.startswith(values[":sk"])
    if " < :sk" in condition:
        return place < values[":sk"]
    return values.get(":low", "") <= place <= values.get(":high", place)


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _write_units(item: Item) -> int:
    return max(1, ceil(item_size(item) / WRITE_UNIT))
