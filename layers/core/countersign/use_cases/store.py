"""What deciding works with: the state that is read and written, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.ports import Documents
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines


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
