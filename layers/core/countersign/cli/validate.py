"""The command validate, and the check that publishing makes as well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.pipeline_file import Checked, check_file
from countersign.cli.surroundings import Surroundings

if TYPE_CHECKING:
    from countersign.model.pipeline import Pipeline

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command()
@FILE
@click.pass_obj
def validate(surroundings: Surroundings, file: Path) -> None:
    """Check a pipeline FILE without publishing it."""
    pipeline, _ = checked(surroundings, file)
    stages = len(pipeline.stages)
    triggers = sum(len(stage.triggers) for stage in pipeline.stages)
    rules = sum(len(stage.rules) for stage in pipeline.stages)
    click.echo(f"{file}: {pipeline.pipeline}: {stages} stages, {triggers} triggers, {rules} rules")


def checked(surroundings: Surroundings, file: Path) -> tuple[Pipeline, Checked]:
    """The file's pipeline; the report goes to standard error, and errors end the command."""
    found = check_file(file, today=surroundings.now().date())
    for line in found.report:
        click.echo(line.shown(str(file)), err=True)
    if found.pipeline is None:
        errors = sum(line.severity == "error" for line in found.report)
        click.echo(f"{errors} error{'s' * (errors != 1)}", err=True)
        sys.exit(1)
    return found.pipeline, found
