"""What a draft keeps: any plain values, copied; everything else is refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.model.base import pointer
from countersign.model.draft import Draft, content_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_a_content_is_a_copy_with_exact_numbers() -> None:
    written = {"a": [1, 0.1, {"b": None}], "c": (True, "x"), "d": Decimal("5.000")}
    content = content_of(written)
    assert content == {
        "a": [1, Decimal("0.1"), {"b": None}],
        "c": [True, "x"],
        "d": Decimal("5.000"),
    }
    written["a"][2]["b"] = 2  # type: ignore[index]
    assert content["a"][2] == {"b": None}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "this is not a pipeline; expected a mapping, with pipeline and stages"),
        ([], "this is not a pipeline"),
        ("pipeline: sales", "this is not a pipeline"),
        ({"a": {1: 2}}, "/a: the key 1 is not a text"),
        ({2: 3}, "the draft: the key 2 is not a text"),
        ({"a/b": [b"x"]}, "/a~1b/0: bytes b'x' is not a text, number, boolean, list or mapping"),
        ({"a": float("nan")}, "/a: Decimal NaN is not a text"),
        ({"a": float("-inf")}, "/a: Decimal -Infinity is not a text"),
        ({"a": 10**40}, "/a: a number has at most 40 digits"),
        ({"a": Decimal("1E-41")}, "/a: a number has at most 40 digits"),
        ({"a": Decimal("1E+9999")}, "/a: a number has at most 40 digits"),
        ({"a": ["\ud834"]}, "/a/0: the text contains an invalid Unicode character; re-enter it"),
        ({"\udc00": 1}, "the draft: the text contains an invalid Unicode character"),
        (deep(61), "nested deeper than 60; write it flatter"),
        ({"a": [0] * 100_000}, "the draft has more than 100,000 values"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(value: object, reason: str) -> None:
    with pytest.raises(PermanentError) as refused:
        content_of(value)
    assert reason in str(refused.value)


def test_what_just_fits_is_kept() -> None:
    numbers = [10**40 - 1, Decimal(f"0.{'1' * 40}"), Decimal("1E+38")]
    for content in (deep(60), {"a": [0] * 99_999}, {"a": numbers}):
        assert content_of(content) == content


def test_a_draft_has_the_name_that_is_written_or_its_id() -> None:
    names: list[Any] = ["Sales", "", None, 5, ["Sales"]]
    drafts = [
        Draft(
            pipeline="sales",
            content={"name": name},
            created_at=NOON,
            saved_at=NOON,
            saved_by="eva",
        )
        for name in names
    ]
    assert [draft.name for draft in drafts] == ["Sales", "sales", "sales", "sales", "sales"]


def test_a_draft_is_json_with_numbers() -> None:
    draft = Draft(
        pipeline="sales",
        content={"a": Decimal("5.5"), "b": [Decimal("7.0")], "c": 1},
        created_at=NOON,
        saved_at=NOON,
        saved_by="eva",
    )
    assert draft.model_dump(mode="json")["content"] == {"a": 5.5, "b": [7], "c": 1}


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ((), ""),
        (("stages", 2, "rules", 0, "settings", "to"), "/stages/2/rules/0/settings/to"),
        (("fields", "a/b~c", ""), "/fields/a~1b~0c/"),
    ],
)
def test_a_place_is_a_json_pointer(place: tuple[str | int, ...], written: str) -> None:
    assert pointer(place) == written
