"""The benchmark of back-tests plays every document that it makes, and each goes otherwise."""

from __future__ import annotations

from tests.benchmarks.backtest import back_test_of, lived


def test_it_back_tests_every_document_that_it_has_made_as_often_as_it_should() -> None:
    summary = back_test_of(lived(3), 2)

    assert (summary.documents, summary.same, summary.different) == (6, 0, 6)
    assert (summary.unfit, summary.inexact) == (0, 0)
    (total,) = summary.totals
    assert (total.change, total.kind, total.by) == ("changed", "mail", "remind")
    assert (total.documents, total.effects) == (6, 6)
