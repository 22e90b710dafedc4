"""What the table is asked for: consistently where it must be, and no more than is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.paging import KeyRange, PartitionRange, entries, over
from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
from countersign.adapters.dynamodb.table import IndexQuery, Table
from countersign.errors import UnavailableError
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Asked = list[tuple[str, dict[str, Any]]]


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
