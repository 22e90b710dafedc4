"""send_daily_reports: notifies, once a day, the people that a pipeline names of its failed runs."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from countersign.errors import TransientError
from countersign.use_cases.runs.daily_report import report
from countersign.wiring import functions, stack

logger = Logger()


@logger.inject_lambda_context
def handler(_event: dict[str, Any], context: Any) -> None:
    """Send the reports that are due; whatever the schedule hands over says nothing."""
    stack.begin(context)
    reported = report(functions.reporter())
    for pipeline in reported.sent:
        logger.info("daily report sent", pipeline=pipeline)
    for problem in reported.problems:
        logger.warning("daily report not sent", reason=problem)
    if reported.problems:
        raise TransientError("a daily report was not sent")  # so that the alarm rings
