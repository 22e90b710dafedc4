"""Which runs a command means: those that are named, or every one that the filters match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.runs import runs_of
from countersign.cli.output.text import one_line
from countersign.cli.parsing.option_group import option_group
from countersign.cli.parsing.parameters import document_option, pipeline_option
from countersign.cli.parsing.times import Moment
from countersign.model.run import Run, RunKey, RunState
from countersign.use_cases.queries.runs import LISTED, RunFilter

MAX_COUNTED = 10_000
"""How many runs are counted before a command asks; there may be more."""
MAX_SHOWN = 20
"""How many of them are shown."""

FILTERS = (
    click.option(
        "--state",
        "states",
        type=click.Choice(LISTED),
        multiple=True,
        help="Only runs in this state; several are allowed.",
    ),
    click.option("--failed", is_flag=True, help="Only failed runs."),
    click.option("--unknown", "in_doubt", is_flag=True, help="Only runs in doubt."),
    pipeline_option("Only runs of this pipeline."),
    document_option("Only runs of this document."),
    click.option("--rule", metavar="ID", help="Only runs of this rule."),
    click.option("--due-after", type=Moment(), help="Only runs that are due then or later."),
    click.option("--due-before", type=Moment(), help="Only runs that are due before."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The runs that are named, or the filters that match them."""

    keys: tuple[str, ...]
    states: tuple[RunState, ...]
    failed: bool
    in_doubt: bool
    pipeline: str | None
    document: str | None
    rule: str | None
    due_after: datetime | None
    due_before: datetime | None
    every: bool
    yes: bool

    @property
    def has_filters(self) -> bool:
        """Whether any filter is given."""
        return any((self.states, self.failed, self.in_doubt, self.pipeline, self.document,
                    self.rule, self.due_after, self.due_before))  # fmt: skip

    def wanted(self, states: tuple[RunState, ...] = ()) -> RunFilter:
        """What the filters match; in these states where none is given."""
        has_state = self.states or self.failed or self.in_doubt
        return RunFilter(
            states=self.states if has_state else states,
            failed=self.failed,
            in_doubt=self.in_doubt,
            pipeline=self.pipeline,
            document=self.document,
            rule=self.rule,
            due_after=self.due_after,
            due_before=self.due_before,
        )


chosen = option_group(
    "choice",
    RunOptions,
    click.argument("keys", metavar="RUN...", nargs=-1),
    *FILTERS,
    click.option("--all", "every", is_flag=True, help="All runs that match the filters."),
    click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
)


def check_choice(choice: RunOptions, verb: str) -> None:
    """UsageError unless the runs are either named or filtered."""
    if bool(choice.keys) == choice.every or (choice.has_filters and not choice.every):
        raise click.UsageError(f"runs {verb} takes RUN..., or --all with filters; not both")


def read_key(text: str) -> RunKey:
    """The run that is named; UsageError where it cannot be one."""
    key = RunKey.read(text)
    if key is None:
        msg = f'"{text}" is not a valid run; expected document.entry.rule, as `runs list` shows it'
        raise click.UsageError(msg)
    return key


def matching(context: CliContext, wanted: RunFilter, most: int) -> tuple[list[Run], bool]:
    """The runs that the filter matches, up to so many, and whether there are more."""
    runs, matches, after = runs_of(context), list[Run](), None
    while True:
        page = runs.page(wanted, after)
        matches += page.items
        after = page.next
        if after is None or len(matches) >= most:
            return matches[:most], after is not None or len(matches) > most


def confirm(verb: str, runs: Sequence[Run], more: bool) -> None:
    """Show what is about to be changed, and ask."""
    for run in runs[:MAX_SHOWN]:
        click.echo(one_line(f"  {run.key} {run.state}: {run.reason or ''}"), err=True)
    if len(runs) > MAX_SHOWN:
        click.echo(f"  and {len(runs) - MAX_SHOWN:,} others", err=True)
    number = f"more than {len(runs):,}" if more else f"{len(runs):,}"
    click.confirm(f"{verb} {number} run{'s' * (len(runs) != 1)}?", abort=True, err=True)


def run_record(run: Run) -> dict[str, Any]:
    """A run as records have it."""
    return {
        "run": str(run.key),
        "kind": run.kind,
        "state": run.state,
        "due": run.due,
        "reason": run.reason,
    }
