"""Commands for the statistics of pipelines: shown from counters, compared with the documents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.deployment.statistics import statistics_by
from countersign.cli.output.formats import Column, Report, show_list, show_one
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.cli.statistics.text import length, lines_of, share
from countersign.use_cases.queries.pipelines import list_pipelines
from countersign.use_cases.queries.statistics import PipelineStatistics, period_of
from countersign.use_cases.statistics.rebuild import Difference, rebuild

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
    found = statistics_by(context).show(pipeline, period)
    if pipeline is not None:
        show_one(_plain(found[0]), lines_of(found[0]))
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
    show_list(map(_summary, found), columns, "there is no pipeline")


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
    least two minutes for each pipeline.
    """
    heads = list_pipelines(context.cloud.pipelines, pipeline)
    report = Report()
    documents = differences = 0
    for head in heads:
        since = documents
        for step in rebuild(context.rebuilder, head.pipeline, replace=replace):
            before, documents = documents, documents + step.documents
            if documents // EVERY > before // EVERY:
                click.echo(f"{head.pipeline}: {documents - since} documents compared", err=True)
            for difference in step.differences:
                differences += 1
                report.add(
                    _difference(head.pipeline, difference), f"  {_text(head.pipeline, difference)}"
                )
            if step.wait:
                context.wait(step.wait.total_seconds())
    corrected = " and corrected" if replace and differences else ""
    compared = f"{documents} document{'s' * (documents != 1)} compared"
    found = f"{differences} difference{'s' * (differences != 1)} found{corrected}"
    report.end(f"{compared}; {found}")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _text(pipeline: str, difference: Difference) -> str:
    return f"{pipeline}: {difference.what} {difference.name}: {difference.text}"


def _difference(pipeline: str, difference: Difference) -> dict[str, Any]:
    return {
        "pipeline": pipeline,
        "what": difference.what,
        "name": difference.name,
        "text": difference.text,
    }


def _plain(found: PipelineStatistics) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(found)


def _summary(found: PipelineStatistics) -> dict[str, Any]:
    return {
        "pipeline": found.pipeline,
        "present": sum(stage.present for stage in found.stages),
        "created": found.cohort.created,
        "completed": found.ends.completed,
        "declined": found.ends.declined,
        "completion_rate": found.cohort.completion_rate,
        "median_time_to_sign": found.time_to_sign.median,
        "failed_runs": sum(rule.failed for rule in found.rules),
    }
