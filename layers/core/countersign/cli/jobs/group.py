"""Commands for jobs: listed, shown, aborted."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import follow, job_lines, job_record
from countersign.cli.operations.jobs import jobs_of
from countersign.cli.output.formats import show_list, show_one
from countersign.cli.parsing.groups import NounGroup

JOB = click.argument("job")


@click.group(cls=NounGroup)
def jobs() -> None:
    """List, show and abort work on many runs, or on all documents.

    A job continues by itself, also while nobody watches it.
    """


@jobs.command("list", examples=["countersign jobs list"])
@click.option(
    "--limit",
    type=click.IntRange(1, 100),
    default=20,
    show_default=True,
    help="How many jobs at most.",
)
@click.pass_obj
def list_(context: CliContext, limit: int) -> None:
    """List the jobs of the last 30 days, the newest first."""
    newest = jobs_of(context).newest(limit)
    columns = {
        "JOB": "job",
        "STARTED (UTC)": "created_at",
        "BY": "by",
        "STATE": "state",
        "MATCHED": "matched",
        "DONE": "done",
        "REFUSED": "refused",
    }
    show_list(map(job_record, newest), columns, "there are no jobs")


@jobs.command(
    examples=["countersign jobs show j-6v3k", "countersign jobs show j-6v3k --follow"],
)
@JOB
@click.option("--follow", "watch", is_flag=True, help="Show how far it is until it has ended.")
@click.pass_obj
def show(context: CliContext, job: str, watch: bool) -> None:
    """Show how far JOB is, and what it refused."""
    shown = jobs_of(context).show(job)
    if watch and shown.is_open:
        follow(context, shown)
    else:
        show_one(job_record(shown), job_lines(shown))


@jobs.command(examples=["countersign jobs abort j-6v3k"])
@JOB
@click.pass_obj
def abort(context: CliContext, job: str) -> None:
    """End JOB where it is; what it has done stays done."""
    aborted = jobs_of(context).abort(job)
    show_one(job_record(aborted), job_lines(aborted))
