"""Reads a captured message, however it was captured: body alone, headers and body, or an event.

What is taken: an example of this project (``examples``), an event of API Gateway (payload format
2.0), an HTTP request as text (request line or headers, a blank line, the body), or the body alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError
from pydantic_core import from_json

from countersign.errors import PermanentError
from countersign.examples import read_example
from countersign.providers.base import MalformedError, Provider, Request

_REQUEST_LINE = re.compile(rb"(GET|POST|PUT) (\S+) HTTP/\d(?:\.\d)?\r?\n")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)\r?\n")
_BODIES: tuple[tuple[bytes, str], ...] = (
    (b"{", "application/json"),
    (b"[", "application/json"),
    (b"<", "text/xml"),
    (b"--", "multipart/form-data"),
)


class CaptureError(PermanentError):
    """A file that is not a captured message; the text says what was expected."""


def read_captured(
    content: bytes, sender: Provider, received_at: datetime, *, url: str | None = None
) -> Request:
    """The request of a captured message. ``url`` adds its query and the last part of its path.

    Raises CaptureError where the file is none.
    """
    request = _whole(content, received_at) or _http(content, received_at)
    if request is None:
        request = Request(body=content, received_at=received_at)
    if not request.content_type:
        content_type = _content_type(request.body, sender)
        request = request.model_copy(
            update={"headers": {**request.headers, "content-type": content_type}}
        )
    return request if url is None else _called_at(url, request)


def _called_at(url: str, request: Request) -> Request:
    """The request with the query and the slot of the address that was called."""
    address = urlsplit(url)
    parts = [part for part in address.path.split("/") if part]
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    slot = parts[-1] if len(parts) > 2 else request.slot
    return request.model_copy(update={"query": {**request.query, **query}, "slot": slot})


def _whole(content: bytes, received_at: datetime) -> Request | None:
    """An example, or an event of API Gateway; None where the JSON is the message itself."""
    try:
        value = from_json(content)
    except ValueError:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("headers"), Mapping):
        return None
    if "requestContext" in value:
        from countersign.adapters.lambda_.gateway import request_of

        return request_of(dict(value), received_at)
    if not {"body", "body_text", "query"} & value.keys():
        return None
    try:
        return read_example(content, received_at)
    except (MalformedError, ValidationError) as error:
        reason = _first(error) if isinstance(error, ValidationError) else str(error)
        msg = f"the file has headers, but is not a captured message: {reason}"
        raise CaptureError(msg) from None


def _first(error: ValidationError) -> str:
    detail: Any = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"


def _http(content: bytes, received_at: datetime) -> Request | None:
    """A request as it goes over the wire, with or without its first line."""
    line = _REQUEST_LINE.match(content)
    place = line.end() if line else 0
    headers: dict[str, str] = {}
    while header := _HEADER.match(content, place):
        name = header[1].decode().lower()
        value = header[2].decode("utf-8", "replace").strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
        place = header.end()
    blank = re.compile(rb"\r?\n").match(content, place)
    if (not headers and not line) or (blank is None and place < len(content)):
        return None
    request = Request(
        method=line[1].decode() if line else "POST",
        headers=headers,
        body=content[blank.end() :] if blank else b"",
        received_at=received_at,
    )
    return _called_at(line[2].decode("utf-8", "replace"), request) if line else request


def _content_type(body: bytes, sender: Provider) -> str:
    """The content type of a body alone: by how it begins, as the provider sends it."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    likely = next((kind for mark, kind in _BODIES if start.startswith(mark)), None)
    if likely == "multipart/form-data":
        boundary = start.partition(b"\n")[0].strip()[2:].decode("ascii", "replace")
        return f"{likely}; boundary={boundary}"
    accepted = sorted(sender.content_types)
    if likely in accepted or not accepted:
        return likely or "application/x-www-form-urlencoded"
    xml = next((kind for kind in accepted if kind.endswith("/xml")), None)
    if likely == "text/xml" and xml:
        return xml
    return accepted[0] if len(accepted) == 1 else "application/x-www-form-urlencoded"
