"""What the ports promise about removing, kept by the table, the parameter store and their twins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from countersign.adapters.dynamodb import transaction
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.table import Table
from countersign.adapters.memory.parameters.credentials import MemoryCredentialStore
from countersign.adapters.ssm.credentials import SsmCredentialStore
from countersign.errors import ConflictError, NotFoundError, UnavailableError
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run, RunKey
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.ports import Connections, CredentialStore, Documents, Pipelines
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_document(name: str = "d1", **members: Any) -> Document:
    given = {
        "id": name,
        "pipeline": "sales",
        "stage": "sent",
        "since": NOON,
        "created_at": NOON,
        "connection": "c1",
        "envelope": f"e-{name}",
        "envelope_aliases": (f"also-{name}",),
    }
    return Document.model_validate({**given, **members})


def a_run(document: str, rule: str) -> Run:
    return Run(
        document=document,
        entry=1,
        rule=rule,
        pipeline="sales",
        pipeline_version=1,
        stage="sent",
        kind="send_email",
        lane="email",
        state="ready",
        planned_at=NOON,
        due=NOON,
    )


def an_event(document: str | None, key: str = "k1") -> ProcessedEvent:
    return ProcessedEvent(
        key=key,
        connection="c1",
        document=document,
        at=NOON,
        provider_event="envelope-sent",
        kind="document.sent",
        authenticity="signed",
        raw="{}",
    )


def a_task(document: str) -> Task:
    return Task(
        document=document,
        id="1.call",
        pipeline="sales",
        pipeline_version=1,
        stage="sent",
        entry=1,
        rule="call",
        title="Call",
        assignee="anna@acme.example",
        created_at=NOON,
    )


def fill(documents: Documents, name: str, runs: int = 2) -> None:
    """A document with runs, a task, a timeline, an event, a mark, and its envelope attached."""
    documents.commit(
        Transaction(
            document=a_document(name),
            log=(LogEntry(at=NOON, kind="event", text="sent", entry=1),),
            planned=tuple(a_run(name, f"r{n}") for n in range(runs)),
            events=(an_event(name),),
            tasks=(a_task(name),),
            once=(RunKey(document=name, entry=1, rule="r0"),),
            attach=(f"c1#e-{name}", f"c1#also-{name}"),
        )
    )


def all_of(documents: Documents, name: str) -> tuple[object, ...]:
    """All that can be read of a document."""
    return (
        documents.get(name),
        documents.runs(name),
        documents.timeline(name),
        documents.events(name),
        documents.tasks(name),
        [run for run in documents.due(NOON) if run.document == name],
        [task for task in documents.open_tasks("anna@acme.example") if task.document == name],
        [one for one in documents.in_stage("sales") if one.id == name],
    )


NOTHING: tuple[object, ...] = (None, (), (), (), (), [], [], [])


def test_a_removed_document_leaves_nothing_and_its_neighbour_everything(
    documents: Documents,
) -> None:
    fill(documents, "d1")
    fill(documents, "d2")
    before = all_of(documents, "d2")
    documents.remove("d1")
    assert all_of(documents, "d1") == NOTHING
    assert all_of(documents, "d2") == before
    assert documents.task(TaskKey(document="d1", id="1.call")) is None


def test_removing_what_is_not_there_does_nothing(documents: Documents) -> None:
    documents.remove("d1")
    fill(documents, "d1")
    documents.remove("d1")
    documents.remove("d1")
    assert all_of(documents, "d1") == NOTHING


def test_a_document_of_any_size_is_removed(documents: Documents) -> None:
    fill(documents, "d1", runs=80)
    documents.remove("d1")
    assert all_of(documents, "d1") == NOTHING


def test_the_same_document_may_be_made_again_with_the_same_events(documents: Documents) -> None:
    fill(documents, "d1")
    documents.remove("d1")
    fill(documents, "d1")
    assert documents.get("d1") == a_document("d1")


def test_an_envelope_attached_to_a_removed_document_brings_its_own(documents: Documents) -> None:
    documents.commit(Transaction(document=a_document("d1", envelope=None), attach=("c1#e9",)))
    documents.commit(Transaction(document=a_document("own")))
    arrival = documents.read_arrival("c1", "sales", "e9", "own")
    assert arrival.document == a_document("d1", envelope=None)
    documents.remove("d1")
    assert documents.read_arrival("c1", "sales", "e9", "own").document == a_document("own")
    assert documents.read_arrival("c1", "sales", "e9", "new").document is None


def test_events_of_a_connection_alone_stay(documents: Documents) -> None:
    documents.commit(Transaction(events=(an_event(None),)))
    fill(documents, "d1")
    documents.remove("d1")
    assert [one.document for one in documents.recent_events("c1", 10)] == [None]


SALES = Pipeline.model_validate({"pipeline": "sales", "stages": [{"id": "sent"}]})
OTHER = SALES.model_copy(update={"pipeline": "other"})


def test_versions_are_listed_newest_first(pipelines: Pipelines) -> None:
    made = [
        pipelines.publish(SALES, at=NOON + timedelta(hours=n), by=f"user{n}") for n in range(12)
    ]
    pipelines.publish(OTHER, at=NOON, by="bert")
    assert pipelines.versions("sales", 100) == tuple(reversed(made))
    assert [one.number for one in pipelines.versions("sales", 3)] == [12, 11, 10]
    assert [one.published_by for one in pipelines.versions("sales", 1)] == ["user11"]
    assert pipelines.versions("sales", 0) == ()
    assert pipelines.versions("nothing", 5) == ()


def test_a_removed_pipeline_is_gone_with_its_versions(pipelines: Pipelines) -> None:
    for _ in range(30):
        pipelines.publish(SALES, at=NOON, by="anna")
    other = pipelines.publish(OTHER, at=NOON, by="anna")
    assert pipelines.version("sales", 30).number == 30
    pipelines.remove("sales")
    assert pipelines.head("sales") is None
    assert [head.pipeline for head in pipelines.list()] == ["other"]
    assert pipelines.versions("sales", 50) == ()
    for number in (1, 30):
        with pytest.raises(NotFoundError):
            pipelines.version("sales", number)
    assert pipelines.version("other", 1) == other
    assert pipelines.publish(SALES, at=NOON, by="anna").number == 1
    pipelines.remove("nothing")


def test_a_removed_connection_is_gone_and_no_other(connections: Connections) -> None:
    for name in ("c1", "c2"):
        connections.put(Connection(id=name, provider="docusign", pipeline="sales"))
    connections.remove("c1")
    connections.remove("nothing")
    assert connections.get("c1") is None
    assert [one.id for one in connections.list()] == ["c2"]


@pytest.fixture(params=["memory", "ssm"])
def secret_store(request: pytest.FixtureRequest) -> CredentialStore:
    """An empty store of secrets."""
    if request.param == "memory":
        return MemoryCredentialStore()
    request.getfixturevalue("aws")
    client = boto3.client("ssm", region_name="eu-central-1")
    return SsmCredentialStore(lambda: client, "/countersign/dev/connections", now=lambda: NOON)


def test_removed_secrets_are_gone_and_no_others(secret_store: CredentialStore) -> None:
    for name in ("c1", "c2"):
        secret_store.put(
            ConnectionCredentials(
                connection=name, provider="docusign", pipeline="sales", tokens=("t",)
            )
        )
    secret_store.remove("c1")
    secret_store.remove("nothing")
    secret_store.remove("no id.")
    assert secret_store.get("c1") is None
    assert secret_store.get("c2") is not None


def test_secrets_are_removed_from_the_parameter_store(aws: None) -> None:
    client = boto3.client("ssm", region_name="eu-central-1")
    store = SsmCredentialStore(lambda: client, "/countersign/dev/connections", now=lambda: NOON)
    store.put(
        ConnectionCredentials(connection="c1", provider="docusign", pipeline="sales", tokens=("t",))
    )
    store.remove("c1")
    with pytest.raises(client.exceptions.ParameterNotFound):
        client.get_parameter(Name="/countersign/dev/connections/c1")


def left(client: DynamoDBClient) -> list[tuple[str, str]]:
    """The keys of everything in the table."""
    items = client.scan(TableName=TABLE)["Items"]
    return sorted((item["pk"]["S"], item["sk"]["S"]) for item in items)


def test_not_one_item_of_a_removed_document_is_left(dynamodb: DynamoDBClient) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    fill(documents, "d1")
    assert len(left(dynamodb)) >= 8
    documents.remove("d1")
    assert left(dynamodb) == []


def test_not_one_item_of_a_removed_pipeline_is_left(dynamodb: DynamoDBClient) -> None:
    pipelines = DynamoPipelines(dynamodb, TABLE)
    for _ in range(3):
        pipelines.publish(SALES, at=NOON, by="anna")
    pipelines.remove("sales")
    assert left(dynamodb) == []


def test_a_document_that_changes_while_it_is_removed_is_a_conflict_and_stays(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    fill(documents, "d1")
    really = Table.delete_version

    def late(table: Table, *args: Any) -> None:
        monkeypatch.setattr(Table, "delete_version", really)
        documents.commit(Transaction(document=a_document("d1", version=2), was_version=1))
        really(table, *args)

    monkeypatch.setattr(Table, "delete_version", late)
    with pytest.raises(ConflictError, match="document d1 was changed by somebody else"):
        documents.remove("d1")
    assert documents.get("d1") == a_document("d1", version=2)
    documents.remove("d1")
    assert left(dynamodb) == []


def test_a_pipeline_that_is_published_while_it_is_removed_is_a_conflict(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines = DynamoPipelines(dynamodb, TABLE)
    pipelines.publish(SALES, at=NOON, by="anna")
    really = transaction.write
    place = "countersign.adapters.dynamodb.stores.configuration.pipelines.write"

    def late(table: Table, parts: Any) -> None:
        monkeypatch.setattr(place, really)
        pipelines.publish(SALES, at=NOON, by="bert")
        really(table, parts)

    monkeypatch.setattr(place, late)
    with pytest.raises(ConflictError):
        pipelines.remove("sales")
    assert pipelines.versions("sales", 5)[0].published_by == "bert"
    pipelines.remove("sales")
    assert left(dynamodb) == []


def test_what_dynamodb_leaves_undone_is_done_again_and_not_for_ever(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    table = Table(dynamodb, TABLE, pause=paused.append)
    DynamoPipelines(dynamodb, TABLE).publish(SALES, at=NOON, by="anna")
    wanted = list(table.keys("PIPELINE#sales"))
    assert wanted == [("PIPELINE#sales", "HEAD"), ("PIPELINE#sales", "V#1")]
    really = dynamodb.batch_write_item
    answers: Iterator[bool] = iter([True, True, False])

    def busy(**request: Any) -> Any:
        if next(answers, True):
            return {"UnprocessedItems": request["RequestItems"]}
        return really(**request)

    monkeypatch.setattr(dynamodb, "batch_write_item", busy)
    table.delete_all(wanted)
    assert not set(left(dynamodb)) & set(wanted)
    assert paused == [0.05, 0.1]
    with pytest.raises(UnavailableError, match="left part of a batch undone 5 times"):
        table.delete_all(wanted)
