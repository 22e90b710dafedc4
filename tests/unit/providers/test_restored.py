"""A message that was kept without its secrets tells the same again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from countersign.examples import read_example
from countersign.model.signing_event import SigningEvent
from countersign.providers import PROVIDERS, provider
from countersign.providers.base import MalformedError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENTS = Path(__file__).parents[3] / "events"
MAPPED = {"standard_webhooks"}
"""Whose messages mean something by a connection's options alone."""
CODE_IS_NOT_KEPT = {"incoming_call"}


def examples(name: str) -> Iterator[tuple[str, tuple[SigningEvent, ...], str]]:
    """Each example of a provider that can be read: its name, its events and what is kept of it."""
    sender = provider(name)
    for path in sorted((EVENTS / name).glob("*.json")):
        try:
            request = read_example(path.read_bytes(), NOW)
            events = sender.read(request)
        except MalformedError:
            continue
        if events and events[0].kind != "webhook.test":
            yield path.stem, events, sender.redact(request)


def without_links(event: SigningEvent) -> SigningEvent:
    """The event without what a kept message does not tell: custom fields that were links."""
    if event.state is None:
        return event
    told = {name: text for name, text in event.state.custom_fields.items() if "://" not in text}
    told = {name: text for name, text in told.items() if text != "[redacted]"}
    state = event.state.model_copy(update={"custom_fields": told})
    return event.model_copy(update={"state": state})


@pytest.mark.parametrize("name", sorted(set(PROVIDERS.kinds) - MAPPED - CODE_IS_NOT_KEPT))
def test_every_example_that_was_kept_tells_the_same_again(name: str) -> None:
    sender = provider(name)
    found = list(examples(name))
    assert len(found) > 5
    for example, events, kept in found:
        again = sender.read(sender.restored(kept, NOW))
        assert list(map(without_links, again)) == list(map(without_links, events)), example


def test_a_call_that_was_kept_names_its_document_without_the_code() -> None:
    for example, (event,), kept in examples("incoming_call"):
        (again,) = provider("incoming_call").read(provider("incoming_call").restored(kept, NOW))
        assert again.detail == {
            "document": event.detail["document"],
            "code": "[redacted]",
        }, example
