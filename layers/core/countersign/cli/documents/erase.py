"""Requests of persons about their data: erasing it, and exporting it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing.option_group import option_group
from countersign.model.actor import Actor
from countersign.model.stored_file import FILE_KINDS, FileKind
from countersign.use_cases.auditor import recorded
from countersign.use_cases.personal_data.erase import (
    DataEraser,
    Erasure,
    Subject,
    documents_of,
    erase_person,
)
from countersign.use_cases.personal_data.export import Archive, personal_data
from countersign.use_cases.personal_data.recorded import (
    ErasureScope,
    erasure,
    pseudonym_of,
    record_export,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person's request is about."""

    address: str | None
    document: str | None
    signer: str | None = None
    names: tuple[str, ...] = ()

    def subject(self) -> Subject:
        """Who it is about."""
        if (self.address is None) == (self.signer is None):
            raise click.UsageError("give an ADDRESS, or --document and --signer")
        if self.signer is not None and self.document is None:
            text = "--signer is a signer of one document; give --document as well"
            raise click.UsageError(text)
        if self.address is not None and "@" not in self.address:
            text = f'"{self.address}" is not an e-mail address; use --document and --signer'
            raise click.UsageError(text)
        return Subject(address=self.address, signer=self.signer, names=self.names)


@click.command(
    cls=Verb,
    examples=[
        "countersign documents erase klara@kunde.example",
        'countersign documents erase klara@kunde.example --name "K. Kundin" --keep-files invoice',
    ],
)
@option_group(
    "request",
    Request,
    click.argument("address", required=False),
    click.option("--document", metavar="DOCUMENT", help="Only in this document."),
    click.option("--signer", metavar="ID", help="Instead of an address: a signer of the document."),
    _NAMES,
)
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
def erase(context: CliContext, request: Request, kept: tuple[FileKind, ...], yes: bool) -> None:
    """Erase the person with ADDRESS from all documents, or from one.

    A pseudonym takes the place of the person's name, address and phone number in the document, its
    timeline, runs, tasks and events. Providers' messages and the files are removed. The timeline
    still proves what happened. What was interrupted is finished by running the command again.
    """
    subject, cloud = request.subject(), context.cloud
    everywhere = documents_of(cloud.documents, cloud.pipelines, subject)
    found = [request.document] if request.document else list(everywhere)
    if not found:
        show_one({"documents": []}, [f"no document names {request.address}"])
        return
    if not yes:
        number = f"{len(found)} document{'s' * (len(found) != 1)}"
        question = f"erase the person from {number}? This cannot be undone."
        click.confirm(question, abort=True, err=True)
    eraser = DataEraser(
        store=context.store, files=cloud.files, key=context.salt(), keep_files=frozenset(kept)
    )
    scope = ErasureScope(document=request.document, documents=len(found))
    one = existing_document(cloud.documents, request.document) if request.document else None
    pseudonym = pseudonym_of(eraser.key, subject, one)
    with recorded(context.auditor, erasure(pseudonym, kept, scope)):
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


def _lines(erased: Erasure) -> Iterator[str]:
    files = f", {erased.files} file{'s' * (erased.files != 1)} removed" if erased.files else ""
    yield f"{erased.document}: {erased.pseudonym}, {erased.entries} timeline entries{files}"
    for run in erased.running:
        yield f"  the run {run} is still being performed; run this command again in two minutes"


@click.command(
    cls=Verb,
    examples=["countersign documents export-person klara@kunde.example --output json"],
)
@option_group(
    "request",
    Request,
    click.argument("address"),
    click.option("--document", metavar="DOCUMENT", help="Only of this document."),
    _NAMES,
)
@click.pass_obj
def export_person(context: CliContext, request: Request) -> None:
    """Export everything that is known of the person with ADDRESS, as JSON.

    Signers, timeline entries, mails, tasks, and the events with their messages, by document. Files
    are named: fetch them with documents files get.
    """
    subject, cloud, wanted = request.subject(), context.cloud, request.document
    if wanted is not None:
        existing_document(cloud.documents, wanted)
    archive = Archive(documents=cloud.documents, pipelines=cloud.pipelines)
    found = [one for one in personal_data(archive, subject) if wanted in (None, one.document.id)]
    export = f"export-{context.new_id()}"
    record_export(context.auditor, export, [one.document.id for one in found])
    lines = [
        f"{one.document.id}: {len(one.timeline)} timeline entries, {len(one.runs)} runs, "
        f"{len(one.tasks)} tasks, {len(one.events)} events, {len(one.files)} files"
        for one in found
    ]
    shown = lines or [f"no document names {request.address}"]
    record = {"address": request.address, "documents": found}
    show_one(record, [*shown, "the data itself: --output json"])
