"""The audit log in a table of its own: a partition a month, and an index by subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.stores.configuration import audit_items
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.adapters.dynamodb.transaction import write
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.audit import AuditEntry, AuditFilter, AuditSubject, id_bound
from countersign.model.page import Page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OLDEST = "202601"
"""The first month of which there may be entries: Countersign is not older."""
MAX_READ = 100
"""Items that one query reads."""
MAX_QUERIES = 12
"""Queries that one page makes, of a month each at most."""


class DynamoAuditLog:
    """``ports.AuditLog`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def add(self, entry: AuditEntry) -> None:
        write(self._table, (audit_items.written(entry),))

    def page(self, wanted: AuditFilter, limit: int, *, before: str) -> Page[AuditEntry]:
        oldest = OLDEST if wanted.since is None else max(OLDEST, id_bound(wanted.since))
        if wanted.until is not None:
            before = min(before, id_bound(wanted.until))
        by_id: dict[str, AuditEntry] = {}
        for _ in range(MAX_QUERIES):
            if before <= oldest:
                return Page(tuple(by_id.values()), None)
            items, older = self._read(wanted, oldest, before)
            # How a requested change ended stands behind its request, and is read first.
            for entry in each_readable(items, audit_items.parse_entry, self._note):
                if entry.id < before and entry.id not in by_id and wanted.matches(entry):
                    if len(by_id) == limit:
                        return Page(tuple(by_id.values()), next(reversed(by_id)))
                    by_id[entry.id] = entry
            before = older
        return Page(tuple(by_id.values()), before)

    def _read(self, wanted: AuditFilter, oldest: str, before: str) -> tuple[list[Item], str]:
        """The newest items before that text, and the text before which older ones stand."""
        index: dict[str, Any] = {"ConsistentRead": True}
        name, partition = "", audit_items.month_before(before)
        if wanted.subject_kind is not None and wanted.subject_id is not None:
            index = {"IndexName": audit_items.SUBJECT}
            subject = AuditSubject(kind=wanted.subject_kind, id=wanted.subject_id)
            name, partition = f"{audit_items.SUBJECT}_", keys.audit_subject(str(subject))
        with our_errors(SERVICE):
            answer = self._table.client.query(
                TableName=self._table.name,
                KeyConditionExpression=f"{name}pk = :pk AND {name}sk BETWEEN :oldest AND :before",
                ExpressionAttributeValues={
                    ":pk": {"S": partition},
                    ":oldest": {"S": oldest},
                    ":before": {"S": before},
                },
                ScanIndexForward=False,
                Limit=MAX_READ,
                **index,
            )
        items: Any = answer["Items"]
        if "LastEvaluatedKey" in answer:
            return items, audit_items.id_of(items[-1])
        return items, oldest if name else audit_items.first_of_month(partition)
