"""What ``ports.SmsSender`` promises, kept by SNS and by its twin in memory."""

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
from countersign.adapters.aws.sms_sender import SnsSmsSender
from countersign.adapters.memory.services.sms_sender import MemorySmsSender
from countersign.errors import (
    CountersignError,
    InDoubtError,
    PermanentError,
    TransientError,
    UnavailableError,
)
from countersign.model.http import TextMessage
from countersign.model.run import RunKey
from countersign.ports import SmsSender

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

SMS = TextMessage(
    to="+4915112345678",
    text="Grüße: please sign.",
    run=RunKey(document="d1", entry=2, rule="remind"),
)
URL = "https://sns.example"


@pytest.fixture
def sns(aws: None) -> SNSClient:
    return boto3.client("sns", region_name="eu-central-1", config=client_config.ONCE)


@pytest.fixture(params=["memory", "sns"])
def phones(request: pytest.FixtureRequest) -> SmsSender:
    if request.param == "memory":
        return MemorySmsSender()
    client = request.getfixturevalue("sns")
    return SnsSmsSender(lambda: client)


def test_each_sms_gets_an_id_of_its_own(phones: SmsSender) -> None:
    first, second = phones.send(SMS), phones.send(SMS)
    assert first
    assert second
    assert first != second


@pytest.mark.parametrize("number", ["015112345678", "+0151", "desk@acme.example"])
def test_what_is_no_number_is_refused_for_good(phones: SmsSender, number: str) -> None:
    with pytest.raises(PermanentError, match="number"):
        phones.send(SMS.model_copy(update={"to": number}))


def test_the_twin_refuses_what_it_is_told_and_keeps_the_rest() -> None:
    refused = SMS.model_copy(update={"text": "spam"})
    phones = MemorySmsSender(lambda sms: PermanentError("no") if sms == refused else None)
    phones.send(SMS)
    with pytest.raises(PermanentError):
        phones.send(refused)
    assert phones.sent == [SMS]


@pytest.mark.parametrize(
    ("sender", "named"), [(None, {}), ("ACME", {"AWS.SNS.SMS.SenderID": "ACME"})]
)
def test_sns_is_asked_for_delivery_with_priority_and_the_sender_s_name(
    sns: SNSClient, sender: str | None, named: dict[str, str]
) -> None:
    expected = {
        "PhoneNumber": "+4915112345678",
        "Message": "Grüße: please sign.",
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in {"AWS.SNS.SMS.SMSType": "Transactional", **named}.items()
        },
    }
    with Stubber(sns) as stub:
        stub.add_response("publish", {"MessageId": "m1"}, expected)
        assert SnsSmsSender(lambda: sns).send(SMS.model_copy(update={"sender": sender})) == "m1"


@pytest.mark.parametrize(
    ("code", "status", "error", "told"),
    [
        ("InvalidParameter", 400, PermanentError, "has to be corrected"),
        ("InvalidParameterException", 400, PermanentError, "has to be corrected"),
        ("OptedOutException", 400, PermanentError, "only they can change that"),
        ("UserErrorException", 400, PermanentError, "sandbox"),
        ("AuthorizationError", 403, PermanentError, "misconfigured deployment"),
        ("Throttled", 429, TransientError, "now"),
        ("ThrottledException", 429, TransientError, "now"),
        ("InternalError", 500, TransientError, "now"),
        ("ServiceUnavailable", 503, TransientError, "now"),
    ],
)
def test_a_refusal_by_sns_says_whether_to_try_again_and_who_can_mend_it(
    sns: SNSClient, code: str, status: int, error: type[CountersignError], told: str
) -> None:
    with Stubber(sns) as stub:
        stub.add_client_error("publish", code, "the reason", http_status_code=status)
        with pytest.raises(error, match=f"{code}: the reason") as caught:
            SnsSmsSender(lambda: sns).send(SMS)
    assert told in str(caught.value)


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
def test_an_sms_is_in_doubt_only_after_it_was_handed_over_and_never_sent_twice(
    sns: SNSClient, fault: Exception, error: type[CountersignError]
) -> None:
    tries: list[str] = []

    def fail(**_: Any) -> None:
        tries.append("try")
        raise fault

    sns.meta.events.register_first("before-send.sns.Publish", fail)
    with pytest.raises(error):
        SnsSmsSender(lambda: sns).send(SMS)
    assert tries == ["try"]
