"""Commands for documents: documents, show, create, move, edit, call, stop."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from countersign.cli.rejected import number_of_rejected
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import amount, one_line, story, table
from countersign.engine.decision import Decision
from countersign.engine.explain import moment, stage_name
from countersign.engine.program import Program
from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.model.pipeline import Head
from countersign.rules.base import Edit
from countersign.use_cases.edit import call as call_document
from countersign.use_cases.edit import make, save
from countersign.use_cases.find import Listing, stage_of
from countersign.use_cases.publish import no_pipeline
from countersign.use_cases.show import show as show_document

DOCUMENT = click.argument("document")


@click.command()
@click.option("--pipeline", metavar="ID", help="Only documents of this pipeline.")
@click.option("--stage", metavar="STAGE", help="Only documents in this stage (ID or name).")
@click.option(
    "--find",
    metavar="TEXT",
    help="Only documents whose number, title, ID or envelope ID, or whose signers' names or "
    "addresses contain TEXT.",
)
@click.pass_obj
def documents(
    surroundings: Surroundings, pipeline: str | None, stage: str | None, find: str | None
) -> None:
    """List or find documents.

    Those that have been in their stage longest come first.
    """
    programs = [
        surroundings.programs.get(head.pipeline, head.version)
        for head in _heads(surroundings, pipeline)
    ]
    pipelines = [program.pipeline for program in programs]
    stages: dict[str, str | None] = dict.fromkeys(one.pipeline for one in pipelines)
    if stage is not None:
        stages = {**stage_of(pipelines, stage)}
    listing = Listing(surroundings.cloud.documents, find)
    listed = [
        (document, program)
        for program in programs
        if program.pipeline.pipeline in stages
        for document in listing.of(program.pipeline.pipeline, stages[program.pipeline.pipeline])
    ]
    if listed:
        listed.sort(key=lambda one: (one[0].since, one[0].id))
        heading = ("DOCUMENT", "TITLE", "PIPELINE", "STAGE", "SINCE", "RESPONSIBLE", "AMOUNT")
        click.echo(table(heading, [_row(document, program) for document, program in listed]))
    else:
        click.echo("there are no documents" if find is None else "no document was found")
    if find is not None:
        click.echo(_searched(listing), err=True)


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


@click.command()
@click.argument("pipeline")
@click.argument("changes", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--stage", metavar="ID", help="Default: the first stage.")
@click.pass_obj
def create(
    surroundings: Surroundings, pipeline: str, changes: tuple[str, ...], stage: str | None
) -> None:
    """Create a document in PIPELINE.

    An envelope that names the document is attached to it later.
    """
    decision = make(
        surroundings.cloud.documents,
        surroundings.programs,
        pipeline,
        f"d-{surroundings.token()}",
        _values(changes),
        by=surroundings.user,
        now=surroundings.now(),
        stage=stage,
    )
    click.echo(decision.document.id)


@click.command()
@DOCUMENT
@click.argument("stage")
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def move(surroundings: Surroundings, document: str, stage: str, comment: str | None) -> None:
    """Move DOCUMENT to STAGE and start the stage's rules."""
    decision = _save(surroundings, document, Edit(stage=stage, comment=comment))
    if not decision.moved:
        click.echo(f"{document} is in {stage} already; no rule was started")


@click.command()
@DOCUMENT
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def edit(
    surroundings: Surroundings, document: str, changes: tuple[str, ...], comment: str | None
) -> None:
    """Change fields of DOCUMENT.

    All changes are one save; FIELD= empties a field.
    """
    _save(surroundings, document, Edit(values=_values(changes), comment=comment))


@click.command()
@DOCUMENT
@click.argument("code")
@click.pass_obj
def call(surroundings: Surroundings, document: str, code: str) -> None:
    """Call DOCUMENT by CODE to fire a waiting trigger."""
    decision = call_document(
        surroundings.cloud.documents,
        surroundings.programs,
        document,
        code,
        by=surroundings.user,
        now=surroundings.now(),
    )
    _tell(decision)
    if not decision.moved:
        passed = [one for line in decision.log for one in line.passed]
        for one in passed:
            click.echo(one_line(f"  {one.trigger} in {one.stage} did not fire: {one.because}"))
        if not passed:
            click.echo("  no trigger of the pipeline waits for a call by code")


@click.command()
@DOCUMENT
@click.pass_obj
def stop(surroundings: Surroundings, document: str) -> None:
    """Cancel the rules of DOCUMENT's stage that have not started.

    The document stays where it is.
    """
    _save(surroundings, document, Edit(stop_rules=True))


def _values(changes: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name:
            raise click.UsageError(f'"{change}" is no change; expected FIELD=VALUE')
        values[name] = text
    return values


def _save(surroundings: Surroundings, document: str, wanted: Edit) -> Decision:
    decision = save(
        surroundings.cloud.documents,
        surroundings.programs,
        document,
        wanted,
        by=surroundings.user,
        now=surroundings.now(),
    )
    _tell(decision)
    if not decision.log and wanted.stage is None:
        click.echo("nothing changed")
    return decision


def _tell(decision: Decision) -> None:
    for line in decision.log:
        click.echo(one_line(line.text))
    for run in decision.planned:
        click.echo(f"  {run.rule}: {run.state}")


def _heads(surroundings: Surroundings, pipeline: str | None) -> tuple[Head, ...]:
    store = surroundings.cloud.pipelines
    if pipeline is None:
        return tuple(store.list())
    head = store.head(pipeline)
    if head is None:
        raise NotFoundError(no_pipeline(store, pipeline))
    return (head,)
