"""A document's files: sent by presigned address, checked, added, had again, removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from countersign.engine.decisions.files import (
    FileChange,
    check_addition,
    existing_file,
    with_file,
    without_file,
)
from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import Actor, done_by
from countersign.model.document import Document
from countersign.model.file_transfer import FileLink, LinkTarget, UploadAddress, UploadedContent
from countersign.model.stored_file import NewFile, StoredFile, check_beginning, checked
from countersign.ports import Documents, FileStore
from countersign.use_cases.store import Store, existing_document
from countersign.use_cases.transact import Proposal, transact

DOWNLOAD_SECONDS = 900
"""How long an address is good at which a person has a file."""
LINK_SECONDS = 60
"""The same for the address that a link in a mail redirects to: it is called at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUpload:
    """A file that is to be added, and where its bytes are sent to first."""

    document: str
    file: NewFile
    id: str
    """Made by the client, unguessable; the same one completes the upload, and may do so again."""
    replace: bool = False
    """Whether it may take the place of a file of the same name."""


def begin_upload(documents: Documents, files: FileStore, upload: FileUpload) -> UploadAddress:
    """The address to which the bytes are sent, for 15 minutes.

    NotFoundError for an unknown document, ConflictError where another file has the name, and
    PermanentError for a file that cannot be taken: everything that is known before the bytes are.
    """
    file = checked(upload.file)
    check_addition(existing_document(documents, upload.document), file, replace=upload.replace)
    return files.upload_address(upload.document, upload.id, file)


def complete_upload(
    store: Store,
    files: FileStore,
    upload: FileUpload,
    actor: Actor,
    new_id: Callable[[], str],
) -> StoredFile:
    """Add the file whose bytes were sent; asked for again, it is there. ``new_id`` makes ids that
    no file has and nobody can guess.

    NotFoundError where no bytes have come, PermanentError where they are not those that were
    announced, or not of the type that the name says, ConflictError where another file has the
    name. Nothing has changed then.
    """
    wanted = checked(upload.file)
    check_addition(store.document(upload.document), wanted, replace=upload.replace)
    _check(wanted, files.uploaded(upload.document, upload.id))
    # The bytes first: a file of the document always has them. Each try has a place of its own:
    # removing what another try has added leaves the bytes of this one.
    place = new_id()
    files.keep_upload(upload.document, upload.id, place)
    file = wanted.stored(place, at=store.clock(), by=str(actor))

    def propose() -> Proposal[FileChange]:
        document = store.document(upload.document)
        origin = done_by(actor, store.clock())
        added = with_file(document, file, origin, replace=upload.replace)
        return Proposal(added.change, added)

    added = transact(store, propose, subject=f"the document {upload.document}").outcome
    if added.gone is not None:
        files.remove(upload.document, added.gone.id)
    if added.file.id != place:
        # The very bytes of a file that is there: kept under its id again, should they be lost.
        files.keep_upload(upload.document, upload.id, added.file.id)
        files.remove(upload.document, place)
    return added.file


def remove_file(
    store: Store, files: FileStore, document_id: str, name: str, actor: Actor
) -> StoredFile:
    """Remove a file from the document, and its bytes.

    NotFoundError for an unknown document or file.
    """

    def propose() -> Proposal[FileChange]:
        origin = done_by(actor, store.clock())
        removed = without_file(store.document(document_id), name, origin)
        return Proposal(removed.change, removed)

    removed = transact(store, propose, subject=f"the document {document_id}").outcome
    files.remove(document_id, removed.file.id)
    return removed.file


def download_address(documents: Documents, files: FileStore, document_id: str, name: str) -> str:
    """An address at which the file can be downloaded for 15 minutes, by anyone who has it.

    NotFoundError for an unknown document or file.
    """
    file = existing_file(existing_document(documents, document_id), name)
    return files.download_address(document_id, file, DOWNLOAD_SECONDS)


def follow_link(
    documents: Documents, files: FileStore, link: FileLink | None, now: datetime
) -> LinkTarget:
    """The target of a link in a mail. It does not disclose whether a document or a file exists."""
    if link is None:
        return LinkTarget(address=None)
    if link.expires_at <= now:
        return LinkTarget(address=None, expired=True)
    document = documents.get(link.document)
    file = _file_of(document, link.file)
    if file is None:
        return LinkTarget(address=None)
    return LinkTarget(address=files.download_address(link.document, file, LINK_SECONDS))


def _file_of(document: Document | None, file_id: str) -> StoredFile | None:
    stored = document.stored_files if document else ()
    return next((file for file in stored if file.id == file_id), None)


def _check(wanted: NewFile, sent: UploadedContent | None) -> None:
    name = wanted.name
    if sent is None:
        msg = f"{name}: no content was sent to the upload address, or over a day ago; send it again"
        raise NotFoundError(msg)
    if sent.size != wanted.size:
        msg = f"{name}: {sent.size:,} bytes were sent; expected {wanted.size:,} as announced"
        raise PermanentError(msg)
    if sent.sha256 != wanted.sha256:
        msg = f"{name}: the content that was sent has another SHA-256 than was announced"
        raise PermanentError(msg)
    check_beginning(name, sent.beginning)
