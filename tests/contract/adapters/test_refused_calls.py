"""Refused calls: what the function's log tells of a connection, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber

from countersign.adapters.aws.log_refusals import LogRefusedCalls
from countersign.adapters.memory.services.refused_calls import MemoryRefusedCalls
from countersign.model.refusal import RefusedCall
from countersign.ports import RefusedCalls

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SINCE = NOON - timedelta(hours=1)
FIRST = RefusedCall(at=NOON, connection="docusign", status=401, reason="no signature")
SECOND = RefusedCall(
    at=NOON + timedelta(seconds=1), connection="docusign", status=415, reason="text/html"
)
OTHERS = RefusedCall(at=NOON, connection="documenso", status=401, reason="no secret")
OLD = FIRST.model_copy(update={"at": SINCE - timedelta(minutes=1)})


def line(refusal: RefusedCall) -> dict[str, object]:
    """The refusal as the function logs it."""
    told = {"message": "webhook refused", **refusal.model_dump(exclude={"at"})}
    milliseconds = int(refusal.at.timestamp() * 1000)
    return {"timestamp": milliseconds, "message": json.dumps(told), "eventId": "1"}


@pytest.fixture(params=["memory", "logs"])
def refusals(request: pytest.FixtureRequest) -> Iterator[RefusedCalls]:
    """Both, with the same history."""
    if request.param == "memory":
        twin = MemoryRefusedCalls()
        for one in (OLD, FIRST, SECOND, OTHERS):
            twin.note(one)
        yield twin
        return
    client = boto3.client(
        "logs",
        region_name="eu-central-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    asked = {
        "logGroupName": "/countersign/dev/receive_webhook",
        "startTime": int(SINCE.timestamp() * 1000),
        "filterPattern": '{ $.connection = "docusign" && $.status >= 400 }',
    }
    noise = [
        {"timestamp": 1, "message": text, "eventId": "n"}
        for text in ("START RequestId", "[]", '{"connection": "docusign", "status": 200}')
    ]
    with Stubber(client) as stub:
        answer = {"events": [line(FIRST), *noise], "nextToken": "more"}
        stub.add_response("filter_log_events", answer, asked)
        answer = {"events": [line(OTHERS), line(SECOND)]}
        stub.add_response("filter_log_events", answer, {**asked, "nextToken": "more"})
        yield LogRefusedCalls(client, "/countersign/dev/receive_webhook")
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("limit", "found"), [(9, (SECOND, FIRST)), (1, (SECOND,))])
def test_the_last_refusals_of_a_connection_are_told_newest_first(
    refusals: RefusedCalls, limit: int, found: tuple[RefusedCall, ...]
) -> None:
    assert refusals.recent("docusign", limit, since=SINCE) == found
