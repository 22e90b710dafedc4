"""receive_webhook: one webhook in, its answer out; requests that were parked are taken again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from countersign.adapters.lambda_.gateway import address_of, request_of, response_of
from countersign.use_cases.messages.receive import WebhookResult, receive, take_parked
from countersign.wiring import functions, stack

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer API Gateway (payload 2.0), or take a batch of parked requests from SQS."""
    stack.begin(context, parks="Records" not in event, puts_back="Records" in event)
    metrics.add_dimension(name="stage", value=stack.deployment_stage())
    if "Records" in event:
        return _take_parked(event)
    received = receive(functions.receiver(), address_of(event), request_of(event, stack.now()))
    _tell(received)
    return response_of(received.answer)


def _take_parked(event: dict[str, Any]) -> dict[str, Any]:
    from countersign.adapters.lambda_.batches import each_message
    from countersign.adapters.sqs.retry_queue import retry_message, unpack_request

    def take(body: str, tries: int) -> None:
        parked = retry_message(body)
        request = unpack_request(parked, stack.webhook_bucket())
        _tell(take_parked(functions.receiver(), parked.connection, request, tries))

    return each_message(event, take, functions.retry_queue_put_back())


def _tell(received: WebhookResult) -> None:
    """One line and one count for each request: what became of it, and why.

    What was refused at an address of ours, and what was rejected though it is genuine, is counted
    on its own besides: alarms listen to these, and strangers cannot make them ring.
    """
    metrics.add_metric(name=f"webhook_{received.outcome}", unit="Count", value=1)
    if received.outcome == "refused" and received.provider is not None:
        metrics.add_metric(name="webhook_unverified", unit="Count", value=1)
    if received.genuine:
        metrics.add_metric(name="webhook_rejected", unit="Count", value=1)
    log = logger.info if received.answer.status < 400 else logger.warning
    log(
        f"webhook {received.outcome}",
        connection=received.connection,
        provider=received.provider,
        status=received.answer.status,
        reason=received.reason,
        events=received.events,
        documents=received.documents,
        rejected=received.rejected,
    )
