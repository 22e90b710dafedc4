"""The only module that knows both ports and adapters; builds on first use, never at import.

Each function imports here what it needs and nothing else: a cold start pays for every import.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from countersign import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from countersign.adapters.aws.deadline import Deadline
    from countersign.adapters.s3.objects import Objects
    from countersign.model.run import Lane
    from countersign.ports import Documents, Heartbeats, HttpClient, RunQueues
    from countersign.use_cases.effects.email import EmailEffect
    from countersign.use_cases.effects.provider_api import Accounts
    from countersign.use_cases.effects.web import WebLane
    from countersign.use_cases.messages.mail_events import MailEventRecorder
    from countersign.use_cases.messages.receive import Receiver
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
    from countersign.use_cases.runs.daily_report import Reporter
    from countersign.use_cases.runs.perform_run import Performer
    from countersign.use_cases.runs.sweep import Sweeper

LEASE = timedelta(minutes=2)
"""Longer than any lane's timeout, shorter than its queue's visibility timeout: a message that
comes again finds the lease run out, not the work under way."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def pause(attempt: int) -> None:
    """Wait 10 to 20 ms times the attempt, so that two who met do not meet again."""
    time.sleep((0.01 + random.random() * 0.01) * (attempt + 1))  # noqa: S311 - not a secret


@cache
def client(service: str) -> Any:
    """One client a service and process, with the limits that its adapter needs."""
    import boto3

    from countersign.adapters.aws import client_config

    config = client_config.OF[service]
    # The types know a client for each service by name, not for one that is told.
    made: Any = boto3.client(service, config=config)  # type: ignore[call-overload]
    kept = client_config.KEPT.get(service, 0)
    deadline().guard(made, service, client_config.longest_try(config) + kept)
    return made


@cache
def deadline() -> Deadline:
    """The end of the invocation under way."""
    from countersign.adapters.aws.deadline import Deadline

    return Deadline()


def begin(context: Any, *, parks: bool = False, puts_back: bool = False) -> None:
    """An invocation begins; it ends by itself before Lambda would end it.

    ``parks``: whether what the database does not take is parked within the same invocation;
    ``puts_back``: whether messages that meet an outage are put back.
    """
    from countersign.adapters.aws import client_config

    seconds = context.get_remaining_time_in_millis() / 1000
    kept = client_config.PARKING if parks else client_config.PUTTING_BACK if puts_back else None
    deadline().begin(seconds, kept)


def put_back(queue_url: str) -> Callable[[dict[str, Any]], bool]:
    """What puts messages of the queue back that meet an outage."""
    from countersign.adapters.sqs.put_back import PutBack

    back = PutBack(client("sqs"), queue_url)
    return lambda record: back(record, now())


@cache
def parked_put_back() -> Callable[[dict[str, Any]], bool]:
    """The same for parked webhooks."""
    return put_back(settings.read(settings.ReceiveWebhookSettings).parked_queue_url)


@cache
def feedback_put_back() -> Callable[[dict[str, Any]], bool]:
    """The same for the mail service's reports."""
    return put_back(settings.read(settings.RecordMailEventSettings).feedback_queue_url)


@cache
def receiver() -> Receiver:
    """What receive_webhook works with."""
    from countersign.adapters.aws.stale_credentials import count_stale
    from countersign.adapters.dynamodb.stores.held_messages import DynamoHeldMessages
    from countersign.adapters.s3.rejected_requests import S3RejectedRequests
    from countersign.adapters.sqs.retry_queue import SqsRetryQueue
    from countersign.adapters.ssm.addresses import SsmAddresses
    from countersign.adapters.ssm.credentials import SsmCredentialStore
    from countersign.use_cases.messages.receive import Receiver

    found = settings.read(settings.ReceiveWebhookSettings)
    return Receiver(
        documents=_documents(found.table_name),
        programs=_programs(found.table_name),
        addresses=SsmAddresses(lambda: client("ssm"), found.address_key_path, now=now),
        secrets=SsmCredentialStore(
            lambda: client("ssm"), found.connections_path, now=now, stale=count_stale
        ),
        parked=SqsRetryQueue(
            client("sqs"), found.parked_queue_url, large_webhooks(), found.parked_dead_letters_url
        ),
        rejected=S3RejectedRequests(large_webhooks()),
        postponed=DynamoHeldMessages(client("dynamodb"), found.table_name),
        max_body=found.max_body_bytes,
        clock=now,
        pause=pause,
    )


