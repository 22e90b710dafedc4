"""A document's files: contract, invoice, offer, attachments, and what its provider made of it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from countersign.errors import PermanentError
from countersign.model.base import Instant, Model
from countersign.text.folding import fold

FileKind = Literal["contract", "invoice", "offer", "attachment", "signed_pdf", "audit_trail"]
FILE_KINDS: tuple[FileKind, ...] = (
    "contract",
    "invoice",
    "offer",
    "attachment",
    "signed_pdf",
    "audit_trail",
)
FILE_WORDS: Mapping[FileKind, str] = {
    "contract": "contract",
    "invoice": "invoice",
    "offer": "offer",
    "attachment": "attachment",
    "signed_pdf": "signed PDF",
    "audit_trail": "audit trail",
}
FROM_PROVIDER: frozenset[FileKind] = frozenset({"signed_pdf", "audit_trail"})
"""What only the signing provider makes: nobody can upload it."""

MAX_FILES = 40
"""Files of one document."""
MAX_SIZE = 50_000_000
"""Bytes of a file."""
LONGEST_NAME = 74
"""Characters of a file's name with its extension: it fits into one line of a mail's header in any
script."""

MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
    "asice": "application/vnd.etsi.asic-e+zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
    "ics": "text/calendar",
    "xml": "application/xml",
}
"""The types of files that are taken, by extension: https://www.iana.org/assignments/media-types.
None of them is run when it is opened, and SES takes them all:
https://docs.aws.amazon.com/ses/latest/dg/mime-types.html"""
_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "zip", "asice"), (b"PK\x03\x04",)),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
}
"""How a file of the type begins; the others are texts."""
BEGINNING = 512
"""Bytes of a file's beginning that show its type."""
_NOT_IN_NAMES = frozenset('\\/:*?"<>|')
"""What file systems do not take in a name."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class NewFile(Model):
    """A file that is to be added to a document."""

    name: str
    """As people see it, with its extension."""
    kind: FileKind
    size: Annotated[int, Field(ge=0)]
    """Bytes."""
    sha256: str
    """SHA-256 of its bytes, 64 hexadecimal digits in lower case."""

    def stored(self, file_id: str, *, at: datetime, by: str) -> "StoredFile":
        """The file as a document has it from then on, in UTC."""
        return StoredFile(
            **self.model_dump(),
            id=file_id,
            media_type=media_type(self.name),
            added_at=at,
            added_by=by,
        )


class StoredFile(NewFile):
    """A file of a document. Its bytes are kept under its id and never change."""

    id: str
    """Made anew for each file that is added, so that no two files share their bytes' place."""
    media_type: str
    added_at: Instant
    added_by: str
    """A user, or ``system`` for what was fetched from the signing provider."""


def announced(name: str, kind: FileKind, content: bytes) -> NewFile:
    """The file with these bytes, as it is to be added."""
    digest = hashlib.sha256(content).hexdigest()
    return NewFile(name=name, kind=kind, size=len(content), sha256=digest)


def checked(file: NewFile) -> NewFile:
    """The file with its name as it is kept; PermanentError says what cannot be taken."""
    name = file_name(file.name)
    if not name or len(name) > LONGEST_NAME:
        msg = f'"{name[:40]}" is not a valid file name; expected 1 to {LONGEST_NAME} characters'
        raise PermanentError(msg)
    if extension(name) not in MEDIA_TYPES:
        there = ", ".join(f".{suffix}" for suffix in MEDIA_TYPES)
        msg = f"{name}: files of this type are not accepted; accepted are {there}"
        raise PermanentError(msg)
    if file.size == 0:
        raise PermanentError(f"{name}: the file is empty")
    if file.size > MAX_SIZE:
        msg = f"{name}: the file has {file.size:,} bytes; expected at most {MAX_SIZE:,}"
        raise PermanentError(msg)
    if not _DIGEST.fullmatch(file.sha256):
        msg = f"{name}: sha256 is not a SHA-256 hash of 64 hexadecimal digits in lower case"
        raise PermanentError(msg)
    return file.model_copy(update={"name": name})


def check_beginning(name: str, beginning: bytes) -> None:
    """PermanentError where a file that begins so is of another type than its name says."""
    expected = _BEGINNINGS.get(extension(name))
    fits = (
        any(map(beginning.startswith, expected)) if expected else b"\0" not in beginning[:BEGINNING]
    )
    if not fits:
        msg = f"{name}: the content is not of the type .{extension(name)}; correct the name or file"
        raise PermanentError(msg)


def beginning_of(name: str) -> bytes:
    """How files of this name begin; nothing for texts."""
    return _BEGINNINGS.get(extension(name), (b"",))[0]


def extension(name: str) -> str:
    """The part behind the name's last dot, in lower case; empty where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def media_type(name: str) -> str:
    """The media type of a file with this name."""
    return MEDIA_TYPES.get(extension(name), "application/octet-stream")


def file_name(text: str) -> str:
    """The text as a file's name. It comes from outside: it must neither end a header nor hide, by
    letters that turn the direction of reading, what type of file it is."""
    plain = (
        " " if letter in _NOT_IN_NAMES or unicodedata.category(letter)[0] in "CZ" else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    return " ".join("".join(plain).split()).strip(". ")


def named(files: Iterable[StoredFile], name: str) -> StoredFile | None:
    """The file of that name, compared as people read it, or None."""
    wanted = fold(file_name(name))
    return next((file for file in files if fold(file.name) == wanted), None)


def free_name(names: Iterable[str], name: str) -> str:
    """The name, with a number behind it where it is one of these."""
    taken = {fold(name) for name in names}
    stem, dot, ending = name.rpartition(".")
    candidate, number = name, 2
    while fold(candidate) in taken:
        candidate = f"{stem} ({number}){dot}{ending}"
        number += 1
    return candidate
