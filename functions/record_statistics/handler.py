"""record_statistics: what became of documents and runs is counted, each change once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.state_changes import all_changes
from countersign.model.statistics import StreamRecord
from countersign.use_cases.statistics.record import record_statistics
from countersign.wiring import functions, stack

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Count a batch of the table's stream; what could not be counted comes again."""
    stack.begin(context)

    def take(changes: Sequence[StreamRecord]) -> Mapping[str, Exception]:
        failed = record_statistics(functions.statistics_recorder(), changes)
        metrics.add_metric(name="change_counted", unit="Count", value=len(changes) - len(failed))
        logger.info("changes counted", changes=len(changes), failed=len(failed))
        return failed

    return all_changes(event, take)
