"""What the table's adapters do besides their ports' promises: few calls, and our errors only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.stub import ANY, Stubber

from countersign.adapters.aws import client_config
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.drafts import DynamoDrafts
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.operations.daily_reports import DynamoDailyReports
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.upgrades import DynamoUpgrades
from countersign.adapters.dynamodb.table import PAUSES, Table
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.errors import (
    ConflictError,
    CountersignError,
    DuplicateError,
    LeftStageError,
    NotAllowedError,
    PermanentError,
    StaleRunError,
    TooLargeError,
    UnavailableError,
)
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.draft import Draft, StaleDraftError
from countersign.model.message import RunMessage
from countersign.model.pipeline import Pipeline, Stage
from countersign.model.publication import Publication
from countersign.model.run import Run
from countersign.model.transaction import Precondition, ProcessedEvent, RunUpdate, Transaction
from countersign.ports import RunRead
from tests.contract.adapters.test_pages import a_task

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "State"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DOCUMENT = Document(id="d1", pipeline="sales", stage="sent", since=NOON, created_at=NOON)
RUN = Run(
    document="d1",
    entry=1,
    rule="mail",
    pipeline="sales",
    pipeline_version=1,
    stage="sent",
    kind="send_email",
    lane="email",
    state="ready",
    planned_at=NOON,
    due=NOON,
    next="task",
)
EVENT = ProcessedEvent(
    key="k1",
    connection="c1",
    document="d1",
    at=NOON,
    provider_event="x",
    kind="document.sent",
    authenticity="signed",
)
SALES = Pipeline(pipeline="sales", stages=(Stage(id="sent"),))


@pytest.fixture
def client() -> DynamoDBClient:
    """A client of its own, that may be tampered with."""
    return boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=client_config.STATE,
    )


@pytest.fixture
def calls(client: DynamoDBClient) -> list[str]:
    """The names of the operations that were called."""
    made: list[str] = []

    def note(model: Any, **_: object) -> None:
        made.append(model.name)

    client.meta.events.register("before-call.dynamodb", note)
    return made


def test_an_arrival_costs_one_call_and_an_attached_one_two(
    dynamodb: DynamoDBClient, client: DynamoDBClient, calls: list[str]
) -> None:
    documents = DynamoDocuments(client, TABLE)
    documents.commit(Transaction(document=DOCUMENT, attach=("c1#e2",)))
    DynamoPipelines(client, TABLE).publish(SALES, at=NOON, by="ben")
    DynamoConnections(client, TABLE).put(Connection(id="c1", provider="x", pipeline="sales"))
    calls.clear()
    documents.read_arrival("c1", "sales", "e1", "d1")
    assert calls == ["BatchGetItem"]
    documents.read_arrival("c1", "sales", "e2", "d1")
    assert calls == ["BatchGetItem"] * 2
    documents.read_arrival("c1", "sales", "e2", "d2")
    assert calls == ["BatchGetItem"] * 3 + ["GetItem"]


def test_a_lane_reads_once_and_a_change_is_one_transaction(
    dynamodb: DynamoDBClient, client: DynamoDBClient, calls: list[str]
) -> None:
    documents = DynamoDocuments(client, TABLE)
    DynamoPipelines(client, TABLE).publish(SALES, at=NOON, by="ben")
    calls.clear()
    documents.read_run(RunMessage.of(RUN))
    raw = EVENT.model_copy(update={"raw": "{}"})
    documents.commit(Transaction(document=DOCUMENT, events=(raw,), planned=(RUN,), once=(RUN.key,)))
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_sixty_four_versions_are_kept_and_the_one_kept_longest_makes_room(
    dynamodb: DynamoDBClient, client: DynamoDBClient, calls: list[str]
) -> None:
    pipelines = DynamoPipelines(client, TABLE)
    for _ in range(65):
        pipelines.publish(SALES, at=NOON, by="ben")
    for number in range(1, 65):
        pipelines.version("sales", number)
    calls.clear()
    pipelines.version("sales", 1)
    assert calls == []
    pipelines.version("sales", 65)
    pipelines.version("sales", 2)
    assert calls == ["GetItem"]
    pipelines.version("sales", 1)
    assert calls == ["GetItem"] * 2


def test_what_people_list_is_read_at_half_the_price(
    dynamodb: DynamoDBClient, client: DynamoDBClient
) -> None:
    pipelines = DynamoPipelines(client, TABLE)
    pipelines.publish(SALES, at=NOON, by="ben")
    strong: list[bool] = []

    def note(params: Any, **_: object) -> None:
        strong.extend(one.get("ConsistentRead", False) for one in params["RequestItems"].values())

    client.meta.events.register("provide-client-params.dynamodb.BatchGetItem", note)
    assert [one.pipeline for one in pipelines.list()] == ["sales"]
    assert strong == [False]


def test_a_version_is_read_once(
    dynamodb: DynamoDBClient, client: DynamoDBClient, calls: list[str]
) -> None:
    pipelines = DynamoPipelines(client, TABLE)
    for _ in range(65):
        DynamoPipelines(client, TABLE).publish(SALES, at=NOON, by="eva")
    calls.clear()
    assert pipelines.version("sales", 1) is pipelines.version("sales", 1)
    assert calls == ["GetItem"]
    for number in range(2, 66):
        pipelines.version("sales", number)
    assert len(calls) == 65
    pipelines.version("sales", 65)
    assert len(calls) == 65
    pipelines.version("sales", 1)
    assert len(calls) == 66


def test_two_who_publish_at_once_do_not_overwrite_each_other(
    dynamodb: DynamoDBClient, client: DynamoDBClient
) -> None:
    """Whoever reads the head before the other has published is the loser."""
    rival = DynamoPipelines(dynamodb, TABLE)

    def publish_first(**_: object) -> None:
        client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", publish_first)
        rival.publish(SALES.model_copy(update={"name": "rival's"}), at=NOON, by="max")

    for number in (1, 2):
        client.meta.events.register("before-call.dynamodb.TransactWriteItems", publish_first)
        with pytest.raises(ConflictError, match="pipeline sales was changed by somebody else"):
            DynamoPipelines(client, TABLE).publish(SALES, at=NOON, by="eva")
        assert rival.version("sales", number).pipeline.name == "rival's"


def test_a_draft_that_is_saved_while_it_is_published_is_not_lost(
    dynamodb: DynamoDBClient, client: DynamoDBClient
) -> None:
    """Its version is judged in the transaction that publishes it."""
    drafts = DynamoDrafts(dynamodb, TABLE)
    first = Draft(
        pipeline="sales", content={}, created_at=NOON, saved_at=NOON, saved_by="eva@acme.example"
    )
    drafts.put(first)
    second = first.model_copy(update={"version": 2, "content": {"name": "newer"}})

    def save_first(**_: object) -> None:
        client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", save_first)
        drafts.put(second)

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", save_first)
    pipelines = DynamoPipelines(client, TABLE)
    with pytest.raises(StaleDraftError) as refused:
        pipelines.publish(SALES, at=NOON, by="eva", publication=Publication(draft=first))
    assert refused.value.present == second
    assert (drafts.get("sales"), pipelines.head("sales")) == (second, None)


def test_a_draft_is_published_though_its_pipeline_is_paused_meanwhile(
    dynamodb: DynamoDBClient, client: DynamoDBClient
) -> None:
    pipelines, drafts = DynamoPipelines(client, TABLE), DynamoDrafts(dynamodb, TABLE)
    pipelines.publish(SALES, at=NOON, by="eva")
    draft = Draft(
        pipeline="sales",
        content={},
        base_version=1,
        created_at=NOON,
        saved_at=NOON,
        saved_by="eva@acme.example",
    )
    drafts.put(draft)

    def pause_first(**_: object) -> None:
        client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", pause_first)
        DynamoPipelines(dynamodb, TABLE).set_paused("sales", True)

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", pause_first)
    publication = Publication(draft=draft)
    assert pipelines.publish(SALES, at=NOON, by="eva", publication=publication).number == 2
    assert drafts.get("sales") is None
    head = pipelines.head("sales")
    assert head is not None
    assert (head.version, head.paused) == (2, True)


def test_long_lists_are_read_to_their_end(dynamodb: DynamoDBClient) -> None:
    """More than one BatchGetItem of 100 keys, and queries of more than one page."""
    documents = DynamoDocuments(dynamodb, TABLE)
    many = [DOCUMENT.model_copy(update={"id": f"d{n:03}"}) for n in range(103)]
    for document in many:
        item = items.dump_document(document)
        dynamodb.put_item(TableName=TABLE, Item=item)
    further: list[object] = []

    def small_pages(params: dict[str, Any], **_: object) -> None:
        params["Limit"] = 1
        further.extend(params.get("ExclusiveStartKey", {}).values())

    dynamodb.meta.events.register("provide-client-params.dynamodb.Query", small_pages)
    try:
        assert list(documents.in_stage("sales", "sent")) == many
    finally:
        dynamodb.meta.events.unregister("provide-client-params.dynamodb.Query", small_pages)
    assert further


def test_cards_are_read_off_the_index_alone(dynamodb: DynamoDBClient) -> None:
    for n in range(3):
        document = DOCUMENT.model_copy(update={"id": f"d{n}"})
        dynamodb.put_item(TableName=TABLE, Item=items.dump_document(document))
    asked: list[str] = []

    def note(model: Any, **_: object) -> None:
        asked.append(model.name)

    dynamodb.meta.events.register("before-call.dynamodb", note)
    try:
        cards = list(DynamoDocuments(dynamodb, TABLE).cards("sales"))
    finally:
        dynamodb.meta.events.unregister("before-call.dynamodb", note)
    assert [card.id for card in cards] == ["d0", "d1", "d2"]
    assert set(asked) == {"Query"}


@pytest.mark.parametrize("index", ["troubled", "due", "in_stage"])
def test_what_an_index_still_names_is_judged_by_what_it_has_become(
    dynamodb: DynamoDBClient, client: DynamoDBClient, index: str
) -> None:
    """An index lags behind the table; here the table changes when the index has answered."""
    documents = DynamoDocuments(client, TABLE)
    broken = RUN.model_copy(update={"rule": "broken", "state": "failed", "concluded_at": NOON})
    lost = RUN.model_copy(update={"rule": "lost", "state": "in_doubt"})
    stays = RUN.model_copy(update={"rule": "stays", "state": "failed", "concluded_at": NOON})
    documents.commit(Transaction(document=DOCUMENT, planned=(RUN, broken, lost, stays)))

    def moves_on(parsed: dict[str, Any], **_: object) -> None:
        if parsed.get("Items"):
            for run in (RUN, broken, lost):
                over = run.model_copy(update={"state": "skipped", "concluded_at": NOON})
                dynamodb.put_item(TableName=TABLE, Item=items.dump_run(over))
            moved = DOCUMENT.model_copy(update={"stage": "elsewhere"})
            dynamodb.put_item(TableName=TABLE, Item=items.dump_document(moved))

    client.meta.events.register("after-call.dynamodb.Query", moves_on)
    found: dict[str, Callable[[], list[str]]] = {
        "troubled": lambda: [run.rule for run in documents.troubled()],
        "due": lambda: [run.rule for run in documents.due(NOON)],
        "in_stage": lambda: [one.id for one in documents.in_stage("sales", "sent")],
    }
    assert found[index]() == (["stays"] if index == "troubled" else [])


def test_the_stream_matches_what_the_twin_calls_ready(dynamodb: DynamoDBClient) -> None:
    """The filter of the stream looks at ``type`` and ``state`` of the new image."""
    item = items.dump_run(RUN)
    assert (item["type"], item["state"]) == ({"S": "run"}, {"S": "ready"})
    state = MemoryState()
    documents = MemoryDocuments(state)
    below = RUN.model_copy(update={"rule": "task", "state": "waiting", "next": None})
    documents.commit(Transaction(document=DOCUMENT, planned=(RUN, below)))
    assert state.take_ready() == ((None, RUN),)
    ready = below.model_copy(update={"state": "ready"})
    moved = RUN.model_copy(update={"due": NOON + timedelta(days=1), "generation": 2})
    documents.commit(
        Transaction(
            updates=(
                RunUpdate(run=ready, was="waiting", was_generation=1),
                RunUpdate(run=moved, was="ready", was_generation=1),
            )
        )
    )
    assert state.take_ready() == ((below, ready), (RUN, moved))
    done = moved.model_copy(update={"state": "done"})
    documents.commit(Transaction(updates=(RunUpdate(run=done, was="ready", was_generation=2),)))
    assert state.take_ready() == ()


# Faults

Call = Callable[["DynamoDBClient"], object]


def take(found: Iterator[object]) -> object:
    return next(found, None)


CALLS: dict[str, tuple[str, Call]] = {
    "commit": (
        "transact_write_items",
        lambda c: DynamoDocuments(c, TABLE).commit(Transaction(document=DOCUMENT)),
    ),
    "read_arrival": (
        "batch_get_item",
        lambda c: DynamoDocuments(c, TABLE).read_arrival("c1", "sales", "e1", "d1"),
    ),
    "read_run": (
        "batch_get_item",
        lambda c: DynamoDocuments(c, TABLE).read_run(RunMessage.of(RUN)),
    ),
    "read_runs": (
        "batch_get_item",
        lambda c: DynamoDocuments(c, TABLE).read_runs((RunRead(RUN.key, "sales"),)),
    ),
    "get": ("get_item", lambda c: DynamoDocuments(c, TABLE).get("d1")),
    "run": ("get_item", lambda c: DynamoDocuments(c, TABLE).run(RUN.key)),
    "runs": ("query", lambda c: DynamoDocuments(c, TABLE).runs("d1")),
    "timeline": ("query", lambda c: DynamoDocuments(c, TABLE).timeline("d1")),
    "events": ("query", lambda c: DynamoDocuments(c, TABLE).events("d1")),
    "recent_events": ("query", lambda c: DynamoDocuments(c, TABLE).recent_events("c1", 5)),
    "in_stage": ("query", lambda c: take(DynamoDocuments(c, TABLE).in_stage("sales"))),
    "cards": ("query", lambda c: take(DynamoDocuments(c, TABLE).cards("sales"))),
    "due": ("query", lambda c: take(DynamoDocuments(c, TABLE).due(NOON))),
    "head": ("get_item", lambda c: DynamoPipelines(c, TABLE).head("sales")),
    "version": ("get_item", lambda c: DynamoPipelines(c, TABLE).version("sales", 1)),
    "set_paused": ("get_item", lambda c: DynamoPipelines(c, TABLE).set_paused("sales", True)),
    "pipelines": ("query", lambda c: DynamoPipelines(c, TABLE).list()),
    "connection": ("get_item", lambda c: DynamoConnections(c, TABLE).get("c1")),
    "connections": ("query", lambda c: DynamoConnections(c, TABLE).list()),
}
each_call = pytest.mark.parametrize(("operation", "call"), CALLS.values(), ids=CALLS)


@each_call
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, UnavailableError),
        ("ProvisionedThroughputExceededException", 400, UnavailableError),
        ("RequestLimitExceeded", 400, UnavailableError),
        ("InternalServerError", 500, UnavailableError),
        ("SomethingNew", 503, UnavailableError),
        ("TransactionInProgressException", 400, UnavailableError),
        ("ExpiredTokenException", 400, UnavailableError),
        ("TransactionConflictException", 400, UnavailableError),
        ("ReplicatedWriteConflictException", 400, UnavailableError),
        ("RequestExpired", 400, UnavailableError),
        ("RequestTimeTooSkewed", 400, UnavailableError),
        ("PriorRequestNotComplete", 400, UnavailableError),
        ("SlowDown", 400, UnavailableError),
        ("ResourceNotFoundException", 400, PermanentError),
        ("AccessDeniedException", 400, NotAllowedError),
        ("ValidationException", 400, PermanentError),
    ],
)
def test_a_fault_says_whether_to_try_again(
    client: DynamoDBClient,
    operation: str,
    call: Call,
    code: str,
    status: int,
    error: type[CountersignError],
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error(operation, code, "the reason", http_status_code=status)
        with pytest.raises(error, match=r"DynamoDB .*the reason") as caught:
            call(client)
        stub.assert_no_pending_responses()
    assert type(caught.value) is error


@each_call
@pytest.mark.parametrize(
    "fault",
    [
        ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
        EndpointConnectionError(endpoint_url="https://dynamodb.example"),
        ReadTimeoutError(endpoint_url="https://dynamodb.example"),
        NoCredentialsError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_no_answer_is_unavailable(
    client: DynamoDBClient, operation: str, call: Call, fault: Exception
) -> None:
    def fail(**_: object) -> None:
        raise fault

    client.meta.events.register_first("before-call.dynamodb", fail)
    with pytest.raises(UnavailableError, match="gave no answer"):
        call(client)


CHANGE = Transaction(
    document=DOCUMENT,
    events=(EVENT, EVENT.model_copy(update={"key": "k2"})),
    planned=(RUN,),
)
CLAIM = Transaction(
    stay=Precondition(document="d1", entry=1),
    updates=(RunUpdate(run=RUN, was="ready", was_generation=1),),
)
NONE: dict[str, Any] = {"Code": "None"}
FAILED: dict[str, Any] = {"Code": "ConditionalCheckFailed", "Message": "…"}
RACE: dict[str, Any] = {"Code": "TransactionConflict", "Message": "…"}
BUSY: dict[str, Any] = {"Code": "ThrottlingError", "Message": "slow down"}
FULL: dict[str, Any] = {"Code": "ProvisionedThroughputExceeded", "Message": "…"}
WRONG: dict[str, Any] = {"Code": "ValidationError", "Message": "item too large"}
LARGE: dict[str, Any] = {"Code": "ValidationError", "Message": "Item size has exceeded"}


@pytest.mark.parametrize(
    ("change", "reasons", "error", "told"),
    [
        (CHANGE, [NONE, FAILED, FAILED, NONE], DuplicateError, "before: k1, k2"),
        (CHANGE, [FAILED, NONE, FAILED, FAILED], DuplicateError, "before: k2"),
        (CHANGE, [RACE, BUSY, FAILED, NONE], DuplicateError, "before: k2"),
        (CHANGE, [FAILED, NONE, NONE, NONE], ConflictError, "document d1"),
        (CHANGE, [NONE, NONE, NONE, FAILED], ConflictError, r"run d1\.1\.mail"),
        (CHANGE, [RACE, NONE, NONE, NONE], ConflictError, "document d1"),
        (CHANGE, [NONE, NONE, RACE, NONE], ConflictError, "k2"),
        (CHANGE, [BUSY, NONE, NONE, NONE], UnavailableError, "slow down"),
        (CHANGE, [NONE, FULL, NONE, NONE], UnavailableError, "ProvisionedThroughputExceeded"),
        (CHANGE, [NONE, NONE, NONE, WRONG], PermanentError, "item too large"),
        (CHANGE, [NONE, NONE, NONE, LARGE], TooLargeError, "Item size has exceeded"),
        (CHANGE, [{**BUSY, "Message": "its size"}, NONE, NONE, NONE], UnavailableError, "size"),
        (CHANGE, [NONE, NONE, NONE, NONE], UnavailableError, "no reason given"),
        (CLAIM, [FAILED, FAILED], LeftStageError, "document d1"),
        (CLAIM, [NONE, FAILED], StaleRunError, r"not ready in its 1\. generation any more"),
        (CLAIM, [RACE, FAILED], StaleRunError, r"d1\.1\.mail"),
        (CLAIM, [RACE, NONE], ConflictError, "document d1"),
    ],
)
def test_a_cancelled_transaction_tells_what_stood_in_its_way(
    client: DynamoDBClient,
    change: Transaction,
    reasons: list[dict[str, Any]],
    error: type[CountersignError],
    told: str,
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": reasons},
        )
        with pytest.raises(error, match=told) as caught:
            DynamoDocuments(client, TABLE).commit(change)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "write",
    [
        lambda client: DynamoDailyReports(client, TABLE).claim("contracts", date(2026, 3, 2)),
        lambda client: DynamoUpgrades(client, TABLE).write_again(a_task("d0", "b@x.example", None)),
    ],
    ids=["daily report", "upgrade"],
)
def test_a_condition_that_was_never_judged_is_no_answer(
    client: DynamoDBClient, write: Callable[[DynamoDBClient], object]
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("put_item", "InternalServerError")
        with pytest.raises(UnavailableError, match="InternalServerError"):
            write(client)


def test_a_transaction_that_is_cancelled_without_reasons_is_tried_again(
    client: DynamoDBClient,
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("transact_write_items", "TransactionCanceledException")
        with pytest.raises(UnavailableError, match="no reason given"):
            DynamoDocuments(client, TABLE).commit(CHANGE)


def test_a_transaction_tried_again_after_a_timeout_is_the_same_transaction(
    dynamodb: DynamoDBClient, client: DynamoDBClient
) -> None:
    bodies: list[bytes] = []

    def lose_the_first_answer(request: Any, **_: object) -> None:
        bodies.append(request.body)
        if len(bodies) == 1:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    event = "before-send.dynamodb.TransactWriteItems"
    client.meta.events.register_first(event, lose_the_first_answer)
    documents = DynamoDocuments(client, TABLE)
    documents.commit(Transaction(document=DOCUMENT))
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert b'"ClientRequestToken"' in bodies[0]


def test_a_change_committed_anew_is_judged_anew(dynamodb: DynamoDBClient) -> None:
    """Calls that look alike must not pass for one, or two lanes could both claim a run."""
    documents = DynamoDocuments(dynamodb, TABLE)
    documents.commit(CHANGE)
    with pytest.raises(DuplicateError):
        documents.commit(CHANGE)


def unread(*left: keys.Key) -> dict[str, Any]:
    """An answer to BatchGetItem that leaves keys unread."""
    named = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in left]
    return {"Responses": {}, "UnprocessedKeys": {TABLE: {"Keys": named}} if left else {}}


def test_what_a_batch_left_unread_is_read_again(client: DynamoDBClient) -> None:
    paused: list[float] = []
    table = Table(client, TABLE, pause=paused.append)
    first, second = keys.document("d1"), keys.document("d2")
    item = items.dump_document(DOCUMENT)
    with Stubber(client) as stub:
        stub.add_response("batch_get_item", {**unread(second), "Responses": {TABLE: [item]}})
        stub.add_response("batch_get_item", unread(), {"RequestItems": ANY})
        assert table.get_all((first, second)) == {first: item}
        stub.assert_no_pending_responses()
    assert paused == [PAUSES[0]]


@pytest.mark.parametrize(("number", "sizes"), [(100, [100]), (101, [100, 1])])
def test_a_batch_reads_as_many_as_dynamodb_takes(
    dynamodb: DynamoDBClient, client: DynamoDBClient, number: int, sizes: list[int]
) -> None:
    asked: list[int] = []

    def note(params: Any, **_: object) -> None:
        asked.append(len(params["RequestItems"][TABLE]["Keys"]))

    client.meta.events.register("provide-client-params.dynamodb.BatchGetItem", note)
    wanted = (keys.document(f"d{n}") for n in range(number))
    assert list(Table(client, TABLE).get_in_turn(wanted)) == []
    assert asked == sizes


def test_a_batch_that_stays_unread_is_unavailable(client: DynamoDBClient) -> None:
    paused: list[float] = []
    with Stubber(client) as stub:
        for _ in range(len(PAUSES) + 1):
            stub.add_response("batch_get_item", unread(keys.document("d1")))
        with pytest.raises(UnavailableError, match="left part of a batch unread 5 times"):
            Table(client, TABLE, pause=paused.append).get_all([keys.document("d1")])
        stub.assert_no_pending_responses()
    assert paused == list(PAUSES)


@pytest.fixture
def consistent(client: DynamoDBClient) -> list[tuple[str, bool]]:
    """Each read of the table itself, and whether it sees what was written just before."""
    made: list[tuple[str, bool]] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        if "IndexName" in params:
            return
        if model.name == "BatchGetItem":
            asked = [one.get("ConsistentRead", False) for one in params["RequestItems"].values()]
            made.append((model.name, all(asked)))
        elif model.name in ("GetItem", "Query"):
            made.append((model.name, params.get("ConsistentRead", False)))

    client.meta.events.register("provide-client-params.dynamodb", note)
    return made


def test_whatever_is_decided_on_is_read_as_it_is(
    dynamodb: DynamoDBClient, client: DynamoDBClient, consistent: list[tuple[str, bool]]
) -> None:
    """A decision on what was true a moment ago is refused; a run that is not found, dropped."""
    documents = DynamoDocuments(client, TABLE)
    documents.commit(Transaction(document=DOCUMENT, planned=(RUN,), attach=("c1#e2",)))
    consistent.clear()
    documents.read_arrival("c1", "sales", "e2", "d2")
    documents.read_run(RunMessage.of(RUN))
    documents.get("d1")
    documents.run(RUN.key)
    documents.runs("d1")
    list(documents.timeline("d1"))
    DynamoPipelines(client, TABLE).head("sales")
    DynamoConnections(client, TABLE).get("c1")
    assert {name for name, _ in consistent} == {"BatchGetItem", "GetItem", "Query"}
    assert [name for name, is_so in consistent if not is_so] == []


def test_calls_say_who_makes_them(dynamodb: DynamoDBClient) -> None:
    said: list[str] = []

    def note(request: Any, **_: object) -> None:
        said.append(str(request.headers["User-Agent"], "ascii"))

    dynamodb.meta.events.register("before-send.dynamodb", note, unique_id="who")
    DynamoDocuments(dynamodb, TABLE).get("d1")
    dynamodb.meta.events.unregister("before-send.dynamodb", unique_id="who")
    assert len(said) == 1
    assert said[0].startswith("Countersign/")
    assert " Botocore/" in said[0]
