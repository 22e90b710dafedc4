"""The command plan, and how the changes of a version are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.pipelines import pipelines_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.terminal import painted
from countersign.cli.output.text import counted, one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.pipelines.validate import FILE, checked
from countersign.http.views.pipelines import (
    DifferenceView,
    LossView,
    PipelineProblemView,
    PlanView,
    StageDocumentsView,
    loss_text,
)
from countersign.pipeline_files.reader import FileCheck, ReportLine, SourceMap

SOMETHING_CHANGES = 10
"""What `plan --exit-code` ends with if publishing changes anything."""


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
    pipeline, file_check = checked(context, file)
    planned = pipelines_of(context).plan(pipeline)
    warnings = warning_lines(planned.warnings, file, file_check)
    record = {
        "pipeline": planned.pipeline,
        "version": planned.version,
        **changes(planned.diff, planned.left_behind, warnings),
        "stages": planned.stages,
        "problems": planned.refusals,
    }
    lines = [_heading(planned), *change_lines(planned.diff, planned.left_behind, warnings)]
    lines += _touched(planned.stages)
    show_one(record, (*lines, summary(planned.diff)))
    if planned.refusals:
        raise click.ClickException("; ".join(planned.refusals))
    if exit_code and planned.diff:
        raise click.exceptions.Exit(SOMETHING_CHANGES)


def warning_lines(
    problems: Iterable[PipelineProblemView],
    file: Path | None = None,
    file_check: FileCheck | None = None,
) -> list[str]:
    """What the stack lacks for the pipeline, with its place where there is a file."""
    if file is None or file_check is None:
        return [problem.text for problem in problems]
    placed = sorted({_line(problem, file_check.marks) for problem in problems})
    return [line.shown(str(file)) for line in placed]


def _line(problem: PipelineProblemView, marks: SourceMap) -> ReportLine:
    mark = marks.at(problem.pointer, of_key=problem.of_key)
    return ReportLine(mark, problem.text, problem.severity)


def _heading(planned: PlanView) -> str:
    if planned.version is None:
        return f"{planned.pipeline} is new"
    if not planned.diff:
        return f"{planned.pipeline} is published like this already, as version {planned.version}"
    return f"{planned.pipeline}, against version {planned.version}:"


def _touched(stages: tuple[StageDocumentsView, ...]) -> Iterator[str]:
    """Whom it touches: ``documents in stages that change: 12 in sent, 3 in signed``."""
    if stages:
        counts = ", ".join(f"{stage.documents} in {stage.stage}" for stage in stages)
        yield one_line(f"  documents in stages that change: {counts}")


def changes(
    diff: tuple[DifferenceView, ...], left_behind: tuple[LossView, ...], warnings: list[str]
) -> dict[str, Any]:
    """What a version changes, for programs."""
    left = [{"text": loss_text(loss), "number": loss.number} for loss in left_behind]
    numbers = Counter(difference.change for difference in diff)
    return {
        "changes": diff,
        "added": numbers["added"],
        "changed": numbers["changed"],
        "removed": numbers["removed"],
        "left_behind": left,
        "warnings": warnings,
    }


def change_lines(
    diff: tuple[DifferenceView, ...], left_behind: tuple[LossView, ...], warnings: list[str]
) -> Iterator[str]:
    """What a version changes, for people."""
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for difference in diff:
        where = f" in {difference.stage}" if difference.stage else ""
        part = difference.part.replace("_", " ")
        yield painted(
            one_line(f"  {signs[difference.change]} {part} {difference.id}{where}"),
            difference.change,
        )
        yield from (f"      {detail}" for detail in difference.details)
        if difference.rules:
            yield f"      in the mails of {', '.join(difference.rules)}"
        yield from (f"      warning: {warning}" for warning in difference.warnings)
    for text in (*map(loss_text, left_behind), *warnings):
        yield one_line(f"  ! {text}")


def summary(diff: tuple[DifferenceView, ...]) -> str:
    """How much a version changes: ``2 rules added, 1 stage changed, 0 removed.``"""
    changes = []
    for change in ("added", "changed", "removed"):
        numbers = Counter(
            difference.part.replace("_", " ") for difference in diff if difference.change == change
        )
        parts = [counted(number, part) for part, number in numbers.items()]
        *first, last = parts or ["0"]
        changes.append(f"{', '.join(first)} and {last} {change}" if first else f"{last} {change}")
    return f"{', '.join(changes)}."
