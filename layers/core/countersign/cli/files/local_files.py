"""Files of this machine: described before they are sent, and written without replacing others."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from countersign.errors import PermanentError
from countersign.model.stored_file import (
    BEGINNING,
    MAX_SIZE,
    FileKind,
    NewFile,
    announced,
    check_beginning,
    checked,
)


def describe(path: Path, kind: FileKind, name: str | None = None) -> NewFile:
    """The file as it is announced, by its own name unless another is given.

    PermanentError for what cannot be added: of a type that is not accepted, or another one than its
    name says, empty, too large, or not to be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise PermanentError(f"{path} could not be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise PermanentError(f"{path} is not a regular file")
    # What is known without reading it first: a file may have gigabytes.
    name = checked(
        NewFile(name=name or path.name, kind=kind, size=status.st_size, sha256="0" * 64)
    ).name
    content = read(path)
    check_beginning(name, content[:BEGINNING])
    return checked(announced(name, kind, content))


def read(path: Path) -> bytes:
    """The file's bytes, no more than one over what a file may have; PermanentError otherwise."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise PermanentError(f"{path} could not be read: {error.strerror}") from error


def write(path: Path, content: bytes, *, replace: bool) -> None:
    """Write the file whole or not at all, with the rights that new files have, or those of the file
    that it replaces. PermanentError where it is there and not to be replaced, or cannot be
    written."""
    replace = replace and path.exists()
    try:
        if not replace:
            path.open("xb").close()  # from here on the name is ours
    except FileExistsError:
        raise PermanentError(there_already(path)) from None
    except OSError as error:
        raise PermanentError(f"{path} could not be written: {error.strerror}") from error
    try:
        _write_whole(path, content)
    except OSError as error:
        if not replace:
            path.unlink(missing_ok=True)
        raise PermanentError(f"{path} could not be written: {error.strerror}") from error


def there_already(path: Path) -> str:
    """Why nothing is written to it."""
    return f"{path} is there already; choose another path with --to, or replace it with --force"


def _write_whole(path: Path, content: bytes) -> None:
    number, part = tempfile.mkstemp(dir=path.parent, prefix=".countersign-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(part).chmod(stat.S_IMODE(path.stat().st_mode))
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
