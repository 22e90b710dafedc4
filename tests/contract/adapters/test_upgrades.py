"""How far an upgrade has come is kept, and only what is as it was read is written again."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
from countersign.adapters.dynamodb.stores.process.upgrades import DynamoUpgrades
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.adapters.memory.tables.process.upgrades import MemoryUpgrades
from countersign.model.page import PageRequest, TaskQuery
from countersign.model.transaction import Transaction
from countersign.model.upgrade import UpgradeProgress
from countersign.ports import Documents, Upgrades
from tests.contract.adapters.conftest import TABLE
from tests.contract.adapters.test_pages import a_document, a_task

Both = tuple[Upgrades, Documents]


@pytest.fixture(params=["memory", "dynamodb"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "memory":
        state = MemoryState()
        return MemoryUpgrades(state), MemoryDocuments(state)
    client = request.getfixturevalue("dynamodb")
    return DynamoUpgrades(client, TABLE), DynamoDocuments(client, TABLE)


def test_progress_begins_at_nothing_and_is_kept(both: Both) -> None:
    upgrades, _ = both
    assert upgrades.progress() == UpgradeProgress()
    kept = UpgradeProgress(pipeline="sales", place="sent#2026", documents=100, indexed=7)
    upgrades.note(kept)
    assert upgrades.progress() == kept
    upgrades.note(UpgradeProgress(word_index=1))
    assert upgrades.progress() == UpgradeProgress(word_index=1)


def test_a_task_is_written_again_unless_it_was_changed(both: Both) -> None:
    upgrades, documents = both
    task = a_task("d0", "anna@acme.example", None)
    documents.commit(Transaction(document=a_document(0), tasks=(task,)))
    assert upgrades.write_again(task)
    changed = task.model_copy(update={"title": "Visit", "version": 2})
    document = a_document(0, version=2)
    documents.commit(Transaction(document=document, was_version=1, tasks=(changed,)))
    assert not upgrades.write_again(task)
    assert documents.task(task.key) == changed
    assert not upgrades.write_again(a_task("d1", "anna@acme.example", None))


def test_a_task_of_an_earlier_version_is_listed_by_deadline_afterwards(dynamodb: Any) -> None:
    task = a_task("d0", "anna@acme.example", None)
    DynamoDocuments(dynamodb, TABLE).commit(Transaction(document=a_document(0), tasks=(task,)))
    key = {"pk": {"S": "DOC#d0"}, "sk": {"S": "TASK#1.call"}}
    dynamodb.update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE due_pk, due_sk")
    pages = DynamoPages(dynamodb, TABLE)
    assert pages.open_tasks(TaskQuery(), PageRequest()).items == ()
    assert DynamoUpgrades(dynamodb, TABLE).write_again(task)
    assert pages.open_tasks(TaskQuery(), PageRequest()).items == (task,)
