"""One page out of a list: what it costs does not depend on how long the list is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from countersign.adapters.run_lists import MAX_DOCUMENTS, WHOLE, place_in
from countersign.errors import InvalidCursorError
from countersign.model.document import Document
from countersign.model.page import Page, PageRequest, StageQuery
from countersign.text.folding import same_address

K = TypeVar("K")
T = TypeVar("T")

MAX_ENTRIES = 2_000
"""Entries of an index that are looked at for one page."""
MAX_READ = 500
"""Items that are read for one page."""
AT_ONCE = 100
"""Items that are read in one round trip where many are not wanted."""
FEWEST = 10
"""Items that are read in one round trip at least, where hardly any is not wanted."""
LONGEST_PLACE = 1_000
"""Bytes of a place: a sort key has 1,024 at most."""


def page_of_entries(
    entries: Iterable[tuple[str, K | None]],
    read: Callable[[Sequence[K]], Sequence[T | None]],
    request: PageRequest,
    matches: Callable[[T], bool] | None = None,
    *,
    selective: bool = False,
) -> Page[T]:
    """The values of the entries that can be read and match, ``request.limit`` at most.

    ``selective``: whether many are likely not to match, so that more are read in a round trip.

    ``MAX_ENTRIES`` entries are looked at and ``MAX_READ`` values read at most: then the page ends
    there, however few it has.
    """
    rest, page_entries, place = iter(entries), list[T](), request.after
    looked_at = read_so_far = 0
    while looked_at < MAX_ENTRIES and read_so_far < MAX_READ:
        missing = request.limit - len(page_entries)
        batch, ended = list[tuple[str, K]](), True
        most = min(AT_ONCE if selective else max(missing, FEWEST), MAX_READ - read_so_far)
        for place, key in islice(rest, MAX_ENTRIES - looked_at):
            looked_at += 1
            if key is not None:
                batch.append((place, key))
            if len(batch) == most:
                ended = False
                break
        ended = ended and looked_at < MAX_ENTRIES
        read_so_far += len(batch)
        values = read([key for _, key in batch])
        for number, ((its_place, _), value) in enumerate(zip(batch, values, strict=True), 1):
            if value is None or (matches and not matches(value)):
                continue
            page_entries.append(value)
            if len(page_entries) == request.limit:
                more = number < len(batch) or next(rest, None) is not None
                return Page(tuple(page_entries), its_place if more else None)
        if ended:
            return Page(tuple(page_entries))
    return Page(tuple(page_entries), place if next(rest, None) is not None else None)


def begun_in(request: PageRequest) -> tuple[str | None, int]:
    """The document in which the page begins, by its place in a board, and how many of its things
    the page before had; all of them for ``WHOLE``. InvalidCursorError for an invalid place."""
    place = place_of(request)
    if place is None:
        return None, WHOLE
    number, mark, document = place.partition("#")
    counted = mark and number.isascii() and number.isdecimal() and len(number) < 9
    if not counted or document.count("#") < 2:
        raise invalid_place()
    return document, int(number)


def page_by_document(
    places: Iterable[str],
    read: Callable[[str], Sequence[T]],
    request: PageRequest,
    matches: Callable[[T], bool],
) -> Page[T]:
    """What belongs to the documents at these places of a board and matches, document by document.

    ``places`` begin with the document in which the page begins, unless all of it was given.
    """
    begun, given = begun_in(request)
    page_entries: list[T] = []
    for looked_at, place in enumerate(places, 1):
        passed = given if place == begun else 0
        for number, value in enumerate(read(place), 1):
            if number <= passed or not matches(value):
                continue
            page_entries.append(value)
            if len(page_entries) == request.limit:
                return Page(tuple(page_entries), place_in(place, number))
        if looked_at == MAX_DOCUMENTS:
            return Page(tuple(page_entries), place_in(place))
    return Page(tuple(page_entries))


def page_of_values(values: Iterable[tuple[str, T]], request: PageRequest) -> Page[T]:
    """The first values of those that are left of a list, each with its place."""
    rest = iter(values)
    taken = list(islice(rest, request.limit))
    more = len(taken) == request.limit and next(rest, None) is not None
    return Page(tuple(value for _, value in taken), taken[-1][0] if more else None)


def after(
    values: Iterable[tuple[str, T]], request: PageRequest, *, newest_first: bool = False
) -> Iterator[tuple[str, T]]:
    """Those of a sorted list that stand behind the request's place."""
    start = place_of(request)
    for place, value in values:
        if start is None or (place < start if newest_first else place > start):
            yield place, value


def place_of(request: PageRequest) -> str | None:
    """Where the page begins; InvalidCursorError for what cannot be a place."""
    place = request.after
    if place is None:
        return None
    try:
        fits = 0 < len(place.encode()) <= LONGEST_PLACE
    except UnicodeEncodeError:
        fits = False
    if not fits:
        raise invalid_place()
    return place


def number_of(request: PageRequest) -> int | None:
    """Where the page begins, in a list whose places are numbers."""
    place = place_of(request)
    if place is None:
        return None
    if not (place.isascii() and place.isdecimal() and len(place) <= 18):
        raise invalid_place()
    return int(place)


Place = tuple[str | None, int]
"""The place of an item with several lines, None for the beginning; and the number of a line."""


def line_place(request: PageRequest) -> Place:
    """Where the page begins, in a list whose items have several lines each."""
    place = place_of(request)
    if place is None:
        return None, -1
    item, mark, number = place.rpartition(".")
    if not (mark and number.isascii() and number.isdecimal() and len(number) < 9):
        raise invalid_place()
    return item, int(number)


def lines_after(
    items: Iterable[tuple[str, Sequence[T]]], start: Place, *, newest_first: bool
) -> Iterator[tuple[str, T]]:
    """The lines behind the place, each with its own; each item's in the order that is wanted."""
    item_place, line = start
    for place, lines in items:
        numbered = list(enumerate(lines))
        for number, value in reversed(numbered) if newest_first else numbered:
            passed = number >= line if newest_first else number <= line
            if place != item_place or not passed:
                yield f"{place}.{number}", value


def is_in_stage(document: Document, wanted: StageQuery) -> bool:
    """Whether the document is one of those that are wanted."""
    by, responsible = wanted.arrived_by, wanted.responsible
    return (
        document.pipeline == wanted.pipeline
        and wanted.stage in (None, document.stage)
        and (responsible is None or same_address(document.responsible, responsible))
        and (by is None or document.since <= by)
    )


def invalid_place() -> InvalidCursorError:
    """The error for an invalid place in a list."""
    return InvalidCursorError("the page begins at a place that this list does not have")
