"""Turns an example event (``events/<provider>/<event>.json``) into the request a provider sends.

An example is ``{"method", "headers", "body"}`` with a JSON body, which is written as the content
type wants it: as it is, as the field ``json`` of a multipart form, or as the fields of a form,
members that are nested with bracket keys and those whose names end in ``_json`` as JSON; or it has
``body_text``, sent literally. Examples hold no secrets and no signatures: ``Provider.sign`` makes
those.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pydantic import Field
from pydantic_core import to_json

from countersign.model.base import Model
from countersign.providers._toolkit.reading import read_json
from countersign.providers.base import MalformedError, Request

BOUNDARY = "countersign-example"
FORM = "application/x-www-form-urlencoded"


class Example(Model):
    """One example file."""

    about: str = ""
    """What it shows, for the reader."""
    method: str = "POST"
    headers: dict[str, str]
    query: dict[str, str] = Field(default_factory=dict)
    slot: str | None = None
    body: Any = None
    body_text: str | None = None


def read_example(
    text: bytes, received_at: datetime, replacing: dict[str, str] | None = None
) -> Request:
    """The unsigned request of an example file's text.

    ``replacing`` exchanges texts in it first, so that one example serves for many envelopes.
    ``MalformedError`` or pydantic's ``ValidationError`` tell what is wrong with the file.
    """
    for old, new in (replacing or {}).items():
        text = text.replace(old.encode(), new.encode())
    example = Example.model_validate(read_json(text))
    headers = {name.lower(): value for name, value in example.headers.items()}
    body = example.body_text.encode() if example.body_text is not None else to_json(example.body)
    content_type = headers.get("content-type", "")
    if example.body_text is None and re.match(r"multipart/form-data\b", content_type):
        from countersign.providers._toolkit.multipart import write_field

        body = write_field("json", body, BOUNDARY)
        headers["content-type"] = f"multipart/form-data; boundary={BOUNDARY}"
    elif example.body_text is None and content_type.startswith(FORM):
        from countersign.providers._toolkit.form import write_nested

        body = write_nested(_texts(example.body))
    return Request(
        method=example.method,
        headers=headers,
        query=example.query,
        slot=example.slot,
        body=body,
        received_at=received_at,
    )


def _texts(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise MalformedError("the body of an example of a form must be an object")
    return {
        name: to_json(value).decode() if name.endswith("_json") else value
        for name, value in body.items()
    }
