"""What so many webhooks a second take of AWS's quotas, from what one of them is counted to cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from countersign.adapters.dynamodb.sizes import item_size
from tests.benchmarks.scale_load import Load
from tests.benchmarks.scale_table import MeteredTable

DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"
TEMPLATE = "template.yaml"
OVERHEAD = 100
"""Bytes of each item, of the table and of an index, that are stored beside its own.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""

SECONDS = {
    "receive_webhook": 0.06,
    "dispatch_runs": 0.02,
    "run_email": 0.25,
    "run_document": 0.06,
    "record_feedback": 0.05,
}
"""Assumed, not measured: how long a webhook, a run or a report takes its function. DynamoDB answers
a read in 5 ms and a transaction in 15, SES in 100; the rest is processor time."""
MEMORY = {"receive_webhook": 1.0}
"""GB, where it is not half a GB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """What a webhook costs with all that follows from it, on the average of a document's life."""

    writes: Mapping[str, float]
    """Write units of the table (under its empty name) and of each index."""
    reads: float
    """Read units of the table."""
    stream_records: float
    queued: float
    """Messages to the lanes' queues, due within 15 minutes."""
    scheduled: float
    """Messages to them by a schedule."""
    withdrawn: float
    mails: float
    reports: float
    performed: float
    """Runs that a lane performed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How large it is to be."""

    webhooks: float
    """A second."""
    documents: float
    """In the table."""
    scheduled: float
    """Runs that wait for their time."""
    connections: int
    """Whose webhooks come in each minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What is needed of one quota."""

    name: str
    needed: float
    quota: float
    unit: str
    raised: str
    """Who raises it."""
    source: str

    @property
    def share(self) -> float:
        """How full it is; more than 1 is too full."""
        return self.needed / self.quota


def counted(load: Load) -> Webhook:
    """What the load's webhooks cost, each."""
    number, table = load.webhooks, load.table
    writes: Counter[str] = Counter()
    for (index, _), units in table.writes.items():
        writes[index] += units
    return Webhook(
        writes={index: units / number for index, units in writes.items()},
        reads=sum(table.reads.values()) / number,
        stream_records=len(table.stream) / number,
        queued=load.queues.calls["queued"] / number,
        scheduled=load.queues.calls["scheduled"] / number,
        withdrawn=load.queues.calls["withdrawn"] / number,
        mails=len(load.world.mailbox.sent) / number,
        reports=load.reports / number,
        performed=len(load.world.performed) / number,
    )


def stored(table: MeteredTable, documents: int) -> float:
    """Bytes that a document takes with all that belongs to it, in the table and its indexes."""
    items = list(table.items.values())
    entries = (index.entry(item) for index in table.indexes.values() for item in items)
    sizes = [item_size(one) + OVERHEAD for one in (*items, *entries) if one]
    return sum(sizes) / documents


def invocations(webhook: Webhook, rate: float) -> dict[str, float]:
    """How often a second each function works: on one webhook, one run, or one report."""
    return {
        "receive_webhook": rate,
        "dispatch_runs": rate * (webhook.queued + webhook.scheduled),
        "run_email": rate * webhook.mails,
        "run_document": rate * (webhook.performed - webhook.mails),
        "record_feedback": rate * webhook.reports,
    }


def concurrency(webhook: Webhook, rate: float) -> dict[str, float]:
    """How many of each function work at once."""
    often = invocations(webhook, rate)
    return {name: SECONDS[name] * number for name, number in often.items()}


def parameter_reads(webhook: Webhook, target: Target) -> float:
    """A second: each process reads a connection's secrets once a minute, if it hears of it."""
    processes = concurrency(webhook, target.webhooks)["receive_webhook"]
    heard_of = min(target.connections, target.webhooks * 60 / processes)
    return processes * heard_of / 60


def uses(webhook: Webhook, target: Target, template: Mapping[str, Any]) -> list[Use]:
    """What is needed of each quota, the fullest first."""
    found = [*_own(webhook, target, template), *_database(webhook, target.webhooks)]
    found += [*_compute(webhook, target), *_schedules(webhook, target), *_mails(webhook, target)]
    return sorted(found, key=lambda use: -use.share)


def first_met(found: Iterable[Use], target: Target) -> tuple[Use, float]:
    """The quota that is met first as webhooks become more, and at how many a second."""
    fullest = max(found, key=lambda use: use.share)
    return fullest, target.webhooks / fullest.share


def _own(webhook: Webhook, target: Target, template: Mapping[str, Any]) -> Sequence[Use]:
    """Limits of this project's own, for a stack of the stage ``prod``."""
    prod = template["Mappings"]["Stages"]["prod"]
    mails, at_once = webhook.mails * target.webhooks, prod["EmailConcurrency"]
    return (
        Use(name="own limit of the webhooks' address", needed=target.webhooks,
            quota=prod["RequestsPerSecond"], unit="calls/s", raised="the template",
            source=TEMPLATE),
        Use(name="own limit of run_email at once", needed=mails * SECONDS["run_email"],
            quota=at_once, unit="at once", raised="the template", source=TEMPLATE),
    )  # fmt: skip


