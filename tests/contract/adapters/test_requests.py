"""What the table is asked for: consistently where it must be, and no more than is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.paging import KeyRange, PartitionRange, entries, over
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
from countersign.adapters.dynamodb.table import IndexQuery, Table
from countersign.errors import UnavailableError
from countersign.model.page import PageRequest
from countersign.ports import DuePeriod
from tests.contract.adapters.conftest import TABLE
from tests.contract.adapters.test_held_messages import a_message
from tests.contract.adapters.test_run_pages import a_document, a_run, anything, keep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Asked = list[tuple[str, dict[str, Any]]]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def asked(dynamodb: DynamoDBClient) -> Iterator[Asked]:
    """Every call's operation and what it was given, without the table's name."""
    made: Asked = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        made.append((model.name, {k: v for k, v in params.items() if k != "TableName"}))

    dynamodb.meta.events.register("provide-client-params.dynamodb", note)
    yield made
    dynamodb.meta.events.unregister("provide-client-params.dynamodb", note)


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> Table:
    return Table(dynamodb, TABLE)


def fill(dynamodb: DynamoDBClient, partition: str, count: int) -> None:
    """Items in the table, and in the index ``board``, by number."""
    numbers = range(count)
    for start in range(0, count, 25):
        requests: Any = [
            {
                "PutRequest": {
                    "Item": {
                        "pk": {"S": partition},
                        "sk": {"S": f"{number:04}"},
                        "board_pk": {"S": partition},
                        "board_sk": {"S": f"{number:04}"},
                    }
                }
            }
            for number in numbers[start : start + 25]
        ]
        dynamodb.batch_write_item(RequestItems={TABLE: requests})


def texts(**values: str) -> dict[str, Any]:
    return {f":{name}": {"S": value} for name, value in values.items()}


PK = {"pk": {"S": "p"}, "sk": {"S": "s"}}


@pytest.mark.parametrize(
    ("call", "operation", "request_"),
    [
        (lambda table: table.get(("p", "s")), "GetItem", {"Key": PK, "ConsistentRead": True}),
        (
            lambda table: table.get_all([("p", "s")]),
            "BatchGetItem",
            {"RequestItems": {"State": {"Keys": [PK], "ConsistentRead": True}}},
        ),
        (
            lambda table: table.get_all([("p", "s")], consistent=False),
            "BatchGetItem",
            {"RequestItems": {"State": {"Keys": [PK], "ConsistentRead": False}}},
        ),
        (
            lambda table: list(table.get_in_turn([("p", "s"), ("p", "s")])),
            "BatchGetItem",
            {"RequestItems": {"State": {"Keys": [PK], "ConsistentRead": False}}},
        ),
        (
            lambda table: list(table.query("p", "s")),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
                "ExpressionAttributeValues": texts(pk="p", sk="s"),
                "ConsistentRead": True,
            },
        ),
        (
            lambda table: list(table.query_between("p", "a", "b")),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
                "ExpressionAttributeValues": texts(pk="p", first="a", last="b"),
                "ConsistentRead": True,
            },
        ),
        (
            lambda table: list(table.query_between("p", "a", "b", consistent=False)),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
                "ExpressionAttributeValues": texts(pk="p", first="a", last="b"),
                "ConsistentRead": False,
            },
        ),
        (
            lambda table: list(table.query_all(["p"], "s")),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
                "ExpressionAttributeValues": texts(pk="p", sk="s"),
                "ConsistentRead": True,
                "Limit": 25,
            },
        ),
        (
            lambda table: table.count("p", "s", 25),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
                "ExpressionAttributeValues": texts(pk="p", sk="s"),
                "Select": "COUNT",
                "Limit": 25,
            },
        ),
        (
            lambda table: list(table.keys("p")),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": texts(pk="p"),
                "ConsistentRead": True,
                "ProjectionExpression": "pk, sk",
            },
        ),
        (
            lambda table: list(table.keys("p", "s")),
            "Query",
            {
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
                "ExpressionAttributeValues": texts(pk="p", sk="s"),
                "ConsistentRead": True,
                "ProjectionExpression": "pk, sk",
            },
        ),
    ],
)
def test_each_call_asks_for_just_this(
    table: Table,
    asked: Asked,
    call: Callable[[Table], object],
    operation: str,
    request_: dict[str, Any],
) -> None:
    call(table)
    assert asked == [(operation, request_)]


@pytest.mark.parametrize(
    ("query", "condition", "values", "limit", "forward"),
    [
        ({}, "board_pk = :pk", {}, 25, True),
        ({"prefix": "s"}, "board_pk = :pk AND begins_with(board_sk, :sk)", {"sk": "s"}, 25, True),
        ({"after": "a"}, "board_pk = :pk AND board_sk > :after", {"after": "a"}, 25, True),
        ({"before": "b"}, "board_pk = :pk AND board_sk < :sk", {"sk": "b"}, 25, True),
        (
            {"after": "a", "before": "b"},
            "board_pk = :pk AND board_sk BETWEEN :after AND :before",
            {"after": "a", "before": "b"},
            25,
            True,
        ),
        ({"newest": 3}, "board_pk = :pk", {}, 3, False),
    ],
)
def test_an_index_is_asked_for_a_first_page(
    table: Table,
    asked: Asked,
    query: dict[str, Any],
    condition: str,
    values: dict[str, str],
    limit: int,
    forward: bool,
) -> None:
    list(table.query_index(IndexQuery(index="board", partitions=("p",), **query)))
    assert asked == [
        (
            "Query",
            {
                "IndexName": "board",
                "KeyConditionExpression": condition,
                "ExpressionAttributeValues": texts(pk="p", **values),
                "ScanIndexForward": forward,
                "Limit": limit,
            },
        )
    ]


def test_further_pages_are_larger_up_to_four_hundred(
    dynamodb: DynamoDBClient, table: Table, asked: Asked
) -> None:
    fill(dynamodb, "p", 1000)
    asked.clear()
    query = IndexQuery(index="board", partitions=("p",))
    found = [item["sk"]["S"] for item in table.query_index(query)]
    assert found == [f"{number:04}" for number in range(1000)]
    assert [request["Limit"] for _, request in asked] == [25, 100, 400, 400, 400]


def test_who_wants_more_than_that_gets_pages_as_large(
    dynamodb: DynamoDBClient, table: Table, asked: Asked
) -> None:
    fill(dynamodb, "p", 600)
    asked.clear()
    query = IndexQuery(index="board", partitions=("p",), newest=550)
    assert len(list(table.query_index(query))) == 550
    assert asked[0][1]["Limit"] == 550
    pages = table.pages(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues=texts(pk="p"), Limit=500
    )
    assert [len(page) for page in pages] == [500, 100]
    assert [request["Limit"] for _, request in asked[1:]] == [500, 500]


def limits(asked: Asked) -> list[tuple[int, bool, bool]]:
    return [
        (request["Limit"], request["ConsistentRead"], request["ScanIndexForward"])
        for _, request in asked
    ]


@pytest.mark.parametrize(
    ("partitions", "limit", "each"),
    [
        (1, 20, 21),
        (1, 100, 101),
        (2, 1, 6),
        (2, 47, 6),
        (2, 48, 7),
        (4, 100, 13),
    ],
)
def test_of_several_partitions_an_eighth_of_a_page_is_asked_for_and_five_at_least(
    table: Table, asked: Asked, partitions: int, limit: int, each: int
) -> None:
    ranges = over([f"p{number}" for number in range(partitions)], KeyRange())
    assert list(entries(table, ranges, limit)) == []
    assert limits(asked) == [(each, False, True)] * partitions


def test_a_range_may_be_read_consistently_and_backwards(
    dynamodb: DynamoDBClient, table: Table, asked: Asked
) -> None:
    for partition in ("p", "q"):
        fill(dynamodb, partition, 3)
    asked.clear()
    ranges = over(("p", "q"), KeyRange(prefix="0", newest_first=True))
    found = entries(table, ranges, 10, consistent=True)
    assert [place for place, _ in found] == ["002", "002", "001", "001", "000", "000"]
    assert limits(asked) == [(6, True, False)] * 2


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (KeyRange(), "0000 0001 0002 0003 0004"),
        (KeyRange(after="0001"), "0002 0003 0004"),
        (KeyRange(after="0003", newest_first=True), "0002 0001 0000"),
        (KeyRange(prefix="000", since="0002"), "2 3 4"),
        (KeyRange(prefix="000", before="0002"), "0 1 2"),
        (KeyRange(prefix="000", since="0001", before="0003", after="0002"), "3"),
        (KeyRange(prefix="000", since="0001", before="0003", after="0002", newest_first=True), "1"),
        (KeyRange(prefix="000", since="0002", before="0002"), "2"),
        (KeyRange(prefix="000", since="0003", before="0002"), ""),
        (KeyRange(prefix="000", before="0002", after="0003"), ""),
        (KeyRange(prefix="1"), ""),
    ],
)
@pytest.mark.parametrize("index", [None, "board"])
def test_a_range_has_its_ends(
    dynamodb: DynamoDBClient, table: Table, keys: KeyRange, found: str, index: str | None
) -> None:
    fill(dynamodb, "p", 5)
    ranges = (PartitionRange(partition="p", keys=keys, index=index),)
    assert [place for place, _ in entries(table, ranges, 10)] == found.split()


def test_where_nothing_can_be_nothing_is_asked(table: Table, asked: Asked) -> None:
    keys = KeyRange(prefix="000", since="0003", before="0002")
    assert list(entries(table, over(("p",), keys), 10)) == []
    assert asked == []


@pytest.mark.parametrize(
    ("method", "left", "call", "text"),
    [
        (
            "batch_get_item",
            "UnprocessedKeys",
            lambda table: table.get_all([("p", "s")]),
            "DynamoDB left part of a batch unread 5 times",
        ),
        (
            "batch_write_item",
            "UnprocessedItems",
            lambda table: table.delete_all([("p", "s")]),
            "DynamoDB left part of a batch undone 5 times",
        ),
    ],
)
def test_what_is_left_of_a_batch_is_asked_for_again_four_times(
    dynamodb: DynamoDBClient,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    left: str,
    call: Callable[[Table], object],
    text: str,
) -> None:
    paused: list[float] = []
    made: list[Any] = []

    def busy(**request: Any) -> Any:
        made.append(request)
        return {"Responses": {}, left: request["RequestItems"]}

    monkeypatch.setattr(dynamodb, method, busy)
    with pytest.raises(UnavailableError) as refused:
        call(Table(dynamodb, TABLE, pause=paused.append))
    assert (str(refused.value), paused) == (text, [0.05, 0.1, 0.2, 0.4])
    assert made == made[:1] * 5


def test_who_counts_reads_no_more_than_is_wanted(
    dynamodb: DynamoDBClient, table: Table, asked: Asked
) -> None:
    fill(dynamodb, "p", 7)
    asked.clear()
    assert [table.count("p", "0", most) for most in (5, 7, 9)] == [5, 7, 7]
    assert [request["Limit"] for _, request in asked] == [5, 7, 9]


def test_who_counts_goes_on_where_an_answer_ends(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer has 1 MB at most, however many are wanted."""
    fill(dynamodb, "p", 7)
    asked: list[int] = []
    query: Any = dynamodb.query

    def three_at_once(**request: Any) -> Any:
        asked.append(request["Limit"])
        return query(**{**request, "Limit": min(3, request["Limit"])})

    monkeypatch.setattr(dynamodb, "query", three_at_once)
    table = Table(dynamodb, TABLE)
    assert [table.count("p", "0", most) for most in (5, 6, 9)] == [5, 6, 7]
    assert asked == [5, 2, 6, 3, 9, 6, 3]


