"""Refused webhook calls, read off the log of receive_webhook.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.checks import check_identifier
from countersign.model.refusal import RefusedCall

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

MAX_PAGES = 20
"""Pages of the log that are looked through; each may be empty of what is looked for."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LogRefusedCalls:
    """``ports.RefusedCalls`` over CloudWatch Logs."""

    def __init__(self, client: CloudWatchLogsClient, log_group: str) -> None:
        self._client = client
        self._log_group = log_group

    def recent(self, connection: str, limit: int, *, since: datetime) -> tuple[RefusedCall, ...]:
        check_identifier(connection)
        request: dict[str, Any] = {
            "logGroupName": self._log_group,
            "startTime": int((since - _EPOCH) / timedelta(milliseconds=1)),
            "filterPattern": f'{{ $.connection = "{connection}" && $.status >= 400 }}',
        }
        refusals: list[RefusedCall] = []
        with our_errors("CloudWatch Logs"):
            for _ in range(MAX_PAGES):
                answer = self._client.filter_log_events(**request)
                for event in answer.get("events", ()):
                    refusal = _refusal(event["timestamp"], event["message"])
                    if refusal is not None and refusal.connection == connection:
                        refusals.append(refusal)
                token = answer.get("nextToken")
                if not token:
                    break
                request["nextToken"] = token
        return tuple(sorted(refusals, key=lambda refusal: refusal.at, reverse=True)[:limit])


def _refusal(timestamp: int, message: str) -> RefusedCall | None:
    """A line of the log as a refusal; None for any other line."""
    try:
        line = from_json(message)
    except ValueError:
        return None
    if not isinstance(line, dict) or not isinstance(line.get("status"), int):
        return None
    if line["status"] < 400 or not line.get("connection"):
        return None
    return RefusedCall(
        at=_EPOCH + timedelta(milliseconds=timestamp),
        connection=str(line["connection"]),
        status=line["status"],
        reason=str(line.get("reason") or ""),
    )
