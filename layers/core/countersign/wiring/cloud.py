"""A whole stack by its outputs, as the command line and the API work with it: all its adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config

    from countersign.model.dead_letter import DeadLetterQueue
    from countersign.model.person import Role
    from countersign.model.run import Lane
    from countersign.use_cases.services import Cloud

DEAD_LETTERS: Mapping[DeadLetterQueue, tuple[str, str]] = {
    "parked": ("ParkedDeadLettersUrl", "ParkedQueueUrl"),
    "dispatch": ("DispatchDeadLettersUrl", ""),
    "statistics": ("StatisticsDeadLettersUrl", ""),
    "schedule": ("ScheduleDeadLettersUrl", ""),
    "email": ("EmailDeadLettersUrl", "EmailQueueUrl"),
    "web": ("WebDeadLettersUrl", "WebQueueUrl"),
    "document": ("DocumentDeadLettersUrl", "DocumentQueueUrl"),
    "feedback": ("FeedbackDeadLettersUrl", "FeedbackQueueUrl"),
}
"""The outputs with a dead-letter queue's address, and with that of the queue it belongs to."""
LANES: Mapping[Lane, str] = {
    "email": "EmailQueueUrl",
    "web": "WebQueueUrl",
    "document": "DocumentQueueUrl",
}
"""The output with the address of each lane's queue."""
PROGRAMS: Mapping[Role, str] = {
    "administrator": "AdministratorProgramId",
    "operator": "OperatorProgramId",
    "viewer": "ViewerProgramId",
}
"""The output with the id of each role's client."""


def adapters(
    session: Any,
    endpoint: str | None,
    outputs: Mapping[str, str],
    *,
    webhooks: str,
    unreadable: Callable[[str], None],
) -> Cloud:
    """The adapters for a stack of these outputs, at another endpoint than AWS's own if given.

    ``unreadable`` hears of items that cannot be read.
    """
    from countersign.adapters.aws import client_config

    def client(service: str) -> Any:
        config = client_config.MAIL_READS if service == "sesv2" else client_config.OF[service]
        return session.client(service, endpoint_url=endpoint, config=config.merge(with_retries()))

    if endpoint is not None:
        outputs = {**outputs, "SignInUrl": endpoint}  # the tokens come from there, too
    return cloud_of(client, outputs, webhooks=webhooks, unreadable=unreadable)


