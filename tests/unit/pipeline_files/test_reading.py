"""YAML 1.2 and JSON as plain values: nothing guessed, nothing run, nothing without bounds."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.pipeline_files.reader import ReportLine, SourcePosition, UnreadableError, read

PLAIN = {
    "text": "text",
    "5": 5,
    "-5": -5,
    "0.10": Decimal("0.10"),
    ".5": Decimal("0.5"),
    "1e3": Decimal("1E+3"),
    "true": True,
    "False": False,
    "null": None,
    "~": None,
    # What YAML 1.1 made of these is a well of mistakes: a country, two days, a time of day.
    "no": "no",
    "on": "on",
    "2026-05-31": "2026-05-31",
    "9:00": "9:00",
    "007": "007",
    "0.1.2": "0.1.2",
    "+49 89 1234": "+49 89 1234",
    ".inf": ".inf",
    '"5"': "5",
    "!!str 5": "5",
}


@pytest.mark.parametrize(("written", "value"), PLAIN.items())
def test_a_plain_value_is_what_the_core_schema_says(written: str, value: Any) -> None:
    found = read(f"key: {written}")[0]
    assert (found, type(found["key"])) == ({"key": value}, type(value))


def test_a_key_is_always_a_text() -> None:
    assert read("on: 1\n5: 2\nnull: 3\n")[0] == {"on": 1, "5": 2, "null": 3}


def test_a_value_is_found_where_it_stands_and_a_block_by_its_key() -> None:
    marks = read("stages:\n  - id: sent\n    rules: [{id: r}]\n    time:\n      at: x\n")[1]
    assert {
        place: marks.find(place)
        for place in (
            ("stages",),
            ("stages", 0),
            ("stages", 0, "id"),
            ("stages", 0, "rules"),
            ("stages", 0, "rules", 0, "id"),
            ("stages", 0, "rules", 0, "kind"),
            ("stages", 0, "time"),
            ("calendar", "hours"),
        )
    } == {
        ("stages",): SourcePosition(1, 1),
        ("stages", 0): SourcePosition(2, 5),
        ("stages", 0, "id"): SourcePosition(2, 9),
        ("stages", 0, "rules"): SourcePosition(3, 12),
        ("stages", 0, "rules", 0, "id"): SourcePosition(3, 18),
        ("stages", 0, "rules", 0, "kind"): SourcePosition(3, 13),
        ("stages", 0, "time"): SourcePosition(4, 5),
        ("calendar", "hours"): SourcePosition(1, 1),
    }
    assert marks.find(("stages", 0, "id"), of_key=True) == SourcePosition(2, 5)


def test_an_alias_stands_for_what_it_names_and_is_marked_where_it_stands() -> None:
    value, marks, _ = read("a: &hours {mon: 1}\nb: *hours\n")
    assert value == {"a": {"mon": 1}, "b": {"mon": 1}}
    assert marks.find(("b", "mon")) == SourcePosition(2, 4)


def test_the_first_of_two_equal_keys_counts_and_the_second_is_told() -> None:
    value, _, repeated = read("a: {b: 1}\na: {b: 2}\nc: 3\n")
    assert value == {"a": {"b": 1}, "c": 3}
    assert repeated == (
        ReportLine(SourcePosition(2, 1), '"a" stands in line 1 already; keep one of them'),
    )


BOUNDS = {
    "lists in lists": ("[" * 200_000, "nested deeper than 60; write it flatter"),
    "an alias of itself": ("a: &a [*a]", "*a stands inside of what it repeats"),
    "aliases of aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
            for old, new in zip("abcdef", "bcdefg", strict=True)
        ),
        "more than 100,000 values; expected fewer aliases",
    ),
    "a list as a key": ("? [a]\n: b", "a key must be a text"),
}


@pytest.mark.parametrize(("text", "reason"), BOUNDS.values(), ids=BOUNDS)
def test_what_has_no_bounds_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(text)
    assert refused.value.line.text == reason


# Without lone halves of a pair, which no text holds, and control characters, which no file holds.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_is_read_as_json_reads_it(value: Any, indent: int | str | None, plain: bool) -> None:
    assert read(json.dumps(value, indent=indent, ensure_ascii=plain), json=True)[0] == value
