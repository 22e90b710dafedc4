"""Commands for published pipelines: list, show, versions, remove."""

from __future__ import annotations

import click

from countersign.cli.surroundings import Cloud, Surroundings
from countersign.cli.text import table
from countersign.errors import NotFoundError
from countersign.model.pipeline import Head
from countersign.use_cases.publish import no_pipeline

PIPELINE = click.argument("pipeline", metavar="ID")
LISTED = 20
"""Versions that are listed unless more are asked for."""


@click.command("list")
@click.pass_obj
def list_pipelines(surroundings: Surroundings) -> None:
    """List the published pipelines."""
    heads = surroundings.cloud.pipelines.list()
    if not heads:
        click.echo(
            "no pipeline is published; publish one with `countersign pipelines publish FILE`"
        )
        return
    rows = [
        (head.pipeline, head.name, str(head.version), "paused" if head.paused else "running")
        for head in heads
    ]
    click.echo(table(("PIPELINE", "NAME", "VERSION", "STATE"), rows))


@click.command()
@PIPELINE
@click.option(
    "--newest",
    metavar="N",
    type=click.IntRange(min=1),
    default=LISTED,
    show_default=True,
    help="How many versions to list.",
)
@click.pass_obj
def versions(surroundings: Surroundings, pipeline: str, newest: int) -> None:
    """List the versions of a pipeline, newest first.

    With author and time of each.
    """
    cloud = surroundings.cloud
    head = _head(cloud, pipeline)
    rows = [
        (
            str(one.number),
            one.published_at[:19].replace("T", " "),
            one.published_by,
            "current" if one.number == head.version else "",
        )
        for one in cloud.pipelines.versions(pipeline, newest)
    ]
    click.echo(table(("VERSION", "PUBLISHED (UTC)", "BY", "STATE"), rows))
    if len(rows) < head.version:
        click.echo(f"{head.version - len(rows)} older; --newest lists more")


@click.command()
@PIPELINE
@click.option(
    "--version",
    "number",
    metavar="N",
    type=click.IntRange(min=1),
    help="Default: the current version.",
)
@click.pass_obj
def show(surroundings: Surroundings, pipeline: str, number: int | None) -> None:
    """Show a pipeline as a YAML file that can be published again."""
    from countersign.cli.pipeline_yaml import pipeline_yaml

    cloud = surroundings.cloud
    head = _head(cloud, pipeline)
    version = cloud.pipelines.version(pipeline, number or head.version)
    at = version.published_at[:19].replace("T", " ")
    click.echo(f"# version {version.number}, published {at} UTC by {version.published_by}")
    click.echo(pipeline_yaml(version.pipeline), nl=False)


@click.command()
@PIPELINE
@click.option(
    "--and-documents",
    is_flag=True,
    help="Also remove its documents with their timelines, runs and tasks.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def remove(surroundings: Surroundings, pipeline: str, and_documents: bool, yes: bool) -> None:
    """Remove a pipeline with all its versions.

    Its connections must be removed first. If this is interrupted, run it again.
    """
    from countersign.use_cases.remove import check_removable, remove_pipeline

    remover = surroundings.remover
    count = check_removable(remover, pipeline, and_documents=and_documents)
    documents = f" and {count} document{'s' * (count != 1)}" if count else ""
    if not yes:
        click.confirm(f"remove {pipeline} with all its versions{documents} for good?", abort=True)
    removed = sum(1 for _ in remove_pipeline(remover, pipeline, and_documents=and_documents))
    told = f", and {removed} document{'s' * (removed != 1)} with it" if removed else ""
    click.echo(f"{pipeline} is removed{told}")


def _head(cloud: Cloud, pipeline: str) -> Head:
    head = cloud.pipelines.head(pipeline)
    if head is None:
        raise NotFoundError(no_pipeline(cloud.pipelines, pipeline))
    return head
