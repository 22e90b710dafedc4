"""Pages of runs in memory, bounded as those of the table are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from countersign.adapters.instants import iso
from countersign.adapters.run_lists import (
    MAX_DOCUMENTS,
    MAX_READ,
    WHOLE,
    parts_of,
    place_in,
    waits,
)
from countersign.model.document import Document
from countersign.model.page import Page, PageRequest
from countersign.model.run import TROUBLED, Run
from countersign.ports import DuePeriod, RunTest


class MemoryRunPages:
    """The pages of ``ports.Documents`` that list runs, of the runs there are."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs

    def due(self, period: DuePeriod, page: PageRequest, matches: RunTest) -> Page[Run]:
        """See ``ports.Documents.due_between``."""
        moments = ((_moment(run), run) for run in self._runs)
        there = {
            f"{iso(at)}#{run.key}": run
            for at, run in moments
            if at is not None and period.since <= at < period.until
        }
        return _page(there, page, matches)

    def troubled(self, page: PageRequest, matches: RunTest) -> Page[Run]:
        """See ``ports.Documents.troubled_page``."""
        troubled = (run for run in self._runs if run.state in TROUBLED)
        there = {f"{iso(_since(run))}#{run.key}": run for run in troubled}
        return _page(there, page, matches)

    def waiting(
        self, documents: Iterable[Document], page: PageRequest, matches: RunTest
    ) -> Page[Run]:
        """See ``ports.Documents.waiting_page``."""
        begun, given = parts_of(page.after) if page.after else ("", WHOLE)
        there = {
            f"{document.stage}#{iso(document.since)}#{document.id}": document
            for document in documents
        }
        runs: list[Run] = []
        looked_at = 0
        for place in sorted(there):
            if place < begun or (place == begun and given == WHOLE):
                continue
            for number, run in enumerate(self._of(there[place].id), 1):
                if (place == begun and number <= given) or not waits(run) or not matches(run):
                    continue
                runs.append(run)
                if len(runs) == page.limit:
                    return Page(tuple(runs), place_in(place, number))
            looked_at += 1
            if looked_at == MAX_DOCUMENTS:
                return Page(tuple(runs), place_in(place))
        return Page(tuple(runs))

    def _of(self, document: str) -> list[Run]:
        mine = (run for run in self._runs if run.document == document)
        return sorted(mine, key=lambda run: (run.entry, run.key.part))


def _page(there: dict[str, Run], page: PageRequest, matches: RunTest) -> Page[Run]:
    runs: list[Run] = []
    rest = (place for place in sorted(there) if page.after is None or place > page.after)
    for looked_at, place in enumerate(rest, 1):
        if matches(there[place]):
            runs.append(there[place])
        if len(runs) == page.limit or looked_at == MAX_READ:
            return Page(tuple(runs), place)
    return Page(tuple(runs))


def _moment(run: Run) -> datetime | None:
    waits = {"ready": run.due, "running": run.lease_until, "in_doubt": run.doubt_until}
    return waits.get(run.state)


def _since(run: Run) -> datetime:
    return run.concluded_at or run.started_at or run.planned_at
