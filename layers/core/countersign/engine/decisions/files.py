"""Adding files to a document and taking them away: each with a line on the timeline."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import Origin
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.stored_file import (
    FILE_WORDS,
    FROM_PROVIDER,
    LONGEST_NAME,
    MAX_FILES,
    NewFile,
    StoredFile,
    free_name,
    named,
)
from countersign.model.transaction import Transaction

_SIGNED = " - signed.pdf"
MAX_FROM_PROVIDER = 10
"""Files that a signing provider made, in one document: each opening anew may bring others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What a change of a document's files writes."""

    change: Transaction | None
    """None where the very file is there already."""
    file: StoredFile
    """As it is in the document."""
    gone: StoredFile | None = None
    """The file that is not the document's any more: its bytes are not needed after this."""


def check_addition(document: Document, file: NewFile, *, replace: bool = False) -> None:
    """PermanentError where the file cannot be one of the document's, ConflictError where another
    one has its name and is not to be replaced."""
    if file.kind in FROM_PROVIDER:
        msg = f"the {FILE_WORDS[file.kind]} comes from the signing provider; choose another kind"
        raise PermanentError(msg)
    same = named(document.stored_files, file.name)
    if same is not None:
        if same.kind in FROM_PROVIDER:
            msg = f"{same.name} is the name of the {FILE_WORDS[same.kind]}; choose another name"
            raise PermanentError(msg)
        if same.sha256 != file.sha256 and not replace:
            msg = (
                f"the document has another file named {same.name}; replace it, or choose another "
                "name"
            )
            raise ConflictError(msg)
        return
    own = [kept for kept in document.stored_files if kept.kind not in FROM_PROVIDER]
    if len(own) >= MAX_FILES:
        msg = f"the document has {MAX_FILES} files already, the most it may have; remove one"
        raise PermanentError(msg)


def with_file(
    document: Document, file: StoredFile, origin: Origin, *, replace: bool = False
) -> FileChange:
    """Add a person's file; errors as ``check_addition``."""
    check_addition(document, file, replace=replace)
    same = named(document.stored_files, file.name)
    if same is not None and (same.sha256, same.kind) == (file.sha256, file.kind):
        return FileChange(change=None, file=same)
    text = f"{origin.by} added {_described(file)}"
    files = (*document.stored_files, file)
    if same is not None:
        text = f"{origin.by} replaced {_described(same)} by {_described(file)}"
        files = tuple(file if kept is same else kept for kept in document.stored_files)
    change = _changed(document, files, text, origin)
    return FileChange(change=change, file=file, gone=same)


def with_provider_file(document: Document, file: StoredFile, origin: Origin) -> FileChange:
    """Add what the signing provider made, unless these very bytes are there."""
    there = [kept for kept in document.stored_files if kept.kind == file.kind]
    if same := next((kept for kept in there if kept.sha256 == file.sha256), None):
        return FileChange(change=None, file=same)
    if len(there) >= MAX_FROM_PROVIDER:
        word = FILE_WORDS[file.kind]
        msg = f"the document has {len(there)} files of the kind {word} already; remove one"
        raise PermanentError(msg)
    file = file.model_copy(update={"name": _name_beside(document, file)})
    text = f"the {FILE_WORDS[file.kind]} of the provider is kept: {_described(file)}"
    change = _changed(document, (*document.stored_files, file), text, origin)
    return FileChange(change=change, file=file)


def _name_beside(document: Document, file: StoredFile) -> str:
    """The file's name; of a signed PDF beside a contract of its name one that says which it is."""
    names = [kept.name for kept in document.stored_files]
    name = free_name(names, file.name)
    if name == file.name or file.kind != "signed_pdf":
        return name
    stem = file.name.removesuffix(".pdf")
    return free_name(names, f"{stem[: LONGEST_NAME - len(_SIGNED)]}{_SIGNED}")


def without_file(document: Document, name: str, origin: Origin) -> FileChange:
    """Remove a file; NotFoundError where the document has none of that name."""
    file = existing_file(document, name)
    files = tuple(kept for kept in document.stored_files if kept is not file)
    text = f"{origin.by} removed {_described(file)}"
    change = _changed(document, files, text, origin)
    return FileChange(change=change, file=file, gone=file)


def existing_file(document: Document, name: str) -> StoredFile:
    """The document's file of that name; NotFoundError names those there are."""
    file = named(document.stored_files, name)
    if file is None:
        there = ", ".join(kept.name for kept in document.stored_files)
        msg = f'the document {document.id} has no file "{name}"; there are {there or "none"}'
        raise NotFoundError(msg)
    return file


def _changed(
    document: Document, files: tuple[StoredFile, ...], text: str, origin: Origin
) -> Transaction:
    line = LogEntry(
        at=origin.at,
        kind="file",
        text=text,
        by=str(origin.by),
        entry=document.entry,
        cause=origin.cause,
    )
    after = document.model_copy(update={"version": document.version + 1, "stored_files": files})
    return Transaction(document=after, was_version=document.version, log=(line,))


def _described(file: StoredFile) -> str:
    return f"{file.name} ({FILE_WORDS[file.kind]}, {file.size:,} bytes, SHA-256 {file.sha256})"
