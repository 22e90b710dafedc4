"""run_document: performs the runs that change documents, each in one transaction, and works on
jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.lanes import perform_each
from countersign.model.message import JobMessage, RunMessage
from countersign.model.run_result import RunResult
from countersign.use_cases.runs.document_lane import perform_document_run
from countersign.wiring import functions, stack

if TYPE_CHECKING:
    from countersign.model.job import JobResult

LEFT_FOR_OTHERS = 15_000
"""Milliseconds that a slice of a job leaves to the other messages of its batch."""

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Perform each run that a message of the batch asks for; failed ones come again."""
    stack.begin(context)
    metrics.add_dimension(name="stage", value=stack.deployment_stage())
    performer = functions.document_performer()

    def perform(message: RunMessage) -> RunResult:
        return perform_document_run(performer, message)

    def work(message: JobMessage) -> JobResult:
        return functions.work_on_job(
            message, lambda: context.get_remaining_time_in_millis() < LEFT_FOR_OTHERS
        )

    return perform_each(event, perform, work)
