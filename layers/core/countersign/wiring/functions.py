"""What each function works with: its use case's ports, made once, on first use.

Each function imports here what it needs and nothing else: a cold start pays for every import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from countersign.settings.environment import read_settings
from countersign.wiring import stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from countersign.http.application import Application
    from countersign.model.file_transfer import LinkTarget
    from countersign.model.job import JobResult
    from countersign.model.message import JobMessage
    from countersign.model.run import Lane
    from countersign.ports import RunQueues
    from countersign.use_cases.effects.email import EmailEffect
    from countersign.use_cases.effects.web import WebLane
    from countersign.use_cases.jobs.kinds.base import JobServices
    from countersign.use_cases.messages.mail_events import MailEventRecorder
    from countersign.use_cases.messages.receive import Receiver
    from countersign.use_cases.runs.daily_report import Reporter
    from countersign.use_cases.runs.perform_run import Performer
    from countersign.use_cases.runs.sweep import Sweeper
    from countersign.use_cases.statistics.record import StatisticsRecorder


@cache
def retry_queue_put_back() -> Callable[[dict[str, Any]], bool]:
    """What puts messages of the retry queue back that meet an outage."""
    from countersign.settings.webhooks import ReceiveWebhookSettings

    return stack.put_back(read_settings(ReceiveWebhookSettings).parked_queue_url)


@cache
def mail_event_put_back() -> Callable[[dict[str, Any]], bool]:
    """What puts mail events back that meet an outage."""
    from countersign.settings.operations import RecordMailEventSettings

    return stack.put_back(read_settings(RecordMailEventSettings).feedback_queue_url)


@cache
def receiver() -> Receiver:
    """What receive_webhook works with."""
    from countersign.adapters.aws.stale_credentials import count_stale
    from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
    from countersign.adapters.s3.rejected_requests import S3RejectedRequests
    from countersign.adapters.sqs.retry_queue import SqsRetryQueue
    from countersign.adapters.ssm.addresses import SsmAddresses
    from countersign.adapters.ssm.credentials import SsmCredentialStore
    from countersign.settings.webhooks import ReceiveWebhookSettings
    from countersign.use_cases.messages.receive import Receiver

    environment = read_settings(ReceiveWebhookSettings)
    return Receiver(
        store=stack.store(environment.table_name),
        addresses=SsmAddresses(stack.deployment_key(environment.address_key_path)),
        secrets=SsmCredentialStore(
            lambda: stack.client("ssm"),
            environment.connections_path,
            now=stack.now,
            stale=count_stale,
        ),
        parked=SqsRetryQueue(
            lambda: stack.client("sqs"),
            environment.parked_queue_url,
            stack.webhook_bucket(),
            environment.parked_dead_letters_url,
        ),
        rejected=S3RejectedRequests(stack.webhook_bucket()),
        held=DynamoHeldMessages(stack.client("dynamodb"), environment.table_name),
        max_body=environment.max_body_bytes,
    )


@cache
def run_queues() -> RunQueues:
    """What dispatch_runs works with: every lane, now or by schedule."""
    from countersign.adapters.sqs.run_queues import LaneQueue, Schedules, SqsRunQueues
    from countersign.settings.lanes import DispatchRunsSettings

    environment = read_settings(DispatchRunsSettings)
    return SqsRunQueues(
        stack.client("sqs"),
        lambda: stack.client("scheduler"),
        queues={
            "email": LaneQueue(url=environment.email_queue_url, arn=environment.email_queue_arn),
            "web": LaneQueue(url=environment.web_queue_url, arn=environment.web_queue_arn),
            "document": LaneQueue(
                url=environment.document_queue_url, arn=environment.document_queue_arn
            ),
        },
        schedules=Schedules(
            group=environment.schedule_group,
            role_arn=environment.schedule_role_arn,
            dead_letter_arn=environment.schedule_dead_letter_arn,
        ),
    )


@cache
def email_performer() -> tuple[Performer, EmailEffect]:
    """What run_email works with."""
    from countersign.adapters.dynamodb.stores.operations.sending_slots import DynamoSendingSlots
    from countersign.adapters.ses.mailer import SesMailer
    from countersign.adapters.ses.rate import SesSendingRate
    from countersign.settings.lanes import RunEmailSettings
    from countersign.use_cases.effects.email import EmailEffect
    from countersign.use_cases.effects.mail_pace import MailPace

    environment = read_settings(RunEmailSettings)
    mailbox = SesMailer(
        stack.client("sesv2"), environment.configuration_set, environment.tracking_configuration_set
    )
    pace = MailPace(
        DynamoSendingSlots(stack.client("dynamodb"), environment.table_name),
        SesSendingRate(stack.client("sesv2"), stack.now),
        stack.now,
    )
    effect = EmailEffect(mailbox, stack.attachments(environment), pace)
    return _performer(environment.table_name, "email", environment.email_queue_url), effect


@cache
def web_performer() -> tuple[Performer, WebLane]:
    """What run_web works with."""
    from countersign.adapters.aws.event_bus import EventBridgeBus
    from countersign.adapters.aws.sms_sender import SnsSmsSender
    from countersign.adapters.ssm.rule_secrets import SsmRuleSecrets
    from countersign.settings.lanes import RunWebSettings
    from countersign.use_cases.effects.http_call import WebEffect
    from countersign.use_cases.effects.reminders import ReminderEffect
    from countersign.use_cases.effects.web import WebLane

    environment = read_settings(RunWebSettings)
    web = stack.http_client(environment)
    accounts = stack.accounts(web, environment.api_tokens_path)
    secrets = SsmRuleSecrets(lambda: stack.client("ssm"), environment.secrets_path, now=stack.now)
    effect = WebLane(
        WebEffect(web, secrets),
        EventBridgeBus(lambda: stack.client("events"), environment.event_bus),
        SnsSmsSender(lambda: stack.client("sns")),
        ReminderEffect(accounts),
        stack.provider_files(environment, accounts),
    )
    return _performer(environment.table_name, "web", environment.web_queue_url), effect


@cache
def document_performer() -> Performer:
    """What run_document works with."""
    from countersign.settings.lanes import RunDocumentSettings

    environment = read_settings(RunDocumentSettings)
    return _performer(environment.table_name, "document", environment.document_queue_url)


def work_on_job(message: JobMessage, time_is_up: Callable[[], bool]) -> JobResult:
    """Work on a slice of a job, as run_document does."""
    from dataclasses import replace

    from countersign.use_cases.jobs.work import work_on_job

    worked = work_on_job(replace(job_services(), time_is_up=time_is_up), message)
    document_performer().note_lane("document")
    return worked


@cache
def job_services() -> JobServices:
    """What jobs work with."""
    from countersign.adapters.dynamodb.stores.configuration.audit_log import DynamoAuditLog
    from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
    from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
    from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
    from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
    from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
    from countersign.adapters.dynamodb.stores.process.upgrades import DynamoUpgrades
    from countersign.settings.lanes import RunDocumentSettings
    from countersign.use_cases.jobs.kinds.base import JobServices

    environment = read_settings(RunDocumentSettings)
    client, table = stack.client("dynamodb"), environment.table_name
    return JobServices(
        store=stack.store(table),
        pipelines=DynamoPipelines(client, table),
        pages=DynamoPages(client, table),
        files=stack.file_store(environment.files_bucket),
        jobs=DynamoJobs(client, table),
        connections=DynamoConnections(client, table),
        held=DynamoHeldMessages(client, table),
        statistics=DynamoStatistics(client, environment.statistics_table_name),
        upgrades=DynamoUpgrades(client, table),
        audit=DynamoAuditLog(client, environment.audit_table_name),
    )


@cache
def file_link_target() -> Callable[[str], LinkTarget]:
    """What serve_file works with: where the link with this token leads."""
    from countersign.adapters.ssm.file_links import SignedFileLinks
    from countersign.settings.files import ServeFileSettings
    from countersign.use_cases.documents.files import follow_link

    environment = read_settings(ServeFileSettings)
    links = SignedFileLinks(stack.deployment_key(environment.address_key_path), "")
    documents = stack.documents(environment.table_name)
    files = stack.file_store(environment.files_bucket)
    return lambda token: follow_link(documents, files, links.read(token), stack.now())


@cache
def api() -> Application:
    """What serve_api works with."""
    from countersign.adapters.unreadable import log
    from countersign.http.application import Application
    from countersign.http.callers import Clients
    from countersign.http.identify import identifier
    from countersign.http.sign_in import SignInView
    from countersign.settings.api import ServeApiSettings
    from countersign.use_cases.services import Services
    from countersign.wiring.cloud import cloud_of
    from countersign.wiring.secret_text import new_salt, new_token

    environment = read_settings(ServeApiSettings)
    programs = (
        environment.viewer_program_id,
        environment.operator_program_id,
        environment.administrator_program_id,
    )
    clients = Clients(console=environment.console_client_id, programs=frozenset(programs))
    outputs = environment.outputs()

    def client(service: str) -> Any:
        return stack.mail_reader() if service == "sesv2" else stack.client(service)

    services = Services(
        open_cloud=lambda: cloud_of(
            client, outputs, webhooks=environment.webhooks_url, unreadable=log
        ),
        now=stack.now,
        token=new_token,
        salt=new_salt,
        new_id=new_token,
        backoff=stack.backoff,
    )
    sign_in = SignInView(
        sign_in_url=environment.sign_in_url, client_id=environment.console_client_id
    )
    return Application(services, identifier(services, clients), sign_in)


@cache
def mail_event_recorder() -> MailEventRecorder:
    """What record_mail_event works with."""
    from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
    from countersign.settings.operations import RecordMailEventSettings
    from countersign.use_cases.messages.mail_events import MailEventRecorder

    environment = read_settings(RecordMailEventSettings)
    return MailEventRecorder(
        store=stack.store(environment.table_name),
        held=DynamoHeldMessages(stack.client("dynamodb"), environment.table_name),
        heartbeats=stack.heartbeats(environment.table_name),
    )


@cache
def sweeper() -> Sweeper:
    """What sweep works with, without a limit of time."""
    from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
    from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
    from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
    from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
    from countersign.adapters.unreadable import Unreadable
    from countersign.settings.operations import SweepSettings
    from countersign.use_cases.messages.apply_message import MessageApplier
    from countersign.use_cases.runs.sweep import Sweeper
    from countersign.use_cases.store import Store
    from countersign.wiring.secret_text import new_salt

    environment = read_settings(SweepSettings)
    state, table, unreadable = stack.client("dynamodb"), environment.table_name, Unreadable()
    store = Store(
        documents=DynamoDocuments(state, table, unreadable),
        programs=stack.compiled_pipelines(table),
        clock=stack.now,
        salt=new_salt,
        backoff=stack.backoff,
    )
    applier = MessageApplier(store=store, held=DynamoHeldMessages(state, table, unreadable))
    return Sweeper(
        applier=applier,
        pipelines=DynamoPipelines(state, table, unreadable),
        connections=DynamoConnections(state, table, unreadable),
        heartbeats=stack.heartbeats(table),
        jobs=DynamoJobs(state, table, unreadable),
        files=stack.file_store(environment.files_bucket),
        unreadable=unreadable.take,
    )


@cache
def statistics_recorder() -> StatisticsRecorder:
    """What record_statistics works with."""
    from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
    from countersign.settings.operations import RecordStatisticsSettings
    from countersign.use_cases.statistics.record import StatisticsRecorder

    environment = read_settings(RecordStatisticsSettings)
    client = stack.client("dynamodb")
    return StatisticsRecorder(
        documents=stack.documents(environment.table_name),
        statistics=DynamoStatistics(client, environment.statistics_table_name),
        clock=stack.now,
        backoff=stack.backoff,
    )


@cache
def reporter() -> Reporter:
    """What send_daily_reports works with."""
    from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
    from countersign.adapters.dynamodb.stores.operations.daily_reports import DynamoDailyReports
    from countersign.adapters.ses.mailer import SesMailer
    from countersign.settings.operations import SendDailyReportsSettings
    from countersign.use_cases.runs.daily_report import Reporter

    environment = read_settings(SendDailyReportsSettings)
    return Reporter(
        documents=stack.documents(environment.table_name),
        pipelines=DynamoPipelines(stack.client("dynamodb"), environment.table_name),
        programs=stack.compiled_pipelines(environment.table_name),
        reports=DynamoDailyReports(stack.client("dynamodb"), environment.table_name),
        mailbox=SesMailer(stack.client("sesv2")),
        clock=stack.now,
    )


def _performer(table: str, lane: Lane, queue_url: str) -> Performer:
    from countersign.adapters.dynamodb.stores.operations.round_robin import DynamoRoundRobin
    from countersign.adapters.sqs.own_queue import OwnQueue
    from countersign.use_cases.runs.perform_run import Performer

    return Performer(
        store=stack.store(table),
        lanes=OwnQueue(lambda: stack.client("sqs"), lane, queue_url),
        turns=DynamoRoundRobin(stack.client("dynamodb"), table),
        heartbeats=stack.heartbeats(table),
        lease=stack.LEASE,
    )
