"""record_mail_event: what the mail service reports goes to the run and the document of the mail."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.batches import each_message
from countersign.adapters.ses.mail_events import mail_event_of, mail_events_of
from countersign.use_cases.messages.mail_events import read_reported, record_mail_event
from countersign.wiring import functions, stack

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Record each report of a batch; failed ones come again."""
    stack.begin(context, puts_back=True)
    metrics.add_dimension(name="stage", value=stack.deployment_stage())
    recorder = functions.mail_event_recorder()
    known = read_reported(recorder, mail_events_of(record["body"] for record in event["Records"]))

    def take(body: str, _: int) -> None:
        report = mail_event_of(body)
        if report is None:
            logger.info("report passed")
            return
        outcome = record_mail_event(recorder, report, known=known)
        metrics.add_metric(name=f"mail_{report.kind}", unit="Count", value=1)
        logger.info(f"report {outcome}", run=str(report.run), mail=report.kind)

    return each_message(event, take, functions.mail_event_put_back())
