"""API Gateway's events as the API's requests, checked before anything else looks at them.

Payload format 2.0:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

from countersign.http.problems import Problem
from countersign.standards.exact_json import read_exact

BASE = "/api/v1"
BELOW = f"{BASE}/"
MAX_BYTES = 2_000_000
"""Of a request's body: a draft of 1 MB and more fits."""


class ApiRequest(NamedTuple):
    """A request as its sender made it."""

    method: str
    path: str
    """Below ``/api/v1``."""
    headers: Mapping[str, str]
    """By their names, which are in lower case in this format."""
    body: str
    id: str
    source_ip: str | None
    """The address that it came from."""


def request_of(event: Mapping[str, Any]) -> ApiRequest:
    """The request; Problem ``too-large``, ``malformed`` or ``unsupported-media-type``."""
    context = event["requestContext"]
    headers = event.get("headers") or {}
    path = str(event.get("rawPath") or context["http"]["path"])
    body = _body(event) if event.get("body") else ""
    if body and not _is_json(headers.get("content-type", "")):
        given = headers.get("content-type", "")
        detail = f'the content type is "{given}"; expected "application/json"'
        raise Problem(name="unsupported-media-type", detail=detail)
    return ApiRequest(
        method=str(context["http"]["method"]).upper(),
        path=path[len(BASE) :] if path.startswith(BELOW) else "",
        headers=headers,
        body=body,
        id=str(context.get("requestId", "")),
        source_ip=context["http"].get("sourceIp"),
    )


def parse_json(text: str) -> Any:
    """The JSON text as values, its numbers exact; Problem ``malformed`` for what is none."""
    if not text.strip():
        raise Problem(name="malformed", detail="the request has no body; expected JSON")
    try:
        return read_exact(text)
    except ValueError as error:
        raise Problem(name="malformed", detail=f"the body is not valid JSON: {error}") from error


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _body(event: Mapping[str, Any]) -> str:
    body = str(event.get("body") or "")
    if len(body) > MAX_BYTES * 2:
        raise _too_large(len(body))
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else None
        text = body if raw is None else raw.decode("utf-8")
        size = len(text.encode("utf-8"))
    except (binascii.Error, UnicodeError) as error:
        detail = f"the body is not valid UTF-8: {error}"
        raise Problem(name="malformed", detail=detail) from error
    if size > MAX_BYTES:
        raise _too_large(size)
    return text


def _too_large(size: int) -> Problem:
    detail = f"the body has {size:,} bytes; expected at most {MAX_BYTES:,}"
    return Problem(name="too-large", detail=detail)
