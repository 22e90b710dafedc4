"""How each AWS client behaves that the adapters are given: how long it waits, how often it tries.

Times are seconds. They fit the functions' own time-outs: a webhook's answer must not wait for a
database that is away, for its request can be parked. Checking parameters on the client costs a
third of a call's processor time, and the service checks them again.
"""

from __future__ import annotations

from typing import Any

import botocore
from botocore.config import Config

from countersign import __version__

LOOKED_UP_WITHIN = 2
"""How long finding a host's address may take: ``RES_OPTIONS`` in the template says so to the
functions' C library."""

USER_AGENT = f"Countersign/{__version__} Botocore/{botocore.__version__}"
"""Who calls, for CloudTrail: botocore puts its own text together twice for each call, which takes
some 5 % of a webhook's processor time.
https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html"""

STATE = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
    parameter_validation=False,
    tcp_keepalive=True,
    user_agent=USER_AGENT,
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
    signature_version="s3v4",
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)
"""S3. Writing the same object again is harmless. Addresses of calls are signed with their headers,
which the older signature leaves out. They name the bucket's own host in its region: the one of all
regions redirects for a new bucket, which a browser does not follow when it asks for leave (CORS).
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingRouting.html"""

QUEUES = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
)
"""SQS and EventBridge Scheduler. A message that is sent twice is harmless."""

LOGS = Config(
    connect_timeout=1,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 1},
)
"""CloudWatch Logs, which looks through a log for as long as it takes. Callers retry themselves."""

PEOPLE = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 2},
)
"""Cognito. Of an invitation that is sent twice, the second is refused: the person is there."""

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


def longest_try(config: Any) -> float:
    """Seconds that one try of a call may take, with the wait before the next."""
    tries: int = config.retries["total_max_attempts"]
    wait = 2 ** (tries - 2) if tries > 1 else 0
    once: float = config.connect_timeout + config.read_timeout
    return LOOKED_UP_WITHIN + once + wait


OF = {
    "dynamodb": STATE,
    "ssm": SECRETS,
    "s3": OBJECTS,
    "sqs": QUEUES,
    "scheduler": QUEUES,
    "cognito-idp": PEOPLE,
    "logs": LOGS,
    "sesv2": MAIL,
    "events": ONCE,
    "sns": ONCE,
}
"""By the service's name in boto3."""
MAIL_READS = QUEUES
"""SES, where it is asked and no mail is sent."""

WRITTEN_WITHIN = 2 * longest_try(STATE)
"""How long writing what became of an effect may take: its run is read, and written."""
KEPT = dict.fromkeys(("sesv2", "events", "sns"), WRITTEN_WITHIN)
"""What must be left behind a call that has an effect."""
PARKING = {"dynamodb": longest_try(OBJECTS) + longest_try(QUEUES)}
"""What must be left behind a call of the database while a webhook's sender waits: its request is
parked where the database does not answer, a large one in two places."""
PUTTING_BACK = dict.fromkeys(("dynamodb", "ssm", "s3"), longest_try(QUEUES))
"""What must be left behind these calls where a message is put back that meets an outage."""
