"""Audit entries as items of their own table, which nothing changes."""

from __future__ import annotations

from dataclasses import replace

from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Item, readable
from countersign.adapters.dynamodb.transaction import NEW, TransactionAction, put
from countersign.model.audit import AuditEntry

SUBJECT = "subject"
"""The index of the entries about one subject."""
MONTHS = "AUDIT#"
"""What the partition of a month begins with: ``AUDIT#202603``."""
CONCLUDED = "#CONCLUDED"
"""What the sort key of an entry ends with that says how a requested change ended."""


def month_before(bound: str) -> str:
    """The partition of the newest entries whose ids sort before a text: of ``20260302T09`` it is
    that of March, of ``202603`` that of February."""
    year, month = int(bound[:4]), int(bound[4:6])
    if len(bound) == len("202603"):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return f"{MONTHS}{year:04}{month:02}"


def first_of_month(partition: str) -> str:
    """What all ids in a partition begin with, and so sorts before them."""
    return partition.removeprefix(MONTHS)


def id_of(item: Item) -> str:
    """The id of an item's entry."""
    place: str = item["sk"]["S"]
    return place.removesuffix(CONCLUDED)


def dump_entry(entry: AuditEntry) -> Item:
    place = f"{entry.id}{CONCLUDED}" if entry.concluded_at is not None else entry.id
    body = entry.model_dump_json(exclude_defaults=True)
    return {
        "pk": {"S": f"{MONTHS}{entry.id[:6]}"},
        "sk": {"S": place},
        "subject_pk": {"S": keys.audit_subject(str(entry.subject))},
        "subject_sk": {"S": place},
        "body": {"S": body},
    }


def parse_entry(item: Item) -> AuditEntry:
    with readable(item):
        return AuditEntry.model_validate_json(item["body"]["S"])


def written_with(entry: AuditEntry, table: str | None) -> TransactionAction:
    """Write an entry into the audit log's table, in the transaction of its change."""
    if table is None:
        msg = "this process knows no audit log"
        raise LookupError(msg)
    action = written(entry)
    return replace(action, request={"TableName": table, **action.request})


def written(entry: AuditEntry) -> TransactionAction:
    """Write an entry that is not there yet."""
    return put(dump_entry(entry), NEW, "conflict", f"audit entry {entry.id}")
