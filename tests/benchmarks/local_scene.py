"""The deployed template on a local cloud, ready to take webhooks that send one mail each."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.ssm.credentials import SsmCredentialStore
from countersign.local.build import build
from countersign.local.cloud import LocalCloud, free_port, running_cloud
from countersign.local.deploy import Stack, deploy
from countersign.local.project import Project
from tests.benchmarks.load import Webhook
from tests.benchmarks.scene import (
    ADDRESS,
    ADDRESS_KEY,
    CONNECTION,
    ROOT,
    SECRETS,
    envelope_of,
    message,
    one_mail,
)

READS_WITHIN = 300.0
"""Seconds for the whole mailbox, which has each mail's text."""
_WEB = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Target:
    """Where webhooks go."""

    cloud: LocalCloud
    stack: Stack

    @property
    def url(self) -> str:
        """The connection's address."""
        return f"{self.stack.webhooks}/{ADDRESS}"

    def client(self, service: str) -> Any:
        """A client of our own."""
        session: Any = self.cloud.session()
        return session.client(service, endpoint_url=self.cloud.endpoint)

    def dead_letters(self) -> Mapping[str, int]:
        """How many messages lie in each queue of dead letters that has any."""
        client, outputs = self.client("sqs"), self.stack.outputs
        found = {
            name.removesuffix("Url"): _waiting(client, url)
            for name, url in outputs.items()
            if name.endswith("DeadLettersUrl")
        }
        return {name: number for name, number in found.items() if number}


@contextmanager
def local_target(name: str) -> Iterator[Target]:
    """A fresh cloud in a folder of this name, which is removed unless something fails."""
    project = Project(ROOT)
    template = build(project)
    with running_cloud(project, port=free_port(), name=name) as cloud:
        at = Target(cloud, deploy(project, cloud, template))
        _set_up(at)
        yield at
    shutil.rmtree(cloud.folder)


def _set_up(at: Target) -> None:
    """Publish the pipeline and connect DocuSign, as the command line does."""
    client, table = at.client("dynamodb"), at.stack.outputs["TableName"]
    DynamoPipelines(client, table).publish(one_mail(), at=_now(), by="anna")
    DynamoConnections(client, table).put(CONNECTION)
    ssm = at.client("ssm")
    key = at.stack.outputs["AddressKeyPath"]
    ssm.put_parameter(Name=key, Value=ADDRESS_KEY, Type="SecureString")
    SsmCredentialStore(lambda: ssm, at.stack.outputs["ConnectionsPath"], now=_now).put(SECRETS)


def signed(number: str) -> Webhook:
    """The message whose mail will name this number."""
    request = message("envelope-sent", envelope_of(number), _now(), size=6_000, number=number)
    return Webhook(number, request.body, request.headers)


def arrivals(cloud: LocalCloud) -> dict[str, list[float]]:
    """When each mail that is in the mailbox came, by its number.

    The local cloud answers with the whole mailbox, and nothing empties it but a reset of all its
    services (``/_ministack/reset``): it is read once a load, and never to wait for something.
    """
    with _WEB.open(cloud.mailbox, timeout=READS_WITHIN) as answer:
        accounts: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    found: dict[str, list[float]] = {}
    for mail in chain.from_iterable(accounts.values()):
        number = str(mail["Subject"]).split()[2]
        found.setdefault(number, []).append(float(mail["Timestamp"]))
    return found


def mails(cloud: LocalCloud) -> dict[str, float]:
    """The same where each came once; RuntimeError if one came twice."""
    found = arrivals(cloud)
    twice = [number for number, times in found.items() if len(times) > 1]
    if twice:
        raise RuntimeError(f"{len(twice)} mails came twice: {twice[:3]}")
    return {number: times[0] for number, times in found.items()}


def _waiting(client: Any, queue: str) -> int:
    """The messages of a queue, those under way included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = client.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(told[name]) for name in names)


def waiting_reports(at: Target, client: Any) -> int:
    """How many reports on mails are not recorded yet; ``client`` is of SQS."""
    return _waiting(client, at.stack.outputs["FeedbackQueueUrl"])


def _now() -> datetime:
    return datetime.now(UTC)
