"""Lists that stand in several parts: one order, read no further than somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from countersign.adapters.dynamodb import items
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.model.document import Document
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.ports import Documents
from tests.contract.adapters.conftest import TABLE
from tests.contract.adapters.test_held_messages import a_message

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_document(number: int, minutes: int) -> Document:
    since = NOON + timedelta(minutes=minutes)
    return Document(id=f"d{number}", pipeline="sales", stage="sent", since=since, created_at=since)


def shuffled(count: int) -> list[int]:
    """All numbers up to there, in an order that has nothing to do with theirs."""
    return [number * 37 % count for number in range(count)]


def test_a_stage_is_listed_by_time_whatever_part_a_document_is_in(documents: Documents) -> None:
    for number, minutes in enumerate(shuffled(60)):
        documents.commit(Transaction(document=a_document(number, minutes)))
    found = [document.since for document in documents.in_stage("sales", "sent")]
    assert found == [NOON + timedelta(minutes=n) for n in range(60)]
    assert [card.since for card in documents.cards("sales")] == found
    assert sum(documents.loads("sales", ["sent"]).values()) == 0


def test_the_newest_events_are_listed_whatever_part_they_are_in(documents: Documents) -> None:
    for number, minutes in enumerate(shuffled(60)):
        event = ProcessedEvent(
            key=f"k{number}",
            connection="c1",
            document=f"d{number}",
            at=NOON + timedelta(minutes=minutes),
            provider_event="x",
            kind="document.sent",
            authenticity="signed",
        )
        documents.commit(Transaction(document=a_document(number, 0), events=(event,)))
    found = [event.at for event in documents.recent_events("c1", 7)]
    assert found == [NOON + timedelta(minutes=59 - n) for n in range(7)]
    assert len(documents.recent_events("c1", 100)) == 60
    assert documents.recent_events("c1", 0) == ()


def test_tasks_of_one_person_are_listed_by_deadline_whatever_part_they_are_in(
    documents: Documents,
) -> None:
    given: list[datetime | None] = [NOON + timedelta(hours=n) for n in shuffled(20)]
    for number, deadline in enumerate([*given, None, None]):
        task = Task(
            document=f"d{number}",
            id="1.call",
            entry=1,
            rule="call",
            pipeline="sales",
            pipeline_version=1,
            stage="sent",
            title="Call",
            assignee="ben" if number % 2 else "Ben",
            deadline=deadline,
            created_at=NOON - timedelta(hours=number),
        )
        documents.commit(Transaction(document=a_document(number, 0), tasks=(task,)))
    wanted = [NOON + timedelta(hours=n) for n in range(20)]
    for tasks in (list(documents.open_tasks("BEN")), list(documents.open_tasks())):
        assert [task.deadline for task in tasks] == [*wanted, None, None]
        assert [task.document for task in tasks[-2:]] == ["d21", "d20"]


# --- what the twin in memory has no calls for


@contextmanager
def calls(client: DynamoDBClient) -> Iterator[list[str]]:
    """The names of the operations that are called meanwhile."""
    made: list[str] = []

    def note(model: Any, **_: object) -> None:
        made.append(model.name)

    client.meta.events.register("before-call.dynamodb", note)
    try:
        yield made
    finally:
        client.meta.events.unregister("before-call.dynamodb", note)


def test_who_looks_at_the_first_documents_reads_no_others(dynamodb: DynamoDBClient) -> None:
    for number in range(300):
        item = items.dump_document(a_document(number, number))
        dynamodb.put_item(TableName=TABLE, Item=item)
    documents = DynamoDocuments(dynamodb, TABLE)
    with calls(dynamodb) as made:
        first = list(islice(documents.in_stage("sales", "sent"), 20))
    assert [document.id for document in first] == [f"d{n}" for n in range(20)]
    assert made.count("BatchGetItem") == 1
    with calls(dynamodb) as made:
        assert len(list(documents.in_stage("sales", "sent"))) == 300
    assert made.count("BatchGetItem") == 3


def test_documents_that_stand_where_the_whole_list_stood_are_found(
    dynamodb: DynamoDBClient,
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    for number in range(5):
        item = items.dump_document(a_document(number, number))
        item["board_pk"] = {"S": "PIPELINE#sales"}
        dynamodb.put_item(TableName=TABLE, Item=item)
    assert [one.id for one in documents.in_stage("sales")] == [f"d{n}" for n in range(5)]
    moved = a_document(0, 9).model_copy(update={"version": 2})
    documents.commit(Transaction(document=moved, was_version=1))
    assert [one.id for one in documents.in_stage("sales")] == ["d1", "d2", "d3", "d4", "d0"]


def test_messages_that_were_held_where_all_were_are_applied_and_forgotten(
    dynamodb: DynamoDBClient,
) -> None:
    held = DynamoHeldMessages(dynamodb, TABLE)
    messages = [a_message(f"k{n}", received_at=NOON + timedelta(seconds=n)) for n in range(6)]
    for message in messages:
        held.add(message)
    for item in dynamodb.scan(TableName=TABLE)["Items"]:
        key: Any = {name: item[name] for name in ("pk", "sk")}
        dynamodb.delete_item(TableName=TABLE, Key=key)
        dynamodb.put_item(TableName=TABLE, Item={**item, "pk": {"S": "POSTPONED#sales"}})
    assert list(held.list("sales")) == messages
    held.set_aside(messages[0], "no such connection", at=NOON)
    held.remove(messages[1])
    assert list(held.list("sales")) == messages[2:]
    assert [one.message for one in held.list_aside("sales")] == messages[:1]
    held.remove_aside(messages[0])
    for message in held.list("sales"):
        held.remove(message)
    assert dynamodb.scan(TableName=TABLE)["Items"] == []
