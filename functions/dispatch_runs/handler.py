"""dispatch_runs: every run that became ready goes to its lane, now or when it is due; so does every
job that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.batches import all_changes, subject
from countersign.model.message import JobMessage
from countersign.model.run import RunRecord
from countersign.use_cases.runs.dispatch import dispatch
from countersign.wiring import functions, stack

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Dispatch the runs of a batch of the table's stream; failed records come again."""
    stack.begin(context)

    def take(records: Sequence[RunRecord | JobMessage]) -> list[bool | Exception]:
        outcomes = dispatch(functions.run_queues(), records, stack.now())
        for record, sent in zip(records, outcomes, strict=True):
            if isinstance(sent, Exception):
                continue
            if isinstance(record, JobMessage):
                metrics.add_metric(name="job_dispatched", unit="Count", value=1)
                logger.info("job dispatched", job=record.job)
                continue
            metrics.add_metric(name="run_dispatched", unit="Count", value=int(sent))
            logger.info("run dispatched" if sent else "run passed", run=subject(record))
        return outcomes

    return all_changes(event, take)
