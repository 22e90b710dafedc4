"""What a change of a document means for the words that find it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from countersign.model.document import Document
from countersign.model.search_words import (
    WORD_INDEX,
    indexed_words,
    is_indexed,
    searched,
    words_of,
)
from countersign.model.transaction import Transaction


class Indexed(NamedTuple):
    """A change with the words that it writes."""

    change: Transaction
    is_short: bool
    """Whether the document notes words that are still to be written."""


def with_words(change: Transaction, before: Document | None, *, room: int) -> Indexed:
    """The change with the words that the document has gained and lost, as many as there is room
    for; the document notes the others.

    ``room`` is in items, beside those that the change has. Where what finds the document is as it
    was, nothing is added.
    """
    after = change.document
    if after is None or (before and is_indexed(before) and searched(before) == searched(after)):
        return Indexed(change, is_short=False)
    wanted, there = words_of(after), indexed_words(before)
    gained, lost = _without(wanted, there), _without(there, wanted)
    now = max(0, min(room, len(gained)))
    then = max(0, min(room - now, len(lost)))
    noted = {
        "word_index": WORD_INDEX,
        "words_to_add": gained[now:],
        "words_to_remove": lost[then:],
    }
    document = after.model_copy(update=noted)
    written = {"document": document, "new_words": gained[:now], "old_words": lost[:then]}
    return Indexed(change.model_copy(update=written), is_short=not is_indexed(document))


def _without(words: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(word for word in words if word not in known)
