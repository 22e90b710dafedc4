"""What ``ports.EventBus`` promises, kept by EventBridge and by its twin in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber

from countersign.adapters.aws import client_config
from countersign.adapters.aws.event_bus import EventBridgeBus
from countersign.adapters.memory.services.event_bus import MemoryEventBus
from countersign.errors import (
    CountersignError,
    InDoubtError,
    PermanentError,
    TransientError,
    UnavailableError,
)
from countersign.model.http import BusEvent
from countersign.model.run import RunKey
from countersign.ports import EventBus

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

EVENT = BusEvent(
    name="ContractSigned",
    detail={"idempotency_key": "d1.2.tell", "title": "Mietvertrag für Müller"},
    run=RunKey(document="d1", entry=2, rule="tell"),
)
URL = "https://events.example"


@pytest.fixture
def events(aws: None) -> EventBridgeClient:
    client = boto3.client("events", region_name="eu-central-1", config=client_config.ONCE)
    client.create_event_bus(Name="countersign")
    return client


@pytest.fixture(params=["memory", "eventbridge"])
def bus(request: pytest.FixtureRequest) -> EventBus:
    if request.param == "memory":
        return MemoryEventBus()
    client = request.getfixturevalue("events")
    return EventBridgeBus(lambda: client, "countersign")


def test_each_event_gets_an_id_of_its_own(bus: EventBus) -> None:
    first, second = bus.publish(EVENT), bus.publish(EVENT)
    assert first
    assert second
    assert first != second


def test_the_twin_refuses_what_it_is_told_and_keeps_the_rest() -> None:
    refused = EVENT.model_copy(update={"name": "Other"})
    bus = MemoryEventBus(lambda event: PermanentError("no") if event == refused else None)
    bus.publish(EVENT)
    with pytest.raises(PermanentError):
        bus.publish(refused)
    assert bus.published == [EVENT]


def test_eventbridge_is_told_source_name_and_detail_on_that_bus(events: EventBridgeClient) -> None:
    entry = {
        "EventBusName": "countersign",
        "Source": "countersign",
        "DetailType": "ContractSigned",
        "Detail": '{"idempotency_key": "d1.2.tell", "title": "Mietvertrag für Müller"}',
    }
    taken: Any = {"FailedEntryCount": 0, "Entries": [{"EventId": "e1"}]}
    with Stubber(events) as stub:
        stub.add_response("put_events", taken, {"Entries": [entry]})
        assert EventBridgeBus(lambda: events, "countersign").publish(EVENT) == "e1"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ThrottlingException", TransientError),
        ("InternalFailure", TransientError),
        ("InternalException", TransientError),
        ("MalformedDetail", PermanentError),
        ("NotAuthorizedForDetailTypeException", PermanentError),
        ("", PermanentError),
    ],
)
def test_an_entry_that_was_not_taken_is_no_success_though_the_call_was(
    events: EventBridgeClient, code: str, error: type[CountersignError]
) -> None:
    entry = {"ErrorCode": code, "ErrorMessage": "the reason"} if code else {}
    with Stubber(events) as stub:
        stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [entry]})
        with pytest.raises(error, match=f"EventBridge .*{code}"):
            EventBridgeBus(lambda: events, "countersign").publish(EVENT)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("AccessDeniedException", 400, PermanentError),
        ("ThrottlingException", 400, TransientError),
        ("InternalException", 500, TransientError),
        ("ServiceUnavailable", 503, TransientError),
    ],
)
def test_a_refused_call_says_whether_to_try_again(
    events: EventBridgeClient, code: str, status: int, error: type[CountersignError]
) -> None:
    with Stubber(events) as stub:
        stub.add_client_error("put_events", code, "the reason", http_status_code=status)
        with pytest.raises(error, match=f"EventBridge .*{code}: the reason"):
            EventBridgeBus(lambda: events, "countersign").publish(EVENT)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (ConnectTimeoutError(endpoint_url=URL), TransientError),
        (NoCredentialsError(), UnavailableError),
        (ReadTimeoutError(endpoint_url=URL), InDoubtError),
        (ConnectionClosedError(endpoint_url=URL), InDoubtError),
        (ResponseParserError("garbage"), InDoubtError),
    ],
)
def test_an_event_is_in_doubt_only_after_it_was_handed_over_and_is_tried_once(
    events: EventBridgeClient, fault: Exception, error: type[CountersignError]
) -> None:
    tries: list[str] = []

    def fail(**_: Any) -> None:
        tries.append("try")
        raise fault

    events.meta.events.register_first("before-send.events.PutEvents", fail)
    with pytest.raises(error):
        EventBridgeBus(lambda: events, "countersign").publish(EVENT)
    assert tries == ["try"]
