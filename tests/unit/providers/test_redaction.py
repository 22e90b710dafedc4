"""What is kept of a message has no secret, and everything else as it came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.providers._toolkit.reading import MalformedError
from countersign.providers._toolkit.redaction import redacted_json

NAMES = ("token", "signing_url")


def kept(body: str | bytes) -> Any:
    """What is kept of the body, as plain values."""
    found = redacted_json(body if isinstance(body, bytes) else body.encode(), NAMES)
    return json.loads(found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"token": "t-1", "id": 7}', {"token": "[redacted]", "id": 7}),
        ('{"Token": "t-1", "SIGNING_URL": "https://x"}',
         {"Token": "[redacted]", "SIGNING_URL": "[redacted]"}),
        ('{"signers": [{"name": "Klara", "token": "t-1"}]}',
         {"signers": [{"name": "Klara", "token": "[redacted]"}]}),
        ('[[{"a": {"token": {"value": "t-1"}}}]]', [[{"a": {"token": "[redacted]"}}]]),
        # That there is none is worth knowing.
        ('{"token": "", "signing_url": null}', {"token": "", "signing_url": None}),
        ('{"token": [], "signing_url": {}}', {"token": [], "signing_url": {}}),
        # A name that only begins so, and a text that is one.
        ('{"tokens": "a", "text": "token"}', {"tokens": "a", "text": "token"}),
        ('{"\\u0074oken": "t-1"}', {"token": "[redacted]"}),
        ('{"tok\\u0065n": "t-1"}'.encode("utf-16"), {"token": "[redacted]"}),
        (b'{"token": "t-\xff", "a": "\xff"}', {"token": "[redacted]", "a": "\ufffd"}),
        ('{"id": 7}', {"id": 7}),
    ],
)  # fmt: skip
def test_secrets_are_cut_out_wherever_they_stand(body: str | bytes, expected: Any) -> None:
    assert kept(body) == expected


def test_what_cannot_be_read_is_not_kept() -> None:
    with pytest.raises(MalformedError):
        redacted_json(b"token=t-1", NAMES)
