"""The command upgrade: fills what is new in a table that has data."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import TABLE, Verb, output_format
from countersign.model.upgrade import UpgradeProgress
from countersign.use_cases.upgrade import upgrade as upgrade_table


@click.command(cls=Verb, examples=["countersign upgrade"])
@click.pass_obj
def upgrade(context: CliContext) -> None:
    """Fill what is new in a table that has data.

    Run it once after deploying a version that says so: it writes the words by which older documents
    are found, and lists older tasks by deadline. Webhooks may come meanwhile. What was interrupted
    goes on where it was.
    """
    progress = UpgradeProgress()
    for progress in upgrade_table(context.upgrader):
        if output_format() == TABLE and not progress.word_index:
            click.echo(
                f"{progress.pipeline}: {progress.documents:,} documents looked at, "
                f"{progress.indexed:,} indexed",
                err=True,
            )
    show_one(
        progress,
        (
            f"upgraded: {progress.documents:,} documents looked at, {progress.indexed:,} indexed, "
            f"{progress.tasks:,} open tasks listed",
        ),
    )
