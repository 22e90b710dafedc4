"""Commands for published pipelines: listed, shown."""

from __future__ import annotations

import click

from countersign.cli.groups import DefaultGroup
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import table


@click.group(cls=DefaultGroup)
def pipelines() -> None:
    """List, show and remove published pipelines.

    Without a command, lists the pipelines; with an ID alone, shows that pipeline.
    """


@pipelines.command("list")
@click.pass_obj
def list_pipelines(surroundings: Surroundings) -> None:
    """List the published pipelines."""
    heads = surroundings.cloud.pipelines.list()
    if not heads:
        click.echo("no pipeline is published; `countersign publish FILE` does it")
        return
    rows = [
        (head.pipeline, head.name, str(head.version), "paused" if head.paused else "running")
        for head in heads
    ]
    click.echo(table(("PIPELINE", "NAME", "VERSION", "STATE"), rows))
