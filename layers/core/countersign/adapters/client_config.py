"""How each AWS client behaves that the adapters are given: how long it waits, how often it tries.

Times are seconds. They fit the functions' own time-outs: a webhook's answer must not wait for a
database that is away, for its request can be parked. Checking parameters on the client costs a
third of a call's processor time, and the service checks them again.
"""

from __future__ import annotations

from botocore.config import Config

STATE = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
    parameter_validation=False,
    tcp_keepalive=True,
)
"""DynamoDB. Trying again is safe: the client sends a transaction's token again with it."""

SECRETS = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
)
"""Systems Manager's parameters."""

OBJECTS = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 2},
)
"""S3. Writing the same object again is harmless."""

QUEUES = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
)
"""SQS and EventBridge Scheduler. A message that is sent twice is harmless."""

ONCE = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 1},
)
"""EventBridge's bus and SNS. One try in all, for the same reason as with mails."""

MAIL = Config(
    connect_timeout=3,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 1},
    tcp_keepalive=True,
)
"""SES. One try in all: after a time-out nobody knows whether the mail went out."""
