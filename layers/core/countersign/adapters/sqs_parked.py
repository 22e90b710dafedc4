"""Webhook requests that could not be committed, compressed, in a queue that brings them back."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from pydantic import ValidationError

from countersign.adapters.aws_errors import our_errors
from countersign.errors import PermanentError, UnavailableError
from countersign.model.base import Model

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_BYTES = 1_048_576
"""Of a message. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


REASON = "ERROR_MESSAGE"
"""The attribute in which EventBridge, too, says why a message is a dead letter."""
LONGEST_REASON = 1_000


class _Parked(Model):
    """The message's body."""

    connection: str
    request: str
    """Compressed with zlib, in Base64."""


class SqsParkedRequests:
    """``ports.ParkedRequests`` over an SQS queue."""

    def __init__(self, client: SQSClient, queue_url: str, dead_letters_url: str = "") -> None:
        self._client = client
        self._queue_url = queue_url
        self._dead_letters_url = dead_letters_url

    def park(self, connection: str, request: str) -> None:
        body = _packed(connection, request)
        if len(body.encode()) > MOST_BYTES:
            msg = f"a request of {len(body):,} bytes, compressed, is too large to be parked"
            raise UnavailableError(f"{msg}; the queue takes {MOST_BYTES:,}")
        with our_errors("SQS"):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)

    def give_up(self, connection: str, request: str, because: str) -> None:
        reason = because[:LONGEST_REASON]
        with our_errors("SQS"):
            self._client.send_message(
                QueueUrl=self._dead_letters_url,
                MessageBody=_packed(connection, request),
                MessageAttributes={REASON: {"DataType": "String", "StringValue": reason}},
            )


def _packed(connection: str, request: str) -> str:
    packed = b64encode(zlib.compress(request.encode())).decode()
    return _Parked(connection=connection, request=packed).model_dump_json()


def parked_request(body: str) -> tuple[str, str]:
    """Connection and request of a message that ``park`` sent; PermanentError for any other."""
    try:
        parked = _Parked.model_validate_json(body)
        return parked.connection, zlib.decompress(b64decode(parked.request)).decode()
    except (ValidationError, ValueError, zlib.error) as error:
        # Its text may quote the message, and ours goes to the log.
        kind = type(error).__name__
        raise PermanentError(f"the queue holds what is no parked request ({kind})") from error
