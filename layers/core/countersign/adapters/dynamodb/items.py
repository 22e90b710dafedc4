"""Values as items of the table and back; ``parse(dump(value)) == value``.

Texts, numbers (``Decimal``), yes/no and lists of them are native attributes, so that conditions,
indexes and the stream's filter can read them. Points in time are ISO 8601 UTC with microseconds.
Nothing (None, no, 0, an empty list) is left out where it is the default. Nested values are JSON
text: the AWS client spends some five microseconds on every native attribute, there and back, and
a list of signers has dozens.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import (
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
    Subnormal,
)
from itertools import islice
from typing import Any, TypeVar

from pydantic_core import ValidationError, from_json, to_json

from countersign.adapters.dynamodb import keys
from countersign.adapters.instants import iso
from countersign.errors import PermanentError, UnreadableError
from countersign.model.base import Model
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.log import LogEntry, pieces
from countersign.model.log_hashes import EntryHash, TimelinePart
from countersign.model.pipeline import Head, Version
from countersign.model.request_key import KEPT_FOR, RequestKey
from countersign.model.run import TROUBLED, Run
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent, Transaction

Attribute = dict[str, Any]
"""A value as DynamoDB writes it: ``{"S": "text"}``."""
Item = dict[str, Attribute]
M = TypeVar("M", bound=Model)

_DIGEST = 32
"""Bytes of a SHA-256."""
RAW_DAYS = timedelta(days=30)
"""How long raw messages are kept; DynamoDB deletes within a few days after that."""
MAX_RAW_BYTES = 300_000
"""Of a raw message, compressed; an item holds 400 KB (DynamoDB's quota)."""

NESTED: dict[type[Model], frozenset[str]] = {
    Document: frozenset({"signers", "sender", "erased"}),
    Run: frozenset({"verdict", "mails"}),
    Task: frozenset({"checklist"}),
    Connection: frozenset({"parties", "fields"}),
    Head: frozenset(),
    ProcessedEvent: frozenset(),
    RequestKey: frozenset(),
}
"""The attributes that are JSON text."""
LEFT_OUT: dict[type[Model], dict[str, Any]] = {
    model: {
        name: default
        for name, field in model.model_fields.items()
        if not field.is_required() and not (default := field.get_default(call_default_factory=True))
    }
    for model in NESTED
}
"""What the attributes hold that are not written: nothing, where nothing is what is assumed."""

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_NUMBERS = Context(
    prec=38, Emin=-130, Emax=125, traps=[Inexact, InvalidOperation, Overflow, Subnormal]
)


def dump_document(document: Document) -> Item:
    item = _item("document", keys.document(document.id), document)
    place = keys.board_place(document.pipeline, document.stage, document.since, document.id)
    item["board_pk"], item["board_sk"] = {"S": place[0]}, {"S": place[1]}
    if document.erased:
        item["erasures"] = {"N": str(len(document.erased))}
    return item


def dump_run(run: Run) -> Item:
    """In the index ``due`` only while it waits for a moment, in ``events`` while in trouble."""
    item = _item("run", keys.run(run.key), run)
    moment = due_moment(run)
    if moment is not None:
        shard, place = keys.due_place(run.key, moment)
        item["due_pk"], item["due_sk"] = {"S": shard}, {"S": place}
    if run.state in TROUBLED:
        shard, place = keys.trouble_place(run.key, trouble_moment(run))
        item["events_pk"], item["events_sk"] = {"S": shard}, {"S": place}
    return item


def dump_task(task: Task) -> Item:
    """In the indexes ``tasks`` and ``due`` only while it is open."""
    item = _item("task", keys.task(task.key), task)
    if task.state == "open":
        shard, place = keys.task_place(task.key, task.assignee, task.deadline)
        item["task_pk"], item["task_sk"] = {"S": shard}, {"S": place}
        shard, place = keys.deadline_place(task.key, task.deadline)
        item["due_pk"], item["due_sk"] = {"S": shard}, {"S": place}
    return item


def due_moment(run: Run) -> datetime | None:
    """What the run waits for: its time, the end of its lease, or of the wait for a report."""
    waits = {"ready": run.due, "running": run.lease_until, "in_doubt": run.doubt_until}
    return waits.get(run.state)


def trouble_moment(run: Run) -> datetime:
    """Since when a run is in trouble."""
    return run.concluded_at or run.started_at or run.planned_at


def dump_logs(change: Transaction) -> Iterator[Item]:
    """The lines of one change in as few items as can hold them, one for nearly all."""
    document, hashes = change.document, iter(change.hashes)
    if document is None:
        return
    for number, entries in enumerate(pieces(change.log)):
        kept = tuple(islice(hashes, len(entries)))
        part = TimelinePart.model_construct(
            version=document.version, piece=number, entries=entries, hashes=kept
        )
        yield dump_log(document.id, part)


def dump_log(document: str, part: TimelinePart) -> Item:
    """Lines of one change as one item: a message may bring dozens of facts.

    JSON text, but for the values of fields, whose numbers must stay numbers.
    """
    lines = [
        entry.model_dump(mode="json", exclude={"changes"}, exclude_defaults=True)
        for entry in part.entries
    ]
    item = _plain_item("log", keys.log(document, part.version, part.piece))
    item["lines"] = {"S": to_json(lines).decode()}
    if any(entry.changes for entry in part.entries):
        item["changes"] = write([entry.model_dump()["changes"] for entry in part.entries])
    if part.hashes:
        item["hashes"] = {"B": b"".join(map(_packed, part.hashes))}
    return item


def parse_log(item: Item) -> tuple[LogEntry, ...]:
    """The lines of ``dump_log``, in their order."""
    with readable(item):
        lines = from_json(item["lines"]["S"])
        changes = read(item["changes"]) if "changes" in item else [()] * len(lines)
        return tuple(
            LogEntry.model_validate({**line, "changes": changed})
            for line, changed in zip(lines, changes, strict=True)
        )


def parse_part(item: Item) -> TimelinePart:
    """The lines of ``dump_log`` with their hashes."""
    entries = parse_log(item)
    with readable(item):
        version, piece = keys.log_parts(item["sk"]["S"])
        hashes = _unpacked(item["hashes"]["B"]) if "hashes" in item else ()
        return TimelinePart(version=version, piece=piece, entries=entries, hashes=tuple(hashes))


def _packed(proof: EntryHash) -> bytes:
    """A byte with the length of the salt, 0 where it was destroyed; then the salt, or the digest of
    what was erased; then the hash of the timeline."""
    salt = bytes.fromhex(proof.salt or "")
    hidden = salt or bytes.fromhex(proof.erased or "")
    return bytes([len(salt)]) + hidden + bytes.fromhex(proof.timeline)


def _unpacked(packed: bytes) -> Iterator[EntryHash]:
    place = 0
    while place < len(packed):
        length = packed[place]
        end = place + 1 + (length or _DIGEST)
        if end + _DIGEST > len(packed):
            msg = "a hash is cut off"
            raise ValueError(msg)
        hidden, timeline = packed[place + 1 : end].hex(), packed[end : end + _DIGEST].hex()
        yield EntryHash(hidden if length else None, None if length else hidden, timeline)
        place = end + _DIGEST


def dump_event(version: int, number: int, event: ProcessedEvent) -> Item:
    """The mark that the event was applied, without its raw message; never expires.

    ``version`` is the document's that the event made, 0 for an event without a document.
    """
    item = _item("event", keys.event(event.document, event.connection, event.key), event)
    item.pop("raw", None)
    item["applied_in"] = {"S": f"{version:010}#{number:03}"}
    place = keys.events_place(event, version, number)
    item["events_pk"], item["events_sk"] = {"S": place[0]}, {"S": place[1]}
    return item


def dump_raw(event: ProcessedEvent) -> Item:
    """The raw message of the event, compressed; expires on its own."""
    text = event.raw or ""
    body = zlib.compress(text.encode(), level=1)
    if len(body) > MAX_RAW_BYTES:
        note = f"[left out: {len(body):,} bytes compressed; {MAX_RAW_BYTES:,} are kept at most]"
        body = zlib.compress(note.encode())
    expires = int((event.at + RAW_DAYS).timestamp())
    return _plain_item("raw", keys.raw_message(event.document, event.connection, event.key)) | {
        "key": {"S": event.key},
        "body": {"B": body},
        "expires_ttl": {"N": str(expires)},
    }


def dump_once(key: keys.Key, entry: int) -> Item:
    return _plain_item("once", key) | {"entry": {"N": str(entry)}}


def dump_alias(envelope: str, document: str) -> Item:
    return _plain_item("alias", keys.alias(envelope)) | {"document": {"S": document}}


def dump_request_key(request: RequestKey) -> Item:
    item = _item("request", keys.request_key(request.caller, request.key), request)
    item["expires_ttl"] = {"N": str(int((request.at + KEPT_FOR).timestamp()))}
    return item


def dump_word(word: str, document: Document) -> Item:
    """The mark that the word finds the document."""
    item = _plain_item("word", keys.word_place(word, document))
    return item | {"word": {"S": word}, "document": {"S": document.id}}


def dump_connection(connection: Connection) -> Item:
    item = _item("connection", keys.connection(connection.id), connection)
    item["board_pk"], item["board_sk"] = {"S": keys.CONNECTIONS}, {"S": connection.id}
    return item


def dump_head(head: Head) -> Item:
    item = _item("pipeline", keys.pipeline_head(head.pipeline), head)
    item["board_pk"], item["board_sk"] = {"S": keys.PIPELINES}, {"S": head.pipeline}
    return item


def dump_version(version: Version) -> Item:
    key = keys.pipeline_version(version.pipeline.pipeline, version.number)
    body = zlib.compress(version.model_dump_json().encode(), level=9)
    return _plain_item("version", key) | {"body": {"B": body}}


def parse_version(item: Mapping[str, Attribute]) -> Version:
    with readable(item):
        return Version.model_validate_json(unpack(item["body"]))


def parse(model: type[M], item: Mapping[str, Attribute]) -> M:
    """The value in an item; attributes that this version does not know are passed over.

    Also reads the images of the table's stream, as Lambda hands them over. UnreadableError for an
    item of another version that this one cannot read.
    """
    nested = NESTED[model]
    known = model.model_fields
    with readable(item):
        return model.model_validate(
            {
                name: from_json(attribute["S"]) if name in nested else read(attribute)
                for name, attribute in item.items()
                if name in known
            }
        )


@contextmanager
def readable(item: Mapping[str, Attribute]) -> Iterator[None]:
    """Read an item; UnreadableError, without its values, for whatever is wrong with it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, zlib.error) as error:
        where = " ".join(str(item.get(name, {}).get("S")) for name in ("pk", "sk"))
        msg = f"the item {where} cannot be read by this version: {_why(error)}"
        raise UnreadableError(msg) from error


def _why(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return type(error).__name__
    errors = error.errors()
    places = (".".join(map(str, detail["loc"])) + f" ({detail['type']})" for detail in errors[:5])
    return ", ".join(places)


def unpack(attribute: Attribute) -> str:
    """A compressed text."""
    return zlib.decompress(attribute["B"]).decode()


def _plain_item(kind: str, key: keys.Key) -> Item:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}, "type": {"S": kind}}


def _item(kind: str, key: keys.Key, value: Model) -> Item:
    nested, left_out = NESTED[type(value)], LEFT_OUT[type(value)]
    item = _plain_item(kind, key)
    for name, member in value.model_dump().items():
        if not member and name in left_out and member == left_out[name]:
            continue
        item[name] = {"S": to_json(member).decode()} if name in nested else write(member)
    return item


def write(value: Any) -> Attribute:
    """A plain value as an attribute; ``TypeError`` for what is none."""
    return _WRITERS[type(value)](value)


def read(attribute: Attribute) -> Any:
    """An attribute as a plain value; numbers are ``Decimal``."""
    ((kind, value),) = attribute.items()
    return _READERS[kind](value)


def _number(value: Decimal) -> Attribute:
    try:
        return {"N": str(_NUMBERS.create_decimal(value))}
    except DecimalException as error:
        msg = (
            f"{value} cannot be kept; expected at most 38 digits, of a size from 1E-130 to 9.9E+125"
        )
        raise PermanentError(msg) from error


_WRITERS: dict[type, Callable[[Any], Attribute]] = {
    str: lambda value: {"S": value},
    bool: lambda value: {"BOOL": value},
    int: lambda value: {"N": str(value)},
    Decimal: _number,
    datetime: lambda value: {"S": iso(value)},
    bytes: lambda value: {"B": value},
    tuple: lambda value: {"L": [write(element) for element in value]},
    list: lambda value: {"L": [write(element) for element in value]},
    dict: lambda value: {"M": {str(name): write(member) for name, member in value.items()}},
    type(None): lambda _: {"NULL": True},
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "S": lambda value: value,
    "BOOL": lambda value: value,
    "N": Decimal,
    "B": lambda value: value,
    "L": lambda value: [read(element) for element in value],
    "M": lambda value: {name: read(member) for name, member in value.items()},
    "NULL": lambda _: None,
}
