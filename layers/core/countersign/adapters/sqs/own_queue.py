"""A lane's own queue, for messages that came before their run was due."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from countersign.adapters.aws.errors import our_errors
from countersign.errors import PermanentError
from countersign.model.message import RunMessage
from countersign.model.run import Lane

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY = 900
"""Seconds that SQS itself holds back a message; a message that comes early again is sent again."""


class OwnQueue:
    """``ports.OwnRunQueue``, which sends to no other lane.

    The client is made when it is first needed: few messages come before their time.
    """

    def __init__(self, client: Callable[[], SQSClient], lane: Lane, url: str) -> None:
        self._make_client = client
        self._lane = lane
        self._url = url

    def send(self, lane: Lane, message: RunMessage, *, due: datetime, now: datetime) -> None:
        if lane != self._lane:
            msg = f"the lane {self._lane} sends no message to the lane {lane}"
            raise PermanentError(msg)
        delay = min(LONGEST_DELAY, max(0, math.ceil((due - now).total_seconds())))
        body = message.model_dump_json(exclude_none=True)
        with our_errors("SQS"):
            self._make_client().send_message(
                QueueUrl=self._url,
                MessageBody=body,
                DelaySeconds=delay,
                MessageGroupId=message.pipeline,
            )
