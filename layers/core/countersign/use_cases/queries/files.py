"""The files of a document."""

from __future__ import annotations

from countersign.model.stored_file import StoredFile
from countersign.ports import Documents
from countersign.use_cases.store import existing_document


def document_files(documents: Documents, document_id: str) -> tuple[StoredFile, ...]:
    """The document's files, in the order in which they were added; NotFoundError without one."""
    return existing_document(documents, document_id).stored_files
