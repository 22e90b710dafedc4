"""What the audit log holds of a person's request: never who it was.

An erasure has the pseudonym, which stands in the documents that the request was carried out in; an
export has the documents whose data it gave out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from countersign.engine.erasure import new_person
from countersign.model.audit import AuditAction, AuditSubject
from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.stored_file import FileKind
from countersign.use_cases.auditor import Auditor, Change, entry_of
from countersign.use_cases.personal_data.erase import Subject, pseudonym_in


class ErasureScope(Model):
    """From what a person is erased."""

    action: AuditAction = "personal_data.erased"
    document: str | None = None
    """None for all documents."""
    documents: int | None = None
    """How many, where that is known."""
    job: str | None = None
    """The job that does it."""


def erasure(
    pseudonym: str, keep_files: Collection[FileKind], scope: ErasureScope | None = None
) -> Change:
    """An erasure that is to be recorded."""
    scope = scope or ErasureScope()
    after = scope.model_dump(exclude_none=True, exclude={"action"})
    return Change(
        action=scope.action,
        subject=AuditSubject(kind="personal_data", id=pseudonym),
        after={**after, "keep_files": [*sorted(keep_files)]},
    )


def erasure_started(
    key: str, subject: Subject, keep_files: Collection[FileKind], job: str
) -> Change:
    """That a job is started that erases from all documents."""
    scope = ErasureScope(action="personal_data.erasure_started", job=job)
    return erasure(pseudonym_of(key, subject), keep_files, scope)


def pseudonym_of(key: str, subject: Subject, document: Document | None = None) -> str:
    """What stands for the person after a request with this key; in the document what it has if
    that person was erased from it before. ``document`` is needed for a signer without an address.
    """
    if document is None:
        return new_person(key, subject.address, ()).pseudonym
    return pseudonym_in(key, document, subject)


def record_export(auditor: Auditor | None, export: str, documents: Sequence[str]) -> None:
    """Record that a person's data in these documents is given out; before it is."""
    change = Change(
        action="personal_data.exported",
        subject=AuditSubject(kind="personal_data", id=export),
        after={"documents": [*documents]},
    )
    entry = entry_of(auditor, change)
    if auditor is not None and entry is not None:
        auditor.log.add(entry)
