"""API Gateway's events as requests, and answers as API Gateway wants them.

Payload format 2.0: header names come in lower case, headers sent twice joined with commas, and
the body in base64 where the gateway took it for binary
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from countersign.providers.base import Answer, Request


def address_of(event: dict[str, Any]) -> str:
    """The last part of the connection's address, ``<connection>.<token>``."""
    path = event.get("pathParameters") or {}
    return str(path.get("connection", ""))


def request_of(event: dict[str, Any], received_at: datetime) -> Request:
    """The request as the sender made it, its body as the bytes that were sent."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            raw = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
    else:
        raw = body.encode("utf-8", "surrogatepass")
    return Request(
        method=event["requestContext"]["http"]["method"],
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        query=event.get("queryStringParameters") or {},
        body=raw,
        slot=(event.get("pathParameters") or {}).get("slot"),
        received_at=received_at,
    )


def response_of(answer: Answer) -> dict[str, Any]:
    """The answer as the gateway passes it on."""
    return {"statusCode": answer.status, "headers": answer.headers, "body": answer.body}
