"""Verifying a document's timeline: its hashes are computed anew and compared."""

from __future__ import annotations

from countersign.errors import ConflictError
from countersign.model.log_hashes import Verification, verified
from countersign.ports import Documents
from countersign.use_cases.store import existing_document

TRIES = 8
"""How often a document that changes meanwhile is read."""


def verify(documents: Documents, document_id: str, *, wanted: str | None = None) -> Verification:
    """What is wrong with the document's timeline, if anything.

    ``wanted`` is a hash that an earlier verification showed; it must still be on the timeline.
    NotFoundError where there is no such document, UnreadableError where a part of its timeline
    cannot be read, ConflictError where it keeps changing meanwhile.
    """
    document = existing_document(documents, document_id)
    for _ in range(TRIES):
        parts = documents.timeline_parts(document_id)
        again = existing_document(documents, document_id)
        if again.version == document.version:
            return verified(document_id, parts, document.timeline_hash, wanted=wanted)
        document = again
    raise ConflictError(f"the document {document_id} changed {TRIES} times meanwhile; try again")
