"""Lists of words in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from countersign.text.lists import listed


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), ""),
        (("reminders",), "reminders"),
        (("the signed PDF",), "the signed PDF"),
        (("reminders", "the signed PDF"), "reminders and the signed PDF"),
        (("one", "two", "three", "four"), "one, two, three and four"),
        (["ten", "eleven", "twelve"], "ten, eleven and twelve"),
        (("a", "b", "c", "d", "e"), "a, b, c, d and e"),
    ],
)
def test_words_read_as_one_list_of_a_sentence(words: Sequence[str], text: str) -> None:
    assert listed(words) == text
