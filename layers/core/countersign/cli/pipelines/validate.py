"""The command validate, and the check that publishing makes as well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import TABLE, Verb, output_format
from countersign.pipeline_files.reader import FileCheck, check_file

if TYPE_CHECKING:
    from countersign.model.pipeline import Pipeline

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command(cls=Verb, examples=["countersign pipelines validate contracts.yaml"])
@FILE
@click.pass_obj
def validate(context: CliContext, file: Path) -> None:
    """Check a pipeline FILE without publishing it."""
    file_check = check_file(file, today=context.now().date())
    pipeline = file_check.pipeline
    problems = [
        {
            "line": line.mark.line,
            "column": line.mark.column,
            "severity": line.severity,
            "text": line.text,
        }
        for line in file_check.report
    ]
    record: dict[str, Any] = {
        "file": str(file),
        "valid": pipeline is not None,
        "problems": problems,
    }
    if pipeline is None:
        if output_format() != TABLE:
            show_one(record)
        _refuse(file_check, file)
    _report(file_check, file)
    record["pipeline"] = pipeline.pipeline
    record["stages"] = stages = len(pipeline.stages)
    record["triggers"] = triggers = sum(len(stage.triggers) for stage in pipeline.stages)
    record["rules"] = rules = sum(len(stage.rules) for stage in pipeline.stages)
    counted = f"{stages} stages, {triggers} triggers, {rules} rules"
    show_one(record, [f"{file}: {pipeline.pipeline}: {counted}"])


def checked(context: CliContext, file: Path) -> tuple[Pipeline, FileCheck]:
    """The file's pipeline; the report goes to standard error, and errors end the command."""
    file_check = check_file(file, today=context.now().date())
    if file_check.pipeline is None:
        _refuse(file_check, file)
    _report(file_check, file)
    return file_check.pipeline, file_check


def _report(file_check: FileCheck, file: Path) -> None:
    for line in file_check.report:
        click.echo(line.shown(str(file)), err=True)


def _refuse(file_check: FileCheck, file: Path) -> NoReturn:
    _report(file_check, file)
    errors = sum(line.severity == "error" for line in file_check.report)
    click.echo(f"{errors} error{'s' * (errors != 1)}", err=True)
    sys.exit(1)
