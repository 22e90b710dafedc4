"""The deployed template on the local cloud: webhooks a second, answers, mails, CPU and memory."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from countersign.adapters.dynamodb.stores.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.pipelines import DynamoPipelines
from countersign.adapters.ssm.credentials import SsmCredentialStore
from countersign.local.build import build
from countersign.local.cloud import LocalCloud, free_port, running_cloud
from countersign.local.deploy import Stack, deploy
from countersign.local.progress import interruptible
from countersign.local.project import Project
from tests.benchmarks.figures import Figure, percentile, write_figures
from tests.benchmarks.load import Load, Webhook, lateness, post
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

CONNECTIONS = 8
WARM_UP = ((1, 1), (4, 2), (40, CONNECTIONS))
"""How many webhooks over how many connections, one load after the other."""
SINGLE = 200
"""Webhooks over one connection, one after the other."""
AT_ONCE = 400
"""Webhooks over ``CONNECTIONS`` connections."""
PACED = 160
PACE = 20
"""Webhooks a second over as many connections, which is all that n8n takes."""
PATIENCE = 120
"""Seconds without any mail after which those that are missing are given up."""


# What n8n, tuned, does with the same work on such a machine, in milliseconds by percentile.
ANSWERS_OF_N8N = MappingProxyType({50: 451.0, 99: 660.0})
MAIL_OF_N8N = MappingProxyType({50: 849.0})


@dataclass(frozen=True, slots=True)
class Target:
    """Where webhooks go."""

    cloud: LocalCloud
    url: str


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    project = Project(ROOT)
    template = build(project)
    with running_cloud(project, port=free_port(), name="bench") as cloud:
        stack = deploy(project, cloud, template)
        _set_up(cloud, stack)
        at = Target(cloud, f"{stack.webhooks}/{ADDRESS}")
        first, *more = _warm_up(at)
        single = _load(at, "S", SINGLE, 1)
        paced = _load(at, "P", PACED, CONNECTIONS, pace=PACE)
        at_once = _load(at, "M", AT_ONCE, CONNECTIONS)
    figures = [
        *_first(first),
        *_rate(single, "1 connection"),
        *_times(single, "1 connection"),
        *_times(paced, f"{PACE} a second", ANSWERS_OF_N8N, MAIL_OF_N8N),
        *_rate(at_once, f"{CONNECTIONS} connections"),
        *_times(at_once, f"{CONNECTIONS} connections", ANSWERS_OF_N8N, MAIL_OF_N8N),
        *_machine(at_once),
        *lateness([first, *more, single, paced, at_once]),
    ]
    write_figures(output, figures)
    shutil.rmtree(cloud.folder)


def _first(load: Load) -> list[Figure]:
    """Of the first webhook after the deployment, when no function has started."""
    return [
        Figure(name=f"POST to {what}, every function cold", value=taken / 1e3, unit="s")
        for what, times in (("answer", load.answers), ("mail", load.mails))
        for taken in times
    ]


def _rate(load: Load, at: str) -> list[Figure]:
    name = f"accepted at {at}"
    return [Figure(name=name, value=load.rate, unit="a second", target=20, least=True)]


def _times(
    load: Load,
    at: str,
    answers: Mapping[int, float] = MappingProxyType({}),
    mails: Mapping[int, float] = MappingProxyType({}),
) -> list[Figure]:
    """Answers and mails of a load, with the targets of each by percentile; of two at least."""
    return [
        Figure(
            name=f"POST to {what} at {at}, {'median' if percent == 50 else f'{percent}th'}",
            value=percentile(taken, percent),
            unit="ms",
            target=targets.get(percent),
        )
        for what, taken, targets in (("answer", load.answers, answers), ("mail", load.mails, mails))
        if len(taken) > 1
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
    SsmCredentialStore(lambda: ssm, stack.outputs["ConnectionsPath"], now=_now).put(SECRETS)


def _warm_up(at: Target) -> list[Load]:
    """One webhook starts each function once; those after it start what more of them take."""
    return [
        _load(at, f"W{step}", count, connections)
        for step, (count, connections) in enumerate(WARM_UP)
    ]


def _load(
    at: Target, prefix: str, count: int, connections: int, *, pace: int | None = None
) -> Load:
    """Post so many webhooks, each of an envelope of its own, and wait for all the mails.

    ``pace`` is how many a second at most. `RuntimeError` if none is accepted, or no mail comes.
    """
    webhooks = [_signed(f"{prefix}-{number:05}") for number in range(count)]
    before = cpu_seconds()
    posted = post(at.url, webhooks, connections, gap=1 / pace if pace else 0.0)
    accepted = {one.number for one in posted if one.accepted is not None}
    if not accepted:
        raise RuntimeError(f"none of {count} webhooks was accepted; see {at.cloud.folder}")
    mailed = _mails(at.cloud, accepted)
    if not mailed:
        raise RuntimeError(f"no mail came of {count} webhooks; see {at.cloud.folder}")
    after = cpu_seconds()
    return Load(
        posted,
        mailed,
        cpu=None if before is None or after is None else (after - before) / count * 1e3,
        memory=megabytes(),
    )


def _signed(number: str) -> Webhook:
    """The message whose mail will name this number."""
    envelope = f"{number.encode().hex():0<32}"
    request = message("envelope-sent", envelope, _now(), size=6_000, number=number)
    return Webhook(number, request.body, request.headers)


def _mails(cloud: LocalCloud, numbers: Iterable[str]) -> dict[str, float]:
    """When the mail of each number reached the mailbox, by the local cloud's own record.

    Without those that are still missing when none has come for ``PATIENCE`` seconds.
    """
    wanted = set(numbers)
    mailed: dict[str, float] = {}
    latest = time.monotonic()
    while True:
        before = len(mailed)
        # A cloud that is busy starting functions may answer late, here too.
        with suppress(OSError):
            mailed = {number: at for number, at in _arrived(cloud).items() if number in wanted}
        if len(mailed) > before:
            latest = time.monotonic()
        if wanted <= mailed.keys() or time.monotonic() > latest + PATIENCE:
            return mailed
        # Seldom, so that looking costs the stack little.
        time.sleep(1)


def _arrived(cloud: LocalCloud) -> dict[str, float]:
    """When each mail that is in the mailbox came, by its number; `RuntimeError` if one is twice."""
    arrived: dict[str, list[float]] = {}
    for mail in cloud.mails():
        number = str(mail["Subject"]).split()[2]
        arrived.setdefault(number, []).append(float(mail["Timestamp"]))
    twice = [number for number, times in arrived.items() if len(times) > 1]
    if twice:
        raise RuntimeError(f"mails that came twice: {twice[:3]}")
    return {number: times[0] for number, times in arrived.items()}


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(interruptible(lambda: main(Path(sys.argv[1]))))
