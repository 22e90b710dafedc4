"""Commands for runs: listed by state, counted by day, and changed by people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.runs import runs_of
from countersign.cli.output.formats import Column, show_list
from countersign.cli.parsing.groups import NounGroup
from countersign.cli.parsing.option_group import option_group
from countersign.cli.parsing.times import Duration, Moment
from countersign.cli.runs.calendar import calendar
from countersign.cli.runs.changing import change_runs
from countersign.cli.runs.migration import migrate
from countersign.cli.runs.selection import FILTERS, RunOptions, chosen, matching, run_record
from countersign.model.run import TROUBLED, Run
from countersign.model.run_change import RunChange
from countersign.use_cases.queries.runs import RunFilter, unresolved_since


@click.group(cls=NounGroup)
def runs() -> None:
    """List runs, and run, shift, skip or retry them.

    A run is in doubt when it is not known whether its effect happened.
    """


runs.add_command(calendar)
runs.add_command(migrate)


@runs.command(
    "list",
    examples=[
        "countersign runs list",
        "countersign runs list --failed --pipeline reminders",
        "countersign runs list --state ready --due-before 2026-04-01",
        "countersign runs list --state no_date --pipeline contracts",
    ],
)
@option_group("wanted", RunFilter, *FILTERS)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="How many runs in other states at most.",
)
@click.pass_obj
def list_runs(context: CliContext, wanted: RunFilter, limit: int) -> None:
    """List failed runs and runs in doubt, oldest first; with --state, others."""
    if wanted.wanted_states <= TROUBLED:
        unresolved = runs_of(context).unresolved(wanted)
        columns: dict[str, Column] = {
            "RUN": "run",
            "KIND": "kind",
            "STATE": "state",
            "SINCE (UTC)": "since",
            "REASON": "reason",
        }
        show_list(map(_record, unresolved), columns, "no run has failed or is in doubt")
        return
    matches, more = matching(context, wanted, limit)
    columns = {
        "RUN": "run",
        "KIND": "kind",
        "STATE": "state",
        "DUE (UTC)": "due",
        "REASON": "reason",
    }
    show_list(map(run_record, matches), columns, "no run matches")
    if more:
        click.echo(f"there are more than {limit:,}; --limit shows more of them", err=True)


@runs.command(
    examples=[
        "countersign runs now d-1042.1.remind",
        "countersign runs now --all --pipeline reminders --rule remind --due-before 2026-04-01",
    ]
)
@chosen
@click.pass_obj
def now(context: CliContext, choice: RunOptions) -> None:
    """Run each RUN now that waits for its time."""
    change_runs(context, RunChange(action="now"), choice)


@runs.command(
    examples=[
        "countersign runs shift d-1042.1.remind --to 2026-04-01T09:00+02:00",
        "countersign runs shift d-1042.1.remind --by 3d",
        "countersign runs shift --all --pipeline reminders --by -2h --yes",
    ]
)
@chosen
@click.option("--to", type=Moment(), help="When the runs are due: a date, or a date and a time.")
@click.option("--by", type=Duration(), help="How much later they are due: 30m, 2h, 3d, 1w, or -3d.")
@click.pass_obj
def shift(
    context: CliContext, choice: RunOptions, to: datetime | None, by: timedelta | None
) -> None:
    """Shift each RUN that waits for its time to another.

    The time counts no working hours; the run follows its date field again once that changes.
    """
    if (to is None) == (by is None):
        raise click.UsageError("runs shift takes --to or --by; not both")
    change_runs(context, RunChange(action="shift", to=to, by=by), choice)


@runs.command(
    examples=[
        "countersign runs retry d-1042.1.hello",
        "countersign runs retry --all --failed --pipeline reminders --yes",
    ]
)
@chosen
@click.pass_obj
def retry(context: CliContext, choice: RunOptions) -> None:
    """Retry each RUN, or with --all every run that matches the filters.

    A run whose stage was left is carried out only where it is named.
    """
    change_runs(context, RunChange(action="retry"), choice)


@runs.command(
    examples=[
        "countersign runs skip d-1042.1.hello",
        "countersign runs skip --all --state ready --rule remind",
    ]
)
@chosen
@click.pass_obj
def skip(context: CliContext, choice: RunOptions) -> None:
    """Skip each RUN: it has no effect, and the rules after it continue."""
    change_runs(context, RunChange(action="skip"), choice)


@runs.command(examples=["countersign runs accept d-1042.1.hello"])
@chosen
@click.pass_obj
def accept(context: CliContext, choice: RunOptions) -> None:
    """Mark each RUN as done: the rules after it continue."""
    change_runs(context, RunChange(action="accept"), choice)


def _record(run: Run) -> dict[str, Any]:
    return {
        "run": str(run.key),
        "kind": run.kind,
        "state": run.state,
        "since": unresolved_since(run),
        "reason": run.reason,
    }
