"""Commands that publish and operate pipelines: plan, publish, rollback, pause, resume, backfill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.files.pipeline_file import FileCheck, line_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.terminal import painted
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.pipelines.validate import FILE, checked
from countersign.engine.validation.diff import Difference
from countersign.model.actor import Origin, done_by
from countersign.model.pipeline import Pipeline
from countersign.ports import Pipelines
from countersign.use_cases.entitlements import problems_of
from countersign.use_cases.pipelines.pause import pause as pause_pipeline
from countersign.use_cases.pipelines.pause import resume as resume_pipeline
from countersign.use_cases.pipelines.publish import (
    Publisher,
    PublishResult,
    missing_secrets,
    occupied,
    propose,
    roll_back,
)
from countersign.use_cases.pipelines.publish import publish as publish_pipeline
from countersign.use_cases.pipelines.publish_warnings import Stack, publish_warnings
from countersign.use_cases.pipelines.version_losses import VersionLosses
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.runs.backfill import backfill as plan_rule_here

SOMETHING_CHANGES = 10
"""What `plan --exit-code` ends with if publishing changes anything."""
PIPELINE = click.argument("pipeline", shell_complete=completions.pipelines)


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines plan contracts.yaml",
        "countersign pipelines plan contracts.yaml --exit-code --output json",
    ],
)
@FILE
@click.option(
    "--exit-code",
    is_flag=True,
    help=f"End with {SOMETHING_CHANGES} if publishing changes anything.",
)
@click.pass_obj
def plan(context: CliContext, file: Path, exit_code: bool) -> None:
    """Show what publishing FILE would change."""
    pipeline, found = checked(context, file)
    cloud = context.cloud
    proposal = propose(cloud.pipelines, cloud.documents, pipeline)
    head = proposal.head
    if head is None:
        heading = f"{pipeline.pipeline} is new"
    elif not proposal.diff:
        heading = f"{pipeline.pipeline} is published like this already, as version {head.version}"
    else:
        heading = f"{pipeline.pipeline}, against version {head.version}:"
    problems = problems_of(cloud.entitlements.get(), cloud.pipelines, pipeline)
    wrong = [problem.text for problem in problems]
    wrong += missing_secrets(cloud.named_secrets, pipeline)
    if proposal.occupied:
        wrong.append(occupied(proposal.occupied))
    warnings = _warnings(context, pipeline, file, found)
    record = {
        "pipeline": pipeline.pipeline,
        "version": head and head.version,
        **_changes(proposal.diff, proposal.left_behind, warnings),
        "problems": wrong,
    }
    lines = (heading, *_lines(proposal.diff, proposal.left_behind, warnings))
    show_one(record, (*lines, _summary(proposal.diff)))
    if wrong:
        raise click.ClickException("; ".join(wrong))
    if exit_code and proposal.diff:
        raise click.exceptions.Exit(SOMETHING_CHANGES)


def _publisher(context: CliContext) -> Publisher:
    cloud = context.cloud
    return Publisher(
        pipelines=cloud.pipelines,
        documents=cloud.documents,
        secrets=cloud.named_secrets,
        entitlements=cloud.entitlements,
        auditor=context.auditor,
    )


def _origin(context: CliContext) -> Origin:
    return done_by(context.actor, context.now())


@click.command(cls=Verb, examples=["countersign pipelines publish contracts.yaml"])
@FILE
@click.pass_obj
def publish(context: CliContext, file: Path) -> None:
    """Publish FILE as the next version of its pipeline."""
    pipeline, found = checked(context, file)
    published = publish_pipeline(_publisher(context), pipeline, _origin(context))
    _show(context, pipeline, published, file, found)


@click.command(cls=Verb, examples=["countersign pipelines rollback contracts 1"])
@PIPELINE
@click.argument("version", type=click.IntRange(min=1))
@click.pass_obj
def rollback(context: CliContext, pipeline: str, version: int) -> None:
    """Publish VERSION of PIPELINE again, as a new version."""
    published = roll_back(_publisher(context), pipeline, version, _origin(context))
    _show(context, context.programs.current(pipeline).pipeline, published)


@click.command(cls=Verb, examples=["countersign pipelines pause contracts"])
@PIPELINE
@click.pass_obj
def pause(context: CliContext, pipeline: str) -> None:
    """Pause PIPELINE: no rules start, and messages are kept.

    `countersign pipelines resume` applies them.
    """
    pause_pipeline(_existing(context, pipeline), pipeline, context.auditor)
    text = f"{pipeline} is paused: messages are kept and no rule starts until it is resumed"
    show_one({"pipeline": pipeline, "state": "paused"}, [text])


@click.command(cls=Verb, examples=["countersign pipelines resume contracts"])
@PIPELINE
@click.pass_obj
def resume(context: CliContext, pipeline: str) -> None:
    """Resume PIPELINE: apply kept messages and run what is due."""
    store = _existing(context, pipeline)
    resumed = resume_pipeline(context.receiver, store, pipeline, context.auditor)
    record = {
        "pipeline": pipeline,
        "state": "running",
        "messages": resumed.messages,
        "runs": resumed.runs,
        "problems": resumed.problems,
    }
    text = (
        f"{pipeline} is resumed: {_count(resumed.messages, 'message')} applied, "
        f"{_count(resumed.runs, 'run')} due"
    )
    show_one(record, [text])
    for problem in resumed.problems:
        click.echo(one_line(problem), err=True)
    if resumed.problems:
        click.echo(f"see: countersign held-messages list {pipeline}", err=True)


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines backfill contracts archive",
        "countersign pipelines backfill reminders trigger.overdue",
    ],
)
@PIPELINE
@click.argument("rule")
@click.pass_obj
def backfill(context: CliContext, pipeline: str, rule: str) -> None:
    """Run RULE of PIPELINE for documents already in its stage.

    RULE may also be a trigger that waits for a time: its timer is armed for the documents in the
    stages that it watches, and counts from their arrival.
    """
    _existing(context, pipeline)
    program = context.programs.current(pipeline)
    planned = plan_rule_here(context.store, program, rule, context.actor)
    record = {"pipeline": pipeline, "rule": rule, "documents": planned}
    show_one(record, [f"{rule} is planned for {_count(len(planned), 'document')}"])


def _warnings(
    context: CliContext,
    pipeline: Pipeline,
    file: Path | None = None,
    found: FileCheck | None = None,
) -> list[str]:
    """What the stack lacks for the pipeline, with its place where there is a file."""
    cloud = context.cloud
    stack = Stack(
        connections=cloud.connections,
        secrets=cloud.secrets,
        senders=cloud.senders,
        entitlements=cloud.entitlements.get(),
    )
    problems = publish_warnings(stack, pipeline)
    if file is None or found is None:
        return [problem.text for problem in problems]
    placed = sorted({line_of(problem, found.marks) for problem in problems})
    return [line.shown(str(file)) for line in placed]


def _existing(context: CliContext, pipeline: str) -> Pipelines:
    published_head(context.cloud.pipelines, pipeline)
    return context.cloud.pipelines


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _show(
    context: CliContext,
    pipeline: Pipeline,
    published: PublishResult,
    file: Path | None = None,
    found: FileCheck | None = None,
) -> None:
    name, number = pipeline.pipeline, published.number
    record = {"pipeline": name, "version": number, "published": bool(published.diff)}
    if not published.diff:
        show_one(record, [f"{name} is published like this already, as version {number}"])
        return
    warnings = _warnings(context, pipeline, file, found)
    parts = (published.diff, published.left_behind, warnings)
    lines = (f"{name} version {number} is published", *_lines(*parts))
    show_one({**record, **_changes(*parts)}, lines)


def _changes(
    diff: tuple[Difference, ...], left_behind: tuple[VersionLosses, ...], warnings: list[str]
) -> dict[str, Any]:
    """What a version changes, for programs."""
    left = [{"text": str(one), "number": one.number} for one in left_behind]
    numbers = Counter(one.change for one in diff)
    return {
        "changes": diff,
        "added": numbers["added"],
        "changed": numbers["changed"],
        "removed": numbers["removed"],
        "left_behind": left,
        "warnings": warnings,
    }


def _lines(
    diff: tuple[Difference, ...], left_behind: tuple[VersionLosses, ...], warnings: list[str]
) -> Iterator[str]:
    """What a version changes, for people."""
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for one in diff:
        where = f" in {one.stage}" if one.stage else ""
        part = one.part.replace("_", " ")
        yield painted(one_line(f"  {signs[one.change]} {part} {one.id}{where}"), one.change)
        yield from (f"      {detail}" for detail in one.details)
        if one.rules:
            yield f"      in the mails of {', '.join(one.rules)}"
        yield from (f"      warning: {warning}" for warning in one.warnings)
    for text in (*map(str, left_behind), *warnings):
        yield one_line(f"  ! {text}")


def _summary(diff: tuple[Difference, ...]) -> str:
    """How much a version changes: ``2 rules added, 1 stage changed, 0 removed.``"""
    changes = []
    for change in ("added", "changed", "removed"):
        numbers = Counter(one.part.replace("_", " ") for one in diff if one.change == change)
        parts = [_count(number, part) for part, number in numbers.items()]
        *first, last = parts or ["0"]
        changes.append(f"{', '.join(first)} and {last} {change}" if first else f"{last} {change}")
    return f"{', '.join(changes)}."
