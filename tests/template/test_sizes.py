"""What is accepted can be kept: the sizes from the gateway to the queue, added up in one place.

| what | at most | source |
| --- | --- | --- |
| a request at API Gateway | 10 MB, headers 10,240 bytes | HTTP API quotas |
| an event of Lambda's | 6,291,456 bytes, the body in Base64 or as JSON text | Lambda quotas |
| a body that is accepted | ``MAX_BODY_BYTES`` | template.yaml |
| a message of SQS | 1,048,576 bytes | ``sqs_parked.MAX_BYTES`` |
| a parked request in the queue | as much, compressed, in Base64 | ``sqs_parked`` |
| a parked request in the bucket | 5 TB | S3 quotas |

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from countersign.adapters.s3.objects import Objects
from countersign.adapters.sqs.retry_queue import (
    MAX_BYTES,
    SqsRetryQueue,
    retry_message,
    unpack_request,
)
from countersign.errors import PermanentError
from countersign.providers.base import Request
from countersign.settings.environment import read_settings
from countersign.settings.webhooks import ReceiveWebhookSettings
from countersign.use_cases.messages.verified_request import VerifiedRequest
from countersign.use_cases.services import MAX_BODY
from tests.integration.lambda_events import http_event

Resources = dict[str, dict[str, Any]]

LAMBDA_EVENT = 6_291_456
GATEWAY = 10_000_000
HEADERS = 10_240
DAY = 86_400


@pytest.fixture
def accepted(functions: Resources) -> int:
    """Bytes of the longest body that the function takes."""
    return int(functions["ReceiveWebhook"]["Environment"]["Variables"]["MAX_BODY_BYTES"])


def request(body: bytes) -> Request:
    """With as many headers as the gateway lets through, in letters that JSON escapes."""
    return Request(
        headers={"content-type": "application/octet-stream", "x-long": '"' * HEADERS},
        body=body,
        received_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    )


def test_the_longest_body_fits_into_lambda_s_event_in_base64_with_its_headers(
    accepted: int,
) -> None:
    event = http_event(request(b"\xff" * accepted), "docusign." + "t" * 52)
    assert event["isBase64Encoded"]
    assert len(json.dumps(event).encode()) < LAMBDA_EVENT
    assert accepted + HEADERS < GATEWAY


def test_as_text_it_fits_though_every_seventh_letter_is_escaped(accepted: int) -> None:
    body = (b'"' + b"x" * 6) * (accepted // 7)
    text = request(body).model_copy(update={"headers": {"content-type": "application/json"}})
    event = http_event(text, "docusign." + "t" * 52)
    assert not event["isBase64Encoded"]
    assert len(json.dumps(event).encode()) < LAMBDA_EVENT


def test_no_deployment_can_accept_more_than_fits(accepted: int) -> None:
    environment = {name.upper(): "x" for name in ReceiveWebhookSettings.model_fields}
    for most, fits in ((accepted, True), (4_718_592, True), (4_718_593, False)):
        environment["MAX_BODY_BYTES"] = str(most)
        if fits:
            assert read_settings(ReceiveWebhookSettings, environment)
        else:
            with pytest.raises(PermanentError, match="MAX_BODY_BYTES"):
                read_settings(ReceiveWebhookSettings, environment)
    assert LAMBDA_EVENT >= 4_718_592 * 4 // 3


def test_the_longest_body_can_be_parked_however_little_it_can_be_compressed(
    accepted: int,
) -> None:
    whole = VerifiedRequest.of("c" * 64, "signed", request(os.urandom(accepted))).model_dump_json()
    with mock_aws():
        queue = boto3.client("sqs", region_name="eu-central-1")
        url = queue.create_queue(QueueName="parked")["QueueUrl"]
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="webhooks")
        large = Objects(lambda: s3, "webhooks")
        SqsRetryQueue(lambda: queue, url, large).park("c" * 64, whole)
        (message,) = queue.receive_message(QueueUrl=url)["Messages"]
        assert len(message["Body"]) < 1_000
        assert unpack_request(retry_message(message["Body"]), large) == whole


def test_the_queue_takes_what_is_sent_to_it() -> None:
    assert MAX_BYTES == 1_048_576


def test_the_command_line_takes_whatever_was_kept(accepted: int) -> None:
    assert MAX_BODY >= LAMBDA_EVENT > accepted


def test_an_object_outlives_every_message_that_names_it(
    queues: Resources, resources: Resources
) -> None:
    """A message keeps its age in the dead letters; sent back from there, it is a new one."""
    waiting = queues["Parked"]["MessageRetentionPeriod"]
    given_up = queues["ParkedDeadLetters"]["MessageRetentionPeriod"]
    (expiry,) = resources["Webhooks"]["LifecycleConfiguration"]["Rules"]
    assert waiting <= given_up == 14 * DAY
    assert expiry["ExpirationInDays"] * DAY > 2 * given_up
