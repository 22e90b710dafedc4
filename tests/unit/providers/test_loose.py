"""What providers leave open is read for what it is, and never costs a message."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.providers._toolkit.json_access import (
    FIELDS,
    custom_fields,
    first_text,
    inner,
    loose_id,
)
from countersign.providers._toolkit.payload import TEXT_LENGTH


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        ([], {}),
        ([None, [], "text", 5], {}),
        ([{"a": "1"}, {"a": "2", "b": "3"}], {"a": "2", "b": "3"}),
        (
            [{"n": 1, "f": 1.5, "yes": True, "no": False}],
            {"n": "1", "f": "1.5"} | {"yes": "true", "no": "false"},
        ),
        ([{"null": None}], {"null": ""}),
        ([{"list": [1], "object": {"a": 1}, "": "nameless"}], {}),
        ([{"a": "1"}, {"a": ["2"]}], {"a": "1"}),
        (
            [{"x" * (TEXT_LENGTH + 1): "y" * (TEXT_LENGTH + 1)}],
            {"x" * TEXT_LENGTH: "y" * TEXT_LENGTH},
        ),
    ],
)
def test_custom_fields_are_texts_and_later_groups_win(
    groups: list[Any], found: dict[str, str]
) -> None:
    assert custom_fields(*groups) == found


def test_only_so_many_custom_fields_are_kept() -> None:
    assert len(custom_fields({str(number): number for number in range(FIELDS + 5)})) == FIELDS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("full", "full"),
        ({"b": "second", "a": "first"}, "first"),
        ({"a": " ", "b": "second"}, "second"),
        ({"a": 5, "b": ["x"]}, None),
        ({"c": "another"}, None),
        ("a\x00b", "ab"),
        (" ", None),
        (5, None),
        (None, None),
    ],
)
def test_the_first_text_is_taken_wherever_it_stands(value: object, text: str | None) -> None:
    assert first_text(value, "a", "b") == text


@pytest.mark.parametrize(
    ("value", "found"),
    [({"a": {"b": 1}}, 1), ({"a": 5}, None), ({"a": None}, None), ([], None), (None, None)],
)
def test_a_member_is_found_where_there_is_one(value: object, found: object) -> None:
    assert inner(value, "a", "b") == found


@pytest.mark.parametrize(
    ("value", "found"),
    [("x1", "x1"), (17, "17"), ("", None), (True, None), (1.5, None), ([], None), (None, None)],
)
def test_an_id_is_a_text_or_a_whole_number(value: object, found: str | None) -> None:
    assert loose_id(value) == found


@pytest.mark.parametrize("value", ["x" * 201, "a\nb"])
def test_a_text_that_cannot_be_an_id_is_none(value: str) -> None:
    assert loose_id(value) is None
