"""Reads of many items: each for itself. One that this version cannot read is noted and left alone.

After a rollback the table may hold states, lanes or kinds that this version has never heard of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from countersign.errors import UnreadableError

T = TypeVar("T")
V = TypeVar("V")

Note = Callable[[str], None]
"""Called for each item that could not be read, with a sentence that omits its values."""


class Unreadable:
    """``Note`` that keeps the sentences, each once, until somebody takes them."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def __call__(self, text: str) -> None:
        self._texts[text] = None

    def take(self) -> tuple[str, ...]:
        """What could not be read since this was last asked."""
        taken, self._texts = tuple(self._texts), {}
        return taken


def log(text: str) -> None:
    """``Note`` that writes a line into the log."""
    logging.getLogger("countersign").warning(text)


def each_readable(items: Iterable[T], parse: Callable[[T], V], note: Note) -> Iterator[V]:
    """The values of the items that can be read."""
    for item in items:
        try:
            value = parse(item)
        except UnreadableError as error:
            note(str(error))
            continue
        yield value
