"""A change writes the words that a document gains and loses, as many as there is room for."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.decisions.word_index import Indexed, with_words
from countersign.model.document import Document
from countersign.model.transaction import Transaction


def document(title: str | None, version: int = 1, **more: Any) -> Document:
    given = {"id": "d", "pipeline": "p", "stage": "s", "title": title, "version": version}
    at = "2026-03-02T09:00:00Z"
    return Document.model_validate({"since": at, "created_at": at, **given, **more})


def indexed(before: Document | None, after: Document, room: int = 100) -> Indexed:
    was = None if before is None else before.version
    return with_words(Transaction(document=after, was_version=was), before, room=room)


def words(found: Indexed) -> tuple[tuple[str, ...], ...]:
    """New and old words of the change, and those that its document notes."""
    change = found.change
    assert change.document is not None
    late = change.document
    return change.new_words, change.old_words, late.words_to_add, late.words_to_remove


LEASE = document("Lease of 2026", word_index=1)


@pytest.mark.parametrize(
    ("title", "new", "old"),
    [
        ("Lease of 2027", ("2027",), ("2026",)),
        ("Lease", (), ("of", "2026")),
        ("LEASE of 2026 signed", ("signed",), ()),
        (None, (), ("lease", "of", "2026")),
    ],
)
def test_only_the_difference_is_written(
    title: str | None, new: tuple[str, ...], old: tuple[str, ...]
) -> None:
    found = indexed(LEASE, document(title, 2, word_index=1))
    assert words(found) == (new, old, (), ())
    assert not found.is_short


def test_a_change_of_something_else_writes_nothing() -> None:
    after = LEASE.model_copy(update={"version": 2, "stage": "t"})
    change = Transaction(document=after, was_version=1)
    found = with_words(change, LEASE, room=0)
    assert (found.change, found.is_short) == (change, False)


def test_a_change_without_a_document_writes_nothing() -> None:
    assert with_words(Transaction(), LEASE, room=9) == (Transaction(), False)


def test_a_new_document_and_one_of_an_earlier_version_gain_all_their_words() -> None:
    for before in (None, document("Lease Hall")):
        found = indexed(before, document("Lease Hall", 1 if before is None else 2))
        assert words(found) == (("lease", "hall"), (), (), ())
        assert found.change.document is not None
        assert found.change.document.word_index == 1


@pytest.mark.parametrize(
    ("room", "written"),
    [
        (-3, ((), (), ("rent", "2027"), ("lease", "of", "2026"))),
        (0, ((), (), ("rent", "2027"), ("lease", "of", "2026"))),
        (1, (("rent",), (), ("2027",), ("lease", "of", "2026"))),
        (3, (("rent", "2027"), ("lease",), (), ("of", "2026"))),
        (5, (("rent", "2027"), ("lease", "of", "2026"), (), ())),
    ],
)
def test_what_has_no_room_is_noted_on_the_document(
    room: int, written: tuple[tuple[str, ...], ...]
) -> None:
    found = indexed(LEASE, document("Rent 2027", 2, word_index=1), room)
    assert (words(found), found.is_short) == (written, room < 5)


def test_what_was_noted_is_written_with_the_next_change_unless_it_is_right_again() -> None:
    late = document(
        "Rent 2027", 2, word_index=1, words_to_add=("2027",), words_to_remove=("lease", "of")
    )
    same = late.model_copy(update={"version": 3})
    assert words(indexed(late, same)) == (("2027",), ("lease", "of"), (), ())
    back = late.model_copy(update={"version": 3, "title": "Lease"})
    assert words(indexed(late, back)) == ((), ("rent", "of"), (), ())