def _database(webhook: Webhook, rate: float) -> Iterable[Use]:
    quotas = f"{DYNAMODB}/ServiceQuotas.html"
    for index, units in webhook.writes.items():
        name = f"DynamoDB writes, index {index}" if index else "DynamoDB writes, table"
        yield Use(name=name, needed=units * rate, quota=40_000, unit="units/s", raised="AWS",
                  source=quotas)  # fmt: skip
    yield Use(name="DynamoDB writes, a table that is new", needed=webhook.writes[""] * rate,
              quota=4_000, unit="units/s", raised="itself, or warm throughput",
              source=f"{DYNAMODB}/warm-throughput-scenarios.html")  # fmt: skip
    yield Use(name="DynamoDB reads, table", needed=webhook.reads * rate, quota=40_000,
              unit="units/s", raised="AWS", source=quotas)  # fmt: skip


def _compute(webhook: Webhook, target: Target) -> Iterable[Use]:
    at_once = concurrency(webhook, target.webhooks)
    lambda_ = "https://docs.aws.amazon.com/lambda/latest/dg"
    yield Use(name="API Gateway", needed=target.webhooks, quota=10_000, unit="calls/s",
              raised="AWS",
              source="https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
              )  # fmt: skip
    yield Use(name="Lambda, all functions at once", needed=sum(at_once.values()), quota=1_000,
              unit="at once", raised="AWS",
              source=f"{lambda_}/gettingstarted-limits.html")  # fmt: skip
    yield Use(name="Lambda, new ones of one function in 10 s", needed=max(at_once.values()),
              quota=1_000, unit="at once", raised="nobody",
              source=f"{lambda_}/scaling-behavior.html")  # fmt: skip
    yield Use(name="SQS, messages in flight in a queue",
              needed=max(number for name, number in at_once.items() if name != "receive_webhook"),
              quota=120_000, unit="at once", raised="AWS", source="https://docs.aws.amazon.com/"
              "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html")  # fmt: skip
    yield Use(name="Parameter Store, reads", needed=parameter_reads(webhook, target), quota=40,
              unit="reads/s", raised="a setting of the account",
              source="https://docs.aws.amazon.com/general/latest/gr/ssm.html")  # fmt: skip


def _schedules(webhook: Webhook, target: Target) -> Sequence[Use]:
    rate = target.webhooks
    return (
        Use(name="Scheduler, schedules", needed=target.scheduled, quota=10_000_000,
            unit="in all", raised="AWS", source=SCHEDULER),
        Use(name="Scheduler, CreateSchedule", needed=webhook.scheduled * rate, quota=5_000,
            unit="calls/s", raised="AWS", source=SCHEDULER),
        Use(name="Scheduler, invocations",
            needed=max(0.0, webhook.scheduled - webhook.withdrawn) * rate, quota=1_000,
            unit="calls/s", raised="AWS", source=SCHEDULER),
    )  # fmt: skip


def _mails(webhook: Webhook, target: Target) -> Sequence[Use]:
    a_second = webhook.mails * target.webhooks
    # AWS names no number, but for the sandbox: these are what accounts are told to get first.
    a_day = "https://bluefox.email/aws-concepts/ses-sending-quota"
    rate = "https://acellemail.com/ja/kb/articles/ses-sending-limits-cookbook"
    return (
        Use(name="SES, mails a second, out of the sandbox", needed=a_second, quota=14,
            unit="mails/s", raised="AWS", source=rate),
        Use(name="SES, mails a day, out of the sandbox", needed=a_second * 86_400, quota=50_000,
            unit="mails", raised="AWS", source=a_day),
        Use(name="EventBridge, reports to their queue", needed=webhook.reports * target.webhooks,
            quota=4_500, unit="calls/s", raised="AWS",
            source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"),
    )  # fmt: skip


PRICES = {
    "DynamoDB writes": 0.625 / 1e6,
    "DynamoDB reads": 0.125 / 1e6,
    "Lambda requests": 0.20 / 1e6,
    "Lambda GB-seconds": 0.0000133334,
    "API Gateway": 1.00 / 1e6,
    "SQS requests": 0.40 / 1e6,
    "Scheduler invocations": 1.00 / 1e6,
    "SES mails": 0.10 / 1e3,
    "Logs GB": 0.50,
}
"""US dollars in us-east-1, without free tiers and without rebates for much.
https://aws.amazon.com/dynamodb/pricing/on-demand/ https://aws.amazon.com/lambda/pricing/
https://aws.amazon.com/api-gateway/pricing/ https://aws.amazon.com/sqs/pricing/
https://aws.amazon.com/eventbridge/pricing/ https://aws.amazon.com/ses/pricing/
https://aws.amazon.com/cloudwatch/pricing/"""
STORED_GB = 0.25
"""US dollars a month for a GB in DynamoDB; point-in-time recovery costs 0.20 more."""
LOGGED = 1_000
"""Bytes that an invocation logs, with what Lambda adds: assumed."""


def costs(webhook: Webhook) -> dict[str, float]:
    """US dollars for a million webhooks with all that follows from them."""
    often = invocations(webhook, 1)
    seconds = {name: SECONDS[name] * number for name, number in often.items()}
    from_queues = often["run_email"] + often["run_document"] + often["record_feedback"]
    used = {
        "DynamoDB writes": sum(webhook.writes.values()),
        "DynamoDB reads": webhook.reads,
        "Lambda requests": sum(often.values()),
        "Lambda GB-seconds": sum(MEMORY.get(name, 0.5) * took for name, took in seconds.items()),
        "API Gateway": 1,
        "SQS requests": 3 * from_queues,  # sent, received, deleted
        "Scheduler invocations": max(0.0, webhook.scheduled - webhook.withdrawn),
        "SES mails": webhook.mails,
        "Logs GB": sum(often.values()) * LOGGED / 1e9,
    }
    return {name: number * PRICES[name] * 1e6 for name, number in used.items()}
