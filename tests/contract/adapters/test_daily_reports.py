"""What ``ports.DailyReports`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.operations.daily_reports import DynamoDailyReports
from countersign.adapters.memory.tables.operations.daily_reports import MemoryDailyReports
from countersign.ports import DailyReports
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = date(2026, 3, 2)


@pytest.fixture(params=["memory", "dynamodb"])
def reports(
    request: pytest.FixtureRequest, aws: None, table_definition: dict[str, Any]
) -> DailyReports:
    if request.param == "memory":
        return MemoryDailyReports()
    client: DynamoDBClient = request.getfixturevalue("dynamodb_client")
    client.create_table(TableName=TABLE, **table_definition)
    return DynamoDailyReports(client, TABLE)


def test_a_report_is_claimed_once_for_each_pipeline_and_day(reports: DailyReports) -> None:
    claimed = [
        reports.claim(pipeline, day)
        for pipeline, day in (
            ("contracts", DAY),
            ("contracts", DAY),
            ("leases", DAY),
            ("contracts", date(2026, 3, 3)),
        )
    ]
    assert claimed == [True, False, True, True]


def test_a_claim_that_is_given_back_may_be_made_again(reports: DailyReports) -> None:
    assert reports.claim("contracts", DAY)
    reports.release("contracts", DAY)
    assert reports.claim("contracts", DAY)
    assert not reports.claim("contracts", DAY)


def test_a_claim_is_forgotten_after_forty_days(
    aws: None, table_definition: dict[str, Any], dynamodb_client: DynamoDBClient
) -> None:
    dynamodb_client.create_table(TableName=TABLE, **table_definition)
    assert DynamoDailyReports(dynamodb_client, TABLE).claim("contracts", DAY)
    (item,) = dynamodb_client.scan(TableName=TABLE)["Items"]
    expires = datetime.fromtimestamp(int(item["expires_ttl"]["N"]), UTC)
    assert expires == datetime(2026, 4, 11, tzinfo=UTC)
