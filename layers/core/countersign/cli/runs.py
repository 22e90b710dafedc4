"""Commands for runs that failed or are in doubt: listed, tried again, skipped, counted as done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from countersign.cli import completions
from countersign.cli.context import CliContext
from countersign.cli.groups import ERROR, NounGroup, exit_code
from countersign.cli.output import Report, show_list
from countersign.cli.run_migration import migrate
from countersign.cli.text import one_line
from countersign.engine.runs.resolve import Remedy
from countersign.errors import CountersignError, NotFoundError
from countersign.model.run import REPEAT, Run, RunKey
from countersign.use_cases.pipelines.publish import no_pipeline
from countersign.use_cases.runs.resolve_runs import resolve_run, unresolved_runs

_KEY = re.compile(
    r"(?P<document>.+)\.(?P<entry>[0-9]+)\.(?P<rule>(?:trigger\.)?[a-z0-9_-]+)"
    rf"(?:{REPEAT}(?P<repeat>[0-9]+))?"
)
_Command = Callable[..., Any]


def _filters(command: _Command) -> _Command:
    for option in (
        click.option(
            "--document",
            metavar="ID",
            shell_complete=completions.documents,
            help="Only runs of this document.",
        ),
        click.option(
            "--pipeline",
            metavar="ID",
            shell_complete=completions.pipelines,
            help="Only runs of this pipeline.",
        ),
        click.option("--unknown", is_flag=True, help="Only runs in doubt."),
        click.option("--failed", is_flag=True, help="Only failed runs."),
    ):
        command = option(command)
    return command


def _chosen(command: _Command) -> _Command:
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
        click.option("--all", "every", is_flag=True, help="All runs that match the filters."),
        _filters,
        click.argument("keys", metavar="RUN...", nargs=-1),
    ):
        command = option(command)
    return click.pass_obj(command)


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
@_filters
@click.pass_obj
def list_runs(
    context: CliContext,
    failed: bool,
    unknown: bool,
    pipeline: str | None,
    document: str | None,
) -> None:
    """List failed runs and runs in doubt, oldest first."""
    found = _found(context, failed, unknown, pipeline, document)
    columns = {
        "RUN": "run",
        "KIND": "kind",
        "STATE": "state",
        "SINCE (UTC)": "since",
        "REASON": "reason",
    }
    show_list(map(_record, found), columns, "no run has failed or is in doubt")


@runs.command(
    examples=[
        "countersign runs retry d-1042.1.hello",
        "countersign runs retry --all --failed --pipeline reminders --yes",
    ]
)
@_chosen
def retry(context: CliContext, keys: tuple[str, ...], **chosen: Any) -> None:
    """Retry each RUN, or with --all every run that matches the filters.

    A run whose stage was left is carried out only where it is named.
    """
    _settle(context, "retry", keys, **chosen)


@runs.command(examples=["countersign runs skip d-1042.1.hello"])
@_chosen
def skip(context: CliContext, keys: tuple[str, ...], **chosen: Any) -> None:
    """Skip each RUN: it has no effect, and the rules after it continue."""
    _settle(context, "skip", keys, **chosen)


@runs.command(examples=["countersign runs accept d-1042.1.hello"])
@_chosen
def accept(context: CliContext, keys: tuple[str, ...], **chosen: Any) -> None:
    """Mark each RUN as done: the rules after it continue."""
    _settle(context, "accept", keys, **chosen)


def _settle(
    context: CliContext,
    remedy: Remedy,
    keys: tuple[str, ...],
    *,
    failed: bool,
    unknown: bool,
    pipeline: str | None,
    document: str | None,
    every: bool,
    yes: bool,
) -> None:
    filtered = failed or unknown or pipeline or document
    if bool(keys) == every or (filtered and not every):
        raise click.UsageError(f"runs {remedy} takes RUN..., or --all with filters; not both")
    chosen = [_key(text) for text in keys]
    if every:
        found = _found(context, failed, unknown, pipeline, document)
        chosen = [run.key for run in found]
        _ask(remedy, found, yes)
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


def _ask(remedy: Remedy, found: list[Run], yes: bool) -> None:
    if not found or yes:
        return
    for run in found:
        click.echo(one_line(f"  {run.key} {run.state}: {run.reason or ''}"), err=True)
    click.confirm(f"{remedy} {len(found)} run{'s' * (len(found) != 1)}?", abort=True, err=True)


def _found(
    context: CliContext,
    failed: bool,
    unknown: bool,
    pipeline: str | None,
    document: str | None,
) -> list[Run]:
    """The troubled runs that the filters let pass, the oldest first."""
    cloud = context.cloud
    if pipeline is not None and cloud.pipelines.head(pipeline) is None:
        raise NotFoundError(no_pipeline(cloud.pipelines, pipeline))
    if document is not None and cloud.documents.get(document) is None:
        raise NotFoundError(f"there is no document {document}")
    wanted = {state for state, on in (("failed", failed), ("in_doubt", unknown)) if on}
    found = unresolved_runs(cloud.documents, pipeline=pipeline, document=document)
    return sorted(
        (run for run in found if not wanted or run.state in wanted),
        key=lambda run: (run.concluded_at or run.started_at or run.planned_at, str(run.key)),
    )


def _record(run: Run) -> dict[str, Any]:
    return {
        "run": str(run.key),
        "kind": run.kind,
        "state": run.state,
        "since": run.concluded_at or run.started_at or run.planned_at,
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
