"""What the outside answers goes into fields, each for itself; what does not fit is a warning."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decide import answered
from countersign.engine.decisions.decision import Decision
from countersign.model.actor import Actor, Origin
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.rules.base import Reply
from countersign.simulation.world import START
from tests.builders import pipeline, stage, trigger

BIG = {"field": "amount", "op": "greater", "value": 5000}
PIPELINE = pipeline(
    stage("draft"),
    stage(
        "big", triggers=[trigger("field_changed", settings={"fields": ["amount"]}, condition=BIG)]
    ),
    fields={"note": {"type": "text"}, "copies": {"type": "number"}},
    language="en",
)
PROGRAM = CompiledPipeline(Version(number=1, pipeline=PIPELINE))
DOCUMENT = Document(
    id="d", pipeline="contracts", stage="draft", currency="EUR", since=START, created_at=START
)
ORIGIN = Origin(by=Actor(kind="rule", name="ask"), at=START, cause="anna > rule:ask")


def written(values: dict[str, Any], *warnings: str) -> tuple[Decision, list[dict[str, Any]]]:
    """The decision, and its lines."""
    decision = answered(PROGRAM, DOCUMENT, Reply(values=values, warnings=warnings), ORIGIN)
    return decision, [line.model_dump(exclude_defaults=True) for line in decision.log]


def test_what_fits_is_written_and_what_does_not_is_told() -> None:
    decision, lines = written({"note": "yes", "copies": "many", "nonesuch": "x"}, "no id in it")
    assert decision.document.fields == {"note": "yes"}
    assert [(line["kind"], line["text"].partition(": ")[0]) for line in lines] == [
        ("warning", "no id in it"),
        ("warning", "the answer was not taken over"),
        ("warning", "the answer was not taken over"),
        ("edited", "rule:ask changed note"),
        ("event", "field.changed note fired nothing"),
    ]
    assert lines[-2] == {
        "at": START,
        "kind": "edited",
        "by": "rule:ask",
        "entry": 1,
        "text": "rule:ask changed note",
        "changes": ({"field": "note", "new": "yes"},),
        "cause": "anna > rule:ask",
    }


@pytest.mark.parametrize(
    ("values", "amount"),
    [
        ({"amount": "12.50 EUR"}, Decimal("12.50")),
        ({"amount": "12.50 USD"}, None),
        # An answer that names its currency is read in that one.
        ({"amount": "12.50 USD", "currency": "USD"}, Decimal("12.50")),
        ({"amount": "12.50 EUR", "currency": "USD"}, None),
    ],
)
def test_an_amount_is_of_the_answers_currency_or_else_of_the_documents(
    values: dict[str, Any], amount: Decimal | None
) -> None:
    decision, lines = written(values)
    assert decision.document.amount == amount
    assert decision.document.currency == values.get("currency", "EUR")
    assert [line["kind"] for line in lines].count("warning") == (amount is None)


def test_what_was_there_before_is_no_change() -> None:
    decision, lines = written({"currency": "EUR"})
    assert (decision.document.currency, lines) == ("EUR", [])


def test_what_is_written_fires_the_triggers_that_wait_for_it() -> None:
    decision, lines = written({"amount": 9000})
    assert (decision.document.stage, decision.document.automatic_moves) == ("big", 1)
    assert [(line["kind"], line["text"]) for line in lines] == [
        ("edited", "rule:ask changed amount"),
        ("event", "field.changed amount"),
        ("moved", "moved from draft to big as system"),
    ]
    _, event, moved = lines
    assert (event["fired"]["trigger"], event["by"]) == ("field-changed", "rule:ask")
    assert (moved["by"], moved["cause"]) == (
        "trigger:field-changed",
        "anna > rule:ask > trigger:field-changed",
    )
