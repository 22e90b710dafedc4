"""dispatch_runs: every run that became ready goes to its lane, now or when it is due."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.batches import each_run
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

    def take(record: RunRecord) -> None:
        sent = dispatch(functions.run_queues(), record, stack.now())
        metrics.add_metric(name="run_dispatched", unit="Count", value=int(sent))
        logger.info("run dispatched" if sent else "run passed", run=str(record.new.key))

    return each_run(event, take)
