"""Units are counted as DynamoDB bills them, and of the calls that the functions make."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from countersign.adapters.dynamodb.transaction import NEW, TransactionAction, put
from tests.benchmarks.capacity import CountedWorld, figures
from tests.benchmarks.settled import deployed_functions
from tests.benchmarks.units import Index, Ledger, Units

BOARD = Index(("board_pk", "board_sk"), frozenset({"title"}))
DUE = Index(("due_pk", "due_sk"), frozenset())
ALL = Index(("task_pk", "task_sk"), None)


def item(size: int = 10, **more: str) -> dict[str, Any]:
    """An item of about so many bytes."""
    texts = {"pk": "DOC#1", "sk": "DOC", "text": "x" * size, **more}
    return {name: {"S": text} for name, text in texts.items()}


def at(place: str, **more: str) -> dict[str, Any]:
    return item(10, board_pk="PIPELINE#p", board_sk=place, **more)


@pytest.mark.parametrize(
    ("found", "units"),
    [
        ([None], 1),
        ([item(10)], 1),
        ([item(4_050)], 1),
        ([item(4_100)], 2),
        ([item(10), item(10), None], 3),
        ([item(9_000), item(10)], 4),
    ],
)
def test_items_read_by_their_keys_are_rounded_up_each(found: list[Any], units: float) -> None:
    ledger = Ledger([])
    ledger.get(found, [("DOC#1", "DOC")] * len(found))
    assert ledger.total.read_units == units
    assert (ledger.total.calls, ledger.total.items_read) == (1, len(found))


def test_items_that_are_queried_are_rounded_up_together() -> None:
    ledger = Ledger([])
    ledger.query([item(1_000)] * 6)
    ledger.query([])
    assert ledger.total.read_units == 2 + 1


@pytest.mark.parametrize(
    ("size", "before", "units"),
    [(10, None, 2), (1_100, None, 4), (10, 5_000, 10), (5_000, 10, 10)],
)
def test_each_item_of_a_transaction_is_written_twice_and_as_large_as_it_ever_was(
    size: int, before: int | None, units: float
) -> None:
    ledger = Ledger([])
    replaced = {} if before is None else {("DOC#1", "DOC"): item(before)}
    ledger.write([put(item(size), NEW)], replaced)
    assert ledger.total.write_units == units


def test_a_condition_is_billed_and_stores_nothing() -> None:
    key = {"pk": {"S": "DOC#1"}, "sk": {"S": "DOC"}}
    check = TransactionAction("ConditionCheck", {"Key": key, "ConditionExpression": "true"})
    ledger = Ledger([BOARD])
    ledger.write([check], {("DOC#1", "DOC"): at("a")})
    assert (ledger.total.write_units, ledger.total.index_units) == (2, 0)
    assert ledger.total.stored_bytes == 0


@pytest.mark.parametrize(
    ("index", "before", "after", "units"),
    [
        (BOARD, None, item(), 0),
        (BOARD, None, at("a"), 1),
        (BOARD, at("a"), at("a"), 0),
        (BOARD, at("a"), at("a", other="not in the index"), 0),
        (BOARD, at("a", title="one"), at("a", title="two"), 1),
        (BOARD, at("a"), at("b"), 2),
        (BOARD, at("a"), item(), 1),
        (BOARD, None, at("a", title="x" * 1_500), 2),
        (DUE, None, at("a"), 0),
        (ALL, None, item(2_000, task_pk="TASKS#1", task_sk="a"), 2),
    ],
)
def test_an_index_is_written_where_what_it_holds_changes(
    index: Index, before: Any, after: Any, units: float
) -> None:
    assert index.writes(before, after) == units


def test_what_stays_is_counted_with_its_entries_and_without_what_it_replaces() -> None:
    ledger = Ledger([BOARD])
    ledger.write([put(at("a"))], {})
    first = ledger.total
    ledger.write([put(at("a"))], {("DOC#1", "DOC"): at("a")})
    again = ledger.total - first
    assert first.stored_bytes > 200
    assert again.stored_bytes == 0
    assert again.write_units == first.write_units
    assert first.expiring_bytes == 0


def test_what_expires_is_counted_apart() -> None:
    ledger = Ledger([])
    ledger.write([put(item(500, expires_ttl="1"))], {})
    assert ledger.total.expiring_bytes == ledger.total.stored_bytes > 600


def test_counted_are_the_calls_that_the_functions_make_on_the_wire(
    template: dict[str, Any],
) -> None:
    with deployed_functions(template) as functions:
        functions.settle(1)
        made = Counter(call.function for call in functions.settle(1) if call.service == "dynamodb")
    counted = CountedWorld()
    counted.settle("first")
    found = counted.settle("second")
    assert {name: units.calls for name, units in found.items()} == made


def test_units_do_not_grow_with_the_documents() -> None:
    counted = CountedWorld()
    counted.settle("first")
    few = counted.settle("second")
    counted.fill(500)
    many = counted.settle("third")
    for function, units in many.items():
        before = few[function]
        assert (units.calls, units.items_read) == (before.calls, before.items_read)
        assert (units.read_units, units.write_units) == (before.read_units, before.write_units)
        assert units.index_units == before.index_units


def test_units_that_grow_miss_their_target() -> None:
    few, many = {"run_email": Units(read_units=4)}, {"run_email": Units(read_units=5)}
    told = {figure.name: figure for figure in figures({100: few, 1_000: many})}
    assert told["read units a webhook, 100 documents"].met
    assert not told["read units a webhook, 1,000 documents"].met
    assert told["write units a webhook, 1,000 documents"].met
