"""Batches of messages that ask a lane for its runs: each run is performed, counted and logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from pydantic import ValidationError

from countersign.adapters.lambda_.batches import each_message
from countersign.model.message import RunMessage
from countersign.model.run_result import RunResult

logger = Logger(service="countersign")
metrics = Metrics()


def run_messages(event: dict[str, Any]) -> Iterator[RunMessage]:
    """What the messages of the batch ask for, without those that cannot be read."""
    for record in event["Records"]:
        with suppress(ValidationError):
            yield RunMessage.model_validate_json(record["body"])


def perform_each(
    event: dict[str, Any], perform: Callable[[RunMessage], RunResult]
) -> dict[str, Any]:
    """Perform each run that a message of the batch asks for; failed ones come again."""

    def take(body: str, _: int) -> None:
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
