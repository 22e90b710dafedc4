"""Laws of timelines: that each is as it was written can be proven from it."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.use_cases.documents.verify import verify


def hash_faults(documents: MemoryDocuments, document: str) -> Iterator[str]:
    """What the hashes of a document's timeline do not prove."""
    found = verify(documents, document)
    if found.before:
        yield f"{document}: {found.before} of {found.entries} entries have no hash"
    for problem in found.problems:
        yield f"{document}: entry {problem.number}: {problem.text}"
