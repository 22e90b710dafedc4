"""What every webhook reads is read in copies, of which none is ever older than what was written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb import items, transaction
from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.errors import ConflictError, UnavailableError
from countersign.model.connection import Connection
from countersign.model.message import RunMessage
from countersign.model.pipeline import Head, Pipeline, Stage
from countersign.ports import Connections, Documents, EnvelopeSnapshot, Pipelines
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITE = "countersign.adapters.dynamodb.stores.configuration.pipelines.write"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SALES = Pipeline(pipeline="sales", stages=(Stage(id="sent"),))
CONNECTION = Connection(id="c1", provider="docusign", pipeline="sales")
READERS = [f"d{number}" for number in range(40)]
"""Documents enough for most copies to be read by some."""


def arrival(documents: Documents, document: str) -> EnvelopeSnapshot:
    return documents.read_arrival("c1", "sales", f"e-{document}", document)


def run_head(documents: Documents, document: str) -> Head | None:
    message = RunMessage(document=document, entry=1, rule="mail", generation=1, pipeline="sales")
    return documents.read_run(message).head


def heads(documents: Documents) -> set[Head | None]:
    """The head as each document's webhooks and runs read it."""
    return {arrival(documents, one).head for one in READERS} | {
        run_head(documents, one) for one in READERS
    }


def kept_heads(client: DynamoDBClient) -> set[Head]:
    """All heads in the table, originals and copies."""
    found: Any = client.scan(TableName=TABLE)["Items"]
    return {items.parse(Head, item) for item in found if item["type"] == {"S": "pipeline"}}


def test_what_was_published_or_paused_is_read_by_all_from_then_on(
    documents: Documents, pipelines: Pipelines
) -> None:
    assert heads(documents) == {None}
    pipelines.publish(SALES, at=NOON, by="eva")
    assert heads(documents) == {Head(pipeline="sales", version=1)}
    pipelines.set_paused("sales", True)
    assert heads(documents) == {Head(pipeline="sales", version=1, paused=True)}
    pipelines.publish(SALES.model_copy(update={"name": "Sales"}), at=NOON, by="eva")
    assert heads(documents) == {Head(pipeline="sales", name="Sales", version=2, paused=True)}
    pipelines.set_paused("sales", False)
    assert heads(documents) == {Head(pipeline="sales", name="Sales", version=2)}
    pipelines.set_automation("sales", False)
    off = Head(pipeline="sales", name="Sales", version=2, automation=False)
    assert heads(documents) == {off}
    pipelines.remove("sales")
    assert heads(documents) == {None}
    assert pipelines.list() == ()


def test_a_connection_is_read_by_all_as_it_was_put_and_by_none_once_it_is_removed(
    documents: Documents, connections: Connections
) -> None:
    def seen() -> list[Connection | None]:
        found = [arrival(documents, document).connection for document in READERS]
        assert all(one == found[0] for one in found)
        return found[:1]

    connections.put(CONNECTION)
    assert seen() == [CONNECTION]
    changed = CONNECTION.model_copy(update={"responsible": "max@house.example"})
    connections.put(changed)
    assert seen() == [changed]
    assert connections.list() == (changed,)
    connections.remove("c1")
    assert seen() == [None]
    connections.remove("c1")


def test_readers_are_spread_over_the_copies(dynamodb: DynamoDBClient) -> None:
    DynamoPipelines(dynamodb, TABLE).publish(SALES, at=NOON, by="eva")
    DynamoConnections(dynamodb, TABLE).put(CONNECTION)
    read: list[str] = []

    def note(params: Any, **_: object) -> None:
        read.extend(key["pk"]["S"] for key in params["RequestItems"][TABLE]["Keys"])

    dynamodb.meta.events.register("provide-client-params.dynamodb.BatchGetItem", note)
    try:
        documents = DynamoDocuments(dynamodb, TABLE)
        for number in range(150):
            arrival(documents, f"d{number}")
            run_head(documents, f"r{number}")
    finally:
        dynamodb.meta.events.unregister("provide-client-params.dynamodb.BatchGetItem", note)
    assert max(map(read.count, set(read))) < len(read) / 20
    kept = {item["pk"]["S"] for item in dynamodb.scan(TableName=TABLE)["Items"]}
    assert {one for one in read if not one.startswith(("DOC#", "ALIAS#"))} == kept


# --- what the version before has written


