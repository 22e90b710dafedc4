"""The stack that the command line speaks to, by its outputs: the adapters of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config

    from countersign.model.dead_letter import DeadLetterQueue
    from countersign.model.run import Lane
    from countersign.ports import (
        Addresses,
        AuditLog,
        Connections,
        CredentialStore,
        DeadLetters,
        Documents,
        EntitlementStore,
        FileStore,
        FileTransfers,
        HeldMessages,
        Pipelines,
        RefusedCalls,
        RejectedRequests,
        RetryQueue,
        RuleSecrets,
        Senders,
    )

DEAD_LETTERS: Mapping[DeadLetterQueue, tuple[str, str]] = {
    "parked": ("ParkedDeadLettersUrl", "ParkedQueueUrl"),
    "dispatch": ("DispatchDeadLettersUrl", ""),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The adapters of one stack."""

    documents: Documents
    pipelines: Pipelines
    connections: Connections
    addresses: Addresses
    secrets: CredentialStore
    named_secrets: RuleSecrets
    parked: RetryQueue
    rejected: RejectedRequests
    files: FileStore
    transfers: FileTransfers
    """Sends and fetches files' bytes at the addresses that ``files`` gives."""
    held: HeldMessages
    dead_letters: DeadLetters
    refusals: RefusedCalls
    audit: AuditLog
    entitlements: EntitlementStore
    webhooks: str
    """Address of the webhooks; a connection's is this, a slash and the connection."""
    senders: Senders | None = None
    """Which senders are verified; None where there is nobody to ask."""
    version: str | None = None
    """The version of the stack; None where it does not say it."""
    identity: Callable[[], str] | None = None
    """Asks AWS for the ARN of who holds the credentials; None for the stack of ``make run``, which
    believes whoever it is told."""


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
    from countersign.adapters.aws.log_refusals import LogRefusedCalls
    from countersign.adapters.dynamodb.stores.audit_log import DynamoAuditLog
    from countersign.adapters.dynamodb.stores.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.documents import DynamoDocuments
    from countersign.adapters.dynamodb.stores.entitlements import DynamoEntitlementStore
    from countersign.adapters.dynamodb.stores.held_messages import DynamoHeldMessages
    from countersign.adapters.dynamodb.stores.pipelines import DynamoPipelines
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

    def client(service: str, config: Config) -> Any:
        return session.client(service, endpoint_url=endpoint, config=config.merge(with_retries()))

    def parameters() -> Any:
        return client("ssm", client_config.SECRETS)

    def now() -> datetime:
        return datetime.now(UTC)

    table, audit = outputs["TableName"], outputs["AuditTableName"]
    state = client("dynamodb", client_config.STATE)
    queues = client("sqs", client_config.QUEUES)
    bucket = Objects(lambda: client("s3", client_config.OBJECTS), outputs["WebhookBucket"])
    return Cloud(
        documents=DynamoDocuments(state, table, unreadable),
        pipelines=DynamoPipelines(state, table, unreadable, audit),
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
        files=S3FileStore(
            Objects(lambda: client("s3", client_config.OBJECTS), outputs.get("FilesBucket", ""))
        ),
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
            client("logs", client_config.QUEUES), f"/countersign/{outputs['Stage']}/receive_webhook"
        ),
        audit=DynamoAuditLog(state, audit, unreadable),
        entitlements=DynamoEntitlementStore(state, table, audit),
        webhooks=webhooks.rstrip("/"),
        senders=SesSenders(lambda: client("sesv2", client_config.QUEUES)),
        version=outputs.get("Version"),
    )


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
