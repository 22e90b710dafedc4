"""run_web: performs the runs that call the web, each once."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign import wiring
from countersign.adapters.lambda_.batches import each_message
from countersign.model.message import RunMessage
from countersign.use_cases.runs.effect_lanes import perform_effect_run

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Perform each run that a message of the batch asks for; failed ones come again."""
    wiring.begin(context)
    metrics.add_dimension(name="stage", value=wiring.stage())
    performer, effect = wiring.web_performer()

    def take(body: str) -> None:
        performed = perform_effect_run(performer, RunMessage.model_validate_json(body), effect)
        metrics.add_metric(name=f"run_{performed.result}", unit="Count", value=1)
        logger.info(
            f"run {performed.result}",
            run=performed.run,
            kind=performed.kind,
            reason=performed.note,
        )

    return each_message(event, context, take)
