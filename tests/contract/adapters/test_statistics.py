"""What ``ports.Statistics`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
from countersign.adapters.memory.tables.process.statistics import MemoryStatistics
from countersign.errors import ConflictError, UnreadableError
from countersign.model.statistics import (
    CountedDocument,
    CounterKey,
    Epochs,
    PendingCount,
    StageStay,
    StatisticsChange,
)
from countersign.ports import Statistics
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)


@pytest.fixture(params=["memory", "dynamodb"])
def statistics(request: pytest.FixtureRequest) -> Statistics:
    if request.param == "memory":
        return MemoryStatistics()
    return DynamoStatistics(request.getfixturevalue("dynamodb"), TABLE)


def counted(document: str = "d-1", *, revision: int = 1, **more: Any) -> CountedDocument:
    return CountedDocument(
        **{
            "document": document,
            "pipeline": "contracts",
            "created_at": NOON,
            "revision": revision,
            **more,
        }
    )


def change(
    document: CountedDocument, *counts: tuple[int, date | None, str, int]
) -> StatisticsChange:
    return StatisticsChange(
        counted=document, counts=tuple(PendingCount(*count) for count in counts)
    )


def test_where_nothing_is_counted_there_is_nothing(statistics: Statistics) -> None:
    assert statistics.epochs("contracts") == Epochs(oldest=1, newest=1)
    assert statistics.counted(["d-1"]) == {}
    assert statistics.counted([]) == {}
    assert statistics.read("contracts", MONDAY, TUESDAY) == {}
    assert statistics.superseded("contracts") == {}
    assert list(statistics.record([])) == []


def test_a_document_is_written_with_what_it_adds(statistics: Statistics) -> None:
    document = counted(
        version=3,
        stays=(StageStay(stage="sent", since=NOON, until=NOON + timedelta(hours=1)),),
        mail_events={"bounced/2026-03-02": 2},
        status="completed",
        ended_on=TUESDAY,
    )
    added = ((1, MONDAY, "created", 1), (1, None, "present/sent", 1), (1, TUESDAY, "left/ß", 2))
    assert list(statistics.record([change(document, *added)])) == []

    assert statistics.counted(["d-1", "d-2"]) == {"d-1": document}
    assert statistics.read("contracts", MONDAY, TUESDAY) == {
        CounterKey(1, MONDAY, "created"): 1,
        CounterKey(1, None, "present/sent"): 1,
        CounterKey(1, TUESDAY, "left/ß"): 2,
    }
    assert statistics.read("others", MONDAY, TUESDAY) == {}


def test_only_the_days_that_are_asked_for_are_read_and_what_there_is_now(
    statistics: Statistics,
) -> None:
    days = [date(2026, 2, 28), MONDAY, TUESDAY, date(2026, 12, 31), date(2027, 1, 1)]
    counts = [(1, day, "created", 1) for day in days]
    statistics.record([change(counted(), (1, None, "present/sent", 4), *counts)])
    assert statistics.read("contracts", MONDAY, date(2026, 12, 31)) == {
        CounterKey(1, MONDAY, "created"): 1,
        CounterKey(1, TUESDAY, "created"): 1,
        CounterKey(1, date(2026, 12, 31), "created"): 1,
        CounterKey(1, None, "present/sent"): 4,
    }


def test_what_there_is_now_is_read_without_any_day(statistics: Statistics) -> None:
    added = (1, None, "present/sent", 4), (1, None, "present/won", 2), (1, MONDAY, "created", 6)
    statistics.record([change(counted(), *added)])
    assert statistics.present("contracts") == {
        CounterKey(1, None, "present/sent"): 4,
        CounterKey(1, None, "present/won"): 2,
    }
    assert statistics.present("contracts") == statistics.read("contracts", TUESDAY, TUESDAY)
    statistics.begin_epoch("contracts", NOON)
    moved = (1, None, "present/won", -2), (2, None, "present/won", 2)
    statistics.record([change(counted(revision=2), *moved)])
    assert statistics.present("contracts") == {
        CounterKey(1, None, "present/sent"): 4,
        CounterKey(2, None, "present/won"): 2,
    }
    assert statistics.present("others") == {}


def test_what_documents_add_comes_together_and_what_is_taken_back_is_gone(
    statistics: Statistics,
) -> None:
    first = [change(counted(f"d-{n}"), (1, MONDAY, "created", 1)) for n in range(150)]
    assert list(statistics.record(first)) == []
    assert statistics.read("contracts", MONDAY, MONDAY) == {CounterKey(1, MONDAY, "created"): 150}
    assert len(statistics.counted([f"d-{n}" for n in range(200)])) == 150

    back = [change(counted(f"d-{n}", revision=2), (1, MONDAY, "created", -1)) for n in range(150)]
    assert list(statistics.record(back)) == []
    assert statistics.read("contracts", MONDAY, MONDAY) == {}


@pytest.mark.parametrize("revision", [1, 2, 4])
def test_a_document_in_another_revision_adds_nothing(statistics: Statistics, revision: int) -> None:
    for number in (1, 2):
        statistics.record([change(counted(revision=number), (1, MONDAY, "created", 1))])
    again = change(counted(revision=revision, version=9), (1, MONDAY, "created", 1))
    assert list(statistics.record([again])) == ["d-1"]

    assert statistics.counted(["d-1"]) == {"d-1": counted(revision=2)}
    assert statistics.read("contracts", MONDAY, MONDAY) == {CounterKey(1, MONDAY, "created"): 2}


def test_a_document_that_is_refused_keeps_no_other_for_good(statistics: Statistics) -> None:
    statistics.record([change(counted("d-1"), (1, MONDAY, "created", 1))])
    both = [
        change(counted("d-1"), (1, MONDAY, "created", 1)),
        change(counted("d-2"), (1, MONDAY, "created", 1)),
    ]
    refused = list(statistics.record(both))
    assert "d-1" in refused

    rest = [one for one in both if one.counted.document in set(refused) - {"d-1"}]
    assert list(statistics.record(rest)) == []
    assert statistics.read("contracts", MONDAY, MONDAY) == {CounterKey(1, MONDAY, "created"): 2}


def test_what_is_more_than_a_transaction_takes_is_added_whole(statistics: Statistics) -> None:
    """Of 150 days, and of one day with 850 counters."""
    days = [(1, MONDAY + timedelta(days=place), "created", 1) for place in range(150)]
    names = [(1, MONDAY, f"left/s{place}", 1) for place in range(850)]
    assert list(statistics.record([change(counted(), *days, *names)])) == []

    found = statistics.read("contracts", MONDAY, MONDAY + timedelta(days=149))
    assert len(found) == 1000
    assert sum(found.values()) == 1000
    [there] = statistics.counted(["d-1"]).values()
    assert there.pending == ()
    assert list(statistics.record([change(counted(revision=there.revision + 1))])) == []


def test_documents_that_add_nothing_are_written_all_the_same(statistics: Statistics) -> None:
    documents = [counted(f"d-{n}", version=n) for n in range(3)]
    assert list(statistics.record([change(document) for document in documents])) == []
    assert statistics.counted(["d-0", "d-1", "d-2"]) == {
        "d-0": documents[0],
        "d-1": documents[1],
        "d-2": documents[2],
    }
    assert statistics.read("contracts", MONDAY, TUESDAY) == {}


def test_a_rebuild_begins_another_epoch_and_goes_on_with_it(statistics: Statistics) -> None:
    begun = Epochs(oldest=1, newest=2, begun_at=NOON, rebuilding=True)
    assert statistics.begin_epoch("contracts", NOON) == begun
    assert statistics.begin_epoch("contracts", NOON + timedelta(hours=23)) == begun
    assert statistics.epochs("contracts") == begun
    assert statistics.epochs("others") == Epochs()

    statistics.end_rebuild("contracts", 2, drop=False)
    assert statistics.epochs("contracts") == begun.model_copy(update={"rebuilding": False})
    assert statistics.begin_epoch("contracts", NOON).newest == 3
    with pytest.raises(ConflictError, match="somebody else"):
        statistics.end_rebuild("contracts", 2, drop=True)


def test_a_rebuild_that_was_interrupted_for_a_day_does_not_go_on(statistics: Statistics) -> None:
    statistics.begin_epoch("contracts", NOON)
    later = NOON + timedelta(days=1)
    begun = Epochs(oldest=1, newest=3, begun_at=later, rebuilding=True)
    assert statistics.begin_epoch("contracts", later) == begun


Transactions = list[list[tuple[str, str]]]


@pytest.fixture
def transactions(dynamodb: DynamoDBClient) -> Iterator[Transactions]:
    """The places that each transaction has written."""
    made: Transactions = []

    def note(params: dict[str, Any], **_: object) -> None:
        requests = (next(iter(action.values())) for action in params["TransactItems"])
        keys = (request.get("Key") or request["Item"] for request in requests)
        made.append([(key["pk"]["S"], key["sk"]["S"]) for key in keys])

    event = "provide-client-params.dynamodb.TransactWriteItems"
    dynamodb.meta.events.register(event, note)
    yield made
    dynamodb.meta.events.unregister(event, note)


def sizes(made: Transactions) -> list[int]:
    for places in made:
        assert len(set(places)) == len(places) <= 100  # what DynamoDB takes
    return [len(places) for places in made]


@pytest.mark.parametrize(
    ("documents", "items"), [(1, [2]), (99, [100]), (100, [100, 2]), (250, [100, 100, 53])]
)
def test_a_transaction_takes_as_many_documents_as_fit(
    dynamodb: DynamoDBClient, transactions: Transactions, documents: int, items: list[int]
) -> None:
    changes = [
        change(counted(f"d-{number}"), (1, MONDAY, "created", 1)) for number in range(documents)
    ]
    statistics = DynamoStatistics(dynamodb, TABLE)
    assert list(statistics.record(changes)) == []
    assert sizes(transactions) == items
    read = statistics.read("contracts", MONDAY, MONDAY)
    assert read == {CounterKey(1, MONDAY, "created"): documents}


def test_two_changes_of_one_document_are_two_transactions(
    dynamodb: DynamoDBClient, transactions: Transactions
) -> None:
    changes = [
        change(counted(name, revision=revision), (1, MONDAY, "created", 1))
        for name, revision in (("d-1", 1), ("d-2", 1), ("d-1", 2), ("d-3", 1))
    ]
    assert list(DynamoStatistics(dynamodb, TABLE).record(changes)) == []
    assert sizes(transactions) == [3, 3]


@pytest.mark.parametrize(
    ("names", "items"), [(100, [4]), (400, [10]), (401, [6, 6]), (800, [9, 9])]
)
def test_a_transaction_writes_no_more_counters_of_a_day_than_have_a_place_each(
    dynamodb: DynamoDBClient, transactions: Transactions, names: int, items: list[int]
) -> None:
    """A hundred counters are one update of one item, and a day has eight items."""
    changes = [
        change(
            counted(document),
            *((1, MONDAY, f"{document}/{number}", 1) for number in range(names)),
        )
        for document in ("d-1", "d-2")
    ]
    statistics = DynamoStatistics(dynamodb, TABLE)
    assert list(statistics.record(changes)) == []
    assert sizes(transactions) == items
    assert len(statistics.read("contracts", MONDAY, MONDAY)) == 2 * names


def test_what_is_left_in_old_epochs_is_told_and_dropped(statistics: Statistics) -> None:
    statistics.begin_epoch("contracts", NOON)
    statistics.record(
        [
            change(
                counted(),
                (0, MONDAY, "created", 5),
                (1, MONDAY, "created", 3),
                (1, None, "present/sent", -1),
                (2, MONDAY, "created", 1),
            )
        ]
    )
    assert statistics.superseded("contracts") == {
        CounterKey(1, MONDAY, "created"): 3,
        CounterKey(1, None, "present/sent"): -1,
    }
    statistics.end_rebuild("contracts", 2, drop=False)
    assert len(statistics.read("contracts", MONDAY, MONDAY)) == 4

    statistics.begin_epoch("contracts", NOON)
    statistics.end_rebuild("contracts", 3, drop=True)
    assert statistics.read("contracts", MONDAY, MONDAY) == {CounterKey(0, MONDAY, "created"): 5}
    assert statistics.superseded("contracts") == {}
    assert statistics.epochs("contracts").oldest == 3


def test_what_a_rebuild_has_counted_stays_when_the_old_is_dropped(statistics: Statistics) -> None:
    statistics.begin_epoch("contracts", NOON)
    counts = (1, MONDAY, "created", 3), (2, MONDAY, "created", 4)
    statistics.record([change(counted(), *counts)])
    statistics.end_rebuild("contracts", 2, drop=True)
    assert statistics.read("contracts", MONDAY, MONDAY) == {CounterKey(2, MONDAY, "created"): 4}


def test_two_who_begin_at_once_do_not_both(dynamodb: DynamoDBClient) -> None:
    statistics = DynamoStatistics(dynamodb, TABLE)
    before = statistics.epochs("contracts")
    statistics.begin_epoch("contracts", NOON)
    with pytest.raises(ConflictError):
        statistics._write_epochs("contracts", before, before.model_copy(update={"newest": 2}))


def test_a_removed_document_is_remembered_for_three_days(dynamodb: DynamoDBClient) -> None:
    DynamoStatistics(dynamodb, TABLE).record([change(counted(removed_at=NOON))])
    key: Any = {"pk": {"S": "COUNTED#d-1"}, "sk": {"S": "COUNTED"}}
    item = dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    assert item["expires_ttl"] == {"N": str(int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp()))}


def test_a_crash_between_two_transactions_leaves_the_rest_pending(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    statistics = DynamoStatistics(dynamodb, TABLE)
    days = [(1, MONDAY + timedelta(days=place), "created", 1) for place in range(150)]
    written: list[Any] = []
    write = dynamodb.transact_write_items

    def die_at_the_second(**given: Any) -> Any:
        written.append(given)
        if len(written) == 2:
            raise KeyboardInterrupt
        return write(**given)

    monkeypatch.setattr(dynamodb, "transact_write_items", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        statistics.record([change(counted(), *days)])

    [there] = statistics.counted(["d-1"]).values()
    added = sum(statistics.read("contracts", MONDAY, MONDAY + timedelta(days=365)).values())
    assert (added, sum(count.number for count in there.pending)) == (99, 51)


def test_what_is_counted_by_another_version_is_not_read(dynamodb: DynamoDBClient) -> None:
    item: Any = {"pk": {"S": "COUNTED#d-1"}, "sk": {"S": "COUNTED"}, "body": {"B": b"x"}}
    dynamodb.put_item(TableName=TABLE, Item=item)
    with pytest.raises(UnreadableError, match="COUNTED#d-1"):
        DynamoStatistics(dynamodb, TABLE).counted(["d-1"])