def test_originals_without_copies_are_read_and_get_them_when_they_change(
    dynamodb: DynamoDBClient,
) -> None:
    head = Head(pipeline="sales", version=7)
    for item in (items.dump_head(head), items.dump_connection(CONNECTION)):
        dynamodb.put_item(TableName=TABLE, Item=item)
    documents, pipelines = DynamoDocuments(dynamodb, TABLE), DynamoPipelines(dynamodb, TABLE)
    assert heads(documents) == {head}
    assert all(arrival(documents, one).connection == CONNECTION for one in READERS)
    pipelines.set_paused("sales", True)
    assert heads(documents) == {head.model_copy(update={"paused": True})}
    assert kept_heads(dynamodb) == {head.model_copy(update={"paused": True})}


def test_what_another_version_keeps_in_a_head_stays_there(dynamodb: DynamoDBClient) -> None:
    item = items.dump_head(Head(pipeline="sales", version=1)) | {"colour": {"S": "blue"}}
    dynamodb.put_item(TableName=TABLE, Item=item)
    pipelines = DynamoPipelines(dynamodb, TABLE)
    pipelines.set_paused("sales", True)
    pipelines.publish(SALES, at=NOON, by="eva")
    found = dynamodb.scan(TableName=TABLE)["Items"]
    written = [one for one in found if one["type"] == {"S": "pipeline"}]
    assert len(written) > 1
    assert {one["colour"]["S"] for one in written} == {"blue"}


# --- at the same moment


def interrupted(
    monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object], times: int = 1
) -> None:
    """Have something happen right before the next writes of a pipeline."""
    really = transaction.write
    left = [meanwhile] * times

    def late(*given: Any) -> None:
        if left:
            happens = left.pop()
            with monkeypatch.context() as undisturbed:
                undisturbed.setattr(WRITE, really)
                happens()
        really(*given)

    monkeypatch.setattr(WRITE, late)


def test_a_pause_while_somebody_publishes_holds(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines, rival = DynamoPipelines(dynamodb, TABLE), DynamoPipelines(dynamodb, TABLE)
    pipelines.publish(SALES, at=NOON, by="eva")
    interrupted(monkeypatch, lambda: rival.set_paused("sales", True))
    assert pipelines.publish(SALES, at=NOON, by="eva").number == 2
    paused = Head(pipeline="sales", version=2, paused=True)
    assert kept_heads(dynamodb) == {paused}
    interrupted(monkeypatch, lambda: rival.set_paused("sales", False))
    assert pipelines.publish(SALES, at=NOON, by="eva").number == 3
    assert pipelines.head("sales") == Head(pipeline="sales", version=3)


def test_a_version_that_is_published_while_somebody_pauses_stays(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines, rival = DynamoPipelines(dynamodb, TABLE), DynamoPipelines(dynamodb, TABLE)
    pipelines.publish(SALES, at=NOON, by="eva")
    interrupted(monkeypatch, lambda: rival.publish(SALES, at=NOON, by="max"))
    paused = Head(pipeline="sales", version=2, paused=True)
    assert pipelines.set_paused("sales", True) == paused
    assert kept_heads(dynamodb) == {paused}


def test_who_publishes_second_is_refused_though_it_was_paused_as_well(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines, rival = DynamoPipelines(dynamodb, TABLE), DynamoPipelines(dynamodb, TABLE)
    pipelines.publish(SALES, at=NOON, by="eva")

    def both() -> None:
        rival.set_paused("sales", True)
        rival.publish(SALES, at=NOON, by="max")

    interrupted(monkeypatch, both)
    with pytest.raises(ConflictError, match="pipeline sales was changed by somebody else"):
        pipelines.publish(SALES, at=NOON, by="eva")
    assert rival.version("sales", 2).published_by == "max"


def test_a_pipeline_that_others_change_all_the_time_is_given_up(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines, rival = DynamoPipelines(dynamodb, TABLE), DynamoPipelines(dynamodb, TABLE)
    pipelines.publish(SALES, at=NOON, by="eva")
    interrupted(monkeypatch, lambda: rival.publish(SALES, at=NOON, by="max"), times=9)
    with pytest.raises(UnavailableError, match="pipeline sales was changed by others"):
        pipelines.set_paused("sales", True)
    assert pipelines.head("sales") == Head(pipeline="sales", version=6)
