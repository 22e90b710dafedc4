"""Jobs in the table: an item each, and one for each part of what it works on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Item, readable
from countersign.adapters.dynamodb.table import IndexQuery, Table, key_of
from countersign.adapters.dynamodb.transaction import NEW, TransactionAction, put, write
from countersign.adapters.instants import iso
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.job import Job
from countersign.model.page import Page, PageRequest

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=30)
"""How long after its last write a job is kept; DynamoDB deletes within a few days after that."""


class DynamoJobs:
    """``ports.Jobs`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def add(self, job: Job) -> None:
        write(self._table, (put(_dump(job), NEW, "conflict", f"job {job.id}"),))

    def get(self, job: str) -> Job | None:
        item = self._table.get(keys.job(job))
        return None if item is None else _parse(item)

    def put(self, job: Job, part: Sequence[str] | None = None) -> None:
        condition = {
            "ConditionExpression": "version = :was",
            "ExpressionAttributeValues": {":was": {"N": str(job.version - 1)}},
        }
        actions: list[TransactionAction] = [put(_dump(job), condition, "conflict", f"job {job.id}")]
        if part is not None:
            actions.append(put(_dump_part(job, part)))
        write(self._table, actions)

    def part(self, job: str, number: int) -> tuple[str, ...]:
        item = self._table.get(keys.job_part(job, number))
        return () if item is None else tuple(json.loads(item["items"]["S"]))

    def page(self, page: PageRequest) -> Page[Job]:
        query = IndexQuery(
            index=keys.EVENTS, partitions=(keys.JOBS,), before=page.after, newest=page.limit
        )
        entries = list(self._table.query_index(query))
        places = [entry[keys.sort_key_of(keys.EVENTS)]["S"] for entry in entries]
        after = places[-1] if len(places) == page.limit else None
        return Page(tuple(self._read(entries)), after)

    def untouched(self, since: datetime) -> Iterator[Job]:
        query = IndexQuery(index=keys.DUE, partitions=(keys.JOBS,), before=iso(since))
        for job in self._read(self._table.query_index(query)):
            if job.is_open and job.updated_at < since:
                yield job

    def _read(self, entries: Iterator[Item] | list[Item]) -> Iterator[Job]:
        items = self._table.get_in_turn(key_of(entry) for entry in entries)
        return each_readable(items, _parse, self._note)


def _dump(job: Job) -> Item:
    """What the stream's filter and the indexes read, and the whole job as JSON."""
    pk, sk = keys.job(job.id)
    item: Item = {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "type": {"S": "job"},
        "id": {"S": job.id},
        "state": {"S": job.state},
        "version": {"N": str(job.version)},
        "body": {"S": job.model_dump_json(exclude_defaults=True)},
        "events_pk": {"S": keys.JOBS},
        "events_sk": {"S": f"{iso(job.created_at)}#{job.id}"},
        "expires_ttl": _expires(job),
    }
    if job.delay:
        item["delay"] = {"N": str(job.delay)}
    if job.is_open:
        item["due_pk"] = {"S": keys.JOBS}
        item["due_sk"] = {"S": f"{iso(job.updated_at)}#{job.id}"}
    return item


def _dump_part(job: Job, part: Sequence[str]) -> Item:
    pk, sk = keys.job_part(job.id, job.parts - 1)
    return {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "type": {"S": "job_part"},
        "items": {"S": json.dumps(list(part))},
        "expires_ttl": _expires(job),
    }


def _expires(job: Job) -> dict[str, str]:
    return {"N": str(int((job.updated_at + KEPT).timestamp()))}


def _parse(item: Item) -> Job:
    with readable(item):
        return Job.model_validate_json(item["body"]["S"])
