"""Statistics in a table of their own: one item for each document, one for each shard of a day.

An item of counters has an attribute for each counter, to which transactions add. The documents'
items are conditioned on their revision, so that a retry adds nothing twice.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set, Sized
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countersign.adapters.dynamodb import keys, shards
from countersign.adapters.dynamodb.items import Item, readable, unpack
from countersign.adapters.dynamodb.table import MAX_KEYS, Table, key_of
from countersign.adapters.dynamodb.transaction import NEW, TransactionAction, put, write
from countersign.adapters.instants import iso
from countersign.errors import ConflictError
from countersign.model.statistics import (
    FIRST_EPOCH,
    REMOVED,
    CountedDocument,
    CounterKey,
    Epochs,
    PendingCount,
    StatisticsChange,
)
from countersign.model.transaction import MAX_ITEMS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=3)
"""How long it is remembered that a document was removed: longer than the stream keeps a change."""
MAX_NAMES = 100
"""Counters of one update: an expression may have 4 KB and 300 operators. More of a day go into
other shards.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"""

Place = tuple[int, date | None]
"""Epoch and day of an item of counters."""


class DynamoStatistics:
    """``ports.Statistics`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def epochs(self, pipeline: str) -> Epochs:
        item = self._table.get(keys.epochs(pipeline))
        return Epochs() if item is None else _epochs(item)

    def counted(self, documents: Collection[str]) -> Mapping[str, CountedDocument]:
        wanted = [keys.counted_document(document) for document in dict.fromkeys(documents)]
        items = (
            item
            for start in range(0, len(wanted), MAX_KEYS)
            for item in self._table.get_all(wanted[start : start + MAX_KEYS]).values()
        )
        return {counted.document: counted for counted in map(_counted, items)}

    def record(self, changes: Sequence[StatisticsChange]) -> Collection[str]:
        refused: dict[str, None] = {}
        for batch in _batches(part for change in changes for part in _parts(change)):
            if any(change.counted.document in refused for change in batch.changes):
                refused.update(dict.fromkeys(batch.documents))
                continue
            try:
                write(self._table, tuple(batch.actions()))
            except ConflictError:
                refused.update(dict.fromkeys(batch.documents))
        return tuple(refused)

    def read(self, pipeline: str, first: date, last: date) -> Mapping[CounterKey, int]:
        there = self.epochs(pipeline)
        counts: Counter[CounterKey] = Counter()
        for epoch in (REMOVED, *range(there.oldest, there.newest + 1)):
            days = keys.counters_row(epoch, first), keys.counters_row(epoch, last)
            for shard in keys.counters_shards(pipeline):
                counts.update(_counts(self._table.query_between(shard, *days, consistent=False)))
            counts.update(self._present(pipeline, epoch))
        return _without_nothing(counts)

    def present(self, pipeline: str) -> Mapping[CounterKey, int]:
        there = self.epochs(pipeline)
        counts: Counter[CounterKey] = Counter()
        for epoch in (REMOVED, *range(there.oldest, there.newest + 1)):
            counts.update(self._present(pipeline, epoch))
        return _without_nothing(counts)

    def _present(self, pipeline: str, epoch: int) -> Mapping[CounterKey, int]:
        now = keys.counters_row(epoch, None)
        places = [(shard, now) for shard in keys.counters_shards(pipeline)]
        return _counts(self._table.get_all(places, consistent=False).values())

    def superseded(self, pipeline: str) -> Mapping[CounterKey, int]:
        counts: Counter[CounterKey] = Counter()
        there = self.epochs(pipeline)
        for items in self._epochs_between(pipeline, there.oldest, there.newest - 1):
            counts.update(_counts(items))
        return _without_nothing(counts)

    def begin_epoch(self, pipeline: str, at: datetime) -> Epochs:
        before = self.epochs(pipeline)
        if before.goes_on(at):
            return before
        after = before.model_copy(
            update={"newest": before.newest + 1, "begun_at": at, "rebuilding": True}
        )
        self._write_epochs(pipeline, before, after)
        return after

    def end_rebuild(self, pipeline: str, epoch: int, *, drop: bool) -> None:
        before = self.epochs(pipeline)
        if before.newest != epoch:
            raise ConflictError(f"the statistics of {pipeline} are rebuilt by somebody else")
        update: dict[str, Any] = {"rebuilding": False}
        if drop:
            # Nobody reads them from then on; what is left of them after a crash is deleted next
            # time, since they are found by their keys.
            update["oldest"] = epoch
        self._write_epochs(pipeline, before, before.model_copy(update=update))
        if drop:
            for items in self._epochs_between(pipeline, FIRST_EPOCH, epoch - 1):
                self._table.delete_all(map(key_of, items))

    def _epochs_between(self, pipeline: str, first: int, last: int) -> Iterator[list[Item]]:
        """The counters of these epochs, shard by shard."""
        places = keys.counters_row(first, date.min), keys.counters_row(last, None)
        for shard in keys.counters_shards(pipeline) if first <= last else ():
            yield list(self._table.query_between(shard, *places))

    def _write_epochs(self, pipeline: str, before: Epochs, after: Epochs) -> None:
        pk, sk = keys.epochs(pipeline)
        item: Item = {
            "pk": {"S": pk},
            "sk": {"S": sk},
            "type": {"S": "epochs"},
            "oldest": {"N": str(after.oldest)},
            "newest": {"N": str(after.newest)},
            "rebuilding": {"BOOL": after.rebuilding},
        }
        if after.begun_at is not None:
            item["begun_at"] = {"S": iso(after.begun_at)}
        condition: dict[str, Any] = {
            "ConditionExpression": "newest = :newest AND rebuilding = :rebuilding",
            "ExpressionAttributeValues": {
                ":newest": {"N": str(before.newest)},
                ":rebuilding": {"BOOL": before.rebuilding},
            },
        }
        is_first = before == Epochs()
        about = f"the rebuilding of the statistics of {pipeline}"
        write(self._table, [put(item, NEW if is_first else condition, "conflict", about)])


class _Batch:
    """Changes that one transaction writes, with what they add to each item of counters."""

    def __init__(self) -> None:
        self.changes: list[StatisticsChange] = []
        self._rows: dict[tuple[str, Place], Counter[str]] = {}

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(change.counted.document for change in self.changes)

    def takes(self, change: StatisticsChange) -> bool:
        """Whether one more change fits."""
        if change.counted.document in self.documents:
            return False
        rows: dict[tuple[str, Place], Set[str]] = {
            place: names.keys() for place, names in self._rows.items()
        }
        for place, names in _rows(change).items():
            rows[place] = rows.get(place, frozenset()) | names.keys()
        updates = [_updates(names) for names in rows.values()]
        items = len(self.changes) + 1 + sum(updates)
        return items <= MAX_ITEMS and max(updates, default=0) <= shards.STATISTICS

    def add(self, change: StatisticsChange) -> None:
        self.changes.append(change)
        for place, names in _rows(change).items():
            self._rows.setdefault(place, Counter()).update(names)

    def actions(self) -> Iterator[TransactionAction]:
        first = shards.shard_of(self.documents[0], shards.STATISTICS)
        for change in self.changes:
            yield _put_counted(change.counted)
        for (pipeline, place), names in self._rows.items():
            changed = [(name, number) for name, number in sorted(names.items()) if number]
            for piece in range(_updates(changed)):
                shard = keys.counters(pipeline, (first + piece) % shards.STATISTICS)
                start = piece * MAX_NAMES
                yield _add(shard, place, changed[start : start + MAX_NAMES])


def _updates(names: Sized) -> int:
    """How many items of counters so many names take."""
    return -(-len(names) // MAX_NAMES)


def _batches(changes: Iterable[StatisticsChange]) -> Iterator[_Batch]:
    batch = _Batch()
    for change in changes:
        if batch.changes and not batch.takes(change):
            yield batch
            batch = _Batch()
        batch.add(change)
    if batch.changes:
        yield batch


def _parts(change: StatisticsChange) -> Iterator[StatisticsChange]:
    """The change in as many parts as it takes transactions, one for nearly all. What a part leaves
    to the next ones is pending, should they not follow."""
    rows: defaultdict[Place, list[PendingCount]] = defaultdict(list)
    for count in change.counts:
        rows[count.epoch, count.day].append(count)
    parts: list[list[PendingCount]] = [[]]
    room = MAX_ITEMS - 1
    for row in rows.values():
        for start in range(0, len(row), MAX_NAMES * shards.STATISTICS):
            piece = row[start : start + MAX_NAMES * shards.STATISTICS]
            if start or _updates(piece) > room:
                parts.append([])
                room = MAX_ITEMS - 1
            parts[-1].extend(piece)
            room -= _updates(piece)
    for number, counts in enumerate(parts):
        rest = tuple(count for part in parts[number + 1 :] for count in part)
        update = {"revision": change.counted.revision + number, "pending": rest}
        counted = change.counted.model_copy(update=update)
        yield StatisticsChange(counted=counted, counts=tuple(counts))


def _rows(change: StatisticsChange) -> Mapping[tuple[str, Place], Counter[str]]:
    rows: dict[tuple[str, Place], Counter[str]] = {}
    for count in change.counts:
        place = change.counted.pipeline, (count.epoch, count.day)
        rows.setdefault(place, Counter())[count.name] += count.number
    return rows


def _put_counted(counted: CountedDocument) -> TransactionAction:
    pk, sk = keys.counted_document(counted.document)
    body = zlib.compress(counted.model_dump_json(exclude_defaults=True).encode())
    item: Item = {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "type": {"S": "counted"},
        "revision": {"N": str(counted.revision)},
        "body": {"B": body},
    }
    if counted.removed_at is not None:
        item["expires_ttl"] = {"N": str(int((counted.removed_at + KEPT).timestamp()))}
    condition: dict[str, Any] = {
        "ConditionExpression": "revision = :was",
        "ExpressionAttributeValues": {":was": {"N": str(counted.revision - 1)}},
    }
    is_new = counted.revision == 1
    about = f"what is counted of {counted.document}"
    return put(item, NEW if is_new else condition, "conflict", about)


def _add(partition: str, place: Place, changed: Sequence[tuple[str, int]]) -> TransactionAction:
    attributes = {f"#{number}": name for number, (name, _) in enumerate(changed)}
    values = {f":{number}": {"N": str(amount)} for number, (_, amount) in enumerate(changed)}
    adds = ", ".join(f"#{number} :{number}" for number in range(len(changed)))
    request: dict[str, Any] = {
        "Key": {"pk": {"S": partition}, "sk": {"S": keys.counters_row(*place)}},
        "UpdateExpression": f"ADD {adds}",
        "ExpressionAttributeNames": attributes,
        "ExpressionAttributeValues": values,
    }
    return TransactionAction("Update", request, "conflict", f"the counters {partition}")


def _counts(items: Iterable[Item]) -> Counter[CounterKey]:
    counts: Counter[CounterKey] = Counter()
    for item in items:
        with readable(item):
            epoch, day = keys.counters_row_parts(item["sk"]["S"])
            for name, attribute in item.items():
                if name not in ("pk", "sk"):
                    counts[CounterKey(epoch, day, name)] += int(attribute["N"])
    return counts


def _without_nothing(counts: Mapping[CounterKey, int]) -> Mapping[CounterKey, int]:
    return {key: number for key, number in counts.items() if number}


def _counted(item: Item) -> CountedDocument:
    with readable(item):
        return CountedDocument.model_validate_json(unpack(item["body"]))


def _epochs(item: Item) -> Epochs:
    with readable(item):
        return Epochs.model_validate(
            {
                "oldest": int(item["oldest"]["N"]),
                "newest": int(item["newest"]["N"]),
                "begun_at": item["begun_at"]["S"] if "begun_at" in item else None,
                "rebuilding": item["rebuilding"]["BOOL"],
            }
        )
