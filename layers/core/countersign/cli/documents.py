"""Commands for documents: documents, show, create, move, edit, call, stop."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from countersign.cli.rejected import number_of_rejected
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import amount, one_line, story, table
from countersign.engine.decision import Decision
from countersign.engine.explain import moment, stage_name
from countersign.errors import NotFoundError
from countersign.model.pipeline import Head
from countersign.rules.base import Edit
from countersign.use_cases.edit import call as call_document
from countersign.use_cases.edit import make, save
from countersign.use_cases.publish import no_pipeline
from countersign.use_cases.show import show as show_document

DOCUMENT = click.argument("document")


@click.command()
@click.option("--pipeline", metavar="ID", help="Only this pipeline's.")
@click.option("--stage", metavar="ID", help="Only those in this stage.")
@click.pass_obj
def documents(surroundings: Surroundings, pipeline: str | None, stage: str | None) -> None:
    """List documents, longest in their stage first."""
    rows: list[tuple[str, ...]] = []
    for head in _heads(surroundings, pipeline):
        program = surroundings.programs.get(head.pipeline, head.version)
        zone = ZoneInfo(program.pipeline.time_zone)
        rows += [
            (
                one.id,
                one.title or "",
                head.pipeline,
                stage_name(program, one.stage),
                moment(one.since, zone),
                one.responsible or "",
                amount(one),
            )
            for one in surroundings.cloud.documents.in_stage(head.pipeline, stage)
        ]
    if not rows:
        click.echo("there are no documents")
        return
    heading = ("DOCUMENT", "TITLE", "PIPELINE", "STAGE", "SINCE", "RESPONSIBLE", "AMOUNT")
    click.echo(table(heading, rows))


@click.command()
@DOCUMENT
@click.option("--why", is_flag=True, help="Also why, and why not, clause by clause.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
@click.pass_obj
def show(surroundings: Surroundings, document: str, why: bool, as_json: bool) -> None:
    """Show DOCUMENT with its timeline and what is planned."""
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
    """Make a document of PIPELINE; an envelope that names it is attached to it later."""
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
@click.option("--comment", metavar="TEXT", help="Goes on the timeline.")
@click.pass_obj
def move(surroundings: Surroundings, document: str, stage: str, comment: str | None) -> None:
    """Move DOCUMENT to STAGE; the stage's rules start."""
    decision = _save(surroundings, document, Edit(stage=stage, comment=comment))
    if not decision.moved:
        click.echo(f"{document} is in {stage} already; no rule was started")


@click.command()
@DOCUMENT
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--comment", metavar="TEXT", help="Goes on the timeline.")
@click.pass_obj
def edit(
    surroundings: Surroundings, document: str, changes: tuple[str, ...], comment: str | None
) -> None:
    """Change fields of DOCUMENT in one save; FIELD= empties a field."""
    _save(surroundings, document, Edit(values=_values(changes), comment=comment))


@click.command()
@DOCUMENT
@click.argument("code")
@click.pass_obj
def call(surroundings: Surroundings, document: str, code: str) -> None:
    """Call DOCUMENT by CODE, for a trigger that waits for it."""
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
    """Stop the rules of DOCUMENT's stage that have not begun; the document stays where it is."""
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
