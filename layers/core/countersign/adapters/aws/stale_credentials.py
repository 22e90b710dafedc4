"""Secrets that serve on while their store does not answer are counted, and the log names them."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="countersign")
metrics = Metrics()


def count_stale(connection: str, reason: str) -> None:
    """One line and one count for each request that was judged by them."""
    metrics.add_metric(name="stale_credentials", unit="Count", value=1)
    logger.warning("credentials stale", connection=connection, reason=reason)
