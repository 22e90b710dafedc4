"""What ``ports.SendingSlots`` and ``ports.SendingRate`` promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from countersign.adapters.dynamodb.stores.operations.sending_slots import DynamoSendingSlots
from countersign.adapters.memory.tables.operations.sending_slots import (
    FixedRate,
    MemorySendingSlots,
)
from countersign.adapters.ses.rate import SesSendingRate
from countersign.errors import UnavailableError
from countersign.ports import SendingRate, SendingSlots
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "dynamodb"])
def slots(request: pytest.FixtureRequest) -> SendingSlots:
    if request.param == "memory":
        return MemorySendingSlots()
    return DynamoSendingSlots(request.getfixturevalue("dynamodb"), TABLE)


def test_places_follow_one_another(slots: SendingSlots) -> None:
    taken = [slots.take("mail", SECOND, NOON) for _ in range(4)]
    assert taken == [NOON + n * SECOND for n in range(4)]


def test_a_row_that_has_run_empty_begins_now(slots: SendingSlots) -> None:
    slots.take("mail", SECOND, NOON)
    later = NOON + 60 * SECOND
    assert [slots.take("mail", SECOND, later) for _ in range(2)] == [later, later + SECOND]


def test_a_clock_that_goes_back_gives_no_place_twice(slots: SendingSlots) -> None:
    first = slots.take("mail", SECOND, NOON)
    assert slots.take("mail", SECOND, NOON - 3600 * SECOND) == first + SECOND


def test_each_row_is_for_itself_and_may_change_its_pace(slots: SendingSlots) -> None:
    slots.take("mail", SECOND, NOON)
    assert slots.take("other", SECOND, NOON) == NOON
    assert slots.take("mail", SECOND / 8, NOON) == NOON + SECOND
    assert slots.take("mail", SECOND, NOON) == NOON + SECOND + SECOND / 8


def test_of_two_processes_none_gets_the_others_place(dynamodb: DynamoDBClient) -> None:
    here, there = (DynamoSendingSlots(dynamodb, TABLE) for _ in range(2))
    taken = [one.take("mail", SECOND, NOON) for _ in range(5) for one in (here, there)]
    assert len(set(taken)) == 10


def test_where_the_two_conditions_keep_failing_the_database_counts_as_away(
    dynamodb: DynamoDBClient,
) -> None:
    with Stubber(dynamodb) as stub:
        for _ in range(8):
            stub.add_client_error("update_item", "ConditionalCheckFailedException")
        with pytest.raises(UnavailableError, match="no place in the row mail"):
            DynamoSendingSlots(dynamodb, TABLE).take("mail", SECOND, NOON)


def test_what_the_table_refuses_is_raised(dynamodb: DynamoDBClient) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("update_item", "ProvisionedThroughputExceededException")
        with pytest.raises(UnavailableError, match="ProvisionedThroughputExceeded"):
            DynamoSendingSlots(dynamodb, TABLE).take("mail", SECOND, NOON)


class Clock:
    """A clock that is set."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


def ses(*answers: Any) -> tuple[SesSendingRate, Clock, Stubber]:
    """A rate over SES that answers so, one answer after the other."""
    client = boto3.client(
        "sesv2", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stub, clock = Stubber(client), Clock()
    for answer in answers:
        if isinstance(answer, str):
            stub.add_client_error("get_account", answer)
        else:
            stub.add_response("get_account", {"SendQuota": answer})
    stub.activate()
    return SesSendingRate(client, clock), clock, stub


def test_the_rate_is_the_accounts_and_asked_once_an_hour() -> None:
    rate, clock, stub = ses({"MaxSendRate": 14.0}, {"MaxSendRate": 50.0})
    assert [rate.a_second(), rate.a_second()] == [14.0, 14.0]
    clock.now += timedelta(hours=1)
    assert rate.a_second() == 50.0
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "answer", [{}, {"MaxSendRate": -1.0}, {"MaxSendRate": 0.0}, "AccessDenied"]
)
def test_where_ses_does_not_tell_its_slowest_rate_counts_or_the_last_known(answer: Any) -> None:
    assert ses(answer)[0].a_second() == 1
    rate, clock, _ = ses({"MaxSendRate": 14.0}, answer)
    rate.a_second()
    clock.now += timedelta(hours=1)
    assert rate.a_second() == 14.0


def test_a_rate_that_is_known_is_one() -> None:
    rate: SendingRate = FixedRate(2.5)
    assert rate.a_second() == 2.5
