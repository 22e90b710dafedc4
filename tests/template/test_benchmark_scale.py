"""The model of scale counts what DynamoDB counts, and docs/scale.md says what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from countersign.adapters.dynamodb.items import Item
from tests.benchmarks.scale import DOCUMENTS, TARGET, figures, tables
from tests.benchmarks.scale_load import Load, contracts
from tests.benchmarks.scale_model import Target, Use, counted, first_met, stored, uses
from tests.benchmarks.scale_table import MeteredTable

BEGINS, ENDS = "<!-- scale -->\n", "<!-- end of scale -->\n"
INDEXES: Any = [
    {
        "IndexName": "by_owner",
        "KeySchema": [
            {"AttributeName": "owner_pk", "KeyType": "HASH"},
            {"AttributeName": "owner_sk", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
    }
]


def an_item(owner: str | None = "anna", title: str = "t", filling: int = 0) -> Item:
    item = {
        "pk": {"S": "P"},
        "sk": {"S": "S"},
        "title": {"S": title},
        "filling": {"S": "x" * filling},
    }
    indexed = {"owner_pk": {"S": owner}, "owner_sk": {"S": "1"}} if owner else {}
    return {**item, **indexed}


def transacted(table: MeteredTable, item: Item) -> None:
    table.transact_write_items(TransactItems=[{"Put": {"TableName": "T", "Item": item}}])


OWNED, OWNED_BY_BEN = ("by_owner", "anna"), ("by_owner", "ben")


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, an_item(), {("", "P"): 1, OWNED: 1}),
        (None, an_item(None), {("", "P"): 1}),
        (None, an_item(filling=2_000), {("", "P"): 2, OWNED: 1}),
        (an_item(), an_item(), {("", "P"): 1}),
        (an_item(), an_item(filling=5), {("", "P"): 1}),
        (an_item(), an_item(title="u"), {("", "P"): 1, OWNED: 1}),
        (an_item(), an_item("ben"), {("", "P"): 1, OWNED: 1, OWNED_BY_BEN: 1}),
        (an_item(), an_item(None), {("", "P"): 1, OWNED: 1}),
        (an_item(filling=3_000), an_item(), {("", "P"): 3}),
    ],
)
def test_a_write_costs_what_the_larger_item_takes_and_what_indexes_change(
    before: Item | None, after: Item, units: dict[tuple[str, str], int]
) -> None:
    for write, times in ((MeteredTable.put_item, 1), (None, 2)):
        table = MeteredTable(INDEXES)
        if before is not None:
            table.put_item(Item=before)
        table.begin()
        if write is None:
            transacted(table, after)
        else:
            write(table, Item=after)
        assert table.writes == {
            place: number * (times if place[0] == "" else 1) for place, number in units.items()
        }


def test_a_check_in_a_transaction_costs_like_a_write_and_changes_nothing() -> None:
    table = MeteredTable(INDEXES)
    table.put_item(Item=an_item(filling=1_500))
    table.begin()
    key = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    table.transact_write_items(TransactItems=[{"ConditionCheck": {"Key": key}}])
    assert (table.writes, table.stream) == ({("", "P"): 4}, [])


def test_a_read_costs_by_its_size_and_half_if_it_may_be_old() -> None:
    table = MeteredTable(INDEXES)
    table.put_item(Item=an_item(filling=5_000))
    key, missing = {"pk": {"S": "P"}, "sk": {"S": "S"}}, {"pk": {"S": "Q"}, "sk": {"S": "S"}}
    for consistent in (True, False):
        table.batch_get_item(
            RequestItems={"T": {"Keys": [key, missing], "ConsistentRead": consistent}}
        )
    assert table.reads == {("", "P"): 2 + 1, ("", "Q"): 1 + 0.5}


def a_use(name: str, needed: float, quota: float) -> Use:
    return Use(name=name, needed=needed, quota=quota, unit="x", raised="AWS", source="template")


def test_the_quota_that_is_met_first_is_the_fullest_and_its_rate_is_where_it_is_full() -> None:
    target = Target(webhooks=1_000, documents=1, scheduled=1, connections=1)
    found = [a_use("half", 5, 10), a_use("four times", 40, 10), a_use("hardly", 1, 10)]
    use, rate = first_met(found, target)
    assert (use.name, rate) == ("four times", 250)


def test_the_document_says_what_the_model_says(
    template: dict[str, Any], project_root: Path
) -> None:
    load = Load(contracts())
    load.live(DOCUMENTS)
    webhook = counted(load)
    found = uses(webhook, TARGET, template)
    assert [use.share for use in found] == sorted((use.share for use in found), reverse=True)
    gigabytes = stored(load.table, DOCUMENTS) * TARGET.documents / 1e9
    text = (project_root / "docs" / "scale.md").read_text(encoding="utf-8")
    told = text.partition(BEGINS)[2].partition(ENDS)[0]
    assert told == "\n".join(tables(webhook, found, gigabytes)) + "\n"
    assert len(figures(found, gigabytes, webhook)) == len(found) + 3
