"""How judged clauses and values read, in every operator and for every outcome."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from countersign.engine.conditions.display import sentence, shown_field
from countersign.model.condition import ClauseVerdict
from countersign.model.values import described, shown

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("op", "true", "false"),
    [
        ("one_of", "f 5 is one of 7", "f 5 is not one of 7"),
        ("none_of", "f 5 is none of 7", "f 5 is one of 7"),
        ("contains", "f 5 contains 7", "f 5 does not contain 7"),
        ("does_not_contain", "f 5 does not contain 7", "f 5 contains 7"),
        ("starts_with", "f 5 starts with 7", "f 5 does not start with 7"),
        ("ends_with", "f 5 ends with 7", "f 5 does not end with 7"),
        ("greater", "f 5 is greater than 7", "f 5 is not greater than 7"),
        ("at_least", "f 5 is at least 7", "f 5 is less than 7"),
        ("less", "f 5 is less than 7", "f 5 is not less than 7"),
        ("at_most", "f 5 is at most 7", "f 5 is greater than 7"),
        ("between", "f 5 is between 7", "f 5 is not between 7"),
        ("within_next", "f 5 is within the next 7", "f 5 is not within the next 7"),
        ("within_last", "f 5 is within the last 7", "f 5 is not within the last 7"),
        ("has_any", "f 5 has one of 7", "f 5 has none of 7"),
        ("has_all", "f 5 has all of 7", "f 5 does not have all of 7"),
        ("has_none", "f 5 has none of 7", "f 5 has one of 7"),
        ("is_responsible", "f 5 is the responsible person, 7",
         "f 5 is not the responsible person, 7"),
        ("in_group", "f 5 is in the group 7", "f 5 is not in the group 7"),
        ("equals", "f 5 equals 7", "f is 5, not 7"),
        ("differs", "f is 5, not 7", "f 5 equals 7"),
        ("is_set", "f is set", "f is empty"),
        ("is_empty", "f is empty", "f is set"),
    ],
)  # fmt: skip
def test_a_clause_reads_as_a_sentence(op: Any, true: str, false: str) -> None:
    for outcome, text in (("true", true), ("false", false)):
        judged = ClauseVerdict.model_validate(
            {"field": "f", "op": op, "found": "5", "wanted": "7", "outcome": outcome}
        )
        assert sentence(judged, "number") == text
        assert sentence(judged, None) == text


@pytest.mark.parametrize(
    ("op", "true", "false"),
    [
        ("greater", "is after", "is not after"),
        ("at_least", "is not before", "is before"),
        ("less", "is before", "is not before"),
        ("at_most", "is not after", "is after"),
        ("between", "is between", "is not between"),
    ],
)
@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_dates_are_before_and_after(op: Any, true: str, false: str, kind: Any) -> None:
    for outcome, words in (("true", true), ("false", false)):
        judged = ClauseVerdict.model_validate(
            {"field": "f", "op": op, "found": "a", "wanted": "b", "outcome": outcome}
        )
        assert sentence(judged, kind) == f"f a {words} b"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"op": "equals", "found": "a", "wanted": "a"}, 'f is "a"'),
        ({"op": "equals", "found": "a", "wanted": "A"}, 'f "a" equals "A"'),
        ({"op": "one_of", "found": "a", "wanted": "a, b"}, 'f "a" is one of a, b'),
        ({"op": "none_of", "found": "a", "wanted": "b"}, 'f "a" is none of b'),
        ({"op": "contains", "found": "abc", "wanted": "b"}, 'f "abc" contains "b"'),
        ({"op": "contains", "found": None, "wanted": "b"}, "f is empty"),
    ],
)
def test_texts_are_quoted(more: dict[str, Any], text: str) -> None:
    judged = ClauseVerdict.model_validate({"field": "f", "outcome": "true", **more})
    assert sentence(judged, "text") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"), (False, "no"), (Decimal("1234567.50"), "1,234,567.50"),
        (Decimal("0.00"), "0"), (Decimal("-0.5"), "-0.5"), (5, "5"), ("x", "x"),
        (("a", True, Decimal(1000)), "a, yes, 1,000"), (frozenset({"a"}), "a"),
        ({"days": 3, "hours": 2}, "days: 3, hours: 2"),
    ],
)  # fmt: skip
def test_values_are_shown_for_people(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "no value"), ("a", '"a"'), ((), "an empty list"), (Decimal(5), "5"), (False, "no")],
)
def test_what_stands_in_the_place_of_something_else_is_described(value: object, text: str) -> None:
    assert described(value) == text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("2026-03-05T08:00:00Z", "datetime", "2026-03-05 09:00 Europe/Berlin"),
        ("2026-07-05T08:00:09Z", "datetime", "2026-07-05 10:00:09 Europe/Berlin"),
        ("1234.5", "number", "1,234.5"),
        (Decimal(1234), "money", "1,234"),
        ("1234", "text", "1234"),
        (True, "bool", "yes"),
    ],
)
def test_a_field_is_shown_by_its_type(value: Any, kind: Any, text: str) -> None:
    assert shown_field(value, kind, BERLIN) == text
