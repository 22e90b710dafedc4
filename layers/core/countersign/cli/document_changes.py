"""Commands that change a document: create, edit, move, call, stop."""

from __future__ import annotations

import click

from countersign.cli.surroundings import Surroundings
from countersign.cli.text import one_line
from countersign.engine.decision import Decision
from countersign.rules.base import Edit
from countersign.use_cases.edit import call as call_document
from countersign.use_cases.edit import make, save

DOCUMENT = click.argument("document")


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
