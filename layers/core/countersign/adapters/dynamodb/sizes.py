"""How large items are by DynamoDB's measure, and its two limits.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.items import Attribute, Item
from countersign.errors import TooLargeError
from countersign.model.base import Model
from countersign.model.log import HASH_SIZE
from countersign.model.transaction import Transaction

MAX_ITEM = 400 * 1024
"""Bytes of an item, the names of its attributes included."""
MAX_TRANSACTION = 4 * 1024 * 1024
"""Bytes of all items of one transaction."""


ASIDE = 3_000
"""Bytes of an item beside its value: keys, names of attributes, places in indexes."""


def check_change(change: Transaction) -> None:
    """``check_sizes`` of what a change writes; makes no items where all of it surely fits."""
    document = change.document
    values = [*change.planned, *(update.run for update in change.updates), *change.tasks]
    bounds = [_bound(value) for value in values]
    if document is not None:
        hashes = HASH_SIZE * len(change.hashes)
        bounds += [_bound(document), sum(map(_bound, change.log)) + hashes]
    bounds += [sum(_bound(entry) + HASH_SIZE for entry in part.entries) for part in change.parts]
    bounds += [_bound(event.model_copy(update={"raw": None})) for event in change.events]
    bounds += [items.MAX_RAW_BYTES for event in change.events if event.raw is not None]
    if max(bounds, default=0) > MAX_ITEM or sum(bounds) > MAX_TRANSACTION:
        check_sizes(items_of(change))


def _bound(value: Model) -> int:
    """More than the value's item has: a letter has four bytes at most."""
    return 4 * len(value.model_dump_json()) + ASIDE


def check_sizes(written: Iterable[Item]) -> None:
    """Raise TooLargeError where these items of one transaction could never be written."""
    total = 0
    for item in written:
        size = item_size(item)
        total += size
        if size > MAX_ITEM:
            msg = f"the item {item['sk']['S'][:80]} has {size:,} bytes; DynamoDB keeps {MAX_ITEM:,}"
            raise TooLargeError(msg)
    if total > MAX_TRANSACTION:
        msg = f"the change has {total:,} bytes; DynamoDB writes {MAX_TRANSACTION:,} at once"
        raise TooLargeError(msg)


def item_size(item: Item) -> int:
    """The item's bytes."""
    total = 0
    for name, attribute in item.items():
        text = attribute.get("S")  # what nearly all attributes are
        total += len(name) + (_size(attribute) if text is None else _text(text))
    return total


def items_of(change: Transaction) -> Iterator[Item]:
    """Every item that a change writes."""
    document = change.document
    if change.request is not None:
        yield items.dump_request_key(change.request)
    if document is not None:
        yield items.dump_document(document)
        yield from items.dump_logs(change)
        yield from (items.dump_log(document.id, part) for part in change.parts)
        yield from (items.dump_alias(envelope, document.id) for envelope in change.attach)
        yield from (items.dump_word(word, document) for word in change.new_words)
    version = 0 if document is None else document.version
    for number, event in enumerate(change.events):
        yield items.dump_event(version, number, event)
        if event.raw is not None:
            yield items.dump_raw(event)
    for rewritten in change.rewritten:
        yield items.dump_event(rewritten.mark.version, rewritten.mark.number, rewritten.mark.event)
    yield from map(items.dump_run, change.planned)
    yield from (items.dump_run(update.run) for update in change.updates)
    yield from map(items.dump_task, change.tasks)
    yield from (items.dump_once(keys.once(key), key.entry) for key in change.once)


def _size(attribute: Attribute) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return _text(value)
        case "N":
            # Two digits a byte, and one or two for the sign and the place of the point.
            return (len(value) + 1) // 2 + 2
        case "B":
            return len(value)
        case "L":
            return 3 + sum(1 + _size(element) for element in value)
        case "M":
            return 3 + sum(1 + _text(name) + _size(member) for name, member in value.items())
    return 1


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
