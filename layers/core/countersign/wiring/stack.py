"""A deployed stack's ports, as a function's process reaches them: made once, on first use.

Each is imported where it is made: a cold start pays for every import.
"""

from __future__ import annotations

import gc
import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from countersign.settings.environment import StageSettings, cloud_is_here, read_settings
from countersign.wiring.secret_text import new_salt

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.config import Config
    from botocore.session import Session

    from countersign.adapters.aws.deadline import Deadline
    from countersign.adapters.s3.objects import Objects
    from countersign.adapters.sqs.redelivery import Redelivery
    from countersign.adapters.ssm.deployment_key import DeploymentKey
    from countersign.ports import Documents, FileStore, Heartbeats, HttpClient
    from countersign.settings.lanes import ProviderFileSettings, RunEmailSettings, WebSettings
    from countersign.use_cases.effects.attachments import Attachments
    from countersign.use_cases.effects.provider_api import Accounts
    from countersign.use_cases.effects.provider_files import ProviderFiles
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
    from countersign.use_cases.store import Store

LEASE = timedelta(minutes=2)
"""Longer than any lane's timeout, shorter than its queue's visibility timeout: a message that
comes again finds the lease run out, not the work under way."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def backoff(attempt: int) -> None:
    """Wait 10 to 20 ms times the attempt, so that two who met do not meet again."""
    time.sleep((0.01 + random.random() * 0.01) * (attempt + 1))  # noqa: S311 - not a secret


@cache
def client(service: str) -> Any:
    """One client a service and process, with the limits that its adapter needs."""
    from countersign.adapters.aws import client_config

    return _guarded(service, client_config.OF[service], client_config.KEPT.get(service, 0))


@cache
def mail_reader() -> Any:
    """A client of SES that sends nothing, so that it need not leave the time to write of it."""
    from countersign.adapters.aws import client_config

    return _guarded("sesv2", client_config.MAIL_READS, 0)


def _guarded(service: str, config: Config, kept: float) -> Any:
    from countersign.adapters.aws.client_config import longest_try

    made: Any = _session().create_client(service, config=config)
    deadline().guard(made, service, longest_try(config) + kept)
    return made


@cache
def _session() -> Session:
    """Without boto3, whose own part the clients need not: it takes a fifth as long to import."""
    from botocore.session import Session

    from countersign.adapters.aws.service_models import ExtractLoader

    session = Session()
    session.register_component("data_loader", ExtractLoader())
    return session


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

    if not gc.isenabled():
        gc.freeze()  # what the cold start has made stays, and need not be looked at again
        gc.enable()
    seconds = context.get_remaining_time_in_millis() / 1000
    kept = client_config.PARKING if parks else client_config.PUTTING_BACK if puts_back else None
    deadline().begin(seconds, kept)


def put_back(queue_url: str) -> Callable[[dict[str, Any]], bool]:
    """What puts messages of the queue back that meet an outage."""
    return lambda record: _redelivery(queue_url)(record, now())


@cache
def _redelivery(queue_url: str) -> Redelivery:
    from countersign.adapters.sqs.redelivery import Redelivery

    return Redelivery(client("sqs"), queue_url)


@cache
def deployment_stage() -> str:
    """What stands on the metrics, so that each deployment rings its own alarms."""
    return read_settings(StageSettings).stage


@cache
def webhook_bucket() -> Objects:
    """The bucket with parked requests that are too large for the queue, and rejected ones."""
    from countersign.adapters.s3.objects import Objects
    from countersign.settings.webhooks import ReceiveWebhookSettings

    environment = read_settings(ReceiveWebhookSettings)
    return Objects(lambda: client("s3"), environment.webhook_bucket)


@cache
def deployment_key(parameter: str) -> DeploymentKey:
    """What addresses and links of the deployment are signed with."""
    from countersign.adapters.ssm.deployment_key import DeploymentKey

    return DeploymentKey(lambda: client("ssm"), parameter, now=now)


@cache
def file_store(bucket: str) -> FileStore:
    """The bytes of the documents' files."""
    from countersign.adapters.s3.files import S3FileStore
    from countersign.adapters.s3.objects import Objects

    return S3FileStore(Objects(lambda: client("s3"), bucket))


def http_client(environment: WebSettings) -> HttpClient:
    """What calls the web, within the invocation's time and where the deployment allows it."""
    from countersign.adapters.aws.client_config import WRITTEN_WITHIN
    from countersign.adapters.http.client import EgressPolicy, UrllibHttpClient

    return UrllibHttpClient(
        EgressPolicy(
            private=environment.private_addresses == "allowed",
            loopback=cloud_is_here(),
            own_hosts=(environment.own_host,),
        ),
        left=lambda: deadline().left() - WRITTEN_WITHIN,
    )


def provider_files(environment: ProviderFileSettings, asked: Accounts) -> ProviderFiles:
    """What fetches files from providers and keeps them."""
    from countersign.use_cases.effects.provider_files import ProviderFiles

    files = file_store(environment.files_bucket)
    return ProviderFiles(store(environment.table_name), asked, files, new_file_id)


def attachments(environment: RunEmailSettings) -> Attachments:
    """The files that go with mails."""
    from countersign.adapters.ssm.file_links import SignedFileLinks
    from countersign.use_cases.effects.attachments import Attachments

    asked = accounts(http_client(environment), environment.api_tokens_path)
    return Attachments(
        kept=provider_files(environment, asked),
        accounts=asked,
        files=file_store(environment.files_bucket),
        links=SignedFileLinks(
            deployment_key(environment.address_key_path), environment.files_address
        ),
    )


def new_file_id() -> str:
    """An id that no file has, and that nobody can guess."""
    return secrets.token_hex(16)


def accounts(web: HttpClient, api_tokens_path: str) -> Accounts:
    """The accounts at providers, which are asked by their API tokens."""
    from countersign.adapters.ssm.api_tokens import SsmApiTokens
    from countersign.use_cases.effects.provider_api import Accounts

    return Accounts(web, SsmApiTokens(lambda: client("ssm"), api_tokens_path, now=now))


@cache
def store(table: str) -> Store:
    """What deciding on the table's documents needs."""
    from countersign.use_cases.store import Store

    return Store(
        documents=documents(table),
        programs=compiled_pipelines(table),
        clock=now,
        salt=new_salt,
        backoff=backoff,
    )


@cache
def heartbeats(table: str) -> Heartbeats:
    """When mail events, or a lane, were last seen at work."""
    from countersign.adapters.dynamodb.stores.operations.heartbeats import DynamoHeartbeats

    return DynamoHeartbeats(client("dynamodb"), table)


@cache
def documents(table: str) -> Documents:
    """The documents of the table."""
    from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments

    return DynamoDocuments(client("dynamodb"), table)


@cache
def compiled_pipelines(table: str) -> CompiledPipelines:
    """The published pipelines, ready to run."""
    from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

    return CompiledPipelines(DynamoPipelines(client("dynamodb"), table))
