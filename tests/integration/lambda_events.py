"""What Lambda hands the functions: requests, messages and stream records in its envelopes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from countersign.providers.base import Request

Event = dict[str, Any]
Answer = dict[str, Any]

REGION = "eu-central-1"
AS_TEXT = re.compile(r"text/.*|application/(json|javascript|xml|xhtml\+xml)")
"""Media types whose bodies the gateway hands over as text; others come in Base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What Lambda tells a function about the call."""

    function_name: str
    memory_limit_in_mb: int = 1024
    aws_request_id: str = "5f1c8a52-2d0b-4b6c-9a53-0e1f7c3b9d24"

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:123456789012:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the call."""
        return 60_000


def http_event(request: Request, address: str, *, encoded: bool | None = None) -> Event:
    """The request as API Gateway's HTTP API hands it over, payload 2.0.

    ``encoded``: whether the body comes in Base64; by its media type unless told.
    """
    if encoded is None:
        encoded = AS_TEXT.fullmatch(request.content_type) is None
    parameters = {"connection": address} | ({"slot": request.slot} if request.slot else {})
    route = "/".join(["/webhooks", *(f"{{{name}}}" for name in parameters)])
    path = "/".join(["/webhooks", *parameters.values()])
    event: Event = {
        "version": "2.0",
        "routeKey": f"{request.method} {route}",
        "rawPath": path,
        "rawQueryString": urlencode(request.query),
        "headers": {"host": "hooks.acme.example", **request.headers},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "hooks.acme.example",
            "domainPrefix": "hooks",
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"{request.method} {route}",
            "stage": "$default",
            "time": f"{request.received_at:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(request.received_at.timestamp() * 1000),
        },
        "pathParameters": parameters,
        "isBase64Encoded": encoded and bool(request.body),
    }
    if request.query:
        event["queryStringParameters"] = dict(request.query)
    if request.body:
        body = base64.b64encode(request.body) if encoded else request.body
        event["body"] = body.decode("utf-8", "surrogateescape")
    return event


def sqs_event(queue_arn: str, bodies: Iterable[str], *, received: int = 1) -> Event:
    """A batch of messages; their ids are ``message-1``, ``message-2``, …"""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"receipt-{number}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(received),
                    "SentTimestamp": "1772446503000",
                    "SenderId": "AROAEXAMPLE:dispatch_runs",
                    "ApproximateFirstReceiveTimestamp": "1772446503010",
                },
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies, start=1)
        ]
    }


def stream_event(stream_arn: str, records: Iterable[Mapping[str, Any]]) -> Event:
    """A batch of records of the table's stream, as ``GetRecords`` told them."""
    return {
        "Records": [
            {
                **record,
                "awsRegion": REGION,
                "eventSourceARN": stream_arn,
                "dynamodb": {
                    **record["dynamodb"],
                    "ApproximateCreationDateTime": 1772446503,
                },
            }
            for record in records
        ]
    }


def lets_through(pattern: Any, value: Any) -> bool:
    """Whether an event source's filter lets the value through, as far as ours use patterns.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
    """
    if isinstance(pattern, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and lets_through(inner, value[name]) for name, inner in pattern.items()
        )
    return value in pattern