def test_messages_that_are_held_are_counted_up_to_what_is_wanted(
    dynamodb: DynamoDBClient, asked: Asked
) -> None:
    held = DynamoHeldMessages(dynamodb, TABLE)
    for number in range(9):
        held.add(a_message(f"k{number}"))
    asked.clear()
    for most, counted in ((1, 1), (4, 4), (9, 9), (20, 9)):
        assert held.count("sales", most) == counted
        limits_ = [request["Limit"] for _, request in asked]
        assert limits_ == sorted(limits_, reverse=True)
        assert limits_[0] == most
        assert limits_[-1] >= most - counted
        asked.clear()


@pytest.mark.parametrize(
    "listed",
    [
        lambda pages: pages.runs("d-1", PageRequest()),
        lambda pages: pages.tasks("d-1", PageRequest()),
        lambda pages: pages.events("d-1", PageRequest()),
        lambda pages: pages.timeline("d-1", PageRequest()),
        lambda pages: pages.held("contracts", PageRequest()),
    ],
)
def test_what_a_document_has_is_listed_as_it_is_now(
    dynamodb: DynamoDBClient, asked: Asked, listed: Callable[[DynamoPages], object]
) -> None:
    listed(DynamoPages(dynamodb, TABLE))
    assert asked
    assert {request["ConsistentRead"] for _, request in asked} == {True}


