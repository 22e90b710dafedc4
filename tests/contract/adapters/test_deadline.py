"""No call of a client begins that might not end before its function does."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from countersign.adapters.aws.deadline import AT_THE_END, Deadline
from countersign.errors import UnavailableError


class _Time:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def time() -> _Time:
    return _Time()


class _Silent:
    """A service that gives no answer; each try takes a while."""

    def __init__(self, time: _Time, takes: float) -> None:
        self.client = boto3.client(
            "sqs",
            region_name="eu-central-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
        )
        self.tries = 0
        self._time = time
        self._takes = takes

    def guarded_by(self, deadline: Deadline, longest: float) -> Any:
        deadline.guard(self.client, "sqs", longest)
        self.client.meta.events.register_last("before-send", self._say_nothing)
        return self.client

    def _say_nothing(self, **_: Any) -> None:
        self.tries += 1
        self._time.at += self._takes
        raise ReadTimeoutError(endpoint_url="https://sqs.example")


def test_there_is_no_end_until_an_invocation_begins(time: _Time) -> None:
    service = _Silent(time, takes=1000)
    client = service.guarded_by(Deadline(time), longest=500)
    with pytest.raises(ReadTimeoutError):
        client.list_queues()
    assert service.tries == 2


@pytest.mark.parametrize(
    ("seconds", "tries"),
    [(5 + AT_THE_END - 0.1, 0), (5 + AT_THE_END, 1), (9 + AT_THE_END, 2)],
)
def test_a_try_that_might_not_end_in_time_is_not_begun(
    time: _Time, seconds: float, tries: int
) -> None:
    deadline = Deadline(time)
    service = _Silent(time, takes=4)
    client = service.guarded_by(deadline, longest=5)
    deadline.begin(seconds)
    with pytest.raises((UnavailableError, ReadTimeoutError)):
        client.list_queues()
    assert service.tries == tries


def test_what_a_failure_needs_is_left_behind_a_call(time: _Time) -> None:
    deadline = Deadline(time)
    service = _Silent(time, takes=4)
    client = service.guarded_by(deadline, longest=5)
    deadline.begin(8 + AT_THE_END, kept={"sqs": 3})
    with pytest.raises(UnavailableError, match="nothing was sent"):
        client.list_queues()
    assert service.tries == 1
    # The next invocation has its own end, and keeps nothing.
    deadline.begin(9 + AT_THE_END)
    assert deadline.left() == 9
    with pytest.raises(ReadTimeoutError):
        client.list_queues()
    assert service.tries == 3
