"""Requests of persons about their data: erasing it, and exporting it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import end_with, job_lines, job_record, watched
from countersign.cli.operations.persons.personal_data import personal_data_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing.option_group import option_group
from countersign.http.views.personal_data import ErasureView
from countersign.model.stored_file import FILE_KINDS, FileKind
from countersign.use_cases.personal_data.erase import Subject

WAIT = 15.0
"""Seconds between two looks at documents of which a run was being performed."""
MAX_WAITS = 10
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
    still proves what happened.

    A job erases from all documents. It goes on while nobody watches it; what was interrupted is
    finished by running the command again.
    """
    person, personal_data = request.subject(), personal_data_of(context)
    if request.document is not None:
        _confirm(1, yes=yes)
        _erase_from(context, request.document, person, kept)
        return
    documents = personal_data.documents_of(person)
    if not documents:
        record: dict[str, Any] = {"documents": 0, "job": None}
        show_one(record, [f"no document names {request.address}"])
        return
    _confirm(len(documents), yes=yes)
    job = watched(context, personal_data.start_erasure(person, kept))
    if job is not None:
        show_one({"documents": len(documents), "job": job_record(job)}, job_lines(job))
        end_with(job)


def _confirm(documents: int, *, yes: bool) -> None:
    if not yes:
        number = f"{documents} document{'s' * (documents != 1)}"
        question = f"erase the person from {number}? This cannot be undone."
        click.confirm(question, abort=True, err=True)


def _erase_from(
    context: CliContext, document: str, person: Subject, kept: tuple[FileKind, ...]
) -> None:
    personal_data = personal_data_of(context)
    erasure = personal_data.erase(document, person, kept)
    for _ in range(MAX_WAITS):
        if not erasure.running:
            break
        click.echo("the document has a run that is being performed; waiting", err=True)
        context.wait(WAIT)
        again = personal_data.erase(document, person, kept, again=True)
        so_far = {"entries": erasure.entries + again.entries, "files": erasure.files}
        erasure = again.model_copy(update=so_far)
    show_one({"documents": [erasure]}, _lines(erasure))
    if erasure.running:
        sys.exit(1)


def _lines(erasure: ErasureView) -> Iterator[str]:
    files = f", {erasure.files} file{'s' * (erasure.files != 1)} removed" if erasure.files else ""
    yield f"{erasure.document}: {erasure.pseudonym}, {erasure.entries} timeline entries{files}"
    for run in erasure.running:
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
    exports = personal_data_of(context).export(request.subject(), request.document)
    lines = [
        f"{export.document.id}: {len(export.timeline)} timeline entries, {len(export.runs)} runs, "
        f"{len(export.tasks)} tasks, {len(export.events)} events, {len(export.files)} files"
        for export in exports
    ]
    shown = lines or [f"no document names {request.address}"]
    record = {"address": request.address, "documents": exports}
    show_one(record, [*shown, "the data itself: --output json"])
    for export in exports:
        if export.messages_left_out:
            text = f"{export.document.id}: its messages are too much for the API, and left out"
            click.echo(f"{text}; with AWS credentials, --no-api has them", err=True)
