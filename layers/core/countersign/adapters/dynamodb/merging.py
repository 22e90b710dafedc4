"""One list out of several sorted ones, read page by page and no further than it is looked at."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from countersign.adapters.dynamodb.items import Item

AT_ONCE = 8
"""First pages that are read at the same time; the client keeps ten connections."""

Pages = Iterator[list[Item]]


def merged(
    lists: Sequence[Pages], sort_key: Callable[[Item], str], *, reverse: bool = False
) -> Iterator[Item]:
    """The items of all lists in the order of their sort keys, the largest first if ``reverse``.

    The first page of the first list is read alone, so that a database that is away is asked once;
    then those of the others.
    """
    if len(lists) == 1:
        yield from chain.from_iterable(lists[0])
        return
    firsts = _first_pages(lists)
    whole = (
        chain(first, chain.from_iterable(rest)) for first, rest in zip(firsts, lists, strict=True)
    )
    yield from heapq.merge(*whole, key=sort_key, reverse=reverse)


def _first_pages(lists: Sequence[Pages]) -> list[list[Item]]:
    # Only who lists something needs it.
    from concurrent.futures import ThreadPoolExecutor

    first = next(lists[0], [])
    with ThreadPoolExecutor(AT_ONCE) as readers:
        return [first, *readers.map(lambda pages: next(pages, []), lists[1:])]
