"""sweep: what should have happened and did not is set going again, or reported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.use_cases.runs.sweep import sweep
from countersign.wiring import functions, stack

LEFT = 20_000
"""Milliseconds that stay for what is under way when a sweep ends itself."""

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> None:
    """Sweep once; whatever the schedule hands over says nothing."""
    stack.begin(context)
    metrics.add_dimension(name="stage", value=stack.deployment_stage())
    sweeper = replace(
        functions.sweeper(), time_is_up=lambda: context.get_remaining_time_in_millis() < LEFT
    )
    swept = sweep(sweeper)
    for silent in swept.silent:
        logger.warning("connection silent", connection=silent.connection, since=silent.last)
    for document in swept.removed:
        logger.info("document removed, its retention was over", document=document)
    for run, finding in swept.runs:
        logger.info(f"run {finding}", run=run)
    for job, became in swept.jobs:
        logger.warning(f"job {became}", job=job)
    for problem in swept.problems:
        logger.warning("sweep met a problem", reason=problem)
    metrics.add_metric(name="unreadable_items", unit="Count", value=swept.unreadable)
    metrics.add_metric(name="connection_silent", unit="Count", value=len(swept.silent))
    metrics.add_metric(name="documents_removed", unit="Count", value=len(swept.removed))
    for finding, number in swept.counts.items():
        metrics.add_metric(name=f"swept_{finding}", unit="Count", value=number)
    logger.info("swept", runs=len(swept.runs), messages=swept.messages, finished=swept.finished)
