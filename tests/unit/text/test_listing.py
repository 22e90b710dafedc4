"""Several things as one part of a sentence."""

from __future__ import annotations

import pytest

from countersign.text.listing import listed


@pytest.mark.parametrize(
    ("things", "text"),
    [
        ((), ""),
        (("the signed PDF",), "the signed PDF"),
        (("reminders", "the signed PDF"), "reminders and the signed PDF"),
        (("one", "two", "three"), "one, two and three"),
        (("one", "two", "three", "four"), "one, two, three and four"),
    ],
)
def test_things_are_listed_as_a_sentence_lists_them(things: tuple[str, ...], text: str) -> None:
    assert listed(things) == text
