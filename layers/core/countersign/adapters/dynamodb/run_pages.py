"""Pages of runs out of the table's indexes, each with a bounded number of reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice

from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Item, due_moment
from countersign.adapters.dynamodb.table import MAX_KEYS, IndexQuery, Table, key_of
from countersign.adapters.instants import iso
from countersign.adapters.run_lists import (
    MAX_DOCUMENTS,
    MAX_READ,
    WHOLE,
    parts_of,
    place_in,
    waits,
)
from countersign.model.page import Page, PageRequest
from countersign.model.run import TROUBLED, Run
from countersign.ports import DuePeriod, RunTest

Read = Callable[[Item], Run | None]
"""Reads an item; None, and a note of it, for one that this version cannot read."""


class RunPages:
    """The pages of ``ports.Documents`` that list runs."""

    def __init__(self, table: Table, read: Read) -> None:
        self._table = table
        self._read = read

    def due(self, period: DuePeriod, page: PageRequest, matches: RunTest) -> Page[Run]:
        """See ``ports.Documents.due_between``."""
        first, last = page.after or iso(period.since), iso(period.until)
        if first >= last:
            return Page(())
        query = IndexQuery(index=keys.DUE, partitions=keys.due_shards(), after=first, before=last)

        def is_meant(run: Run) -> bool:
            moment = due_moment(run)
            return moment is not None and period.since <= moment < period.until and matches(run)

        return self._page(query, page.limit, is_meant)

    def troubled(self, page: PageRequest, matches: RunTest) -> Page[Run]:
        """See ``ports.Documents.troubled_page``."""
        query = IndexQuery(index=keys.EVENTS, partitions=keys.trouble_shards(), after=page.after)
        return self._page(query, page.limit, lambda run: run.state in TROUBLED and matches(run))

    def _page(self, query: IndexQuery, limit: int, is_meant: RunTest) -> Page[Run]:
        """The runs that an index names, read from the table."""
        runs: list[Run] = []
        for looked_at, (place, run) in enumerate(self._in_turn(query), 1):
            if run is not None and is_meant(run):
                runs.append(run)
            if len(runs) == limit or looked_at == MAX_READ:
                return Page(tuple(runs), place)
        return Page(tuple(runs))

    def _in_turn(self, query: IndexQuery) -> Iterator[tuple[str, Run | None]]:
        entries = self._table.query_index(query)
        name = keys.sort_key_of(query.index)
        while batch := list(islice(entries, MAX_KEYS)):
            named = dict.fromkeys(key_of(entry) for entry in batch)
            items = self._table.get_all(named, consistent=False)
            for entry in batch:
                item = items.get(key_of(entry))
                yield entry[name]["S"], None if item is None else self._read(item)

    def waiting(self, pipeline: str, page: PageRequest, matches: RunTest) -> Page[Run]:
        """See ``ports.Documents.waiting_page``."""
        begun, given = parts_of(page.after) if page.after else (None, WHOLE)
        query = IndexQuery(index=keys.BOARD, partitions=keys.board_shards(pipeline), after=begun)
        name = keys.sort_key_of(keys.BOARD)
        cards = (card[name]["S"] for card in self._table.query_index(query))
        there = chain([begun] if begun and given != WHOLE else [], cards)
        runs: list[Run] = []
        for looked_at, place in enumerate(there, 1):
            for number, run in enumerate(self._runs_at(place), 1):
                if (place == begun and number <= given) or not waits(run) or not matches(run):
                    continue
                runs.append(run)
                if len(runs) == page.limit:
                    return Page(tuple(runs), place_in(place, number))
            if looked_at == MAX_DOCUMENTS:
                return Page(tuple(runs), place_in(place))
        return Page(tuple(runs))

    def _runs_at(self, place: str) -> Iterator[Run]:
        """The runs of the document at that place of a board."""
        partition = keys.partition(keys.board_parts(place)[2])
        for item in self._table.query(partition, keys.entry_runs(None)):
            run = self._read(item)
            if run is not None:
                yield run
