"""A page reads as much of a table with 20,000 documents as of one with 2,000."""

from __future__ import annotations

import pytest

from tests.benchmarks.pages import PAGES, PageCost, cost, filled, shown

EXPECTED = {
    "documents of a stage": PageCost(64, 1, 57.0),
    "documents by a word that all have": PageCost(64, 1, 57.0),
    "documents by a word that one has": PageCost(64, 1, 32.5),
    "open tasks of a person": PageCost(32, 0, 16.0),
    "everybody's open tasks": PageCost(32, 1, 41.0),
}


@pytest.mark.parametrize("count", [2_000, 20_000])
def test_a_page_reads_the_same_however_much_there_is(count: int) -> None:
    table = filled(count)
    assert {name: cost(table, read) for name, read in PAGES.items()} == EXPECTED


def test_what_is_printed_has_a_column_for_each_number_of_documents() -> None:
    one = PageCost(64, 1, 57.0)
    assert list(shown({"documents": {100: one, 10_000: one, 100_000: one}}))[2] == (
        "| documents | 57 | 57 | 57 | 64 queries, 1 batches |"
    )
