"""Messages that wait in their queue for as long as the outside takes nothing from anybody.

A message that fails is shown again after the queue's visibility timeout, and rests as a dead letter
after a few tries. That is right for a message that is at fault. In an outage none is: the message
is sent to its queue anew with a delay, and the one that was received counts as taken. So an outage
of days uses up no try, loses nothing and needs nobody. Where both are there, because the function
died in between, the second one finds its work done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countersign.adapters.aws.errors import our_errors
from countersign.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

PAUSES = (30, 60, 120, 240, 480, 900)
"""Seconds until a message is shown again, the last one for as long as it takes: SQS delays a
message by 900 at most. Each is up to half as short, so that not all come in one second.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
LONGEST = timedelta(days=14)
"""How long a message waits in this way; what is older uses up the tries of its queue."""
TIMES, SINCE = "times_put_back", "first_sent_ms"
"""Attributes of a message that was put back."""
ATTRIBUTE_BYTES = 100
"""What they add to the size of a message at most."""


@dataclass(frozen=True, slots=True)
class RedeliveryCount:
    """How a message has waited so far."""

    times: int
    """How often it was put back."""
    since: datetime
    """When it was sent for the first time."""


def pause_before(waited: RedeliveryCount, name: str, now: datetime) -> timedelta | None:
    """How long a message waits this time; None for one that has waited long enough.

    ``name`` is anything that other messages do not share.
    """
    if now - waited.since >= LONGEST:
        return None
    drawn = hashlib.blake2b(f"{name} {waited.times}".encode(), digest_size=4).digest()
    share = int.from_bytes(drawn) / 2**32
    longest = PAUSES[min(waited.times, len(PAUSES) - 1)]
    return timedelta(seconds=int(longest * (1 - share / 2)))


def waited(record: dict[str, Any]) -> RedeliveryCount:
    """How a message has waited, by its record as SQS hands it to a function."""
    attributes = record.get("messageAttributes", {})
    first = _number(attributes, SINCE) or int(record["attributes"]["SentTimestamp"])
    since = datetime.fromtimestamp(first / 1000, UTC)
    return RedeliveryCount(times=_number(attributes, TIMES), since=since)


class Redelivery:
    """Sends messages to their queue anew."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def __call__(self, record: dict[str, Any], now: datetime) -> bool:
        """Whether the message was put back; otherwise it must be received again.

        False for one that has waited for 14 days, and where the queue cannot answer.
        """
        before = waited(record)
        pause = pause_before(before, record["messageId"], now)
        if pause is None:
            return False
        numbers = {TIMES: before.times + 1, SINCE: int(before.since.timestamp() * 1000)}
        try:
            with our_errors("SQS"):
                self._client.send_message(
                    QueueUrl=self._queue_url,
                    MessageBody=record["body"],
                    DelaySeconds=int(pause.total_seconds()),
                    MessageAttributes={
                        name: {"DataType": "Number", "StringValue": str(value)}
                        for name, value in numbers.items()
                    },
                )
        except UnavailableError:
            return False
        return True


def _number(attributes: dict[str, Any], name: str) -> int:
    value = attributes.get(name, {}).get("stringValue", "")
    return int(value) if value.isascii() and value.isdecimal() else 0
