"""Writing the words of a document that did not fit into the change that made them."""

from __future__ import annotations

from countersign.engine.decisions.word_index import with_words
from countersign.model.document import Document
from countersign.model.search_words import is_indexed
from countersign.model.transaction import Transaction
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact


def index_words(store: Store, document: Document) -> bool:
    """Write the words that the document lacks, and remove those that are no longer its own; whether
    there were any. ConflictError where it keeps changing."""
    if is_indexed(document):
        return False

    def propose() -> Proposal[bool]:
        there = store.documents.get(document.id)
        if there is None or is_indexed(there):
            return Proposal(None, False)
        after = there.model_copy(update={"version": there.version + 1})
        change = Transaction(document=after, was_version=there.version)
        room = store.documents.most_items - change.items
        return Proposal(with_words(change, there, room=max(1, room)).change, True)

    written = False
    while transact(store, propose, subject=f"the document {document.id}").outcome:
        written = True
    return written
