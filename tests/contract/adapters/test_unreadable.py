"""Reads of many items: one that this version cannot read keeps nobody from the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.unreadable import Unreadable
from countersign.errors import PermanentError, UnreadableError
from countersign.model.connection import Connection
from countersign.model.message import RunMessage
from countersign.model.pipeline import Pipeline, Stage
from countersign.model.transaction import Transaction
from countersign.rules import RULES
from tests.contract.adapters.conftest import TABLE, Stores
from tests.contract.adapters.test_documents import NOON, a_document, a_run, an_entry, an_event
from tests.contract.adapters.test_held_messages import a_message
from tests.contract.adapters.test_tasks import a_task

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Damage = Mapping[str, Any]

ANY_RUN: dict[str, Damage] = {
    "an unknown state": {"state": {"S": "asleep"}},
    "an unknown lane": {"lane": {"S": "fax"}},
    "a missing member": {"kind": None},
    "a number as text": {"entry": {"S": "first"}},
    "a moment that is none": {"planned_at": {"S": "yesterday"}},
    "a list of another kind": {"mails": {"S": '[{"state": "lost"}]'}},
    "nested text that is no JSON": {"verdict": {"S": "{"}},
    "a type of attribute that is never written": {"reason": {"NS": ["1"]}},
}


def put_runs(stores: Stores, **members: Any) -> None:
    runs = tuple(a_run(f"r{n}", **members) for n in range(12))
    stores.documents.commit(Transaction(document=a_document(), planned=runs))


def rules(runs: Any) -> list[str]:
    return sorted(run.rule for run in runs)


def all_but(number: int) -> list[str]:
    return sorted(f"r{n}" for n in range(12) if n != number)


@pytest.mark.parametrize("damage", ANY_RUN.values(), ids=ANY_RUN)
def test_a_run_of_another_version_keeps_no_other_from_being_due(
    stores: Stores, damage: Damage
) -> None:
    put_runs(stores)
    spoiled = a_run("r4").key
    stores.spoil(spoiled, keys.run(spoiled), damage)
    assert rules(stores.documents.due(NOON)) == all_but(4)
    (told,) = stores.unreadable.take()
    assert "r4" in told
    assert "cannot be read by this version" in told
    assert stores.unreadable.take() == ()


def test_a_run_of_a_kind_that_this_version_does_not_know_is_read(
    dynamodb: DynamoDBClient,
) -> None:
    """What cannot be performed fails by itself, and says which kinds there are."""
    unreadable = Unreadable()
    documents = DynamoDocuments(dynamodb, TABLE, unreadable)
    planned = tuple(a_run(f"r{n}", kind="send_fax") for n in range(3))
    documents.commit(Transaction(document=a_document(), planned=planned))
    assert rules(documents.due(NOON)) == ["r0", "r1", "r2"]
    assert unreadable.take() == ()
    with pytest.raises(PermanentError, match='rule kind "send_fax" is unknown; this version has'):
        RULES.get("send_fax")


def test_a_run_of_another_version_keeps_no_other_from_being_found_in_trouble(
    stores: Stores,
) -> None:
    put_runs(stores, state="failed", concluded_at=NOON)
    spoiled = a_run("r7").key
    stores.spoil(spoiled, keys.run(spoiled), {"lane": {"S": "fax"}})
    assert rules(stores.documents.troubled()) == all_but(7)
    assert len(stores.unreadable.take()) == 1


def test_who_asks_for_that_very_run_is_told_so(stores: Stores) -> None:
    put_runs(stores)
    run = a_run("r4")
    stores.spoil(run.key, keys.run(run.key), {"state": {"S": "asleep"}})
    reads: tuple[Callable[[], object], ...] = (
        lambda: stores.documents.run(run.key),
        lambda: stores.documents.read_run(RunMessage.of(run)),
        lambda: stores.documents.runs("d1"),  # what is decided is decided on all of them
    )
    for read in reads:
        with pytest.raises(UnreadableError, match="r4"):
            read()
    assert stores.documents.run(a_run("r5").key) is not None


def test_documents_of_another_version_keep_no_other_from_being_listed(stores: Stores) -> None:
    for name in ("d1", "d2", "d3"):
        stores.documents.commit(Transaction(document=a_document(id=name, envelope=name)))
    stores.spoil(("document", "d2"), keys.document("d2"), {"version": {"S": "two"}})
    assert [one.id for one in stores.documents.in_stage("sales")] == ["d1", "d3"]
    assert [one.id for one in stores.documents.in_stage("sales", "sent")] == ["d1", "d3"]
    with pytest.raises(UnreadableError):
        stores.documents.get("d2")


def test_a_document_of_another_version_has_its_card_and_counts_as_somebodys_load(
    stores: Stores,
) -> None:
    for name in ("d1", "d2"):
        document = a_document(id=name, envelope=name, title=f"Lease {name}", responsible="ben")
        stores.documents.commit(Transaction(document=document))
    stores.spoil(("document", "d2"), keys.document("d2"), {"version": {"S": "two"}})
    cards = [(card.id, card.stage, card.title) for card in stores.documents.cards("sales")]
    assert cards == [("d1", "sent", "Lease d1"), ("d2", "sent", "Lease d2")]
    assert stores.documents.loads("sales", ["sent"]) == {"ben": 2}
    assert stores.unreadable.take() == ()


def test_tasks_of_another_version_keep_no_other_from_being_listed(stores: Stores) -> None:
    tasks = tuple(a_task(f"t{n}") for n in range(3))
    stores.documents.commit(Transaction(document=a_document(), tasks=tasks))
    stores.spoil(tasks[1].key, keys.task(tasks[1].key), {"title": None})
    assert sorted(task.rule for task in stores.documents.open_tasks()) == ["t0", "t2"]


def test_connections_of_another_version_keep_no_other_from_being_listed(stores: Stores) -> None:
    for name in ("c1", "c2", "c3"):
        stores.connections.put(Connection(id=name, provider="docusign", pipeline="sales"))
    stores.spoil(("connection", "c2"), keys.connection("c2"), {"provider": None})
    assert [one.id for one in stores.connections.list()] == ["c1", "c3"]
    with pytest.raises(UnreadableError):
        stores.connections.get("c2")


def test_pipelines_of_another_version_keep_no_other_from_being_listed(stores: Stores) -> None:
    for name in ("hr", "sales", "service"):
        written = Pipeline(pipeline=name, stages=(Stage(id="sent"),))
        stores.pipelines.publish(written, at=NOON, by="ben@acme.example")
    place = keys.pipeline_head("sales")
    stores.spoil(("pipeline", "sales"), place, {"version": {"S": "newest"}})
    assert [head.pipeline for head in stores.pipelines.list()] == ["hr", "service"]
    with pytest.raises(UnreadableError):
        stores.pipelines.head("sales")


# --- what the twin in memory has no items for


def damage(client: DynamoDBClient, place: keys.Key, changed: Damage) -> None:
    named: Any = {"pk": {"S": place[0]}, "sk": {"S": place[1]}}
    item: Any = client.get_item(TableName=TABLE, Key=named)["Item"]
    client.put_item(TableName=TABLE, Item={**item, **changed})


def test_lines_and_events_of_another_version_keep_no_other_from_being_told(
    dynamodb: DynamoDBClient,
) -> None:
    unreadable = Unreadable()
    documents = DynamoDocuments(dynamodb, TABLE, unreadable)
    for version in (1, 2, 3):
        entry, event = an_entry(f"line {version}"), an_event(f"k{version}", raw="{}")
        was = version - 1 or None
        document = a_document(version=version)
        documents.commit(
            Transaction(document=document, was_version=was, log=(entry,), events=(event,))
        )
    damage(dynamodb, keys.log("d1", 2), {"lines": {"S": "[{}]"}})
    damage(dynamodb, keys.event("d1", "c1", "k1"), {"at": {"S": "noon"}})
    damage(dynamodb, keys.raw_message("d1", "c1", "k3"), {"body": {"B": b"not compressed"}})
    assert [line.text for line in documents.timeline("d1")] == ["line 1", "line 3"]
    assert [(one.key, one.raw) for one in documents.events("d1")] == [("k2", "{}"), ("k3", None)]
    assert [one.key for one in documents.recent_events("c1", 5)] == ["k3", "k2"]
    assert len(unreadable.take()) == 3


def test_versions_that_cannot_be_read_are_left_out_of_the_list(dynamodb: DynamoDBClient) -> None:
    pipelines = DynamoPipelines(dynamodb, TABLE, Unreadable())
    for _ in range(3):
        written = Pipeline(pipeline="sales", stages=(Stage(id="sent"),))
        pipelines.publish(written, at=NOON, by="ben@acme.example")
    damage(dynamodb, keys.pipeline_version("sales", 2), {"body": {"B": b"not compressed"}})
    assert [one.number for one in pipelines.versions("sales", 9)] == [3, 1]


def test_a_postponed_message_of_another_version_waits_where_it_is(dynamodb: DynamoDBClient) -> None:
    unreadable = Unreadable()
    postponed = DynamoHeldMessages(dynamodb, TABLE, unreadable)
    sent = [a_message(f"k{n}", received_at=NOON + timedelta(seconds=n)) for n in range(3)]
    for message in sent:
        postponed.add(message)
    second: Any = sorted(dynamodb.scan(TableName=TABLE)["Items"], key=lambda one: one["sk"]["S"])[1]
    dynamodb.put_item(TableName=TABLE, Item={**second, "body": {"B": b"not compressed"}})
    assert list(postponed.list("sales")) == [sent[0], sent[2]]
    assert len(unreadable.take()) == 1


def test_what_is_told_of_it_quotes_nothing(dynamodb: DynamoDBClient) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    documents.commit(Transaction(document=a_document()))
    damage(dynamodb, keys.document("d1"), {"entry": {"S": "klara@client.example"}})
    with pytest.raises(UnreadableError) as caught:
        documents.get("d1")
    text = "the item DOC#d1 DOC cannot be read by this version: entry (int_parsing)"
    assert str(caught.value) == text


def test_the_image_of_a_run_is_read_like_its_item() -> None:
    item = items.dump_run(a_run("r1"))
    with pytest.raises(UnreadableError):
        items.parse(type(a_run()), {**item, "lane": {"S": "fax"}})
