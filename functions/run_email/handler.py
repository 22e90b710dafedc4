"""run_email: performs the runs that send mail, each once."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.lanes import perform_each, run_messages
from countersign.model.message import RunMessage
from countersign.model.run_result import RunResult
from countersign.use_cases.runs.effect_lanes import begin_batch, perform_effect_run
from countersign.wiring import functions, stack

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Perform each run that a message of the batch asks for; failed ones come again."""
    stack.begin(context)
    metrics.add_dimension(name="stage", value=stack.deployment_stage())
    performer, effect = functions.email_performer()
    batch = begin_batch(performer, "email", run_messages(event))

    def perform(message: RunMessage) -> RunResult:
        return perform_effect_run(performer, message, effect, batch)

    return perform_each(event, perform)
