"""Commands for runs that failed or are in doubt: listed, tried again, skipped, counted as done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import Report, show_list
from countersign.cli.output.text import one_line
from countersign.cli.parsing.groups import ERROR, NounGroup, exit_code
from countersign.cli.parsing.option_group import option_group
from countersign.cli.parsing.parameters import document_option, pipeline_option
from countersign.cli.runs.migration import migrate
from countersign.engine.runs.by_person.resolve import Remedy
from countersign.errors import CountersignError
from countersign.model.run import REPEAT, Run, RunKey
from countersign.use_cases.queries.runs import RunFilter, unresolved_runs, unresolved_since
from countersign.use_cases.runs.change_run import resolve_run

_KEY = re.compile(
    r"(?P<document>.+)\.(?P<entry>[0-9]+)\.(?P<rule>(?:trigger\.)?[a-z0-9_-]+)"
    rf"(?:{REPEAT}(?P<repeat>[0-9]+))?"
)
_FILTERS = (
    click.option("--failed", is_flag=True, help="Only failed runs."),
    click.option("--unknown", "in_doubt", is_flag=True, help="Only runs in doubt."),
    pipeline_option("Only runs of this pipeline."),
    document_option("Only runs of this document."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Which runs a person resolves: those that are named, or every one that matches."""

    keys: tuple[str, ...]
    failed: bool
    in_doubt: bool
    pipeline: str | None
    document: str | None
    every: bool
    yes: bool

    @property
    def wanted(self) -> RunFilter:
        """What the filters match."""
        return RunFilter(
            failed=self.failed,
            in_doubt=self.in_doubt,
            pipeline=self.pipeline,
            document=self.document,
        )


_chosen = option_group(
    "choice",
    RunOptions,
    click.argument("keys", metavar="RUN...", nargs=-1),
    *_FILTERS,
    click.option("--all", "every", is_flag=True, help="All runs that match the filters."),
    click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
)


@click.group(cls=NounGroup)
def runs() -> None:
    """List and resolve failed runs and runs in doubt.

    A run is in doubt when it is not known whether its effect happened.
    """


runs.add_command(migrate)


@runs.command(
    "list",
    examples=["countersign runs list", "countersign runs list --failed --pipeline reminders"],
)
@option_group("wanted", RunFilter, *_FILTERS)
@click.pass_obj
def list_runs(context: CliContext, wanted: RunFilter) -> None:
    """List failed runs and runs in doubt, oldest first."""
    cloud = context.cloud
    unresolved = unresolved_runs(cloud.documents, cloud.pipelines, wanted)
    columns = {
        "RUN": "run",
        "KIND": "kind",
        "STATE": "state",
        "SINCE (UTC)": "since",
        "REASON": "reason",
    }
    show_list(map(_record, unresolved), columns, "no run has failed or is in doubt")


@runs.command(
    examples=[
        "countersign runs retry d-1042.1.hello",
        "countersign runs retry --all --failed --pipeline reminders --yes",
    ]
)
@_chosen
@click.pass_obj
def retry(context: CliContext, choice: RunOptions) -> None:
    """Retry each RUN, or with --all every run that matches the filters.

    A run whose stage was left is carried out only where it is named.
    """
    _resolve(context, "retry", choice)


@runs.command(examples=["countersign runs skip d-1042.1.hello"])
@_chosen
@click.pass_obj
def skip(context: CliContext, choice: RunOptions) -> None:
    """Skip each RUN: it has no effect, and the rules after it continue."""
    _resolve(context, "skip", choice)


@runs.command(examples=["countersign runs accept d-1042.1.hello"])
@_chosen
@click.pass_obj
def accept(context: CliContext, choice: RunOptions) -> None:
    """Mark each RUN as done: the rules after it continue."""
    _resolve(context, "accept", choice)


def _resolve(context: CliContext, remedy: Remedy, choice: RunOptions) -> None:
    chosen, every = _selected(context, remedy, choice), choice.every
    done, refused = 0, 0
    codes: set[int] = set()
    report = Report()
    for key in chosen:
        try:
            resolved = resolve_run(
                context.store, key, remedy, context.actor, even_if_left=not every
            )
        except CountersignError as error:
            refused += 1
            codes.add(exit_code(error))
            record = {"run": str(key), "state": None, "error": str(error)}
            report.add(record, f"  {error}", error=True)
        else:
            done += 1
            run = resolved.run
            left = f"; {run.reason}" if resolved.after_leaving else ""
            report.add({**_record(run), "error": None}, f"  {key}: {run.state}{left}")
    report.end(f"{done} of {len(chosen)} resolved")
    if refused:
        raise click.exceptions.Exit(codes.pop() if len(codes) == 1 else ERROR)


def _selected(context: CliContext, remedy: Remedy, choice: RunOptions) -> list[RunKey]:
    """The runs that are named, or after a question those that the filters match."""
    filtered = choice.failed or choice.in_doubt or choice.pipeline or choice.document
    if bool(choice.keys) == choice.every or (filtered and not choice.every):
        raise click.UsageError(f"runs {remedy} takes RUN..., or --all with filters; not both")
    if not choice.every:
        return [_key(text) for text in choice.keys]
    cloud = context.cloud
    unresolved = unresolved_runs(cloud.documents, cloud.pipelines, choice.wanted)
    _ask(remedy, unresolved, choice.yes)
    return [run.key for run in unresolved]


def _ask(remedy: Remedy, found: Sequence[Run], yes: bool) -> None:
    if not found or yes:
        return
    for run in found:
        click.echo(one_line(f"  {run.key} {run.state}: {run.reason or ''}"), err=True)
    click.confirm(f"{remedy} {len(found)} run{'s' * (len(found) != 1)}?", abort=True, err=True)


def _record(run: Run) -> dict[str, Any]:
    return {
        "run": str(run.key),
        "kind": run.kind,
        "state": run.state,
        "since": unresolved_since(run),
        "reason": run.reason,
    }


def _key(text: str) -> RunKey:
    parts = _KEY.fullmatch(text)
    if parts is None:
        msg = f'"{text}" is not a valid run; expected document.entry.rule, as `runs list` shows it'
        raise click.UsageError(msg)
    return RunKey(
        document=parts["document"],
        entry=int(parts["entry"]),
        rule=parts["rule"],
        repeat=int(parts["repeat"] or 0),
    )
