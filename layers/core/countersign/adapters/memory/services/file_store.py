"""Documents' files in memory, and their bytes on the way."""

from __future__ import annotations

import hashlib

from countersign.errors import CountersignError, NotFoundError, PermanentError
from countersign.model.file_transfer import FileLink, UploadAddress, UploadedContent
from countersign.model.stored_file import BEGINNING, MAX_SIZE, NewFile, StoredFile, media_type

HOST = "https://files.example"


class MemoryFileStore:
    """``ports.FileStore`` in memory; ``receive`` is what a PUT to an upload's address does."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}
        self._uploads: dict[tuple[str, str], bytes] = {}

    def upload_address(self, document: str, upload: str, file: NewFile) -> UploadAddress:
        headers = {"content-type": media_type(file.name), "content-length": str(file.size)}
        return UploadAddress(url=f"{HOST}/uploads/{document}/{upload}", headers=headers)

    def receive(self, document: str, upload: str, content: bytes) -> None:
        """Bytes are sent to the address of an upload."""
        self._uploads[document, upload] = content

    def uploaded(self, document: str, upload: str) -> UploadedContent | None:
        content = self._uploads.get((document, upload))
        if content is None:
            return None
        digest = hashlib.sha256(content).hexdigest()
        return UploadedContent(size=len(content), sha256=digest, beginning=content[:BEGINNING])

    def keep_upload(self, document: str, upload: str, file: str) -> None:
        if (document, upload) not in self._uploads:
            msg = "the upload is not there any more; send the file again"
            raise NotFoundError(msg)
        self._kept[document, file] = self._uploads[document, upload]

    def receive_at(self, url: str, content: bytes) -> bool:
        """The same, by the address; whether it is one of an upload."""
        document, _, upload = url.removeprefix(f"{HOST}/uploads/").rpartition("/")
        if not (url.startswith(f"{HOST}/uploads/") and document and upload):
            return False
        self.receive(document, upload, content)
        return True

    def serve(self, url: str) -> bytes | None:
        """What a GET of a file's address gives; None where there are no such bytes."""
        path = url.removeprefix(f"{HOST}/documents/").partition("?")[0]
        document, _, file = path.rpartition("/")
        return self._kept.get((document, file))

    def put(self, document: str, file: str, content: bytes) -> None:
        self._kept[document, file] = content

    def get(self, document: str, file: StoredFile) -> bytes | None:
        content = self._kept.get((document, file.id))
        if content is not None and hashlib.sha256(content).hexdigest() != file.sha256:
            msg = f"{file.name}: the bucket has other bytes than those that were added"
            raise PermanentError(msg)
        return content

    def download_address(self, document: str, file: StoredFile, seconds: int) -> str:
        return f"{HOST}/documents/{document}/{file.id}?for={seconds}"

    def remove(self, document: str, file: str) -> None:
        self._kept.pop((document, file), None)

    def remove_all(self, document: str) -> None:
        for held in (self._kept, self._uploads):
            for key in [key for key in held if key[0] == document]:
                del held[key]

    def ids(self, document: str) -> frozenset[str]:
        """The ids of the files whose bytes are kept for a document."""
        return frozenset(file for owner, file in self._kept if owner == document)


class MemoryFileTransfers:
    """``ports.FileTransfers`` to the addresses of a store in memory.

    ``fault`` is raised by every call while it is set.
    """

    def __init__(self, files: MemoryFileStore, fault: CountersignError | None = None) -> None:
        self._files = files
        self.fault = fault
        self.calls = 0

    def send(self, address: UploadAddress, content: bytes) -> None:
        self._call()
        announced = address.headers["content-length"]
        if announced != str(len(content)) or not self._files.receive_at(address.url, content):
            msg = "the store refused the content (403 AccessDenied)"
            raise PermanentError(msg)

    def fetch(self, address: str) -> bytes:
        self._call()
        content = self._files.serve(address)
        if content is None:
            msg = "the content is not in the bucket any more; add the file again"
            raise NotFoundError(msg)
        if len(content) > MAX_SIZE:
            msg = f"the content has more than {MAX_SIZE:,} bytes, the most a file may have"
            raise PermanentError(msg)
        return content

    def _call(self) -> None:
        self.calls += 1
        if self.fault is not None:
            raise self.fault


class MemoryFileLinks:
    """``ports.FileLinks`` in memory: each link has a number."""

    def __init__(self) -> None:
        self._made: list[FileLink] = []

    def make(self, link: FileLink) -> str:
        self._made.append(link)
        return f"{HOST}/files/{len(self._made) - 1}"

    def read(self, token: str) -> FileLink | None:
        known = token.isdecimal() and int(token) < len(self._made)
        return self._made[int(token)] if known else None
