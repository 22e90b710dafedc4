"""A load to count: documents that live through the example, by the real use cases and adapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.memory.queues.run_queues import LONGEST_DELAY, MemoryRunQueues
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.model.mail_event import MailEvent
from countersign.model.message import RunMessage
from countersign.model.pipeline import Pipeline
from countersign.model.run import Lane
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from tests.benchmarks.scale_table import MeteredTable
from tests.benchmarks.scene import ADDRESS, CONNECTION, ROOT, SECRETS, message
from tests.template_file import read_template

LIFE = (
    ("envelope-created", timedelta(hours=1)),
    ("envelope-sent", timedelta(hours=2)),
    ("recipient-completed-director", timedelta(days=1)),
    ("recipient-delivered-client", timedelta(days=4)),
    ("recipient-completed-client", timedelta(minutes=1)),
    ("envelope-completed", timedelta(days=20)),
)
"""The webhooks of one envelope, and how long after each nothing comes: the client is asked to sign,
is reminded, and what is signed is archived after two weeks."""
REPORTS = ("sent", "delivered")
"""What the mail service says of a mail that nobody opens."""
SIZE = 6_000
"""Bytes of a webhook."""


class Both:
    """A twin in memory, and the adapter of the table, which is asked the same and must say the
    same: the twin judges and answers, the other is counted."""

    def __init__(self, twin: Any, counted: Any) -> None:
        self._twin, self._counted = twin, counted

    def __getattr__(self, name: str) -> Any:
        twin = getattr(self._twin, name)
        if not callable(twin):
            return twin
        counted: Callable[..., Any] = getattr(self._counted, name)

        def call(*given: Any, **named: Any) -> Any:
            answer = _whole(twin(*given, **named))
            also = _whole(counted(*given, **named))
            assert also == answer, (name, answer, also)
            return answer

        return call


def _whole(answer: Any) -> Any:
    """A list for whatever is listed, in an order of its own where none is promised."""
    return sorted(answer, key=str) if isinstance(answer, Iterator) else answer


class CountedQueues(MemoryRunQueues):
    """The lanes' queues, which count how their messages come: queued, scheduled or withdrawn."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def send(self, lane: Lane, message: RunMessage, *, due: datetime, now: datetime) -> None:
        self.calls["scheduled" if due - now > LONGEST_DELAY else "queued"] += 1
        super().send(lane, message, due=due, now=now)

    def withdraw(self, message: RunMessage) -> None:
        self.calls["withdrawn"] += 1
        super().withdraw(message)


class Load:
    """One connection into one pipeline, over a table that counts."""

    def __init__(self, pipeline: Pipeline, mailbox: MemoryMailer | None = None) -> None:
        self.table = MeteredTable(_table()["GlobalSecondaryIndexes"])
        self.world = World(mailbox=mailbox)
        self.queues = CountedQueues()
        self.world.lanes = self.queues
        client: Any = self.table
        documents: Any = Both(self.world.documents, DynamoDocuments(client, "State"))
        pipelines: Any = Both(self.world.pipelines, DynamoPipelines(client, "State"))
        connections: Any = Both(self.world.connections, DynamoConnections(client, "State"))
        self.world.documents = documents
        self.world.pipelines = pipelines
        self.world.connections = connections
        held: Any = Both(self.world.held, DynamoHeldMessages(client, "State"))
        self.world.held = held
        self.world.programs = CompiledPipelines(pipelines)
        self.world.publish(pipeline)
        self.world.connect(CONNECTION, SECRETS)
        self.webhooks = self.reports = 0
        self.table.begin()

    def webhook(self, name: str, envelope: str, size: int = SIZE) -> None:
        """An example message of DocuSign's comes in, and what it sets going happens."""
        request = message(name, envelope, self.world.now, size=size)
        result = receive(self.world.receiver, ADDRESS, request)
        assert result.answer.status == 200, result
        self.webhooks += 1
        self.world.settle()

    def report(self) -> None:
        """The mail service reports that it sent, and delivered, each mail there was since."""
        sent = self.world.mailbox.sent
        for number, email in enumerate(sent[self.reports // 2 :], start=self.reports // 2 + 1):
            assert email.run is not None
            for kind in REPORTS:
                found = {"kind": kind, "at": self.world.now, "message_id": f"memory-{number}"}
                self.world.report(MailEvent.model_validate({**found, "run": email.run}))
                self.reports += 1

    def live(self, documents: int, life: Sequence[tuple[str, timedelta]] = LIFE) -> None:
        """So many documents live through it side by side."""
        for name, quiet in life:
            for number in range(documents):
                self.webhook(name, envelope(number))
            self.world.advance(quiet)
            self.report()


def envelope(number: int) -> str:
    """The id of an envelope."""
    return f"{number:08x}-8c1d-4e57-b2a4-91d0c7e5f8a6"


def contracts() -> Pipeline:
    """The pipeline of the example."""
    text = (ROOT / "events" / "pipelines" / "contracts.yaml").read_text(encoding="utf-8")
    return Pipeline.model_validate(yaml.safe_load(text))


def _table() -> dict[str, Any]:
    properties: dict[str, Any] = read_template(Path(ROOT) / "template.yaml")["Resources"]["State"]
    found: dict[str, Any] = properties["Properties"]
    return found
