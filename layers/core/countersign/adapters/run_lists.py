"""How much is looked at for one page of runs, the same in the table and in its twin."""

from __future__ import annotations

from countersign.model.run import NOT_BEGUN, Run

MAX_READ = 500
"""Runs, where the list is one of runs."""
MAX_DOCUMENTS = 25
"""Documents, where the list is one of documents with their runs."""
WHOLE = 0
"""Stands for all of a document's runs in a place."""


def place_in(document: str, number: int = WHOLE) -> str:
    """The place after so many of a document's runs; ``document`` is its place among the others."""
    return f"{number}#{document}"


def parts_of(place: str) -> tuple[str, int]:
    """The document's place, and how many of its runs came before."""
    number, _, document = place.partition("#")
    return document, int(number)


def waits(run: Run) -> bool:
    """Whether the run has not begun, or waits for its task."""
    return run.state in NOT_BEGUN or run.state == "awaiting"
