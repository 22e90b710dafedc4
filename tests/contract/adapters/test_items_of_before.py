"""Items as the version of 2026-11-23 wrote them are read, and what they hold goes on.

The file was written by that version, and is not made anew. Names of members and states that
changed before the first release are changed in it, too.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.unreadable import Unreadable
from countersign.model.actor import user
from countersign.model.run import RunRecord
from countersign.simulation.world import World
from countersign.use_cases.documents.tasks import tick
from countersign.use_cases.runs.dispatch import dispatch
from countersign.use_cases.store import Store
from tests.builders import event
from tests.contract.adapters.conftest import TABLE

KEPT = json.loads((Path(__file__).parent / "items_of_2026_11_23.json").read_text())
DOCUMENT = KEPT["document"]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Found:
    """The three stores over a table with the items of that version."""

    def __init__(self, client: Any) -> None:
        for item in KEPT["items"]:
            client.put_item(TableName=TABLE, Item={name: _bytes(one) for name, one in item.items()})
        self.unreadable = Unreadable()
        self.documents = DynamoDocuments(client, TABLE, self.unreadable)
        self.pipelines = DynamoPipelines(client, TABLE, self.unreadable)
        self.connections = DynamoConnections(client, TABLE, self.unreadable)

    def world(self) -> World:
        """A world that goes on from there, with its messages under way."""
        world = World(start=NOW)
        state = world.state
        state.heads = {head.pipeline: head for head in self.pipelines.list()}
        for name in state.heads:
            found = self.pipelines.versions(name, 10)
            state.versions |= {(name, one.number): one for one in found}
        for one in self.connections.list():
            world.connect(one)
        document = self.documents.get(DOCUMENT)
        assert document is not None
        state.documents[DOCUMENT] = document
        state.runs = {run.key: run for run in self.documents.runs(DOCUMENT)}
        state.tasks = {task.key: task for task in self.documents.tasks(DOCUMENT)}
        state.logs[DOCUMENT] = list(self.documents.timeline_parts(DOCUMENT))
        for run in state.runs.values():
            if run.state == "ready":
                dispatch(world.lanes, [RunRecord(old=None, new=run)], NOW)
        return world


def _bytes(attribute: dict[str, Any]) -> dict[str, Any]:
    body = attribute.get("B")
    return attribute if body is None else {"B": b64decode(body["base64"])}


@pytest.fixture
def found(dynamodb: Any) -> Found:
    """The stores."""
    return Found(dynamodb)


def test_all_of_it_is_read(found: Found) -> None:
    document = found.documents.get(DOCUMENT)
    assert document is not None
    assert (document.stage, document.amount, document.responsible) == (
        "out",
        Decimal("1234.50"),
        "ben@acme.example",
    )
    assert document.fields == {"note": "12,5", "parts": Decimal("0.1")}
    assert {signer.name: signer.party for signer in document.signers} == {
        "Dora Direktorin": "company",
        "Klara Kundin": "client",
    }
    assert {run.rule: run.state for run in found.documents.runs(DOCUMENT)} == {
        "now": "done",
        "doubt": "in_doubt",
        "refused": "failed",
        "later": "ready",
        "dated": "no_date",
        "check": "awaiting",
        "chain-1": "waiting",
        "chain-2": "waiting",
        "big": "skipped",
        "trigger.no-reaction": "ready",
    }
    assert [line.kind for line in found.documents.timeline(DOCUMENT)].count("moved") == 1
    # The list of all open tasks got another index since; there was no release before.
    (task,) = found.documents.tasks(DOCUMENT)
    assert (task.assignee, task.state) == ("anna@acme.example", "open")
    assert [point.text for point in task.checklist] == ["one", "two"]
    assert [one.kind for one in found.documents.events(DOCUMENT)] == ["document.sent"]
    due = {run.rule for run in found.documents.due(NOW + timedelta(days=30))}
    assert due == {"later", "trigger.no-reaction", "doubt"}
    assert {run.rule for run in found.documents.troubled()} == {"doubt", "refused"}
    assert found.unreadable.take() == ()


def test_what_was_planned_comes_at_its_time(found: Found) -> None:
    world = found.world()
    world.advance(timedelta(days=2, hours=22, minutes=59))
    assert world.mailbox.sent == []
    world.advance(timedelta(minutes=2))
    assert [email.run.rule for email in world.mailbox.sent] == ["later"]
    world.advance(timedelta(days=7))
    assert world.document(DOCUMENT).stage == "late"


def test_a_task_that_is_completed_sets_its_chain_going(found: Found) -> None:
    world = found.world()
    (task,) = world.documents.open_tasks()
    assert task.rule == "check"
    for number, _ in enumerate(task.checklist, start=1):
        tick(
            Store(
                documents=world.documents,
                programs=world.programs,
                clock=lambda: NOW,
                salt=lambda: "5a17",
            ),
            task.key,
            number,
            user("anna@acme.example"),
            done=True,
        )
    world.complete_task(task.key, by="anna@acme.example")
    world.advance(timedelta(hours=6))
    assert [email.run.rule for email in world.mailbox.sent] == ["chain-1", "chain-2"]


def test_messages_of_the_provider_move_it_on(found: Found) -> None:
    world = found.world()
    (name,) = world.state.connections
    world.tell(name, [event("document.completed", minute=5)])
    document = world.document(DOCUMENT)
    assert (document.id, document.stage) == (DOCUMENT, "signed")
    assert [email.run.rule for email in world.mailbox.sent] == ["thanks"]
    world.advance(timedelta(days=30))
    assert world.document(DOCUMENT).stage == "signed"
    assert [email.run.rule for email in world.mailbox.sent] == ["thanks"]
