"""Batches of messages that ask a lane for its runs: each run is performed, counted and logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from pydantic import ValidationError

from countersign.adapters.lambda_.batches import each_message
from countersign.model.message import JobMessage, RunMessage, lane_message
from countersign.model.run_result import RunResult

if TYPE_CHECKING:
    from countersign.model.job import JobResult

logger = Logger(service="countersign")
metrics = Metrics()


def run_messages(event: dict[str, Any]) -> Iterator[RunMessage]:
    """What the messages of the batch ask for, without those that cannot be read."""
    for record in event["Records"]:
        with suppress(ValidationError):
            yield RunMessage.model_validate_json(record["body"])


def perform_each(
    event: dict[str, Any],
    perform: Callable[[RunMessage], RunResult],
    work: Callable[[JobMessage], JobResult] | None = None,
) -> dict[str, Any]:
    """Perform each run that a message of the batch asks for; failed ones come again.

    ``work`` is for jobs; without it a message that asks for one fails.
    """

    def take(body: str, _: int) -> None:
        if work is not None:
            message = lane_message(body)
            if isinstance(message, JobMessage):
                worked = work(message)
                metrics.add_metric(name=f"job_{worked.result}", unit="Count", value=1)
                logger.info(f"job {worked.result}", job=worked.job, kind=worked.kind)
                return
        performed = perform(RunMessage.model_validate_json(body))
        metrics.add_metric(name=f"run_{performed.result}", unit="Count", value=1)
        if performed.quota:
            metrics.add_metric(name="mail_quota_reached", unit="Count", value=1)
        logger.info(
            f"run {performed.result}",
            run=performed.run,
            kind=performed.kind,
            reason=performed.note,
        )

    return each_message(event, take)
