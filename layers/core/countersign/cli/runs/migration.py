"""The command ``runs migrate``: runs that have not started go to the pipeline's current version."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import Report
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.runs.migrate_runs import migrate_runs, migrations


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
    published_head(context.cloud.pipelines, pipeline)
    move = migrate_runs if yes else migrations
    moved = tuple(move(context.store, context.programs.current(pipeline)))
    report = Report()
    for one in moved:
        record = {"run": str(one.was.key), "change": one.text, "migrated": yes}
        report.add(record, f"  {one.was.key}: {one.text}")
    done = "migrated" if yes else "to migrate; use --yes to migrate"
    report.end(f"{len(moved)} run{'s' * (len(moved) != 1)} {done}")
