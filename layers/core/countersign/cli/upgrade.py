"""The command upgrade: fills what is new in a table that has data."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import carried_out
from countersign.cli.operations.deployment.upgrade import upgrade_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import TABLE, Verb, output_format


@click.command(cls=Verb, examples=["countersign upgrade"])
@click.pass_obj
def upgrade(context: CliContext) -> None:
    """Fill what is new in a table that has data.

    Run it once after deploying a version that says so: it writes the words by which older documents
    are found, and lists older tasks by deadline. Webhooks may come meanwhile. What was interrupted
    goes on where it was. Over the API a job does it, which goes on while nobody watches it.
    """
    progress = None
    for progress in upgrade_of(context).steps(carried_out(context)):
        if output_format() == TABLE and not progress.word_index and progress.task is None:
            click.echo(
                f"{progress.pipeline}: {progress.documents:,} documents looked at, "
                f"{progress.indexed:,} indexed",
                err=True,
            )
    if progress is None:
        return
    show_one(
        progress.model_dump(exclude={"task"}),
        (
            f"upgraded: {progress.documents:,} documents looked at, {progress.indexed:,} indexed, "
            f"{progress.tasks:,} open tasks listed",
        ),
    )