@cache
def large_webhooks() -> Objects:
    """The bucket with parked requests that are too large for the queue, and rejected ones."""
    from countersign.adapters.s3.objects import Objects

    found = settings.read(settings.ReceiveWebhookSettings)
    return Objects(lambda: client("s3"), found.webhook_bucket)


@cache
def stage() -> str:
    """What stands on the metrics, so that each deployment rings its own alarms."""
    return settings.read(settings.StageSettings).stage


@cache
def lanes() -> RunQueues:
    """What dispatch_runs works with: every lane, now or by schedule."""
    from countersign.adapters.sqs.run_queues import LaneQueue, Schedules, SqsRunQueues

    found = settings.read(settings.DispatchRunsSettings)
    return SqsRunQueues(
        client("sqs"),
        lambda: client("scheduler"),
        queues={
            "email": LaneQueue(url=found.email_queue_url, arn=found.email_queue_arn),
            "web": LaneQueue(url=found.web_queue_url, arn=found.web_queue_arn),
            "document": LaneQueue(url=found.document_queue_url, arn=found.document_queue_arn),
        },
        schedules=Schedules(
            group=found.schedule_group,
            role_arn=found.schedule_role_arn,
            dead_letter_arn=found.schedule_dead_letter_arn,
        ),
    )


@cache
def email_performer() -> tuple[Performer, EmailEffect]:
    """What run_email works with."""
    from countersign.adapters.dynamodb.stores.sending_slots import DynamoSendingSlots
    from countersign.adapters.ses.mailer import SesMailer
    from countersign.adapters.ses.rate import SesSendingRate
    from countersign.use_cases.effects.email import EmailEffect
    from countersign.use_cases.effects.mail_pace import MailPace

    found = settings.read(settings.RunEmailSettings)
    mailbox = SesMailer(client("sesv2"), found.configuration_set, found.tracking_configuration_set)
    pace = MailPace(
        DynamoSendingSlots(client("dynamodb"), found.table_name),
        SesSendingRate(client("sesv2"), now),
        now,
    )
    effect = EmailEffect(mailbox, _accounts(_web(found), found.api_tokens_path), pace)
    return _performer(found.table_name, "email", found.email_queue_url), effect


@cache
def web_performer() -> tuple[Performer, WebLane]:
    """What run_web works with."""
    from countersign.adapters.aws.event_bus import EventBridgeBus
    from countersign.adapters.aws.sms_sender import SnsSmsSender
    from countersign.adapters.ssm.rule_secrets import SsmRuleSecrets
    from countersign.use_cases.effects.http_call import WebEffect
    from countersign.use_cases.effects.reminders import Reminding
    from countersign.use_cases.effects.web import WebLane

    found = settings.read(settings.RunWebSettings)
    web = _web(found)
    secrets = SsmRuleSecrets(lambda: client("ssm"), found.secrets_path, now=now)
    effect = WebLane(
        WebEffect(web, secrets),
        EventBridgeBus(lambda: client("events"), found.event_bus),
        SnsSmsSender(lambda: client("sns")),
        Reminding(_accounts(web, found.api_tokens_path)),
    )
    return _performer(found.table_name, "web", found.web_queue_url), effect


@cache
def document_performer() -> Performer:
    """What run_document works with."""
    found = settings.read(settings.RunDocumentSettings)
    return _performer(found.table_name, "document", found.document_queue_url)


@cache
def recorder() -> MailEventRecorder:
    """What record_mail_event works with."""
    from countersign.adapters.dynamodb.stores.held_messages import DynamoHeldMessages
    from countersign.use_cases.messages.mail_events import MailEventRecorder

    found = settings.read(settings.RecordMailEventSettings)
    return MailEventRecorder(
        documents=_documents(found.table_name),
        programs=_programs(found.table_name),
        postponed=DynamoHeldMessages(client("dynamodb"), found.table_name),
        heartbeats=_heartbeats(found.table_name),
        clock=now,
        pause=pause,
    )


