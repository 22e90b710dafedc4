"""What ``ports.RoundRobin`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.operations.round_robin import DynamoRoundRobin
from countersign.adapters.memory.tables.operations.round_robin import MemoryRoundRobin
from countersign.ports import RoundRobin
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(params=["memory", "dynamodb"])
def turns(
    request: pytest.FixtureRequest, aws: None, table_definition: dict[str, Any]
) -> RoundRobin:
    if request.param == "memory":
        return MemoryRoundRobin()
    client: DynamoDBClient = request.getfixturevalue("dynamodb_client")
    client.create_table(TableName=TABLE, **table_definition)
    return DynamoRoundRobin(client, TABLE)


def test_everyone_who_draws_gets_the_next_number_of_that_rule(turns: RoundRobin) -> None:
    drawn = [
        turns.draw(pipeline, rule)
        for pipeline, rule in (
            ("contracts", "a"),
            ("contracts", "a"),
            ("contracts", "b"),
            ("leases", "a"),
            ("contracts", "a"),
        )
    ]
    assert drawn == [0, 1, 0, 0, 2]
