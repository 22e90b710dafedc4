"""Commands for the files of a document: listed, added, fetched, removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.files import local_files
from countersign.cli.operations.files import files_of
from countersign.cli.output.formats import Column, Report, show_list, show_one
from countersign.cli.output.text import described_file, one_line
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import ListGroup
from countersign.cli.parsing.option_group import option_group
from countersign.cli.parsing.parameters import DOCUMENT
from countersign.errors import PermanentError, UnavailableError
from countersign.model.stored_file import (
    FILE_KINDS,
    FILE_WORDS,
    FROM_PROVIDER,
    FileKind,
    NewFile,
    StoredFile,
    named,
)
from countersign.use_cases.documents.files import DOWNLOAD_SECONDS, FileUpload

KINDS = tuple(kind for kind in FILE_KINDS if kind not in FROM_PROVIDER)
NAME = click.argument("name", shell_complete=completions.files)


@dataclass(frozen=True, slots=True)
class Addition:
    """How files are to be added."""

    kind: FileKind | None
    name: str | None
    replace: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes to."""

    to: Path | None
    force: bool
    address: bool


@click.group(cls=ListGroup)
def files() -> None:
    """List, add, get and remove the files of a document.

    With the ID of a document alone, lists its files. Files are not scanned for viruses.
    """


@files.command(
    "list",
    examples=["countersign documents files d-1042", "countersign documents files list d-1042"],
)
@DOCUMENT
@click.pass_obj
def list_files(context: CliContext, document: str) -> None:
    """List the files of DOCUMENT in the order in which they were added."""
    stored_files = files_of(context).of(document)
    columns: dict[str, Column] = {
        "NAME": "name",
        "KIND": lambda record: FILE_WORDS[record["kind"]],
        "BYTES": lambda record: f"{record['size']:,}",
        "SHA-256": "sha256",
        "ADDED (UTC)": "added_at",
        "BY": "added_by",
    }
    records = (_record(document, file) for file in stored_files)
    show_list(records, columns, f"the document {document} has no files")


@files.command(
    examples=[
        "countersign documents files add d-1042 contract.pdf --kind contract",
        "countersign documents files add d-1042 prices.csv terms.pdf",
        'countersign documents files add d-1042 contract.pdf --name "Lease.pdf" --replace',
    ]
)
@DOCUMENT
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@option_group(
    "wanted",
    Addition,
    click.option(
        "--kind",
        type=click.Choice(KINDS),
        help="Default: attachment, or the kind of the file that is replaced.",
    ),
    click.option("--name", metavar="NAME", help="Name of the file. Default: the name that it has."),
    click.option("--replace", is_flag=True, help="Replace a file of the same name."),
)
@click.pass_obj
def add(context: CliContext, document: str, paths: tuple[Path, ...], wanted: Addition) -> None:
    """Add each FILE to DOCUMENT.

    A file has at most 50 MB, a document at most 40 files. All files are checked before the first is
    sent. If this is interrupted, run it again.
    """
    if wanted.name is not None and len(paths) > 1:
        raise click.UsageError("--name is for one FILE")
    stored = files_of(context)
    there = stored.of(document)
    local = [(path, _described(path, there, wanted)) for path in paths]
    uploads = [
        (path, FileUpload(document=document, file=file, id="", replace=wanted.replace))
        for path, file in local
    ]
    stored.check([upload for _, upload in uploads])
    _send(context, uploads, frozenset(file.id for file in there))


def _described(path: Path, there: Iterable[StoredFile], wanted: Addition) -> NewFile:
    """The file as it is announced; one that replaces another is of its kind unless said."""
    name = wanted.name or path.name
    before = named(there, name) if wanted.replace else None
    same: FileKind = before.kind if before and before.kind in KINDS else "attachment"
    return local_files.describe(path, wanted.kind or same, name)


def _send(
    context: CliContext, uploads: list[tuple[Path, FileUpload]], known: frozenset[str]
) -> None:
    """``known``: the ids of the files that the document had before."""
    stored = files_of(context)
    report = Report()
    try:
        for path, upload in uploads:
            try:
                file = stored.send(upload, local_files.read(path))
            except (PermanentError, UnavailableError) as error:
                msg = f"{upload.file.name} was not added: {error}"
                raise type(error)(msg) from error
            shown = described_file(file)
            line = f"added {shown}" if file.id not in known else f"{shown} is there already"
            report.add(_record(upload.document, file), line)
    finally:
        report.end()


@files.command(
    examples=[
        "countersign documents files get d-1042 'Signed lease.pdf'",
        "countersign documents files get d-1042 'Signed lease.pdf' --to downloads/lease.pdf",
        "countersign documents files get d-1042 'Signed lease.pdf' --address",
    ]
)
@DOCUMENT
@NAME
@option_group(
    "target",
    Target,
    click.option(
        "--to",
        metavar="PATH",
        type=click.Path(path_type=Path),
        help="File or folder to write to. Default: the file's name, in this folder.",
    ),
    click.option("--force", is_flag=True, help="Replace a file that is there already."),
    click.option(
        "--address",
        is_flag=True,
        help="Print an address that is good for 15 minutes. Anyone who has it can have the file.",
    ),
)
@click.pass_obj
def get(context: CliContext, document: str, name: str, target: Target) -> None:
    """Download the file NAME of DOCUMENT, and verify its SHA-256."""
    stored = files_of(context)
    if target.address:
        if target.to is not None or target.force:
            raise click.UsageError("--address writes no file; leave out --to and --force")
        address = stored.address(document, name)
        expires_at = context.now() + timedelta(seconds=DOWNLOAD_SECONDS)
        record = {"document": document, "address": address, "expires_at": expires_at}
        show_one(record, [one_line(address)])
        return
    file = stored.find(document, name)
    path = _path(target.to, file)
    if path.exists() and not target.force:
        raise PermanentError(local_files.there_already(path))
    file, content = stored.fetch(document, file.name)
    local_files.write(path, content, replace=target.force)
    line = one_line(f"wrote {path} ({FILE_WORDS[file.kind]}, {file.size:,} bytes)")
    show_one({**_record(document, file), "path": str(path)}, [line])


def _path(to: Path | None, file: StoredFile) -> Path:
    """Where the file is written; a file's name never leads into another folder."""
    name = Path(file.name).name
    if to is None:
        return Path(name)
    return to / name if to.is_dir() else to


@files.command(examples=["countersign documents files remove d-1042 'Signed lease.pdf' --yes"])
@DOCUMENT
@NAME
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def remove(context: CliContext, document: str, name: str, yes: bool) -> None:
    """Remove the file NAME of DOCUMENT.

    Rules that attach it, and links to it in mails, fail from then on.
    """
    stored = files_of(context)
    file = stored.find(document, name)
    if not yes:
        question = f"remove {described_file(file)} from {document}?"
        click.confirm(one_line(question), abort=True, err=True)
    removed = stored.remove(document, file.name)
    record = {**_record(document, removed), "removed": True}
    show_one(record, [one_line(f"{removed.name} is removed from {document}")])


def _record(document: str, file: StoredFile) -> dict[str, Any]:
    return {
        "document": document,
        "name": file.name,
        "kind": file.kind,
        "size": file.size,
        "sha256": file.sha256,
        "media_type": file.media_type,
        "added_at": file.added_at,
        "added_by": file.added_by,
    }
