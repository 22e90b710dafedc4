"""A cursor leads to its place in its own list, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import InvalidCursorError, PermanentError
from countersign.model.page import Page, PageRequest
from countersign.use_cases.queries.pages.cursors import PagedList

SENT = PagedList(subject="documents", filters={"stage": "sent", "text": None})


def cursor_of(listed: PagedList, place: str) -> str:
    cursor = listed.page(Page((), place)).next
    assert cursor is not None
    return cursor


@given(st.text(min_size=1, max_size=300, alphabet=st.characters(codec="utf-8")))
def test_a_cursor_leads_to_the_place_that_it_was_made_of(place: str) -> None:
    cursor = cursor_of(SENT, place)
    assert SENT.request(cursor, 7) == PageRequest(after=place, limit=7)
    assert cursor.isascii()
    assert not set(cursor) & set("+/= &?#")


def test_the_first_page_needs_no_cursor_and_the_last_one_has_none() -> None:
    assert SENT.request(None) == PageRequest(after=None, limit=100)
    assert SENT.page(Page((1, 2))) == Page((1, 2), None)


def test_a_cursor_is_the_same_however_the_filters_are_written() -> None:
    same = PagedList(subject="documents", filters={"text": None, "stage": "sent"})
    assert cursor_of(same, "x") == cursor_of(SENT, "x")


@pytest.mark.parametrize(
    "other",
    [
        PagedList(subject="tasks", filters=SENT.filters),
        PagedList(subject="documents", filters={"stage": "draft", "text": None}),
        PagedList(subject="documents", filters={"stage": "sent", "text": ""}),
        PagedList(subject="documents"),
    ],
    ids=str,
)
def test_a_cursor_of_another_list_is_refused(other: PagedList) -> None:
    with pytest.raises(InvalidCursorError, match="another list or other filters"):
        SENT.request(cursor_of(other, "x"), 10)


@pytest.mark.parametrize(
    "cursor", ["", "x", "????", "AAAAAAAAAAA", "ä", "====", "a b", "A" * 10, "\ud83d"]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        SENT.request(cursor, 10)


def test_a_cursor_that_was_changed_is_refused() -> None:
    cursor = cursor_of(SENT, "place")
    for changed in (cursor[:-1], cursor[1:], "B" + cursor[1:], cursor + "="):
        with pytest.raises(InvalidCursorError):
            SENT.request(changed, 10)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_beyond_a_page_is_refused(limit: int) -> None:
    with pytest.raises(PermanentError, match=f"a page of {limit} items was asked for"):
        SENT.request(None, limit)
