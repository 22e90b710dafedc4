"""Idempotency keys of callers: an item each, which the table forgets after a day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.table import Table
from countersign.adapters.dynamodb.transaction import request_part, write
from countersign.model.request_key import RequestKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRequestKeys:
    """``ports.RequestKeys`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def get(self, caller: str, key: str, *, now: datetime) -> RequestKey | None:
        item = self._table.get(keys.request_key(caller, key))
        stored = None if item is None else items.parse(RequestKey, item)
        return None if stored is None or stored.is_over(now) else stored

    def add(self, request: RequestKey) -> None:
        write(self._table, [request_part(request)])
