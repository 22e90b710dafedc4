"""Removing a document with all that belongs to it."""

from __future__ import annotations

from countersign.errors import ConflictError
from countersign.ports import Documents, FileStore
from countersign.use_cases.documents.edit import Check, accept
from countersign.use_cases.store import existing_document

TRIES = 3
"""How often a document that others change meanwhile is removed."""


def remove_document(
    documents: Documents, files: FileStore, document_id: str, check: Check = accept
) -> None:
    """Forget a document: its timeline, runs, tasks, events and files.

    ``check`` raises where the document is not as it should be for that. What was interrupted is
    finished by removing it again. NotFoundError where there is no such document, ConflictError
    when it keeps changing.
    """
    check(existing_document(documents, document_id))
    # The files first: what was interrupted is found again by its document.
    files.remove_all(document_id)
    for attempt in range(TRIES):
        try:
            documents.remove(document_id)
        except ConflictError:
            if attempt == TRIES - 1:
                raise
        else:
            return
