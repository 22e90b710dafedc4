"""The command ``runs migrate``: runs that have not started go to the pipeline's current version."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.runs import runs_of
from countersign.cli.output.formats import Report
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions


@click.command(
    cls=Verb,
    examples=["countersign runs migrate contracts", "countersign runs migrate contracts --yes"],
)
@click.argument("pipeline", shell_complete=completions.pipelines)
@click.option("--yes", is_flag=True, help="Migrate the runs; without this, they are only shown.")
@click.pass_obj
def migrate(context: CliContext, pipeline: str, yes: bool) -> None:
    """Migrate runs that have not started to the current version.

    Without --yes, shows which runs of PIPELINE would be migrated.
    """
    moved = runs_of(context).migrations(pipeline, write=yes)
    report = Report()
    for migration in moved:
        record = {"run": migration.run, "change": migration.text, "migrated": yes}
        report.add(record, f"  {migration.run}: {migration.text}")
    done = "migrated" if yes else "to migrate; use --yes to migrate"
    report.end(f"{len(moved)} run{'s' * (len(moved) != 1)} {done}")
