"""Plays what the local cloud's mail service does not report: every mail is sent and delivered.

The local cloud stores where SES's events are to go and sends none, and like AWS it lets nobody
else speak for SES on the event bus; so the reports go straight to the queue behind the bus's rule.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from countersign.adapters.dynamodb.items import parse
from countersign.adapters.ses.mail_events import KINDS, SOURCE
from countersign.adapters.ses.mailer import tags
from countersign.local.cloud import LocalCloud
from countersign.local.deploy import Stack
from countersign.model.run import Run

PLAYED = ("Email Sent", "Email Delivered")
EVERY = 1.0
"""Seconds between two looks into the mailbox."""
TRIES = 60
"""Looks after which a mail belongs to no run: its function ended over it."""


@contextmanager
def playing_reports(cloud: LocalCloud, stack: Stack) -> Iterator[None]:
    """Report on every mail in the mailbox, until the end."""
    player = _Player(cloud, stack)
    over = threading.Event()

    def play() -> None:
        while not over.wait(EVERY):
            try:
                player.play()
            except (OSError, BotoCoreError, ClientError):
                continue  # the local cloud is busy, or about to end

    thread = threading.Thread(target=play, name="mail reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def report(
    detail_type: str,
    mail: dict[str, Any],
    tagged: Iterable[Mapping[str, str]],
    configuration_set: str,
) -> dict[str, Any]:
    """SES's event about a mail of the mailbox with these tags, as EventBridge hands it over."""
    at = datetime.fromtimestamp(mail["Timestamp"], UTC).isoformat()
    _, section = KINDS[detail_type]
    recipients = [*mail["To"], *mail["CC"], *mail["BCC"]]
    special = {"timestamp": at, "recipients": recipients} if section == "delivery" else {}
    named = {tag["Name"]: [tag["Value"]] for tag in tagged}
    return {
        "version": "0",
        "id": f"{mail['MessageId']} {detail_type}",
        "detail-type": detail_type,
        "source": SOURCE,
        "account": "000000000000",
        "time": at,
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "mail": {
                "timestamp": at,
                "source": mail["Source"],
                "messageId": mail["MessageId"],
                "destination": recipients,
                "tags": {"ses:configuration-set": [configuration_set], **named},
            },
            section: special,
        },
    }


class _Player:
    """Remembers what it has reported on."""

    def __init__(self, cloud: LocalCloud, stack: Stack) -> None:
        session = cloud.session()
        self._cloud = cloud
        self._outputs = stack.outputs
        self._state = session.client("dynamodb", endpoint_url=cloud.endpoint)
        self._queue = session.client("sqs", endpoint_url=cloud.endpoint)
        self._looks: dict[str, int] = {}
        """How often a mail's run was looked for; ``TRIES`` once that is over."""

    def play(self) -> None:
        """Report on each mail whose run is concluded; it keeps the mail's id from then on."""
        fresh = {
            mail["MessageId"]: mail
            for mail in self._cloud.mails()
            if self._looks.get(mail["MessageId"], 0) < TRIES
        }
        if not fresh:
            return
        for name in fresh:
            self._looks[name] = self._looks.get(name, 0) + 1
        for run in self._runs():
            several = [(mail.message_id, number) for number, mail in enumerate(run.mails)]
            for message_id, number in [(run.result.get("message_id"), None), *several]:
                mail = fresh.get(message_id or "")
                if mail is not None:
                    self._report(mail, tags(run.key, number, run.pipeline))
                    self._looks[mail["MessageId"]] = TRIES

    def _report(self, mail: dict[str, Any], tagged: Sequence[Mapping[str, str]]) -> None:
        configuration_set = self._outputs["ConfigurationSet"]
        for detail_type in PLAYED:
            event = report(detail_type, mail, tagged, configuration_set)
            self._queue.send_message(
                QueueUrl=self._outputs["FeedbackQueueUrl"], MessageBody=json.dumps(event)
            )

    def _runs(self) -> Iterator[Run]:
        """The runs that have sent a mail."""
        pages: Any = self._state.get_paginator("scan").paginate(
            TableName=self._outputs["TableName"],
            FilterExpression="#type = :run AND "
            "(attribute_exists(#result.message_id) OR attribute_exists(mails))",
            ExpressionAttributeNames={"#type": "type", "#result": "result"},
            ExpressionAttributeValues={":run": {"S": "run"}},
        )
        for page in pages:
            yield from (parse(Run, item) for item in page["Items"])
