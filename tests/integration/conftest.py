"""The functions on moto, with the template's parts around them."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto import mock_aws

from countersign.model.pipeline import Pipeline
from countersign.wiring import stack
from tests.integration.account import BUCKET, FILES, SENDER, Account, Clock, forget
from tests.integration.rights import Rights
from tests.integration.story import Story

Said = Callable[[], list[str]]

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday in winter: 13:00 in Berlin."""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture(scope="session")
def rights(template: dict[str, Any]) -> Rights:
    """The functions' roles, and what the tests so far have asked of them."""
    names = {"Webhooks": BUCKET, "Files": FILES, "Schedules": "runs", "EventBus": "countersign"}
    names |= {"Mails": "mails", "TrackedMails": "tracked-mails"}
    return Rights(template, {**names, "ReceiveWebhookLogs": "/countersign/dev/receive_webhook"})


@pytest.fixture
def account(
    template: dict[str, Any],
    table_definition: dict[str, Any],
    audit_table_definition: dict[str, Any],
    statistics_table_definition: dict[str, Any],
    clock: Clock,
    rights: Rights,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Account]:
    """An account of its own for each test, at noon; its functions do what their roles allow."""
    monkeypatch.setattr(stack, "now", clock)
    with mock_aws():
        forget()
        tables = {
            "State": table_definition,
            "Audit": audit_table_definition,
            "Statistics": statistics_table_definition,
        }
        made = Account(template, tables, clock, [SENDER], rights)
        queues = made.client_of("ReceiveWebhook", "sqs").meta.events
        for call in ("SendMessage", "SendMessageBatch"):
            name = f"provide-client-params.sqs.{call}"
            queues.register(name, made.note, unique_id=f"note {call}")
        yield made
        for call in ("SendMessage", "SendMessageBatch"):
            queues.unregister(f"provide-client-params.sqs.{call}", unique_id=f"note {call}")
        forget()
        denied, rights.denied = rights.denied, []
        assert denied == []


@pytest.fixture(scope="session")
def contracts(project_root: Path) -> Pipeline:
    """The pipeline of the example."""
    text = (project_root / "events" / "pipelines" / "contracts.yaml").read_text()
    return Pipeline.model_validate(yaml.safe_load(text))


@pytest.fixture
def story(account: Account, contracts: Pipeline) -> Story:
    """The example, with DocuSign."""
    return Story(account, contracts)


class _Stdout(io.StringIO):
    """Standard output as it is when something is written, which a test's capture replaces."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@pytest.fixture
def said(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Said:
    """What the functions have written since it was last asked: log and metrics, line by line."""
    for handler in logging.getLogger("countersign").handlers:
        # It keeps the stream that was standard output when the functions were loaded.
        monkeypatch.setattr(handler, "stream", _Stdout())
    return lambda: capsys.readouterr().out.splitlines()
