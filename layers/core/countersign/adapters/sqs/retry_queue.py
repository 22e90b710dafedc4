"""Webhook requests that could not be committed, compressed, in a queue that brings them back.

One that is too large for the queue lies in a bucket, and the queue's message names it.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from countersign.adapters.aws.errors import our_errors
from countersign.errors import NotFoundError, PermanentError
from countersign.model.base import Model

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from countersign.adapters.s3.objects import Objects

MAX_BYTES = 1_048_576
"""Of a message, its attributes included.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
PREFIX = "parked/"


REASON = "ERROR_MESSAGE"
"""The attribute in which EventBridge, too, says why a message is a dead letter."""
LONGEST_REASON = 1_000
MAX_BODY_BYTES = MAX_BYTES - 5_000
"""Attributes are added to some messages: a reason, whose letters take up to 4 bytes, or how a
message has waited."""


class RetryMessage(Model):
    """The message's body."""

    connection: str
    request: str | None = None
    """Compressed with zlib, in Base64; None where it lies in the bucket."""
    key: str | None = None
    """Of the object that holds the request, compressed. It stays until it expires: the queue may
    deliver its message more than once."""


class SqsRetryQueue:
    """``ports.RetryQueue`` over an SQS queue, and a bucket for what is too large for it.

    The client is made when it is first needed: few requests are parked.
    """

    def __init__(
        self,
        client: Callable[[], SQSClient],
        queue_url: str,
        large: Objects,
        dead_letters_url: str = "",
    ) -> None:
        self._make_client = client
        self._queue_url = queue_url
        self._large = large
        self._dead_letters_url = dead_letters_url

    def park(self, connection: str, request: str) -> None:
        body = self._body(connection, request)
        with our_errors("SQS"):
            self._make_client().send_message(QueueUrl=self._queue_url, MessageBody=body)

    def give_up(self, connection: str, request: str, reason: str) -> None:
        reason = reason[:LONGEST_REASON]
        with our_errors("SQS"):
            self._make_client().send_message(
                QueueUrl=self._dead_letters_url,
                MessageBody=self._body(connection, request),
                MessageAttributes={REASON: {"DataType": "String", "StringValue": reason}},
            )

    def _body(self, connection: str, request: str) -> str:
        packed = zlib.compress(request.encode())
        parked = RetryMessage(connection=connection, request=b64encode(packed).decode())
        body = parked.model_dump_json(exclude_none=True)
        if len(body.encode()) <= MAX_BODY_BYTES:
            return body
        key = f"{PREFIX}{connection}/{hashlib.sha256(packed).hexdigest()}"
        # First, so that the message never names what is not there.
        self._large.put(key, packed)
        return RetryMessage(connection=connection, key=key).model_dump_json(exclude_none=True)


def retry_message(body: str) -> RetryMessage:
    """A message that ``park`` sent; PermanentError for any other."""
    try:
        parked = RetryMessage.model_validate_json(body)
    except ValidationError as error:
        raise _unreadable(error) from error
    if (parked.request is None) == (parked.key is None):
        raise PermanentError("the queue holds what is not a parked request (no request and no key)")
    if parked.key is not None and not parked.key.startswith(PREFIX):
        raise PermanentError("the queue holds what is not a parked request (a key of another sort)")
    return parked


def unpack_request(parked: RetryMessage, large: Objects) -> str:
    """The request that was parked; NotFoundError where its object has expired."""
    try:
        packed = b64decode(parked.request or "") if parked.key is None else large.get(parked.key)
        if packed is None:
            msg = f"the parked request of {parked.connection} has expired: {parked.key} is gone"
            raise NotFoundError(msg)
        return zlib.decompress(packed).decode()
    except (ValueError, zlib.error) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> PermanentError:
    # Its text may quote the message, and ours goes to the log.
    return PermanentError(f"the queue holds what is not a parked request ({type(error).__name__})")
