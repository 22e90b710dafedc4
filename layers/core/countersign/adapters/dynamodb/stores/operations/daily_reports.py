"""Which day's report of a pipeline has been sent: one item each, claimed by a conditional write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.table import SERVICE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=40)


class DynamoDailyReports:
    """``ports.DailyReports`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, pipeline: str, day: date) -> bool:
        expires = datetime(day.year, day.month, day.day, tzinfo=UTC) + KEPT
        item: dict[str, Any] = {
            **self._key(pipeline, day),
            "type": {"S": "daily_report"},
            "expires_ttl": {"N": str(int(expires.timestamp()))},
        }
        with our_errors(SERVICE):
            try:
                self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                return False
        return True

    def release(self, pipeline: str, day: date) -> None:
        with our_errors(SERVICE):
            self._client.delete_item(TableName=self._table, Key=self._key(pipeline, day))

    def _key(self, pipeline: str, day: date) -> Any:
        pk, sk = keys.daily_report(pipeline, day)
        return {"pk": {"S": pk}, "sk": {"S": sk}}
