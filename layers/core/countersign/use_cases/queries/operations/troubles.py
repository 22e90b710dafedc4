"""How many things need somebody: counted in a bounded number of reads, and not listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from countersign.model.page import Counted, PageRequest
from countersign.ports import DeadLetters, Pages, RejectedRequests

MAX_COUNTED = 99
"""Of each kind; failed runs and runs in doubt together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTroubles:
    """Runs that need somebody."""

    failed: Counted
    in_doubt: Counted


def count_runs(pages: Pages) -> RunTroubles:
    """How many runs failed, and how many are in doubt; of both together ``MAX_COUNTED``.

    It costs what a page of runs costs. Eventually consistent.
    """
    page = pages.troubled(PageRequest(limit=MAX_COUNTED))
    states, more = Counter(run.state for run in page.items), page.next is not None
    return RunTroubles(
        failed=Counted(states["failed"], more), in_doubt=Counted(states["in_doubt"], more)
    )


def count_dead_letters(letters: DeadLetters) -> Counted:
    """How many dead letters there are in all queues: a request for each. May lag a minute."""
    return Counted.up_to(MAX_COUNTED, sum(map(letters.count, letters.queues)))


def count_rejected(rejected: RejectedRequests) -> Counted:
    """How many genuine webhooks are kept that could not be read: one request."""
    page = rejected.page(None, PageRequest(limit=MAX_COUNTED))
    return Counted(len(page.items), page.next is not None)