def test_of_a_timeline_nothing_is_asked_where_no_version_is_wanted(
    dynamodb: DynamoDBClient, asked: Asked
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    assert [documents.timeline_between("d-1", 3, until) for until in (2, 3)] == [(), ()]
    assert asked == []
    documents.timeline_between("d-1", 3, 4)
    assert len(asked) == 1


def test_runs_that_are_due_are_asked_for_up_to_the_end_of_the_period(
    dynamodb: DynamoDBClient, asked: Asked
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    runs = [a_run("d-1", f"r-{n}", due=NOON + timedelta(hours=n)) for n in range(4)]
    keep(documents, a_document("d-1"), *runs)
    asked.clear()
    period = DuePeriod(NOON, NOON + timedelta(hours=2))
    assert len(documents.due_between(period, PageRequest(), anything).items) == 2
    reads = [request["RequestItems"][TABLE] for name, request in asked if name == "BatchGetItem"]
    assert [len(read["Keys"]) for read in reads] == [2]
    assert [read["ConsistentRead"] for read in reads] == [False]


def test_jobs_are_looked_for_up_to_when_they_must_have_been_written(
    dynamodb: DynamoDBClient, asked: Asked
) -> None:
    list(DynamoJobs(dynamodb, TABLE).untouched(NOON))
    ((_, request),) = asked
    assert request["KeyConditionExpression"] == "due_pk = :pk AND due_sk < :sk"


def test_counters_are_read_eventually_consistent_for_half_the_price(
    dynamodb: DynamoDBClient, asked: Asked
) -> None:
    DynamoStatistics(dynamodb, TABLE).read("contracts", date(2026, 3, 1), date(2026, 3, 2))
    of_epochs, *of_counters = asked
    assert of_epochs[0] == "GetItem"
    assert {operation for operation, _ in of_counters} == {"Query", "BatchGetItem"}
    for _, request in of_counters:
        wanted = request.get("RequestItems", {}).get(TABLE, request)
        assert wanted["ConsistentRead"] is False


def test_twenty_five_items_are_deleted_at_once(
    dynamodb: DynamoDBClient, table: Table, asked: Asked
) -> None:
    fill(dynamodb, "p", 30)
    asked.clear()
    table.delete_all(("p", f"{number:04}") for number in range(30))
    sizes = [len(request["RequestItems"]["State"]) for _, request in asked]
    assert (sizes, list(table.keys("p"))) == ([25, 5], [])
