"""Documents: the group of their commands, and those that list, find and show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click

from countersign.cli.connections.text import number_of_rejected
from countersign.cli.context import CliContext
from countersign.cli.documents.follow import looks, passing_faults_shown, until_ended
from countersign.cli.operations.documents import DocumentList, documents_of
from countersign.cli.output.formats import Column, show_list, show_one
from countersign.cli.output.records import document_record, timeline_record
from countersign.cli.output.text import one_line, shown_amount, story, timeline_lines
from countersign.cli.output.verbs import TABLE, Verb, output_format
from countersign.cli.parsing.document_filters import FILTERS
from countersign.cli.parsing.groups import DefaultGroup, Lazy, LazyCommands
from countersign.cli.parsing.option_group import option_group
from countersign.cli.parsing.parameters import DOCUMENT
from countersign.engine.explain import Explanation
from countersign.errors import NotFoundError
from countersign.http.views.documents import DocumentRow
from countersign.use_cases.queries.documents import MAX_DOCUMENTS
from countersign.use_cases.queries.pages.documents import DocumentSearch

INTERVAL = 2.0
"""Seconds between two looks at a document that is followed."""
COMMANDS = LazyCommands(
    {
        "list": Lazy(
            "documents.group", "List documents, longest in their stage first.", "list_documents"
        ),
        "find": Lazy("documents.group", "Find documents by TEXT."),
        "show": Lazy("documents.group", "Show DOCUMENT with its timeline and planned rules."),
        "preview": Lazy(
            "documents.mail_preview",
            "Show the mails that RULE would send for DOCUMENT as it is now.",
        ),
        "files": Lazy("documents.files", "List, add, get and remove the files of a document."),
        "verify": Lazy("documents.verify", "Verify the timeline of DOCUMENT by its hashes."),
        "erase": Lazy(
            "documents.erase", "Erase the person with ADDRESS from all documents, or from one."
        ),
        "export-person": Lazy(
            "documents.erase",
            "Export everything that is known of the person with ADDRESS, as JSON.",
        ),
        "create": Lazy("documents.changes", "Create a document in PIPELINE."),
        "edit": Lazy("documents.changes", "Change fields of DOCUMENT."),
        "move": Lazy(
            "documents.moving", "Move each DOCUMENT to STAGE and start the stage's rules."
        ),
        "call": Lazy("documents.changes", "Call DOCUMENT by CODE to fire a waiting trigger."),
        "stop": Lazy(
            "documents.changes", "Cancel the rules of DOCUMENT's stage that have not started."
        ),
    }
)


@click.group(cls=DefaultGroup, commands=COMMANDS)
def documents() -> None:
    """Find, show, create and change documents.

    Without a command, lists the documents; with an ID alone, shows that document.
    """


@click.command(
    "list",
    cls=Verb,
    examples=[
        "countersign documents",
        "countersign documents list --pipeline contracts --stage sent",
    ],
)
@option_group("wanted", DocumentSearch, *FILTERS)
@click.pass_obj
def list_documents(context: CliContext, wanted: DocumentSearch) -> None:
    """List documents, longest in their stage first."""
    _list(context, wanted, "there are no documents")


@click.command(
    cls=Verb,
    examples=[
        'countersign documents find "Framework agreement"',
        "countersign documents find acme.example --pipeline contracts",
    ],
)
@option_group("wanted", DocumentSearch, click.argument("text"), *FILTERS)
@click.pass_obj
def find(context: CliContext, wanted: DocumentSearch) -> None:
    """Find documents by TEXT.

    Finds documents that have a word beginning with each word of TEXT: in the title, number, ID or
    envelope ID, in names and addresses of the signers, the sender and the responsible person, in
    domains of addresses, and in fields about the client.
    """
    document_list = _list(context, wanted, "no document was found")
    if document_list.cut:
        text = f"(the first {MAX_DOCUMENTS:,} that were found; narrow the search with more words)"
        click.echo(text, err=True)


def _list(context: CliContext, wanted: DocumentSearch, none: str) -> DocumentList:
    document_list = documents_of(context).find(wanted)
    columns: dict[str, Column] = {
        "DOCUMENT": "id",
        "TITLE": "title",
        "PIPELINE": "pipeline",
        "STAGE": "stage_name",
        "SINCE (UTC)": "since",
        "RESPONSIBLE": "responsible",
        "AMOUNT": lambda record: shown_amount(record["amount"], record["currency"]),
    }
    show_list(map(_record, document_list.rows), columns, none)
    return document_list


def _record(row: DocumentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "number": row.number,
        "pipeline": row.pipeline,
        "stage": row.stage,
        "stage_name": row.stage_name,
        "since": row.since,
        "responsible": row.responsible,
        "amount": row.amount,
        "currency": row.currency,
        "envelope": row.envelope,
        "status": row.status,
    }


@click.command(
    cls=Verb,
    examples=[
        "countersign documents d-1042",
        "countersign documents show d-1042 --why",
        "countersign documents show d-1042 --follow",
    ],
)
@DOCUMENT
@click.option(
    "--why", is_flag=True, help="Also explain, condition by condition, what ran and what did not."
)
@click.option(
    "--follow",
    is_flag=True,
    help="Go on printing what happens, until Ctrl-C; JSON a line for each entry.",
)
@click.pass_obj
def show(context: CliContext, document: str, why: bool, follow: bool) -> None:
    """Show DOCUMENT with its timeline and planned rules.

    Times are in the pipeline's time zone, in which its rules run.
    """
    explanation = documents_of(context).show(document)
    if not follow:
        show_one(document_record(explanation), _lines(context, explanation, why))
        return
    if output_format() == TABLE:
        show_one({}, _lines(context, explanation, why))
    with until_ended():
        _follow(context, explanation, why)


def _follow(context: CliContext, explanation: Explanation, why: bool) -> None:
    """Print each new entry of the timeline, until the document is removed."""
    document = explanation.document
    zone = ZoneInfo(explanation.time_zone)
    following = documents_of(context).follow(explanation)
    click.echo("\nfollowing; press Ctrl-C to end", err=True)
    for _ in looks(context, INTERVAL):
        with passing_faults_shown():
            try:
                entries = following.new_entries()
            except NotFoundError as removed:
                click.echo(str(removed), err=True)
                return
            for entry in entries:
                if output_format() == TABLE:
                    for line in timeline_lines(entry, zone, why):
                        click.echo(one_line(line))
                else:
                    click.echo(timeline_record(document, entry))


def _lines(context: CliContext, explanation: Explanation, why: bool) -> Iterator[str]:
    yield story(explanation, why=why)
    connection = explanation.document.connection
    if connection and (rejected := number_of_rejected(context, connection)):
        yield f"\n{rejected}"
