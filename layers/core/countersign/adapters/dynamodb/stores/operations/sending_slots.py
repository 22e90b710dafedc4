"""Places in the row of those who send: one item a row, its next free place moved by each update.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.table import SERVICE
from countersign.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRIES = 4
"""How often the two conditions are tried: each fails where the other held a moment ago."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(milliseconds=1)


class DynamoSendingSlots:
    """``ports.SendingSlots`` in a DynamoDB table; times are kept in milliseconds."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def take(self, row: str, every: timedelta, now: datetime) -> datetime:
        began, step = (now - _EPOCH) // _TICK, max(every // _TICK, 1)
        for _ in range(TRIES):
            # A row that is ahead of the clock moves on; one that has run empty begins anew.
            behind = self._move("#free + :step", "#free >= :now", row, now=began, step=step)
            if behind is None:
                start = "attribute_not_exists(#free) OR #free < :now"
                behind = self._move(":now + :step", start, row, now=began, step=step)
            if behind is not None:
                return _EPOCH + (behind - step) * _TICK
        msg = f"no place in the row {row} could be taken in {TRIES} tries"
        raise UnavailableError(msg)

    def _move(self, to: str, condition: str, row: str, *, now: int, step: int) -> int | None:
        """The next free place behind the one that was taken; None where the condition failed."""
        pk, sk = keys.sending_row(row)
        with our_errors(SERVICE):
            try:
                answer: Any = self._client.update_item(
                    TableName=self._table,
                    Key={"pk": {"S": pk}, "sk": {"S": sk}},
                    UpdateExpression=f"SET #type = :row, #free = {to}",
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#type": "type", "#free": "free"},
                    ExpressionAttributeValues={
                        ":row": {"S": "sending row"},
                        ":now": {"N": str(now)},
                        ":step": {"N": str(step)},
                    },
                    ReturnValues="UPDATED_NEW",
                )
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    return None
                raise
        return int(answer["Attributes"]["free"]["N"])
