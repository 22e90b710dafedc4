"""How state is changed: read, decide, commit, and decide anew where somebody else came first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from countersign.errors import ConflictError, LeftStageError, StaleRunError
from countersign.model.transaction import Transaction
from countersign.use_cases.store import Store

TRIES = 8
"""How often it is decided anew while others change the same document."""

Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)


class Proposal(NamedTuple, Generic[Outcome_co]):
    """What is to be written, decided on what was just read."""

    change: Transaction | None
    """None where nothing is to be written."""
    outcome: Outcome_co


class CommitResult(NamedTuple, Generic[Outcome_co]):
    """What was written."""

    outcome: Outcome_co
    change: Transaction | None
    """All of it, with what followed for runs that were planned earlier."""


def transact(
    store: Store, propose: Callable[[], Proposal[Outcome]], *, subject: str
) -> CommitResult[Outcome]:
    """Commit what ``propose`` decides; it reads and decides anew where something it read changed.

    What it raises ends it, as what a commit raises that deciding anew cannot help: DuplicateError,
    RanBeforeError, TransientError. ConflictError where ``subject``, such as ``the document d-1``,
    keeps changing.
    """
    for attempt in range(TRIES):
        change, outcome = propose()
        if change is None:
            return CommitResult(outcome, None)
        try:
            written = store.commit(change)
        except (ConflictError, LeftStageError, StaleRunError):
            store.backoff(attempt)
        else:
            return CommitResult(outcome, written)
    raise ConflictError(f"{subject} changed {TRIES} times meanwhile; try again")
