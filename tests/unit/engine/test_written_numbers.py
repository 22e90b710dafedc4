"""Numbers with two readings are refused in plain values too, whoever read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.engine.check import check
from countersign.engine.written_numbers import problems
from countersign.model.pipeline import Pipeline
from countersign.model.values import two_readings, unambiguous

TODAY = date(2026, 3, 2)


def test_plain_values_of_a_program_are_no_different() -> None:
    condition: dict[str, Any] = {"field": "amount", "op": "less", "value": Decimal("3.500")}
    rule = {"id": "r", "kind": "stop_rules", "condition": condition}
    raw = {"pipeline": "p", "stages": [{"id": "a", "rules": [rule]}]}
    pipeline, [problem] = check(raw, today=TODAY)
    assert pipeline is None
    assert problem.place == ("stages", 0, "rules", 0, "condition", "value")
    assert check({**raw, "stages": [{"id": "a"}]}, today=TODAY)[1] == ()


def test_only_texts_where_a_number_is_meant_are_read_as_numbers() -> None:
    raw = {
        "name": "3.500",
        "daily_report": "3.500",
        5: Decimal("3.500"),
        "stages": [{"id": "a", "rules": [{"time": {"after": {"days": "3.500", "x": "y"}}}]}],
    }
    after = ("stages", 0, "rules", 0, "time", "after")
    ((place, text),) = problems(raw, lambda place: (Pipeline, place))
    assert place == (*after, "days")
    assert text.startswith("days: ")
    assert [*problems(raw, lambda place: None)] == []


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-2000, max_value=2000)
)
@settings(deadline=None, max_examples=100)
def test_three_digits_behind_the_point_have_two_readings_up_to_999(number: Decimal) -> None:
    ambiguous = 1 <= abs(number) < 1000
    assert (two_readings(str(number)) is not None) == ambiguous
    assert two_readings(unambiguous(str(number))) is None
    assert Decimal(unambiguous(str(number))) == number
    assert two_readings(f"{number:.2f}") is None
