"""Documents: the group of their commands, and those that list, find and show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import click

from countersign.cli.groups import DefaultGroup, Lazy, LazyCommands
from countersign.cli.rejected import number_of_rejected
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import amount, story, table
from countersign.engine.explain import moment, stage_name
from countersign.engine.program import Program
from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.model.pipeline import Head
from countersign.use_cases.find import Listing, stage_of
from countersign.use_cases.publish import no_pipeline
from countersign.use_cases.show import show as show_document

DOCUMENT = click.argument("document")
COMMANDS = LazyCommands(
    {
        "list": Lazy(
            "documents", "List documents, longest in their stage first.", "list_documents"
        ),
        "find": Lazy("documents", "Find documents by TEXT."),
        "show": Lazy("documents", "Show DOCUMENT with its timeline and planned rules."),
        "create": Lazy("document_changes", "Create a document in PIPELINE."),
        "edit": Lazy("document_changes", "Change fields of DOCUMENT."),
        "move": Lazy("document_changes", "Move DOCUMENT to STAGE and start the stage's rules."),
        "call": Lazy("document_changes", "Call DOCUMENT by CODE to fire a waiting trigger."),
        "stop": Lazy(
            "document_changes", "Cancel the rules of DOCUMENT's stage that have not started."
        ),
    }
)
_Command = Callable[..., Any]


@click.group(cls=DefaultGroup, commands=COMMANDS)
def documents() -> None:
    """Find, show, create and change documents.

    Without a command, lists the documents; with an ID alone, shows that document.
    """


def _filters(command: _Command) -> _Command:
    for option in (
        click.option("--stage", metavar="STAGE", help="Only documents in this stage (ID or name)."),
        click.option("--pipeline", metavar="ID", help="Only documents of this pipeline."),
    ):
        command = option(command)
    return command


@click.command("list")
@_filters
@click.pass_obj
def list_documents(surroundings: Surroundings, pipeline: str | None, stage: str | None) -> None:
    """List documents, longest in their stage first."""
    listing = Listing(surroundings.cloud.documents)
    _list(surroundings, listing, pipeline, stage, "there are no documents")


@click.command()
@click.argument("text")
@_filters
@click.pass_obj
def find(surroundings: Surroundings, text: str, pipeline: str | None, stage: str | None) -> None:
    """Find documents by TEXT.

    Finds documents whose number, title, ID or envelope ID, or whose signers' names or addresses
    contain TEXT.
    """
    listing = Listing(surroundings.cloud.documents, text)
    _list(surroundings, listing, pipeline, stage, "no document was found")
    click.echo(_searched(listing), err=True)


def _list(
    surroundings: Surroundings,
    listing: Listing,
    pipeline: str | None,
    stage: str | None,
    none: str,
) -> None:
    programs = [
        surroundings.programs.get(head.pipeline, head.version)
        for head in _heads(surroundings, pipeline)
    ]
    pipelines = [program.pipeline for program in programs]
    stages: dict[str, str | None] = dict.fromkeys(one.pipeline for one in pipelines)
    if stage is not None:
        stages = {**stage_of(pipelines, stage)}
    listed = [
        (document, program)
        for program in programs
        if program.pipeline.pipeline in stages
        for document in listing.of(program.pipeline.pipeline, stages[program.pipeline.pipeline])
    ]
    if not listed:
        click.echo(none)
        return
    listed.sort(key=lambda one: (one[0].since, one[0].id))
    heading = ("DOCUMENT", "TITLE", "PIPELINE", "STAGE", "SINCE", "RESPONSIBLE", "AMOUNT")
    click.echo(table(heading, [_row(document, program) for document, program in listed]))


def _row(document: Document, program: Program) -> tuple[str, ...]:
    return (
        document.id,
        document.title or "",
        document.pipeline,
        stage_name(program, document.stage),
        moment(document.since, ZoneInfo(program.pipeline.time_zone)),
        document.responsible or "",
        amount(document),
    )


def _searched(listing: Listing) -> str:
    if listing.cut:
        return (
            f"(searched {listing.read:,} documents, and there are more; "
            "narrow the search with --pipeline or --stage)"
        )
    return f"(searched {listing.read:,} document{'s' * (listing.read != 1)})"


@click.command()
@DOCUMENT
@click.option(
    "--why", is_flag=True, help="Also explain, condition by condition, what ran and what did not."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def show(surroundings: Surroundings, document: str, why: bool, as_json: bool) -> None:
    """Show DOCUMENT with its timeline and planned rules."""
    cloud = surroundings.cloud
    found = show_document(cloud.documents, cloud.pipelines, surroundings.programs, document)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    click.echo(story(found, why=why))
    connection = found.document.connection
    if connection and (rejected := number_of_rejected(surroundings, connection)):
        click.echo(f"\n{rejected}")


def _heads(surroundings: Surroundings, pipeline: str | None) -> tuple[Head, ...]:
    store = surroundings.cloud.pipelines
    if pipeline is None:
        return tuple(store.list())
    head = store.head(pipeline)
    if head is None:
        raise NotFoundError(no_pipeline(store, pipeline))
    return (head,)
