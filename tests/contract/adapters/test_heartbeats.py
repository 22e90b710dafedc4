"""What ``ports.Heartbeats`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from countersign.adapters.dynamodb.stores.operations.heartbeats import DynamoHeartbeats
from countersign.adapters.memory.tables.operations.heartbeats import MemoryHeartbeats
from countersign.errors import UnavailableError
from countersign.ports import Heartbeats
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "dynamodb"])
def heartbeats(request: pytest.FixtureRequest) -> Heartbeats:
    if request.param == "memory":
        return MemoryHeartbeats()
    return DynamoHeartbeats(request.getfixturevalue("dynamodb"), TABLE)


def test_what_never_was_at_work_has_no_moment(heartbeats: Heartbeats) -> None:
    heartbeats.beat("lane email", NOON)
    assert heartbeats.last("lane web") is None


def test_the_last_moment_is_known_each_name_for_itself(heartbeats: Heartbeats) -> None:
    heartbeats.beat("lane email", NOON)
    heartbeats.beat("lane email", NOON + MINUTE)
    heartbeats.beat("lane web", NOON + 9 * MINUTE)
    assert heartbeats.last("lane email") == NOON + MINUTE
    assert heartbeats.last("lane web") == NOON + 9 * MINUTE


def test_an_older_moment_changes_nothing(heartbeats: Heartbeats) -> None:
    heartbeats.beat("lane email", NOON + 5 * MINUTE)
    heartbeats.beat("lane email", NOON)
    assert heartbeats.last("lane email") == NOON + 5 * MINUTE


def test_of_two_processes_the_later_moment_counts(dynamodb: DynamoDBClient) -> None:
    ahead, behind = (DynamoHeartbeats(dynamodb, TABLE) for _ in range(2))
    ahead.beat("lane email", NOON + 3 * MINUTE)
    behind.beat("lane email", NOON + 2 * MINUTE)
    assert behind.last("lane email") == NOON + 3 * MINUTE


def test_a_process_writes_once_a_minute(dynamodb: DynamoDBClient) -> None:
    heartbeats = DynamoHeartbeats(dynamodb, TABLE)
    for second in range(60):
        heartbeats.beat("lane email", NOON + timedelta(seconds=second))
    assert heartbeats.last("lane email") == NOON
    heartbeats.beat("lane email", NOON + MINUTE)
    assert heartbeats.last("lane email") == NOON + MINUTE


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_who_does_the_work_does_not_fail_by_it_and_the_next_moment_is_written(
    dynamodb: DynamoDBClient, code: str
) -> None:
    heartbeats = DynamoHeartbeats(dynamodb, TABLE)
    with Stubber(dynamodb) as stub:
        stub.add_client_error("put_item", code)
        heartbeats.beat("lane email", NOON)
        answer: dict[str, Any] = {"service_error_code": code}
        stub.add_client_error("get_item", **answer)
        with pytest.raises(UnavailableError):
            heartbeats.last("lane email")
    heartbeats.beat("lane email", NOON + timedelta(seconds=1))
    assert heartbeats.last("lane email") == NOON + timedelta(seconds=1)
