"""Faults of AWS as its clients tell them, at chosen calls of the functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.integration.account import Account

Fault = Callable[[], Any]
"""Raises, or returns the answer that the client takes for AWS's."""


def refused(code: str, status: int = 400, message: str = "not now") -> Fault:
    """AWS answers with an error."""

    def answer() -> Any:
        told = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
        }
        return AWSResponse("https://aws.example", status, HTTPHeaders(), None), told

    return answer


def quota(a_second: float) -> Fault:
    """SES says how many mails a second the account may send, which moto does not know."""

    def answer() -> Any:
        told = {"SendQuota": {"MaxSendRate": a_second, "Max24HourSend": 50_000.0}}
        return AWSResponse("https://aws.example", 200, HTTPHeaders(), None), told

    return answer


def unreachable() -> Any:
    """Nothing was sent."""
    raise EndpointConnectionError(endpoint_url="https://aws.example")


def silent() -> Any:
    """It was sent, and no answer came."""
    raise ReadTimeoutError(endpoint_url="https://aws.example")


@contextmanager
def disturbed(
    account: Account,
    function: str,
    call: str,
    fault: Fault,
    *,
    times: int | None = None,
    after: int = 0,
) -> Iterator[None]:
    """``call`` (``dynamodb.BatchGetItem``) meets the fault instead of being made.

    The first ``after`` calls are made, then ``times`` meet the fault; None for all.
    """
    numbers = count(1 - after)

    def meet(**_: object) -> Any:
        number = next(numbers)
        if number < 1 or (times is not None and number > times):
            return None
        return fault()

    events = account.client_of(function, call.partition(".")[0]).meta.events
    events.register(f"before-call.{call}", meet, unique_id=f"fault {call}")
    try:
        yield
    finally:
        events.unregister(f"before-call.{call}", unique_id=f"fault {call}")
