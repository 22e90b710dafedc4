"""Files of documents: listed, added, fetched and removed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from countersign.cli.context import CliContext
from countersign.cli.operations.read import document_of, file_of
from countersign.cli.remote.session import ApiSession, path
from countersign.engine.decisions.files import existing_file
from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.file_transfer import UploadAddress
from countersign.model.stored_file import StoredFile
from countersign.ports import FileTransfers
from countersign.use_cases.documents.file_transfers import (
    check_additions,
    check_uploads,
    fetch_file,
    send_file,
)
from countersign.use_cases.documents.files import FileUpload, download_address, remove_file
from countersign.use_cases.queries.files import document_files
from countersign.use_cases.store import existing_document


class StackFiles:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def of(self, document: str) -> tuple[StoredFile, ...]:
        """The files of a document; NotFoundError."""
        return tuple(document_files(self._context.cloud.documents, document))

    def find(self, document: str, name: str) -> StoredFile:
        """One file of a document; NotFoundError."""
        return existing_file(existing_document(self._context.cloud.documents, document), name)

    def check(self, uploads: Sequence[FileUpload]) -> None:
        """PermanentError for files that could not be added."""
        check_uploads(self._context.cloud.documents, uploads)

    def send(self, upload: FileUpload, content: bytes) -> StoredFile:
        """A file once it is added."""
        context = self._context
        wanted = replace(upload, id=context.token())
        return send_file(context.file_service, wanted, content, context.actor)

    def address(self, document: str, name: str) -> str:
        """Where a file can be had without any other right."""
        cloud = self._context.cloud
        return download_address(cloud.documents, cloud.files, document, name)

    def fetch(self, document: str, name: str) -> tuple[StoredFile, bytes]:
        """A file with its bytes; PermanentError where they are not those that were added."""
        return fetch_file(self._context.file_service, document, name)

    def remove(self, document: str, name: str) -> StoredFile:
        """A file once it is removed."""
        context = self._context
        return remove_file(context.store, context.cloud.files, document, name, context.actor)


class ApiFiles:
    """Over the API; the bytes go to and from the bucket by presigned addresses."""

    def __init__(self, api: ApiSession, transfers: FileTransfers) -> None:
        self._api = api
        self._transfers = transfers

    def of(self, document: str) -> tuple[StoredFile, ...]:
        """The files of a document; NotFoundError."""
        return self._document(document).stored_files

    def find(self, document: str, name: str) -> StoredFile:
        """One file of a document; NotFoundError."""
        return existing_file(self._document(document), name)

    def check(self, uploads: Sequence[FileUpload]) -> None:
        """PermanentError for files that could not be added."""
        if uploads:
            check_additions(self._document(uploads[0].document), uploads)

    def send(self, upload: FileUpload, content: bytes) -> StoredFile:
        """A file once it is added."""
        if hashlib.sha256(content).hexdigest() != upload.file.sha256:
            msg = "its content changed while it was being added; run the command again"
            raise PermanentError(msg)
        place = path("documents", upload.document, "files")
        body = {**upload.file.model_dump(), "replace": upload.replace}
        begun = self._api.post(place, body)
        self._transfers.send(UploadAddress(url=begun["url"], headers=begun["headers"]), content)
        return file_of(self._api.put(f"{place}{path(begun['upload'])}", body))

    def address(self, document: str, name: str) -> str:
        """Where a file can be had without any other right."""
        return self._address(document, self.find(document, name))

    def fetch(self, document: str, name: str) -> tuple[StoredFile, bytes]:
        """A file with its bytes; PermanentError where they are not those that were added."""
        file = self.find(document, name)
        content = self._transfers.fetch(self._address(document, file))
        if hashlib.sha256(content).hexdigest() != file.sha256:
            msg = f"{file.name}: the bucket has other bytes than those that were added"
            raise PermanentError(msg)
        return file, content

    def remove(self, document: str, name: str) -> StoredFile:
        """A file once it is removed."""
        file = self.find(document, name)
        self._api.delete(path("documents", document, "files", file.id))
        return file

    def _address(self, document: str, file: StoredFile) -> str:
        return str(self._api.get(path("documents", document, "files", file.id))["url"])

    def _document(self, document: str) -> Document:
        return document_of(self._api.get(path("documents", document)))


def files_of(context: CliContext) -> StackFiles | ApiFiles:
    """Files, the way that commands go."""
    if context.api is None:
        return StackFiles(context)
    return ApiFiles(context.api, context.open_transfers())