def cloud_of(
    client: Callable[[str], Any],
    outputs: Mapping[str, str],
    *,
    webhooks: str,
    unreadable: Callable[[str], None],
) -> Cloud:
    """The adapters for a stack of these outputs, with the clients that ``client`` makes of the
    services' names.

    ``unreadable`` hears of items that cannot be read.
    """
    from countersign.adapters.aws.log_refusals import LogRefusedCalls
    from countersign.adapters.dynamodb.stores.configuration.audit_log import DynamoAuditLog
    from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.configuration.drafts import DynamoDrafts
    from countersign.adapters.dynamodb.stores.configuration.entitlements import (
        DynamoEntitlementStore,
    )
    from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
    from countersign.adapters.dynamodb.stores.operations.heartbeats import DynamoHeartbeats
    from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
    from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
    from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
    from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
    from countersign.adapters.dynamodb.stores.process.request_keys import DynamoRequestKeys
    from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
    from countersign.adapters.dynamodb.stores.process.upgrades import DynamoUpgrades
    from countersign.adapters.http.file_transfers import UrllibFileTransfers
    from countersign.adapters.s3.files import S3FileStore
    from countersign.adapters.s3.objects import Objects
    from countersign.adapters.s3.rejected_requests import S3RejectedRequests
    from countersign.adapters.ses.senders import SesSenders
    from countersign.adapters.sqs.dead_letters import DeadLetterQueueUrls, SqsDeadLetters
    from countersign.adapters.sqs.retry_queue import SqsRetryQueue
    from countersign.adapters.ssm.addresses import SsmAddresses
    from countersign.adapters.ssm.api_tokens import SsmApiTokens
    from countersign.adapters.ssm.credentials import SsmCredentialStore
    from countersign.adapters.ssm.deployment_key import DeploymentKey
    from countersign.adapters.ssm.rule_secrets import SsmRuleSecrets
    from countersign.use_cases.services import Cloud

    def parameters() -> Any:
        return client("ssm")

    def now() -> datetime:
        return datetime.now(UTC)

    table, audit = outputs["TableName"], outputs["AuditTableName"]
    state = client("dynamodb")
    queues = client("sqs")
    bucket = Objects(lambda: client("s3"), outputs["WebhookBucket"])
    return Cloud(
        documents=DynamoDocuments(state, table, unreadable),
        pages=DynamoPages(state, table, unreadable),
        upgrades=DynamoUpgrades(state, table),
        statistics=DynamoStatistics(state, outputs.get("StatisticsTableName", "")),
        pipelines=DynamoPipelines(state, table, unreadable, audit),
        drafts=DynamoDrafts(state, table, unreadable),
        connections=DynamoConnections(state, table, unreadable, audit),
        addresses=SsmAddresses(DeploymentKey(parameters, outputs["AddressKeyPath"], now=now)),
        secrets=SsmCredentialStore(
            parameters,
            outputs["ConnectionsPath"],
            now=now,
            api_tokens=SsmApiTokens(parameters, outputs["ApiTokensPath"], now=now),
        ),
        named_secrets=SsmRuleSecrets(parameters, outputs["SecretsPath"], now=now),
        parked=SqsRetryQueue(
            lambda: queues,
            outputs["ParkedQueueUrl"],
            bucket,
            outputs.get("ParkedDeadLettersUrl", ""),
        ),
        rejected=S3RejectedRequests(bucket),
        requests=DynamoRequestKeys(state, table),
        files=S3FileStore(Objects(lambda: client("s3"), outputs.get("FilesBucket", ""))),
        transfers=UrllibFileTransfers(),
        held=DynamoHeldMessages(state, table, unreadable),
        dead_letters=SqsDeadLetters(
            queues,
            {
                queue: DeadLetterQueueUrls(url=outputs[url], home=outputs.get(home))
                for queue, (url, home) in DEAD_LETTERS.items()
                if url in outputs
            },
            {lane: outputs[url] for lane, url in LANES.items() if url in outputs},
        ),
        refusals=LogRefusedCalls(
            client("logs"),
            outputs.get("WebhookLogGroup") or f"/countersign/{outputs['Stage']}/receive_webhook",
        ),
        jobs=DynamoJobs(state, table, unreadable),
        audit=DynamoAuditLog(state, audit, unreadable),
        entitlements=DynamoEntitlementStore(state, table, audit),
        webhooks=webhooks.rstrip("/"),
        heartbeats=DynamoHeartbeats(state, table),
        senders=SesSenders(lambda: client("sesv2")),
        version=outputs.get("Version"),
        **_people(lambda: client("cognito-idp"), outputs),
    )


def _people(client: Callable[[], Any], outputs: Mapping[str, str]) -> dict[str, Any]:
    """What a stack has that has a user pool."""
    from countersign.adapters.cognito.people import CognitoPeople
    from countersign.adapters.cognito.programs import CognitoPrograms

    if "UserPoolId" not in outputs:
        return {}
    pool = outputs["UserPoolId"]
    clients = {role: outputs[output] for role, output in PROGRAMS.items() if output in outputs}
    return {
        "people": CognitoPeople(client, pool),
        "program_clients": CognitoPrograms(client, pool, clients),
        "token_endpoint": f"{outputs.get('SignInUrl', '')}/oauth2/token",
    }


def credentials_identity(session: Any, endpoint: str | None) -> str:
    """The ARN of who holds the session's credentials, as AWS knows it."""
    from countersign.adapters.aws.errors import our_errors

    client = session.client("sts", endpoint_url=endpoint, config=with_retries())
    with our_errors("AWS Security Token Service"):
        arn: str = client.get_caller_identity()["Arn"]
    return arn


def with_retries() -> Config:
    """A person at a desk may be far from the region, and waits longer than a webhook does."""
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": 2}
    return Config(connect_timeout=5, read_timeout=15, retries=retries)
