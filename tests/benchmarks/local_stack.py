"""The deployed template on the local cloud: webhooks a second, answers, mails, CPU and memory."""

from __future__ import annotations

import http.client
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from countersign.adapters.dynamodb.connections import DynamoConnections
from countersign.adapters.dynamodb.pipelines import DynamoPipelines
from countersign.adapters.ssm_secrets import SsmSecretStore
from countersign.local.build import build
from countersign.local.cloud import LocalCloud, free_port, running_cloud
from countersign.local.deploy import Stack, deploy
from countersign.local.project import Project
from tests.benchmarks.figures import Figure, percentile, write_figures
from tests.benchmarks.processes import cpu_seconds, megabytes
from tests.benchmarks.scene import (
    ADDRESS,
    ADDRESS_KEY,
    CONNECTION,
    ROOT,
    SECRETS,
    message,
    one_mail,
)

WARM_UP = 40
SINGLE = 200
"""Webhooks over one connection, one after the other."""
AT_ONCE = 400
"""Webhooks over ``CONNECTIONS`` connections."""
CONNECTIONS = 8
PACED = 160
PACE = 20
"""Webhooks a second over as many connections, which is all that n8n takes."""
PATIENCE = 60
"""Seconds to wait for the last mail."""


# What n8n, tuned, does with the same work on such a machine, in milliseconds by percentile.
ANSWERS_OF_N8N = MappingProxyType({50: 451.0, 99: 660.0})
MAIL_OF_N8N = MappingProxyType({50: 849.0})


@dataclass(frozen=True, slots=True)
class Target:
    """Where webhooks go."""

    cloud: LocalCloud
    url: str


