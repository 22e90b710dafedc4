"""The API as a WSGI application, so that tools which speak HTTP can call it without a network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.unit.http.client import CONTEXT, ApiClient

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class WsgiApi:
    """Calls the API as API Gateway does (payload 2.0)."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def __call__(self, environ: Mapping[str, Any], start: StartResponse) -> Iterable[bytes]:
        answer = self._client.application.respond(_event(environ), CONTEXT)
        self._client.world.settle()
        status = HTTPStatus(answer["statusCode"])
        start(f"{status.value} {status.phrase}", list(answer["headers"].items()))
        return [(answer.get("body") or "").encode()]


def _event(environ: Mapping[str, Any]) -> dict[str, Any]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    query = environ.get("QUERY_STRING", "")
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    given = dict(parse_qsl(query, keep_blank_values=True))
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        **({"queryStringParameters": given} if given else {}),
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "http": {"method": environ["REQUEST_METHOD"], "path": path},
        },
        **({"body": base64.b64encode(body).decode()} if body else {}),
        "isBase64Encoded": bool(body),
    }
