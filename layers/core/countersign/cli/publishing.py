"""Commands that publish and operate pipelines: plan, publish, rollback, pause, resume, backfill."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.pipeline_file import Checked, line_of
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import one_line
from countersign.cli.validate import FILE, checked
from countersign.engine.differences import Difference
from countersign.errors import NotFoundError
from countersign.model.pipeline import Pipeline
from countersign.ports import Pipelines
from countersign.use_cases.left_behind import LeftBehind
from countersign.use_cases.pause import pause as pause_pipeline
from countersign.use_cases.pause import resume as resume_pipeline
from countersign.use_cases.publish import (
    Published,
    missing_secrets,
    no_pipeline,
    occupied,
    propose,
    roll_back,
)
from countersign.use_cases.publish import publish as publish_pipeline
from countersign.use_cases.publish_warnings import Stack, publish_warnings
from countersign.use_cases.run_here import run_here as plan_rule_here

PIPELINE = click.argument("pipeline")


@click.command()
@FILE
@click.pass_obj
def plan(surroundings: Surroundings, file: Path) -> None:
    """Show what publishing FILE would change."""
    pipeline, found = checked(surroundings, file)
    cloud = surroundings.cloud
    proposal = propose(cloud.pipelines, cloud.documents, pipeline)
    head = proposal.head
    if head is None:
        click.echo(f"{pipeline.pipeline} is new")
    elif not proposal.differences:
        click.echo(f"{pipeline.pipeline} is published like this already, as version {head.version}")
    else:
        click.echo(f"{pipeline.pipeline}, against version {head.version}:")
    _tell(proposal.differences)
    _tell_left_behind(proposal.left_behind)
    _warn(surroundings, pipeline, file, found)
    wrong = [*missing_secrets(cloud.named_secrets, pipeline)]
    if proposal.occupied:
        wrong.append(occupied(proposal.occupied))
    if wrong:
        raise click.ClickException("; ".join(wrong))


@click.command()
@FILE
@click.pass_obj
def publish(surroundings: Surroundings, file: Path) -> None:
    """Publish FILE as the next version of its pipeline."""
    pipeline, found = checked(surroundings, file)
    cloud = surroundings.cloud
    published = publish_pipeline(
        cloud.pipelines,
        cloud.documents,
        pipeline,
        at=surroundings.now(),
        by=surroundings.user,
        secrets=cloud.named_secrets,
    )
    _tell_published(pipeline.pipeline, published)
    if published.differences:
        _warn(surroundings, pipeline, file, found)


@click.command()
@PIPELINE
@click.argument("version", type=click.IntRange(min=1))
@click.pass_obj
def rollback(surroundings: Surroundings, pipeline: str, version: int) -> None:
    """Publish VERSION of PIPELINE again, as a new version."""
    cloud = surroundings.cloud
    published = roll_back(
        cloud.pipelines,
        cloud.documents,
        pipeline,
        version,
        at=surroundings.now(),
        by=surroundings.user,
        secrets=cloud.named_secrets,
    )
    _tell_published(pipeline, published)
    if published.differences:
        _warn(surroundings, surroundings.programs.current(pipeline).pipeline)


@click.command()
@PIPELINE
@click.pass_obj
def pause(surroundings: Surroundings, pipeline: str) -> None:
    """Pause PIPELINE: no rules start, and messages are kept.

    `countersign pipelines resume` applies them.
    """
    pause_pipeline(_existing(surroundings, pipeline), pipeline)
    click.echo(f"{pipeline} is paused: messages are kept and no rule begins until it is resumed")


@click.command()
@PIPELINE
@click.pass_obj
def resume(surroundings: Surroundings, pipeline: str) -> None:
    """Resume PIPELINE: apply what was kept and run what is due."""
    store = _existing(surroundings, pipeline)
    resumed = resume_pipeline(surroundings.receiver, store, pipeline)
    click.echo(
        f"{pipeline} goes on: {_count(resumed.messages, 'message')} applied, "
        f"{_count(resumed.runs, 'run')} due"
    )
    for problem in resumed.problems:
        click.echo(one_line(problem), err=True)
    if resumed.problems:
        click.echo(f"see: countersign held-messages list {pipeline}", err=True)


@click.command()
@PIPELINE
@click.argument("rule")
@click.pass_obj
def backfill(surroundings: Surroundings, pipeline: str, rule: str) -> None:
    """Run RULE of PIPELINE for documents already in its stage.

    RULE may also be a trigger that waits for a time: its timer is armed for the documents in the
    stages that it watches, and counts from their arrival.
    """
    _existing(surroundings, pipeline)
    planned = plan_rule_here(
        surroundings.cloud.documents,
        surroundings.programs.current(pipeline),
        rule,
        by=surroundings.user,
        now=surroundings.now(),
    )
    click.echo(f"{rule} is planned for {_count(len(planned), 'document')}")


def _warn(
    surroundings: Surroundings,
    pipeline: Pipeline,
    file: Path | None = None,
    found: Checked | None = None,
) -> None:
    """What the stack lacks for the pipeline, with its place where there is a file."""
    cloud = surroundings.cloud
    stack = Stack(connections=cloud.connections, secrets=cloud.secrets, senders=cloud.senders)
    problems = publish_warnings(stack, pipeline)
    if file is None or found is None:
        lines = [problem.text for problem in problems]
    else:
        placed = sorted({line_of(problem, found.marks) for problem in problems})
        lines = [line.shown(str(file)) for line in placed]
    for text in lines:
        click.echo(one_line(f"  ! {text}"))


def _existing(surroundings: Surroundings, pipeline: str) -> Pipelines:
    store = surroundings.cloud.pipelines
    if store.head(pipeline) is None:
        raise NotFoundError(no_pipeline(store, pipeline))
    return store


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _tell_published(pipeline: str, published: Published) -> None:
    if not published.differences:
        click.echo(f"{pipeline} is published like this already, as version {published.number}")
        return
    click.echo(f"{pipeline} version {published.number} is published")
    _tell(published.differences)
    _tell_left_behind(published.left_behind)


def _tell_left_behind(found: tuple[LeftBehind, ...]) -> None:
    for one in found:
        click.echo(one_line(f"  ! {one}"))


def _tell(differences: tuple[Difference, ...]) -> None:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for one in differences:
        where = f" in {one.stage}" if one.stage else ""
        click.echo(f"  {signs[one.change]} {one.part} {one.id}{where}")
        for detail in one.details:
            click.echo(f"      {detail}")
        for warning in one.warnings:
            click.echo(f"      warning: {warning}")