@dataclass(frozen=True, slots=True)
class Posted:
    """One webhook that was accepted; times are seconds since 1970."""

    number: str
    sent: float
    answered: float


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load of webhooks."""

    rate: float
    """Accepted a second."""
    answers: list[float]
    """Milliseconds from each POST to its answer."""
    mails: list[float]
    """Milliseconds from each POST to its mail."""
    cpu: float | None
    """CPU milliseconds of the whole stack for each webhook, from POST to mail."""
    memory: float | None
    """Megabytes of the whole stack at the end."""


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    project = Project(ROOT)
    template = build(project)
    with running_cloud(project, port=free_port(), name="bench") as cloud:
        stack = deploy(project, cloud, template)
        _set_up(cloud, stack)
        at = Target(cloud, f"{stack.webhooks}/{ADDRESS}")
        _load(at, "W", WARM_UP, CONNECTIONS)
        single = _load(at, "S", SINGLE, 1)
        paced = _load(at, "P", PACED, CONNECTIONS, pace=PACE)
        at_once = _load(at, "M", AT_ONCE, CONNECTIONS)
    figures = [
        *_rate(single, "1 connection"),
        *_times(single, "1 connection"),
        *_times(paced, f"{PACE} a second", ANSWERS_OF_N8N, MAIL_OF_N8N),
        *_rate(at_once, f"{CONNECTIONS} connections"),
        *_times(at_once, f"{CONNECTIONS} connections", ANSWERS_OF_N8N, MAIL_OF_N8N),
        *_machine(at_once),
    ]
    write_figures(output, figures)
    shutil.rmtree(cloud.folder)


def _rate(load: Load, at: str) -> list[Figure]:
    name = f"accepted at {at}"
    return [Figure(name=name, value=load.rate, unit="a second", target=20, least=True)]


def _times(
    load: Load,
    at: str,
    answers: Mapping[int, float] = MappingProxyType({}),
    mails: Mapping[int, float] = MappingProxyType({}),
) -> list[Figure]:
    """Answers and mails of a load, with the targets of each by percentile."""
    return [
        Figure(
            name=f"POST to {what} at {at}, {'median' if percent == 50 else f'{percent}th'}",
            value=percentile(taken, percent),
            unit="ms",
            target=targets.get(percent),
        )
        for what, taken, targets in (("answer", load.answers, answers), ("mail", load.mails, mails))
        for percent in (50, 95, 99)
    ]


def _machine(load: Load) -> list[Figure]:
    if load.cpu is None or load.memory is None:
        return []
    return [
        Figure(name="CPU of the whole stack a webhook", value=load.cpu, unit="ms", target=58),
        Figure(name="memory of the whole stack", value=load.memory, unit="MB", target=1500),
    ]


def _set_up(cloud: LocalCloud, stack: Stack) -> None:
    """Publish the pipeline and connect DocuSign, as the command line does."""
    session, address = cloud.session(), cloud.endpoint
    client = session.client("dynamodb", endpoint_url=address)
    table = stack.outputs["TableName"]
    DynamoPipelines(client, table).publish(one_mail(), at=_now(), by="anna")
    DynamoConnections(client, table).put(CONNECTION)
    ssm = session.client("ssm", endpoint_url=address)
    key = stack.outputs["AddressKeyPath"]
    ssm.put_parameter(Name=key, Value=ADDRESS_KEY, Type="SecureString")
    SsmSecretStore(lambda: ssm, stack.outputs["ConnectionsPath"], now=_now).put(SECRETS)


def _load(
    at: Target, prefix: str, count: int, connections: int, *, pace: int | None = None
) -> Load:
    """Post so many webhooks, each of an envelope of its own, and wait for all the mails.

    ``pace`` is how many a second at most.
    """
    numbers = [f"{prefix}-{number:05}" for number in range(count)]
    requests = [(number, *_signed(number)) for number in numbers]
    before = cpu_seconds()
    posted = _post(at.url, requests, connections, 1 / pace if pace else 0)
    mails = _mails(at.cloud, numbers)
    after = cpu_seconds()
    started = min(one.sent for one in posted)
    return Load(
        rate=count / (max(one.answered for one in posted) - started),
        answers=[(one.answered - one.sent) * 1e3 for one in posted],
        mails=[(mails[one.number] - one.sent) * 1e3 for one in posted],
        cpu=None if before is None or after is None else (after - before) / count * 1e3,
        memory=megabytes(),
    )


def _signed(number: str) -> tuple[bytes, dict[str, str]]:
    """The body and headers of the message whose mail will name this number."""
    envelope = f"{number.encode().hex():0<32}"
    request = message("envelope-sent", envelope, _now(), size=6_000, number=number)
    return request.body, request.headers


def _post(
    url: str, requests: Sequence[tuple[str, bytes, dict[str, str]]], connections: int, gap: float
) -> list[Posted]:
    """Post all, each connection the next that is left once its last is answered.

    ``gap`` is the least time between two, in seconds.
    """
    target = urlsplit(url)
    left, lock, started = iter(enumerate(requests)), threading.Lock(), time.monotonic()
    posted: list[Posted] = []
    refused: list[str] = []

    def work() -> None:
        line = http.client.HTTPConnection(target.netloc, timeout=30)
        while True:
            with lock:
                place, request = next(left, (0, None))
            if request is None:
                break
            number, body, headers = request
            time.sleep(max(0.0, started + place * gap - time.monotonic()))
            sent = time.time()
            line.request("POST", target.path, body, headers)
            answer = line.getresponse()
            said = answer.read()
            posted.append(Posted(number, sent, time.time()))
            if answer.status != 200:
                refused.append(f"{number}: {answer.status} {said[:200]!r}")
        line.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused or len(posted) != len(requests):
        msg = f"{len(posted)} of {len(requests)} webhooks answered; refused: {refused[:3]}"
        raise RuntimeError(msg)
    return posted


def _mails(cloud: LocalCloud, numbers: Iterable[str]) -> dict[str, float]:
    """When the mail of each number reached the mailbox, by the local cloud's own record."""
    wanted = set(numbers)
    deadline = time.monotonic() + PATIENCE
    while True:
        arrived: dict[str, list[float]] = {}
        for mail in cloud.mails():
            number = str(mail["Subject"]).split()[2]
            arrived.setdefault(number, []).append(float(mail["Timestamp"]))
        twice = [number for number, times in arrived.items() if len(times) > 1]
        if twice:
            raise RuntimeError(f"mails that came twice: {twice[:3]}")
        if wanted <= arrived.keys():
            return {number: arrived[number][0] for number in wanted}
        if time.monotonic() > deadline:
            missing = sorted(wanted - arrived.keys())
            raise RuntimeError(f"{len(missing)} mails did not come, for example {missing[:3]}")
        # Seldom, so that looking costs the stack little.
        time.sleep(1)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
