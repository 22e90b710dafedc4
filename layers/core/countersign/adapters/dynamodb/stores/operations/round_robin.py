"""Counters of rules that pick people in turn: one item and one atomic addition each.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.AtomicCounters
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.table import SERVICE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRoundRobin:
    """``ports.RoundRobin`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def draw(self, pipeline: str, rule: str) -> int:
        pk, sk = keys.round_robin(pipeline, rule)
        with our_errors(SERVICE):
            answer: Any = self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": pk}, "sk": {"S": sk}},
                UpdateExpression="SET #type = :turn ADD drawn :one",
                ExpressionAttributeNames={"#type": "type"},
                ExpressionAttributeValues={":turn": {"S": "turn"}, ":one": {"N": "1"}},
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"]["drawn"]["N"]) - 1
