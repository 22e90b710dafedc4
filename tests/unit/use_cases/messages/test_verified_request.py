"""What is kept of a rejected message reads as the message did, without what lets somebody in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from countersign.examples import read_example
from countersign.model.connection import ConnectionCredentials
from countersign.providers import PROVIDERS, provider
from countersign.providers.base import MalformedError, Request
from countersign.use_cases.messages.verified_request import VerifiedRequest, without_credentials

EVENTS = Path(__file__).parents[4] / "events"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "d2hhdC1pcy1zaWduZWQtaXMtdHJ1ZQ=="
TOKEN = "a-token-that-nobody-guesses"


def test_a_request_is_kept_whole() -> None:
    request = Request(
        method="PUT",
        headers={"x-type": "a"},
        query={"q": "1"},
        body=b"\x00\xff",
        slot="second",
        received_at=NOW,
    )
    assert VerifiedRequest.of("c1", "signed", request).request() == request


@pytest.mark.parametrize("name", sorted(PROVIDERS.kinds))
def test_every_example_of_a_provider_tells_the_same_events(name: str) -> None:
    sender = provider(name)
    secrets = ConnectionCredentials(
        connection="c1", provider=name, pipeline="sales", tokens=(TOKEN,), secrets=(SECRET,)
    )
    read = 0
    for file in sorted((EVENTS / name).glob("*.json")):
        request = sender.sign(read_example(file.read_bytes(), NOW), SECRET, NOW)
        try:
            events = sender.parse(request)
        except MalformedError:
            continue
        kept = without_credentials(VerifiedRequest.of("c1", "signed", request), secrets)
        assert sender.parse(kept.request()) == events, file.name
        assert kept.request().body == request.body
        assert not any(SECRET in one for one in (*kept.headers.values(), *kept.query.values()))
        read += 1
    assert read > 0
