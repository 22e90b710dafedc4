"""Published pipelines in the table; a version that was read once is not read again."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.table import SERVICE, Table, key_of
from countersign.adapters.dynamodb.transaction import NEW, TransactionAction, put, write
from countersign.adapters.instants import iso
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.errors import NotFoundError
from countersign.model.pipeline import Head, Pipeline, Version

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_KEPT = 64
"""Versions that one process keeps; the one kept longest makes room."""


class DynamoPipelines:
    """``ports.Pipelines`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable
        self._kept: dict[tuple[str, int], Version] = {}

    def head(self, pipeline: str) -> Head | None:
        item = self._table.get(keys.pipeline_head(pipeline))
        return None if item is None else items.parse(Head, item)

    def version(self, pipeline: str, number: int) -> Version:
        kept = self._kept.get((pipeline, number))
        if kept is not None:
            return kept
        item = self._table.get(keys.pipeline_version(pipeline, number))
        if item is None:
            raise NotFoundError(f"pipeline {pipeline} has no version {number}")
        version = items.parse_version(item)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[pipeline, number] = version
        return version

    def publish(self, pipeline: Pipeline, *, at: datetime, by: str) -> Version:
        before = self.head(pipeline.pipeline)
        version = Version(
            number=before.version + 1 if before else 1,
            pipeline=pipeline,
            published_at=iso(at),
            published_by=by,
        )
        about = f"pipeline {pipeline.pipeline}"
        kept = put(items.dump_version(version), NEW, "conflict", about)
        write(self._table, (kept, _point_head(before, version, about)))
        return version

    def set_paused(self, pipeline: str, paused: bool) -> Head:
        pk, sk = keys.pipeline_head(pipeline)
        with our_errors(SERVICE):
            try:
                answer: Any = self._table.client.update_item(
                    TableName=self._table.name,
                    Key={"pk": {"S": pk}, "sk": {"S": sk}},
                    UpdateExpression="SET paused = :paused",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeValues={":paused": {"BOOL": paused}},
                    ReturnValues="ALL_NEW",
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                raise NotFoundError(f"there is no pipeline {pipeline}") from error
        return items.parse(Head, answer["Attributes"])

    def versions(self, pipeline: str, newest: int) -> tuple[Version, ...]:
        head = self.head(pipeline)
        if head is None:
            return ()
        numbers = range(head.version, max(0, head.version - newest), -1)
        found = self._table.get_in_turn(keys.pipeline_version(pipeline, n) for n in numbers)
        return tuple(each_readable(found, items.parse_version, self._note))

    def remove(self, pipeline: str) -> None:
        head, own = self.head(pipeline), keys.pipeline_head(pipeline)
        self._table.delete_all([key for key in self._table.keys(own[0]) if key != own])
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] != pipeline}
        if head is not None:
            self._table.delete_version(own, head.version, f"pipeline {pipeline}")

    def list(self) -> tuple[Head, ...]:
        places = self._table.query_index(keys.BOARD, keys.PIPELINES)
        found = self._table.get_in_turn(key_of(place) for place in places)
        return tuple(each_readable(found, partial(items.parse, Head), self._note))


def _point_head(before: Head | None, version: Version, about: str) -> TransactionAction:
    """Change the number and the name only: somebody may pause the pipeline at the same moment."""
    name = version.pipeline.name
    if before is None:
        head = Head(pipeline=version.pipeline.pipeline, name=name, version=version.number)
        return put(items.dump_head(head), NEW, "conflict", about)
    pk, sk = keys.pipeline_head(before.pipeline)
    request: dict[str, Any] = {
        "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
        "UpdateExpression": "SET version = :version, #name = :name",
        "ConditionExpression": "version = :was",
        "ExpressionAttributeNames": {"#name": "name"},
        "ExpressionAttributeValues": {
            ":version": {"N": str(version.number)},
            ":name": {"S": name},
            ":was": {"N": str(before.version)},
        },
    }
    return TransactionAction("Update", request, "conflict", about)
