"""Commands that publish and operate pipelines: publish, rollback, pause, resume, backfill."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.pipelines.plan import (
    change_lines,
    changes,
    counted,
    warning_lines,
)
from countersign.cli.pipelines.validate import FILE, checked
from countersign.model.actor import Origin, done_by
from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.reader import FileCheck
from countersign.ports import Pipelines
from countersign.use_cases.pipelines.pause import pause as pause_pipeline
from countersign.use_cases.pipelines.pause import resume as resume_pipeline
from countersign.use_cases.pipelines.publish import Publisher, PublishResult, roll_back
from countersign.use_cases.pipelines.publish import publish as publish_pipeline
from countersign.use_cases.pipelines.publish_warnings import publish_warnings
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.runs.backfill import backfill as plan_rule_here

PIPELINE = click.argument("pipeline", shell_complete=completions.pipelines)


def _publisher(context: CliContext) -> Publisher:
    return context.publisher(context.auditor, from_command_line=True)


def _origin(context: CliContext) -> Origin:
    return done_by(context.actor, context.now())


NOTE = click.option("--note", metavar="TEXT", default="", help="What the version is for.")


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines publish contracts.yaml",
        'countersign pipelines publish contracts.yaml --note "Remind after a week"',
    ],
)
@FILE
@NOTE
@click.pass_obj
def publish(context: CliContext, file: Path, note: str) -> None:
    """Publish FILE as the next version of its pipeline."""
    pipeline, found = checked(context, file)
    published = publish_pipeline(_publisher(context), pipeline, _origin(context), note=note)
    _show(context, pipeline, published, file, found)


@click.command(cls=Verb, examples=["countersign pipelines rollback contracts 1"])
@PIPELINE
@click.argument("version", type=click.IntRange(min=1))
@NOTE
@click.pass_obj
def rollback(context: CliContext, pipeline: str, version: int, note: str) -> None:
    """Publish VERSION of PIPELINE again, as a new version."""
    published = roll_back(_publisher(context), pipeline, version, _origin(context), note=note)
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
        f"{pipeline} is resumed: {counted(resumed.messages, 'message')} applied, "
        f"{counted(resumed.runs, 'run')} due"
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
    show_one(record, [f"{rule} is planned for {counted(len(planned), 'document')}"])


def _existing(context: CliContext, pipeline: str) -> Pipelines:
    published_head(context.cloud.pipelines, pipeline)
    return context.cloud.pipelines


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
    warnings = warning_lines(publish_warnings(context.stack, pipeline), file, found)
    parts = (published.diff, published.left_behind, warnings)
    lines = (f"{name} version {number} is published", *change_lines(*parts))
    show_one({**record, **changes(*parts)}, lines)
