"""The command simulate: plays a script on a pipeline, weeks in a moment, nothing sent."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from countersign.cli.pipeline_file import (
    Line,
    Marks,
    UnreadableError,
    check_file,
    line_of,
    read_file,
)
from countersign.cli.played import course
from countersign.cli.surroundings import Surroundings
from countersign.model.pipeline import Pipeline
from countersign.simulation.play import play
from countersign.simulation.reading import check
from countersign.simulation.script import Script

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class CheckedScript:
    """A script, if it can be played, where its parts stand, and the report on it."""

    script: Script | None
    marks: Marks
    report: tuple[Line, ...]


@click.command()
@click.argument("pipeline", type=FILE)
@click.argument("script", type=FILE)
@click.option("--why", is_flag=True, help="Also show which triggers did not match, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def simulate(
    surroundings: Surroundings, pipeline: Path, script: Path, why: bool, as_json: bool
) -> None:
    """Play SCRIPT on PIPELINE without sending anything.

    Both are files. Shows what would happen and which e-mails would be sent. Ends with exit
    status 1 if an expectation of the script is not met.
    """
    checked = check_file(pipeline, today=surroundings.now().date())
    _report(pipeline, checked.report)
    if checked.pipeline is None:
        sys.exit(1)
    read = check_script(script, checked.pipeline)
    _report(script, read.report)
    if read.script is None:
        sys.exit(1)
    played = play(checked.pipeline, read.script)
    click.echo(played.model_dump_json(indent=2) if as_json else course(played, why=why))
    _report(script, (Line(read.marks.find(miss.place), miss.text) for miss in played.misses))
    if played.misses:
        sys.exit(1)


def check_script(path: Path, pipeline: Pipeline) -> CheckedScript:
    """Read and check a script for this pipeline. OSError where it cannot be read at all."""
    try:
        value, marks, repeated = read_file(path)
    except UnreadableError as error:
        return CheckedScript(None, Marks({}, {}), (error.line,))
    script, problems = check(value, pipeline)
    report = {*repeated, *(line_of(problem, marks) for problem in problems)}
    return CheckedScript(None if repeated else script, marks, tuple(sorted(report)))


def _report(file: Path, lines: Iterable[Line]) -> None:
    for line in lines:
        click.echo(line.shown(str(file)), err=True)
