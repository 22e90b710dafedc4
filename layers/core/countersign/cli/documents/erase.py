"""Requests of persons about their data: erasing it, and exporting it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.model.actor import Actor
from countersign.model.stored_file import FILE_KINDS, FileKind
from countersign.use_cases.documents.erase import (
    DataEraser,
    Erasure,
    Subject,
    documents_of,
    erase_person,
)
from countersign.use_cases.queries.personal_data import Archive, export_person
from countersign.use_cases.store import existing_document

WAIT = 15.0
"""Seconds between two looks at documents of which a run was being performed."""
MOST_WAITS = 10
"""So long a run may be performed, with some time beside it."""

_NAMES = click.option(
    "--name",
    "names",
    multiple=True,
    metavar="TEXT",
    help="Another name, address or phone number of the same person; may be repeated.",
)


@click.command(
    cls=Verb,
    examples=[
        "countersign documents erase klara@kunde.example",
        'countersign documents erase klara@kunde.example --name "K. Kundin" --keep-files invoice',
        "countersign documents erase --document d-1042 --signer 2",
    ],
)
@click.argument("address", required=False)
@click.option("--document", metavar="DOCUMENT", help="Only in this document.")
@click.option("--signer", metavar="ID", help="Instead of an address: a signer of that document.")
@_NAMES
@click.option(
    "--keep-files",
    "kept",
    multiple=True,
    type=click.Choice(FILE_KINDS),
    help="Kinds of files that stay, such as contracts that must be kept by law; may be repeated. "
    "All other files of the documents are removed.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def erase(
    context: CliContext,
    address: str | None,
    document: str | None,
    signer: str | None,
    names: tuple[str, ...],
    kept: tuple[FileKind, ...],
    yes: bool,
) -> None:
    """Erase the person with ADDRESS from all documents, or from one.

    A pseudonym takes the place of the person's name, address and phone number in the document, its
    timeline, runs, tasks and events. Providers' messages and the files are removed. The timeline
    still proves what happened. What was interrupted is finished by running the command again.
    """
    subject = _subject(address, document, signer, names)
    cloud = context.cloud
    found = (
        [document] if document else list(documents_of(cloud.documents, cloud.pipelines, subject))
    )
    if not found:
        show_one({"documents": []}, [f"no document names {address}"])
        return
    if not yes:
        number = f"{len(found)} document{'s' * (len(found) != 1)}"
        click.confirm(
            f"erase the person from {number}? This cannot be undone.", abort=True, err=True
        )
    eraser = DataEraser(
        store=context.store, files=cloud.files, key=context.salt(), keep_files=frozenset(kept)
    )
    erased = _erase_all(context, eraser, found, subject, context.actor)
    show_one({"documents": erased}, [line for one in erased for line in _lines(one)])
    if any(one.running for one in erased):
        sys.exit(1)


def _erase_all(
    context: CliContext,
    eraser: DataEraser,
    documents: list[str],
    subject: Subject,
    actor: Actor,
) -> list[Erasure]:
    erased = {one: erase_person(eraser, one, subject, actor) for one in documents}
    for _ in range(MOST_WAITS):
        running = [one for one in erased.values() if one.running]
        if not running:
            break
        click.echo(
            f"{len(running)} documents have a run that is being performed; waiting", err=True
        )
        context.wait(WAIT)
        for one in running:
            again = erase_person(eraser, one.document, subject, actor)
            entries = one.entries + again.entries
            erased[one.document] = replace(again, entries=entries, files=one.files)
    return list(erased.values())


def _subject(
    address: str | None, document: str | None, signer: str | None, names: tuple[str, ...]
) -> Subject:
    if (address is None) == (signer is None):
        raise click.UsageError("give an ADDRESS, or --document and --signer")
    if signer is not None and document is None:
        raise click.UsageError("--signer is a signer of one document; give --document as well")
    if address is not None and "@" not in address:
        raise click.UsageError(f'"{address}" is not an e-mail address; use --document and --signer')
    return Subject(address=address, signer=signer, names=names)


def _lines(erased: Erasure) -> Iterator[str]:
    files = f", {erased.files} file{'s' * (erased.files != 1)} removed" if erased.files else ""
    yield f"{erased.document}: {erased.pseudonym}, {erased.entries} timeline entries{files}"
    for run in erased.running:
        yield f"  the run {run} is still being performed; run this command again in two minutes"


@click.command(
    cls=Verb,
    examples=["countersign documents export-person klara@kunde.example --output json"],
)
@click.argument("address")
@click.option("--document", metavar="DOCUMENT", help="Only of this document.")
@_NAMES
@click.pass_obj
def export_person_data(
    context: CliContext, address: str, document: str | None, names: tuple[str, ...]
) -> None:
    """Export everything that is known of the person with ADDRESS, as JSON.

    Signers, timeline entries, mails, tasks, and the events with their messages, by document. Files
    are named: fetch them with documents files get.
    """
    subject = _subject(address, document, None, names)
    cloud = context.cloud
    if document is not None:
        existing_document(cloud.documents, document)
    archive = Archive(documents=cloud.documents, pipelines=cloud.pipelines)
    found = [
        one
        for one in export_person(archive, subject)
        if document is None or one.document.id == document
    ]
    lines = [
        f"{one.document.id}: {len(one.timeline)} timeline entries, {len(one.runs)} runs, "
        f"{len(one.tasks)} tasks, {len(one.events)} events, {len(one.files)} files"
        for one in found
    ]
    shown = lines or [f"no document names {address}"]
    show_one({"address": address, "documents": found}, [*shown, "the data itself: --output json"])
