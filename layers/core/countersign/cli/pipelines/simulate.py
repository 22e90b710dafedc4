"""The command simulate: plays a script on a pipeline, weeks in a moment, nothing sent."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.pipelines.simulation_report import result_text
from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.reader import (
    ReportLine,
    SourceMap,
    UnreadableError,
    check_file,
    line_of,
    read_file,
)
from countersign.providers.base import Request
from countersign.simulation.play import play
from countersign.simulation.script import Script
from countersign.simulation.script_reader import check
from countersign.simulation.simulate import read_messages

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class ScriptCheck:
    """A script, if it can be played, where its parts stand, and the report on it."""

    script: Script | None
    marks: SourceMap
    report: tuple[ReportLine, ...]
    messages: Mapping[str, Request] = field(default_factory=dict)
    """The captured messages of its steps, by the file's name in the script."""


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines simulate contracts.yaml contracts.script.yaml",
        "countersign pipelines simulate contracts.yaml contracts.script.yaml --why",
    ],
)
@click.argument("pipeline", type=FILE)
@click.argument("script", type=FILE)
@click.option("--why", is_flag=True, help="Also show which triggers did not match, and why.")
@click.pass_obj
def simulate(context: CliContext, pipeline: Path, script: Path, why: bool) -> None:
    """Play SCRIPT on PIPELINE without sending anything.

    Both are files. Shows what would happen and which e-mails would be sent. Ends with exit
    status 1 if an expectation of the script is not met, or a rule fails that is not expected to.
    """
    checked = check_file(pipeline, today=context.now().date())
    _report(pipeline, checked.report)
    if checked.pipeline is None:
        sys.exit(1)
    read = check_script(script, checked.pipeline)
    _report(script, read.report)
    if read.script is None:
        sys.exit(1)
    played = play(checked.pipeline, read.script, read.messages)
    show_one(played, [result_text(played, why=why)])
    _report(script, (ReportLine(read.marks.find(miss.place), miss.text) for miss in played.misses))
    if played.misses:
        sys.exit(1)


def check_script(path: Path, pipeline: Pipeline) -> ScriptCheck:
    """Read and check a script for this pipeline. OSError where it cannot be read at all."""
    try:
        value, marks, repeated = read_file(path)
    except UnreadableError as error:
        return ScriptCheck(None, SourceMap({}, {}), (error.line,))
    script, problems = check(value, pipeline)
    folder = path.parent
    messages, unread = (
        read_messages(script, lambda name: (folder / name).read_bytes()) if script else ({}, ())
    )
    report = {*repeated, *(line_of(problem, marks) for problem in (*problems, *unread))}
    good = None if repeated or unread else script
    return ScriptCheck(good, marks, tuple(sorted(report)), messages)


def _report(file: Path, lines: Iterable[ReportLine]) -> None:
    for line in lines:
        click.echo(line.shown(str(file)), err=True)
