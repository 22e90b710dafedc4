"""Whole files from and to this machine: announced, sent, completed; fetched and verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from countersign.engine.decisions.files import check_addition, existing_file
from countersign.errors import PermanentError
from countersign.model.actor import Actor
from countersign.model.document import Document
from countersign.model.stored_file import FROM_PROVIDER, MAX_FILES, StoredFile, checked
from countersign.ports import Documents, FileStore, FileTransfers
from countersign.text.folding import fold
from countersign.use_cases.documents.files import (
    DOWNLOAD_SECONDS,
    FileUpload,
    begin_upload,
    complete_upload,
)
from countersign.use_cases.store import Store, existing_document


@dataclass(frozen=True, slots=True, kw_only=True)
class FileService:
    """What transferring files needs."""

    store: Store
    files: FileStore
    transfers: FileTransfers
    new_id: Callable[[], str]
    """Makes an id that no file has."""


def check_uploads(documents: Documents, uploads: Sequence[FileUpload]) -> None:
    """What is known of some uploads to one document before anything is sent: errors as
    ``begin_upload``, and PermanentError where two have one name, or the document would have more
    files than it may have."""
    if not uploads:
        return
    check_additions(existing_document(documents, uploads[0].document), uploads)


def check_additions(document: Document, uploads: Sequence[FileUpload]) -> None:
    """The same of uploads to a document that was read; PermanentError."""
    own = {fold(file.name) for file in document.stored_files if file.kind not in FROM_PROVIDER}
    names: set[str] = set()
    for upload in uploads:
        file = checked(upload.file)
        check_addition(document, file, replace=upload.replace)
        if fold(file.name) in names:
            msg = f"two of the files are named {file.name}; give each a name of its own"
            raise PermanentError(msg)
        names.add(fold(file.name))
    if len(own | names) > MAX_FILES:
        msg = (
            f"the document would have {len(own | names)} files; expected at most {MAX_FILES}; "
            "remove some first"
        )
        raise PermanentError(msg)


def send_file(service: FileService, upload: FileUpload, content: bytes, actor: Actor) -> StoredFile:
    """Add a file with these bytes to its document; errors as ``begin_upload`` and
    ``complete_upload``, and those of sending. Nothing has changed then."""
    if hashlib.sha256(content).hexdigest() != upload.file.sha256:
        raise PermanentError("its content changed while it was being added; run the command again")
    address = begin_upload(service.store.documents, service.files, upload)
    service.transfers.send(address, content)
    return complete_upload(service.store, service.files, upload, actor, service.new_id)


def fetch_file(service: FileService, document_id: str, name: str) -> tuple[StoredFile, bytes]:
    """A document's file with its bytes, which are those that were added.

    NotFoundError for an unknown document or file, PermanentError where the bucket has other bytes.
    """
    file = existing_file(service.store.document(document_id), name)
    address = service.files.download_address(document_id, file, DOWNLOAD_SECONDS)
    content = service.transfers.fetch(address)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        msg = f"{file.name}: the bucket has other bytes than those that were added"
        raise PermanentError(msg)
    return file, content
