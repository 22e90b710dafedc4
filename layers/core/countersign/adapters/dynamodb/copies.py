"""Copies of items that every webhook and every run reads, each under a partition key of its own.

All copies are written in one transaction with their original, on which alone conditions are judged;
each reader reads one of them, strongly consistent. The first copy is the original itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from countersign.adapters.dynamodb import keys, shards
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.adapters.dynamodb.transaction import TransactionAction, delete, put, write
from countersign.errors import ConflictError, UnavailableError

INDEXED = frozenset(f"{name}_{part}" for name in keys.ATTRIBUTES.values() for part in ("pk", "sk"))
"""What puts an item into an index, where it is to stand once."""

TRIES = 5
"""How often a change is made anew that another one was in the way of."""


def copy_keys(original: Key) -> tuple[Key, ...]:
    """The keys of the copies, without the original's."""
    return tuple(_copy_key(original, number) for number in range(1, shards.COPIES))


def put_copies(original: Item) -> Iterator[TransactionAction]:
    """Write the copies of an item, whatever they were."""
    plain = {name: value for name, value in original.items() if name not in INDEXED}
    for pk, sk in copy_keys((original["pk"]["S"], original["sk"]["S"])):
        yield put({**plain, "pk": {"S": pk}, "sk": {"S": sk}})


def delete_copies(original: Key) -> Iterator[TransactionAction]:
    """Delete the copies of an item, whether there are any or not."""
    return map(delete, copy_keys(original))


def write_again(table: Table, parts: Sequence[TransactionAction]) -> None:
    """Write what has no conditions, and again where somebody else writes it at the same moment."""
    for _ in range(TRIES):
        try:
            write(table, parts)
        except ConflictError:
            continue
        return
    raise UnavailableError(f"{SERVICE} was busy with the same items {TRIES} times")


def read_with_copies(
    table: Table, reader: str, copied: Iterable[Key], others: Iterable[Key]
) -> dict[Key, Item]:
    """The items that exist, strongly consistent, in one round trip; by their keys.

    ``copied``: those of which there are copies; the reader's name says which one is read. Where
    there is none, since an earlier version wrote the original, that is read in a second round trip.
    """
    number = shards.shard_of(reader, shards.COPIES)
    places = {_copy_key(original, number): original for original in copied}
    items = table.get_all((*places, *others))
    missing = [
        original for place, original in places.items() if place not in items and place != original
    ]
    originals = table.get_all(missing) if missing else {}
    return {places.get(place, place): item for place, item in items.items()} | originals


def _copy_key(original: Key, number: int) -> Key:
    return shards.spread(original[0], number), original[1]