@cache
def sweeper() -> Sweeper:
    """What sweep works with, without a limit of time."""
    from countersign.adapters.dynamodb.stores.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.documents import DynamoDocuments
    from countersign.adapters.dynamodb.stores.held_messages import DynamoHeldMessages
    from countersign.adapters.dynamodb.stores.pipelines import DynamoPipelines
    from countersign.adapters.unreadable import Unreadable
    from countersign.use_cases.messages.apply_message import Applier
    from countersign.use_cases.runs.sweep import Sweeper

    found = settings.read(settings.SweepSettings)
    state, table, unreadable = client("dynamodb"), found.table_name, Unreadable()
    applier = Applier(
        documents=DynamoDocuments(state, table, unreadable),
        programs=_programs(found.table_name),
        postponed=DynamoHeldMessages(state, table, unreadable),
        clock=now,
        pause=pause,
    )
    return Sweeper(
        applier=applier,
        pipelines=DynamoPipelines(state, table, unreadable),
        connections=DynamoConnections(state, table, unreadable),
        heartbeats=_heartbeats(table),
        unreadable=unreadable.take,
    )


@cache
def reporter() -> Reporter:
    """What send_daily_reports works with."""
    from countersign.adapters.dynamodb.stores.daily_reports import DynamoDailyReports
    from countersign.adapters.dynamodb.stores.pipelines import DynamoPipelines
    from countersign.adapters.ses.mailer import SesMailer
    from countersign.use_cases.runs.daily_report import Reporter

    found = settings.read(settings.SendDailyReportsSettings)
    return Reporter(
        documents=_documents(found.table_name),
        pipelines=DynamoPipelines(client("dynamodb"), found.table_name),
        programs=_programs(found.table_name),
        reports=DynamoDailyReports(client("dynamodb"), found.table_name),
        mailbox=SesMailer(client("sesv2")),
        clock=now,
    )


def _web(found: settings.WebSettings) -> HttpClient:
    from countersign.adapters.aws.client_config import WRITTEN_WITHIN
    from countersign.adapters.http.client import UrllibHttpClient

    return UrllibHttpClient(
        left=lambda: deadline().left() - WRITTEN_WITHIN,
        private=found.private_addresses == "allowed",
        loopback=settings.cloud_is_here(),
        own_hosts=[found.own_host],
    )


def _accounts(web: HttpClient, api_tokens_path: str) -> Accounts:
    from countersign.adapters.ssm.api_tokens import SsmApiTokens
    from countersign.use_cases.effects.provider_api import Accounts

    return Accounts(web, SsmApiTokens(lambda: client("ssm"), api_tokens_path, now=now))


def _performer(table: str, lane: Lane, queue_url: str) -> Performer:
    from countersign.adapters.dynamodb.stores.round_robin import DynamoRoundRobin
    from countersign.adapters.sqs.own_queue import OwnLane
    from countersign.use_cases.runs.perform_run import Performer

    return Performer(
        documents=_documents(table),
        programs=_programs(table),
        lanes=OwnLane(client("sqs"), lane, queue_url),
        turns=DynamoRoundRobin(client("dynamodb"), table),
        heartbeats=_heartbeats(table),
        clock=now,
        lease=LEASE,
        backoff=pause,
    )


@cache
def _heartbeats(table: str) -> Heartbeats:
    from countersign.adapters.dynamodb.stores.heartbeats import DynamoHeartbeats

    return DynamoHeartbeats(client("dynamodb"), table)


@cache
def _documents(table: str) -> Documents:
    from countersign.adapters.dynamodb.stores.documents import DynamoDocuments

    return DynamoDocuments(client("dynamodb"), table)


@cache
def _programs(table: str) -> CompiledPipelines:
    from countersign.adapters.dynamodb.stores.pipelines import DynamoPipelines
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

    return CompiledPipelines(DynamoPipelines(client("dynamodb"), table))
