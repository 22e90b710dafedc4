"""How state is changed: read, decide, commit, and decide anew where somebody else came first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.decisions.decision import Decision
from countersign.errors import ConflictError, LeftStageError, NotFoundError, StaleRunError
from countersign.model.document import Document
from countersign.model.transaction import Transaction
from countersign.ports import Documents
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.propagate import propagated

TRIES = 8
"""How often it is decided anew while others change the same document."""

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The state that is decided on, and the time of deciding."""

    documents: Documents
    programs: CompiledPipelines
    clock: Callable[[], datetime]
    backoff: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, after the attempt of that number, from 0."""

    def document(self, document_id: str) -> Document:
        """The document as it is now; NotFoundError where there is none."""
        document = self.documents.get(document_id)
        if document is None:
            raise NotFoundError(f"there is no document {document_id}")
        return document

    def propagated(
        self, change: Transaction, decision: Decision, program: CompiledPipeline
    ) -> Transaction:
        """The change together with what the decision means for runs that were planned earlier."""
        program_of = self.programs.of(program.pipeline.pipeline)
        now = self.clock()
        return propagated(change, decision, program, self.documents, program_of, now=now)


class Proposal(NamedTuple, Generic[Outcome]):
    """What is to be written, decided on what was just read."""

    change: Transaction | None
    """None where nothing is to be written."""
    outcome: Outcome


class Committed(NamedTuple, Generic[Outcome]):
    """What was written."""

    outcome: Outcome
    change: Transaction | None
    """All of it, with what followed for runs that were planned earlier."""


def transact(
    store: Store, propose: Callable[[], Proposal[Outcome]], *, subject: str
) -> Committed[Outcome]:
    """Commit what ``propose`` decides; it reads and decides anew where something it read changed.

    What it raises ends it, as what a commit raises that deciding anew cannot help: DuplicateError,
    RanBeforeError, TransientError. ConflictError where ``subject``, such as ``the document d-1``,
    keeps changing.
    """
    for attempt in range(TRIES):
        change, outcome = propose()
        if change is None:
            return Committed(outcome, None)
        try:
            store.documents.commit(change)
        except (ConflictError, LeftStageError, StaleRunError):
            store.backoff(attempt)
        else:
            return Committed(outcome, change)
    raise ConflictError(f"{subject} changed {TRIES} times meanwhile; try again")
