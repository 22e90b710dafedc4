"""What the deployment's plan includes: one item of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.table import Table
from countersign.adapters.dynamodb.transaction import NEW, put, recorded_with, write
from countersign.model.entitlements import EVERYTHING, Entitlements

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from countersign.model.audit import AuditEntry


class DynamoEntitlementStore:
    """``ports.EntitlementStore`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, audit_table: str | None = None) -> None:
        self._table = Table(client, table)
        self._audit_table = audit_table

    def get(self) -> Entitlements:
        item = self._table.get(keys.entitlements())
        if item is None:
            return EVERYTHING
        with items.readable(item):
            return Entitlements.model_validate_json(item["body"]["S"])

    def put(self, entitlements: Entitlements, entry: AuditEntry | None = None) -> None:
        pk, sk = keys.entitlements()
        item: items.Item = {
            "pk": {"S": pk},
            "sk": {"S": sk},
            "type": {"S": "entitlements"},
            "version": {"N": str(entitlements.version)},
            "body": {"S": entitlements.model_dump_json()},
        }
        condition: dict[str, Any] = NEW
        if entitlements.version > 1:
            condition = {
                "ConditionExpression": "version = :was",
                "ExpressionAttributeValues": {":was": {"N": str(entitlements.version - 1)}},
            }
        kept = put(item, condition, "conflict", "what the plan includes")
        write(self._table, (kept, *recorded_with(entry, self._audit_table)))
