"""JSON with exact numbers: what is written reads back as it was, and odd texts are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.standards.exact_json import read_exact, write_exact

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner)
)


@given(VALUES)
def test_every_value_reads_back_as_it_was(value: Any) -> None:
    read = read_exact(write_exact(value))
    assert read == value
    assert json.loads(write_exact(value)) is not None or value is None


@pytest.mark.parametrize("number", ["5.000", "0.10", "-1.5", "1E+3", "1E-9", "-0.0"])
def test_a_number_keeps_its_digits(number: str) -> None:
    assert str(read_exact(number)) == number
    assert write_exact(Decimal(number)) == number


def test_a_decimal_without_a_point_stays_a_decimal() -> None:
    assert write_exact(Decimal(5)) == "5.0"
    assert write_exact({"a": [5, True, None, "ä"]}) == '{"a":[5,true,null,"ä"]}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("NaN", "NaN is not a number that JSON has"),
        ('{"a": -Infinity}', "-Infinity is not a number"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', '"c" stands twice in one object'),
        ("[" * 200_000, "nested too deep"),
        (b"\xff", "utf-8"),
    ],
    ids=["cut off", "NaN", "infinity", "twice", "deep", "not UTF-8"],
)
def test_what_is_no_json_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_exact(text)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan")])
def test_numbers_that_json_does_not_have_are_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_exact(value)


@pytest.mark.parametrize("value", [{1: 2}, {"a": object()}, b"bytes"])
def test_what_is_no_plain_value_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        write_exact(value)
