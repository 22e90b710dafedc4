"""Commands that publish and operate pipelines: publish, rollback, pause, resume, backfill."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import follow
from countersign.cli.operations.bulk import backfills_of
from countersign.cli.operations.pipelines import pipelines_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import counted, one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.pipelines.plan import change_lines, changes, warning_lines
from countersign.cli.pipelines.validate import FILE, checked
from countersign.http.views.pipelines import PublishView
from countersign.pipeline_files.reader import FileCheck

PIPELINE = click.argument("pipeline", shell_complete=completions.pipelines)


FEW = 25
"""For up to so many documents a rule is planned by the command itself."""

NOTE = click.option("--note", metavar="TEXT", default="", help="What the version is for.")


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines publish contracts.yaml",
        'countersign pipelines publish contracts.yaml --note "Remind after a week"',
    ],
)
@FILE
@NOTE
@click.pass_obj
def publish(context: CliContext, file: Path, note: str) -> None:
    """Publish FILE as the next version of its pipeline."""
    pipeline, file_check = checked(context, file)
    _show(pipelines_of(context).publish(pipeline, note), file, file_check)


@click.command(cls=Verb, examples=["countersign pipelines rollback contracts 1"])
@PIPELINE
@click.argument("version", type=click.IntRange(min=1))
@NOTE
@click.pass_obj
def rollback(context: CliContext, pipeline: str, version: int, note: str) -> None:
    """Publish VERSION of PIPELINE again, as a new version."""
    _show(pipelines_of(context).roll_back(pipeline, version, note))


@click.command(cls=Verb, examples=["countersign pipelines pause contracts"])
@PIPELINE
@click.pass_obj
def pause(context: CliContext, pipeline: str) -> None:
    """Pause PIPELINE: no rules start, and messages are kept.

    `countersign pipelines resume` applies them.
    """
    pipelines_of(context).pause(pipeline)
    text = f"{pipeline} is paused: messages are kept and no rule starts until it is resumed"
    show_one({"pipeline": pipeline, "state": "paused"}, [text])


@click.command(cls=Verb, examples=["countersign pipelines resume contracts"])
@PIPELINE
@click.pass_obj
def resume(context: CliContext, pipeline: str) -> None:
    """Resume PIPELINE: apply kept messages and run what is due."""
    resumed = pipelines_of(context).resume(pipeline)
    record = {
        "pipeline": pipeline,
        "state": "running",
        "messages": resumed.messages,
        "runs": resumed.runs,
        "problems": resumed.problems,
    }
    text = (
        f"{pipeline} is resumed: {counted(resumed.messages, 'message')} applied, "
        f"{counted(resumed.runs, 'run')} due"
    )
    show_one(record, [text])
    for problem in resumed.problems:
        click.echo(one_line(problem), err=True)
    if resumed.problems:
        click.echo(f"see: countersign held-messages list {pipeline}", err=True)


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines backfill contracts archive",
        "countersign pipelines backfill reminders trigger.overdue",
    ],
)
@PIPELINE
@click.argument("rule")
@click.pass_obj
def backfill(context: CliContext, pipeline: str, rule: str) -> None:
    """Run RULE of PIPELINE for documents already in its stage.

    RULE may also be a trigger that waits for a time: its timer is armed for the documents in the
    stages that it watches, and counts from their arrival.

    More than 25 documents get it by a job, which goes on while nobody watches it.
    """
    if backfills_of(context).count(pipeline, rule, FEW) > FEW:
        follow(context, backfills_of(context).start(pipeline, rule))
        return
    planned = pipelines_of(context).backfill(pipeline, rule)
    record = {"pipeline": pipeline, "rule": rule, "documents": planned}
    show_one(record, [f"{rule} is planned for {counted(len(planned), 'document')}"])


def _show(
    published: PublishView, file: Path | None = None, file_check: FileCheck | None = None
) -> None:
    name, number = published.pipeline, published.number
    record = {"pipeline": name, "version": number, "published": bool(published.diff)}
    if not published.diff:
        show_one(record, [f"{name} is published like this already, as version {number}"])
        return
    warnings = warning_lines(published.warnings, file, file_check)
    parts = (published.diff, published.left_behind, warnings)
    lines = (f"{name} version {number} is published", *change_lines(*parts))
    show_one({**record, **changes(*parts)}, lines)
