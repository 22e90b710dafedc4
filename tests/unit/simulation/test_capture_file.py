"""A captured message is read however it was captured."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from countersign.providers import provider
from countersign.simulation.capture_file import CaptureError, read_captured
from countersign.simulation.world import START

BODY = b'{"event":"envelope-sent","data":{"envelopeId":"e-1"}}'
GATEWAY = {
    "version": "2.0",
    "headers": {"Content-Type": "application/json", "x-seen": "1"},
    "pathParameters": {"connection": "main.token"},
    "requestContext": {"http": {"method": "POST"}},
    "body": base64.b64encode(BODY).decode(),
    "isBase64Encoded": True,
}


@pytest.mark.parametrize(
    "content",
    [
        BODY,
        b"\xef\xbb\xbf" + BODY,
        b"POST /webhooks/main.token HTTP/1.1\r\nHost: x.example\r\nContent-Type: application/json"
        b"\r\n\r\n" + BODY,
        b"content-type: application/json; charset=utf-8\n\n" + BODY,
        json.dumps(GATEWAY).encode(),
        json.dumps({"headers": {"Content-Type": "application/json"}, "body": json.loads(BODY)}),
        json.dumps({"headers": {}, "body_text": BODY.decode()}),
    ],
    ids=["body", "byte order mark", "request", "headers", "gateway", "example", "text"],
)
def test_the_message_is_found_in_it(content: bytes | str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    request = read_captured(raw, provider("docusign"), START)
    (event,) = provider("docusign").read(request)
    assert (event.kind, event.envelope) == ("document.sent", "e-1")
    assert request.content_type == "application/json"
    assert (request.method, request.received_at) == ("POST", START)


@pytest.mark.parametrize(
    ("name", "body", "content_type"),
    [
        ("docusign", b"<?xml version='1.0'?><a/>", "text/xml"),
        ("bitrix24", b"event=ONCRMDEALADD", "application/x-www-form-urlencoded"),
        ("scrive", b"document_id=1&document_json=%7B%7D", "application/x-www-form-urlencoded"),
        ("dropbox_sign", b"--frontier\r\nx", "multipart/form-data"),
    ],
)
def test_a_body_alone_has_the_content_type_it_looks_like(
    name: str, body: bytes, content_type: str
) -> None:
    assert read_captured(body, provider(name), START).content_type == content_type


def test_headers_that_come_twice_are_joined_as_the_gateway_does() -> None:
    raw = b"x-signature: a\r\nX-Signature: b\r\n\r\n{}"
    assert read_captured(raw, provider("docusign"), START).header("x-signature") == "a,b"


def test_the_address_that_was_called_gives_the_query_and_the_slot() -> None:
    url = "https://x.example/webhooks/main.token/update?signature_request=sr1"
    request = read_captured(b"", provider("skribble"), START, url=url)
    assert (request.slot, request.query) == ("update", {"signature_request": "sr1"})
    line = b"POST /webhooks/main.token/error?signature_request=sr2 HTTP/1.1\r\n\r\n"
    request = read_captured(line, provider("skribble"), START)
    assert (request.slot, request.query) == ("error", {"signature_request": "sr2"})


@pytest.mark.parametrize(
    "value",
    [{"headers": {"a": 1}, "body": {}}, {"headers": {}, "body": {}, "method": 5}],
)
def test_a_file_that_is_nearly_a_captured_message_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(CaptureError, match="is not a captured message"):
        read_captured(json.dumps(value).encode(), provider("docusign"), START)
