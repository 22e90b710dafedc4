"""Commands for the statistics of pipelines: shown from counters, compared with the documents."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import carried_out
from countersign.cli.operations.deployment.statistics import statistics_by
from countersign.cli.output.formats import Column, Report, show_list, show_one
from countersign.cli.output.text import counted
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.cli.statistics.text import length, lines_of, share
from countersign.use_cases.queries.statistics import PipelineStatistics, period_of

PIPELINE = click.argument(
    "pipeline", metavar="[PIPELINE]", required=False, shell_complete=completions.pipelines
)
DAY = click.DateTime(["%Y-%m-%d"])
EVERY = 500
"""After so many documents a rebuild says how far it is."""


@click.group(cls=NounGroup)
def statistics() -> None:
    """Show and rebuild the statistics of pipelines.

    Days are days of UTC. Figures are counted some seconds after what happened.
    """


@statistics.command(
    examples=[
        "countersign statistics show",
        "countersign statistics show reminders --from 2026-01-01 --to 2026-03-31",
    ]
)
@PIPELINE
@click.option(
    "--from",
    "first",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="First day. Default: the 30 days up to the last.",
)
@click.option("--to", "last", type=DAY, metavar="YYYY-MM-DD", help="Last day. Default: today.")
@click.pass_obj
def show(
    context: CliContext, pipeline: str | None, first: datetime | None, last: datetime | None
) -> None:
    """Show the statistics of PIPELINE, or the main figures of all pipelines."""
    period = period_of(_day(first), _day(last), today=context.now().date())
    pipeline_statistics = statistics_by(context).show(pipeline, period)
    if pipeline is not None:
        show_one(_plain(pipeline_statistics[0]), lines_of(pipeline_statistics[0]))
        return
    columns: dict[str, Column] = {
        "PIPELINE": "pipeline",
        "PRESENT": "present",
        "CREATED": "created",
        "COMPLETED": "completed",
        "DECLINED": "declined",
        "COMPLETION RATE": lambda record: share(record["completion_rate"]),
        "MEDIAN TIME TO SIGN": lambda record: length(record["median_time_to_sign"]),
        "FAILED RUNS": "failed_runs",
    }
    show_list(map(_summary, pipeline_statistics), columns, "there is no pipeline")


@statistics.command(
    "rebuild",
    examples=[
        "countersign statistics rebuild reminders",
        "countersign statistics rebuild --replace",
    ],
)
@PIPELINE
@click.option("--replace", is_flag=True, help="Correct what differs.")
@click.pass_obj
def rebuild_statistics(context: CliContext, pipeline: str | None, replace: bool) -> None:
    """Compare the statistics of PIPELINE, or of all, with the documents' timelines and runs.

    Counting goes on meanwhile. What was interrupted goes on when it is run again. It takes at
    least two minutes for each pipeline. Over the API a job does it, which goes on while nobody
    watches it.
    """
    steps = statistics_by(context).rebuild(pipeline, carried_out(context), replace=replace)
    if steps is None:
        return
    report = Report()
    compared, differences = Counter[str | None](), 0
    for step in steps:
        before = compared[step.pipeline]
        compared[step.pipeline] += step.documents
        if step.pipeline and compared[step.pipeline] // EVERY > before // EVERY:
            click.echo(f"{step.pipeline}: {compared[step.pipeline]} documents compared", err=True)
        differences += len(step.differences)
        for difference in step.differences:
            where = f"{difference.pipeline}: {difference.what} {difference.name}"
            report.add(difference.model_dump(), f"  {where}: {difference.text}")
    corrected = " and corrected" if replace and differences else ""
    documents = counted(compared.total(), "document")
    report.end(f"{documents} compared; {counted(differences, 'difference')} found{corrected}")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _plain(pipeline_statistics: PipelineStatistics) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(pipeline_statistics)


def _summary(pipeline_statistics: PipelineStatistics) -> dict[str, Any]:
    return {
        "pipeline": pipeline_statistics.pipeline,
        "present": sum(stage.present for stage in pipeline_statistics.stages),
        "created": pipeline_statistics.cohort.created,
        "completed": pipeline_statistics.ends.completed,
        "declined": pipeline_statistics.ends.declined,
        "completion_rate": pipeline_statistics.cohort.completion_rate,
        "median_time_to_sign": pipeline_statistics.time_to_sign.median,
        "failed_runs": sum(rule.failed for rule in pipeline_statistics.rules),
    }
