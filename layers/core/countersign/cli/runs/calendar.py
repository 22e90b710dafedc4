"""The command ``runs calendar``: how many runs are due on each day, or which on one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.runs import runs_of
from countersign.cli.output.formats import show_list
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing.option_group import option_group
from countersign.cli.parsing.parameters import pipeline_option
from countersign.cli.parsing.times import Day
from countersign.cli.runs.selection import run_record
from countersign.use_cases.queries.operations.run_calendar import CalendarFilter

DAYS = 14
"""How many days are shown where no last one is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOptions:
    """Which days of which runs."""

    first: date | None
    last: date | None
    day: date | None
    pipeline: str | None
    rule: str | None
    zone: str | None


@click.command(
    "calendar",
    cls=Verb,
    examples=[
        "countersign runs calendar",
        "countersign runs calendar --pipeline contracts --from 2026-04-01 --to 2026-04-30",
        "countersign runs calendar --day 2026-04-01",
    ],
)
@option_group(
    "wanted",
    CalendarOptions,
    click.option("--from", "first", type=Day(), help="The first day; default today."),
    click.option("--to", "last", type=Day(), help="The last day; default 13 days later."),
    click.option("--day", type=Day(), help="List the runs of this day instead."),
    pipeline_option("Only runs of this pipeline."),
    click.option("--rule", metavar="ID", help="Only runs of this rule."),
    click.option(
        "--time-zone",
        "zone",
        metavar="NAME",
        help="The time zone of the days; default the pipelines' own.",
    ),
)
@click.pass_obj
def calendar(context: CliContext, wanted: CalendarOptions) -> None:
    """Show how many runs are due on each day, or with --day which."""
    if wanted.day is not None and (wanted.first or wanted.last):
        raise click.UsageError("runs calendar takes --day, or --from and --to; not both")
    read = runs_of(context)
    zone = read.zone(_days(context.now().date(), wanted))
    days = _days(context.now().astimezone(zone).date(), wanted)
    if wanted.day is not None:
        columns = {"RUN": "run", "KIND": "kind", "DUE (UTC)": "due", "REASON": "reason"}
        none = f"no run is due on {wanted.day} ({zone.key})"
        show_list(map(run_record, read.due_runs(days)), columns, none)
        return
    counts = [
        {"day": day, "runs": runs, "time_zone": zone.key}
        for day, runs in sorted(read.due_days(days).items())
    ]
    none = f"no run is due from {days.first} to {days.last} ({zone.key})"
    show_list(counts, {f"DAY ({zone.key})": "day", "RUNS": "runs"}, none)


def _days(today: date, wanted: CalendarOptions) -> CalendarFilter:
    first = wanted.day or wanted.first or today
    last = wanted.day or wanted.last or first + timedelta(days=DAYS - 1)
    return CalendarFilter(
        first=first, last=last, pipeline=wanted.pipeline, rule=wanted.rule, zone=wanted.zone
    )
