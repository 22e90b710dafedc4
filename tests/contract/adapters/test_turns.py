"""What ``ports.Turns`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.round_robin import DynamoTurns
from countersign.adapters.memory.tables.round_robin import MemoryTurns
from countersign.ports import Turns
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(params=["memory", "dynamodb"])
def turns(request: pytest.FixtureRequest, aws: None, table_definition: dict[str, Any]) -> Turns:
    if request.param == "memory":
        return MemoryTurns()
    client: DynamoDBClient = request.getfixturevalue("dynamodb_client")
    client.create_table(TableName=TABLE, **table_definition)
    return DynamoTurns(client, TABLE)


def test_everyone_who_draws_gets_the_next_number_of_that_rule(turns: Turns) -> None:
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
