"""How far the upgrade of the table has come, and what it writes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.items import readable
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.model.task import Task
from countersign.model.upgrade import UpgradeProgress

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoUpgrades:
    """``ports.Upgrades`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def progress(self) -> UpgradeProgress:
        item = self._table.get(keys.upgrade())
        if item is None:
            return UpgradeProgress()
        with readable(item):
            return UpgradeProgress.model_validate_json(item["progress"]["S"])

    def note(self, progress: UpgradeProgress) -> None:
        pk, sk = keys.upgrade()
        item: items.Item = {
            "pk": {"S": pk},
            "sk": {"S": sk},
            "type": {"S": "upgrade"},
            "progress": {"S": progress.model_dump_json()},
        }
        with our_errors(SERVICE):
            self._table.client.put_item(TableName=self._table.name, Item=item)

    def write_again(self, task: Task) -> bool:
        with our_errors(SERVICE):
            try:
                self._table.client.put_item(
                    TableName=self._table.name,
                    Item=items.dump_task(task),
                    ConditionExpression="version = :version",
                    ExpressionAttributeValues={":version": {"N": str(task.version)}},
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                return False
        return True
