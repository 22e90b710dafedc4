"""Published pipelines in the table; a version that was read once is not read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.copies import TRIES, delete_copies, put_copies
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.table import IndexQuery, Table, key_of
from countersign.adapters.dynamodb.transaction import (
    NEW,
    TransactionAction,
    delete,
    put,
    recorded_with,
    write,
)
from countersign.adapters.instants import iso
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.errors import ConflictError, NotFoundError, UnavailableError
from countersign.model.pipeline import Head, Pipeline, Version

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from countersign.model.audit import AuditEntry
    from countersign.model.draft import Draft
    from countersign.model.publication import Publication

MAX_KEPT = 64
"""Versions that one process keeps; the one kept longest makes room."""
SWITCHES: Item = {"paused": {"BOOL": False}, "automation": {"BOOL": True}}
"""What a head has beside its version, as it is assumed where it is missing."""


class DynamoPipelines:
    """``ports.Pipelines`` in a DynamoDB table, and its audit entries in that of the audit log."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        unreadable: Note = log,
        audit_table: str | None = None,
    ) -> None:
        self._table = Table(client, table)
        self._audit_table = audit_table
        self._note = unreadable
        self._kept: dict[tuple[str, int], Version] = {}

    def head(self, pipeline: str) -> Head | None:
        item = self._head_item(pipeline)
        return None if item is None else items.parse(Head, item)

    def _head_item(self, pipeline: str) -> Item | None:
        return self._table.get(keys.pipeline_head(pipeline))

    def version(self, pipeline: str, number: int) -> Version:
        kept = self._kept.get((pipeline, number))
        if kept is not None:
            return kept
        item = self._table.get(keys.pipeline_version(pipeline, number))
        if item is None:
            raise NotFoundError(f"pipeline {pipeline} has no version {number}")
        version = items.parse_version(item)
        while len(self._kept) >= MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[pipeline, number] = version
        return version

    def publish(
        self,
        pipeline: Pipeline,
        *,
        at: datetime,
        by: str,
        publication: Publication | None = None,
    ) -> Version:
        from countersign.model.publication import Publication

        wanted = publication or Publication()
        before = self._head_item(pipeline.pipeline)
        published = None if before is None else items.parse(Head, before)
        number = 1 if published is None else published.version + 1
        removed = self._taken(wanted.draft, published)
        wanted.check_replaces(pipeline.pipeline, number - 1)
        version = Version(
            number=number,
            pipeline=pipeline,
            published_at=iso(at),
            published_by=by,
            note=wanted.note,
        )
        parts = (
            put(items.dump_version(version), NEW, "conflict", f"version {number}"),
            *removed,
            *recorded_with(wanted.entry, self._audit_table),
        )
        head = Head(pipeline=pipeline.pipeline, name=pipeline.name, version=number)
        changed = {"version": {"N": str(number)}, "name": {"S": pipeline.name}}
        for _ in range(TRIES):
            after = items.dump_head(head) if before is None else {**before, **changed}
            try:
                write(self._table, (*parts, *_replaced(before, after)))
            except ConflictError:
                self._taken(wanted.draft, published)
                now = self._head_item(pipeline.pipeline)
                if before is None or now is None or now["version"] != before["version"]:
                    raise
                before = now  # it was paused or resumed meanwhile, or its automation switched
            else:
                return version
        raise _busy(pipeline.pipeline)

    def _taken(self, draft: Draft | None, head: Head | None) -> tuple[TransactionAction, ...]:
        """The draft's removal; StaleDraftError or OutdatedDraftError where it must not be."""
        if draft is None:
            return ()
        from countersign.adapters.dynamodb.stores.configuration.draft_items import (
            delete_draft,
            parse_draft,
        )
        from countersign.model.draft import StaleDraftError, check_base

        item = self._table.get(keys.pipeline_draft(draft.pipeline))
        present = None if item is None else parse_draft(item)
        if present is None or present.tag != draft.tag:
            raise StaleDraftError(draft.pipeline, present)
        check_base(draft, head)
        return (delete_draft(draft),)

    def set_paused(self, pipeline: str, paused: bool, entry: AuditEntry | None = None) -> Head:
        parts = tuple(recorded_with(entry, self._audit_table))
        return self._switch(pipeline, {"paused": {"BOOL": paused}}, parts)

    def set_automation(self, pipeline: str, included: bool) -> Head:
        return self._switch(pipeline, {"automation": {"BOOL": included}})

    def _switch(
        self, pipeline: str, changed: Item, parts: tuple[TransactionAction, ...] = ()
    ) -> Head:
        for _ in range(TRIES):
            before = self._head_item(pipeline)
            if before is None:
                raise NotFoundError(f"there is no pipeline {pipeline}")
            after = {**before, **changed}
            with suppress(ConflictError):
                write(self._table, (*parts, *_replaced(before, after)))
                return items.parse(Head, after)
        raise _busy(pipeline)

    def versions(self, pipeline: str, newest: int) -> tuple[Version, ...]:
        head = self.head(pipeline)
        if head is None:
            return ()
        numbers = range(head.version, max(0, head.version - newest), -1)
        stored = self._table.get_in_turn(keys.pipeline_version(pipeline, n) for n in numbers)
        return tuple(each_readable(stored, items.parse_version, self._note))

    def remove(self, pipeline: str) -> None:
        head, own = self.head(pipeline), keys.pipeline_head(pipeline)
        self._table.delete_all([key for key in self._table.keys(own[0]) if key != own])
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] != pipeline}
        version = 0 if head is None else head.version
        still = {
            "ConditionExpression": "attribute_not_exists(pk) OR version = :version",
            "ExpressionAttributeValues": {":version": {"N": str(version)}},
        }
        original = delete(own, still, f"pipeline {pipeline}")
        write(self._table, (original, *delete_copies(own)))

    def list(self) -> tuple[Head, ...]:
        wanted = IndexQuery(index=keys.BOARD, partitions=(keys.PIPELINES,))
        places = self._table.query_index(wanted)
        stored = self._table.get_in_turn(key_of(place) for place in places)
        return tuple(each_readable(stored, partial(items.parse, Head), self._note))


def _replaced(before: Item | None, after: Item) -> Iterator[TransactionAction]:
    """The head with its copies, if it is still what it was; what else an item has stays."""
    condition: dict[str, Any] = NEW
    if before is not None:
        values = {":version": before["version"]}
        holds = ["version = :version"]
        for name, assumed in SWITCHES.items():
            value = values[f":{name}"] = before.get(name, assumed)
            unless_missing = f"attribute_not_exists({name}) OR " if value == assumed else ""
            holds.append(f"({unless_missing}{name} = :{name})")
        condition = {
            "ConditionExpression": " AND ".join(holds),
            "ExpressionAttributeValues": values,
        }
    yield put(after, condition, "conflict", f"pipeline {after['pipeline']['S']}")
    yield from put_copies(after)


def _busy(pipeline: str) -> UnavailableError:
    return UnavailableError(f"pipeline {pipeline} was changed by others {TRIES} times")
