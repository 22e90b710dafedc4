"""The store in memory, which writes down what the same calls would cost in the deployed table.

Not counted is what comes seldom or only in trouble: versions of pipelines, which processes keep;
heartbeats, once a minute a process; messages of paused pipelines; places in the row of mails;
numbers of rules that go round in turn.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.table import key_of
from countersign.adapters.dynamodb.transaction import parts_of
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.pipeline import Head
from countersign.model.run import Run, RunKey
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import Transaction
from countersign.ports import EnvelopeSnapshot, RunRead, RunSnapshot
from tests.benchmarks.units import Ledger


class CountingDocuments(MemoryDocuments):
    """``ports.Documents`` in memory, which notes in ``ledger`` what the calls of functions cost."""

    def __init__(self, state: MemoryState, ledger: Ledger) -> None:
        super().__init__(state)
        self.ledger = ledger

    def read_arrival(
        self, connection: str, pipeline: str, envelope: str, document: str
    ) -> EnvelopeSnapshot:
        found = super().read_arrival(connection, pipeline, envelope, document)
        alias = f"{connection}#{envelope}"
        attached = self._state.aliases.get(alias)
        asked = [keys.connection(connection), keys.pipeline_head(pipeline)]
        asked += [keys.alias(alias), keys.document(document)]
        noted = None if attached is None else items.dump_alias(alias, attached)
        first = self._state.documents.get(document)
        there = _item(found.connection), _item(found.head), noted, _item(first)
        self.ledger.get(there, asked)
        if attached not in (None, document):
            self.ledger.get([_item(found.document)], [keys.document(attached)])
        return found

    def read_run(self, message: RunMessage) -> RunSnapshot:
        (found,) = self.read_runs((RunRead(message.key, message.pipeline, message.next),))
        return found

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        found = super().read_runs(wanted)
        there: dict[keys.Key, Item | None] = {}
        for one, snapshot in zip(wanted, found, strict=True):
            if one.pipeline is not None:
                there[keys.pipeline_head(one.pipeline)] = _item(snapshot.head)
            there[keys.document(one.run.document)] = _item(snapshot.document)
            there[keys.run(one.run)] = _item(snapshot.run)
            if one.next is not None:
                below = one.run.model_copy(update={"rule": one.next})
                there[keys.run(below)] = _item(snapshot.next)
        self.ledger.get(there.values(), there)
        return found

    def commit(self, change: Transaction) -> None:
        parts = list(parts_of(change))
        if parts:
            # A transaction that is refused is billed too.
            self.ledger.write(parts, self._replaced(change))
        super().commit(change)

    def get(self, document: str) -> Document | None:
        found = super().get(document)
        self.ledger.get([_item(found)], [keys.document(document)])
        return found

    def run(self, key: RunKey) -> Run | None:
        found = super().run(key)
        self.ledger.get([_item(found)], [keys.run(key)])
        return found

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        found = super().runs(document, entry)
        self.ledger.query(map(items.dump_run, found))
        return found

    def task(self, key: TaskKey) -> Task | None:
        found = super().task(key)
        self.ledger.get([_item(found)], [keys.task(key)])
        return found

    def tasks(self, document: str) -> tuple[Task, ...]:
        found = super().tasks(document)
        self.ledger.query(map(items.dump_task, found))
        return found

    def _replaced(self, change: Transaction) -> dict[keys.Key, Item]:
        """The items that a change replaces, and the document that it looks at."""
        state = self._state
        documents = [one.id for one in (change.document,) if one is not None]
        documents += [change.stay.document] if change.stay is not None else []
        before = [
            *(state.documents.get(one) for one in documents),
            *(state.runs.get(update.run.key) for update in change.updates),
            *(state.tasks.get(task.key) for task in change.tasks),
        ]
        there = [item for one in before if (item := _item(one)) is not None]
        return {key_of(item): item for item in there}


def _item(value: Connection | Head | Document | Run | Task | None) -> Item | None:
    match value:
        case Connection():
            return items.dump_connection(value)
        case Head():
            return items.dump_head(value)
        case Document():
            return items.dump_document(value)
        case Run():
            return items.dump_run(value)
        case Task():
            return items.dump_task(value)
    return None
