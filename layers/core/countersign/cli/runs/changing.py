"""Changing runs: a few at once, many by a job."""

from __future__ import annotations

from collections.abc import Sequence

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import follow
from countersign.cli.operations.jobs import jobs_of
from countersign.cli.operations.runs import runs_of
from countersign.cli.output.formats import Report
from countersign.cli.parsing.groups import ERROR, exit_code
from countersign.cli.runs.selection import (
    MAX_COUNTED,
    RunOptions,
    check_choice,
    confirm,
    matching,
    read_key,
    run_record,
)
from countersign.errors import CountersignError
from countersign.model.run import RunKey, RunState
from countersign.model.run_change import RunAction, RunChange
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.queries.runs import unresolved_since

FEW = 25
"""Up to so many runs are changed by the command itself."""
_STATES: dict[RunAction, tuple[RunState, ...]] = {"now": ("ready",), "shift": ("ready",)}
"""Which runs are meant where no state is given, if not those that failed or are in doubt."""


def change_runs(context: CliContext, change: RunChange, choice: RunOptions) -> None:
    """Do it to the runs that are named; with ``--all``, after a question, to those that match."""
    check_choice(choice, change.action)
    if not choice.every:
        _change_each(context, change, [read_key(text) for text in choice.keys], named=True)
        return
    wanted = choice.wanted(_STATES.get(change.action, ()))
    runs, more = matching(context, wanted, MAX_COUNTED)
    if runs and not choice.yes:
        confirm(change.action, runs, more)
    if len(runs) <= FEW:
        ordered = sorted(runs, key=lambda run: (unresolved_since(run), str(run.key)))
        _change_each(context, change, [run.key for run in ordered], named=False)
        return
    follow(context, jobs_of(context).start(ChangeRuns(change=change, filter=wanted)))


def _change_each(
    context: CliContext, change: RunChange, keys: Sequence[RunKey], *, named: bool
) -> None:
    done, codes = 0, list[int]()
    report, runs = Report(), runs_of(context)
    for key in keys:
        try:
            changed = runs.change(key, change, even_if_left=named)
        except CountersignError as error:
            codes.append(exit_code(error))
            failed = {"run": str(key), "state": None, "error": str(error)}
            report.add(failed, f"  {error}", error=True)
        else:
            done += 1
            run = changed.run
            suffix = f"; {run.reason}" if changed.after_leaving else ""
            if change.action == "shift" and run.due is not None:
                suffix = f", due {run.due:%Y-%m-%d %H:%M} UTC"
            record = {**run_record(run), "since": unresolved_since(run), "error": None}
            report.add(record, f"  {key}: {run.state}{suffix}")
    word = "changed" if change.action in ("now", "shift") else "resolved"
    report.end(f"{done} of {len(keys)} {word}")
    if codes:
        raise click.exceptions.Exit(codes[0] if len({*codes}) == 1 else ERROR)
