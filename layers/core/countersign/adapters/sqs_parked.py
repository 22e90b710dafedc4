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


class _Parked(Model):
    """The message's body."""

    connection: str
    request: str
    """Compressed with zlib, in Base64."""


class SqsParkedRequests:
    """``ports.ParkedRequests`` over an SQS queue."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def park(self, connection: str, request: str) -> None:
        packed = b64encode(zlib.compress(request.encode())).decode()
        body = _Parked(connection=connection, request=packed).model_dump_json()
        if len(body.encode()) > MOST_BYTES:
            msg = f"a request of {len(body):,} bytes, compressed, is too large to be parked"
            raise UnavailableError(f"{msg}; the queue takes {MOST_BYTES:,}")
        with our_errors("SQS"):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)


def parked_request(body: str) -> tuple[str, str]:
    """Connection and request of a message that ``park`` sent; PermanentError for any other."""
    try:
        parked = _Parked.model_validate_json(body)
        return parked.connection, zlib.decompress(b64decode(parked.request)).decode()
    except (ValidationError, ValueError, zlib.error) as error:
        # Its text may quote the message, and ours goes to the log.
        kind = type(error).__name__
        raise PermanentError(f"the queue holds what is no parked request ({kind})") from error
