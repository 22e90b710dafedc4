"""What deciding works with: the state that is read and written, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from countersign.engine.runs.lifecycle import Chain, needs_more
from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.model.log_hashes import beginning, hashed
from countersign.model.request_key import RequestKey
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.ports import Documents
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The state that is decided on, and the time of deciding."""

    documents: Documents
    programs: CompiledPipelines
    clock: Callable[[], datetime]
    salt: Callable[[], str]
    """Makes what nobody can guess, a new one each time: 128 bits, in hexadecimal."""
    request: RequestKey | None = None
    """The mark of the request that what is committed was asked for with, if it has one."""
    backoff: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, after the attempt of that number, from 0."""

    def document(self, document_id: str) -> Document:
        """The document as it is now; NotFoundError where there is none."""
        return existing_document(self.documents, document_id)

    def commit(self, change: Transaction) -> Transaction:
        """Commit a change, with the request's mark and the hashes of its timeline entries; see
        ``ports.Documents.commit``. Returns what was written."""
        if self.request is not None:
            change = change.model_copy(update={"request": self.request})
        change = with_hashes(change, self.salt)
        self.documents.commit(change)
        return change

    def whole_chain(self, run: Run, document: Document) -> Chain:
        """All runs of the run's stage entry."""
        program_of = self.programs.of(run.pipeline)
        return Chain(program_of, document, self.documents.runs(run.document, run.entry))

    def chain_below(self, run: Run, below: Run | None, document: Document) -> Chain:
        """The runs that may follow this one: the next, or all where more are concerned."""
        program_of = self.programs.of(run.pipeline)
        if needs_more(run, below, program_of(run.pipeline_version), document):
            return self.whole_chain(run, document)
        return Chain(program_of, document, (below,) if below else ())


def with_hashes(change: Transaction, salt: Callable[[], str]) -> Transaction:
    """The change with the hashes of the entries that it puts on the timeline.

    They follow upon the hash that the document had when it was read, so that nothing more is read.
    """
    document = change.document
    if document is None or not change.log:
        return change
    start = beginning(document.id, new=change.was_version is None)
    salts = [salt() for _ in change.log]
    hashes = hashed(document.timeline_hash or start, change.log, salts)
    document = document.model_copy(update={"timeline_hash": hashes[-1].timeline})
    return change.model_copy(update={"document": document, "hashes": hashes})


def existing_document(documents: Documents, document_id: str) -> Document:
    """The document as it is now; NotFoundError where there is none."""
    document = documents.get(document_id)
    if document is None:
        raise NotFoundError(f"there is no document {document_id}")
    return document
