"""Which stack the command line speaks to: a deployed one by its outputs, or the local one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.cli.context import CliContext, Cloud
from countersign.errors import NotFoundError, PermanentError

if TYPE_CHECKING:
    import click
    from botocore.config import Config
    from mypy_boto3_cloudformation import CloudFormationClient

    from countersign.model.dead_letter import DeadLetterQueue
    from countersign.model.run import Lane

STACK = "countersign"
"""The stack's name where none is said, as in samconfig.toml."""
OUTPUTS = (
    "Stage",
    "TableName",
    "ConnectionsPath",
    "ApiTokensPath",
    "AddressKeyPath",
    "SecretsPath",
    "ParkedQueueUrl",
    "WebhookBucket",
    "WebhooksUrl",
)
"""What a stack must tell of itself, see the outputs of template.yaml."""
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
ENDPOINTS = Path(".local") / "endpoints.json"
"""What `make run` leaves in the project's folder while it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the options say about where to go and who goes."""

    stack: str | None = None
    endpoint: str | None = None
    region: str | None = None
    local: bool | None = None
    user: str | None = None


def context_of(root: click.Context, tell: Callable[[str], None]) -> CliContext:
    """The surroundings of a command line: those it was given, or what its options ask for."""
    if isinstance(root.obj, CliContext):
        return root.obj  # Given by whoever calls: a test, or another program.
    given = root.params
    choice = Choice(
        stack=given.get("stack"),
        endpoint=given.get("endpoint"),
        region=given.get("region"),
        local=given.get("local"),
        user=given.get("user"),
    )
    return open_surroundings(choice, folder=Path.cwd(), tell=tell)


def open_surroundings(choice: Choice, *, folder: Path, tell: Callable[[str], None]) -> CliContext:
    """The surroundings that the options ask for; ``tell`` hears what was chosen unasked."""
    return CliContext(
        user=choice.user or _system_user(),
        open_cloud=lambda: _open_cloud(choice, folder / ENDPOINTS, tell),
    )


def _system_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def _open_cloud(choice: Choice, endpoints: Path, tell: Callable[[str], None]) -> Cloud:
    elsewhere = bool(choice.stack or choice.endpoint)
    local = choice.local if choice.local is not None else endpoints.is_file() and not elsewhere
    if not local:
        return _deployed(choice)
    if choice.local is None:
        tell(f"(the local stack, by {ENDPOINTS}; --no-local for AWS)")
    return _local(endpoints)


def _local(endpoints: Path) -> Cloud:
    import boto3

    try:
        told = json.loads(endpoints.read_bytes())
        region, url = told["region"], told["aws_endpoint"]
        outputs, webhooks = told["outputs"], told["webhooks"]
    except FileNotFoundError:
        msg = f"the local stack is not running: there is no {ENDPOINTS} here; start it: make run"
        raise PermanentError(msg) from None
    except (ValueError, KeyError) as error:
        msg = f"{ENDPOINTS} cannot be read ({error!r}); start the local stack again: make run"
        raise PermanentError(msg) from error
    # The local cloud takes any keys; real ones are none of its business.
    session = boto3.Session("local", "local", region_name=region)
    return adapters(session, url, outputs, webhooks=webhooks)


def _deployed(choice: Choice) -> Cloud:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session(region_name=choice.region)
        if session.region_name is None:
            raise PermanentError("no region is set; give --region, or set AWS_REGION")
        if session.get_credentials() is None:
            msg = (
                "there are no AWS credentials; set AWS_PROFILE or run `aws configure`, "
                "or use --local for the stack of `make run`"
            )
            raise PermanentError(msg)
        client = session.client("cloudformation", endpoint_url=choice.endpoint, config=_patient())
    except BotoCoreError as error:  # A profile that is not there, a file that cannot be read.
        raise PermanentError(f"the AWS configuration cannot be used: {error}") from error
    outputs = outputs_of(client, choice.stack or STACK)
    return adapters(session, choice.endpoint, outputs, webhooks=outputs["WebhooksUrl"])


def outputs_of(client: CloudFormationClient, stack: str) -> dict[str, str]:
    """A deployed stack's outputs; NotFoundError where there is none, PermanentError where it is not
    a Countersign stack."""
    from botocore.exceptions import ClientError

    from countersign.adapters.aws.errors import AWS_ERRORS, our_error

    try:
        found = client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    except AWS_ERRORS as error:
        if isinstance(error, ClientError) and "does not exist" in str(error):
            msg = (
                f'there is no stack "{stack}" in {client.meta.region_name}; deploy it with '
                "`sam deploy --guided`, or name yours with --stack and --region"
            )
            raise NotFoundError(msg) from error
        raise our_error("CloudFormation", error) from error
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found}
    missing = [name for name in OUTPUTS if name not in outputs]
    if missing:
        msg = (
            f'the stack "{stack}" has no output {", ".join(missing)}; it is not a Countersign stack'
        )
        raise PermanentError(msg)
    return outputs


def adapters(
    session: Any, endpoint: str | None, outputs: Mapping[str, str], *, webhooks: str
) -> Cloud:
    """The adapters for a stack of these outputs, at another endpoint than AWS's own if given."""
    from countersign.adapters.aws import client_config
    from countersign.adapters.aws.log_refusals import LogRefusedCalls
    from countersign.adapters.dynamodb.stores.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.documents import DynamoDocuments
    from countersign.adapters.dynamodb.stores.held_messages import DynamoHeldMessages
    from countersign.adapters.dynamodb.stores.pipelines import DynamoPipelines
    from countersign.adapters.s3.objects import Objects
    from countersign.adapters.s3.rejected_requests import S3RejectedRequests
    from countersign.adapters.ses.senders import SesSenders
    from countersign.adapters.sqs.dead_letters import DeadLetterQueueUrls, SqsDeadLetters
    from countersign.adapters.sqs.retry_queue import SqsRetryQueue
    from countersign.adapters.ssm.addresses import SsmAddresses
    from countersign.adapters.ssm.api_tokens import SsmApiTokens
    from countersign.adapters.ssm.credentials import SsmCredentialStore
    from countersign.adapters.ssm.rule_secrets import SsmRuleSecrets

    def client(service: str, config: Config) -> Any:
        return session.client(service, endpoint_url=endpoint, config=config.merge(_patient()))

    def parameters() -> Any:
        return client("ssm", client_config.SECRETS)

    def now() -> datetime:
        return datetime.now(UTC)

    def unreadable(text: str) -> None:
        import click

        from countersign.cli.terminal import one_line

        click.echo(one_line(text), err=True)

    table = outputs["TableName"]
    state = client("dynamodb", client_config.STATE)
    queues = client("sqs", client_config.QUEUES)
    bucket = Objects(lambda: client("s3", client_config.OBJECTS), outputs["WebhookBucket"])
    return Cloud(
        documents=DynamoDocuments(state, table, unreadable),
        pipelines=DynamoPipelines(state, table, unreadable),
        connections=DynamoConnections(state, table, unreadable),
        addresses=SsmAddresses(parameters, outputs["AddressKeyPath"], now=now),
        secrets=SsmCredentialStore(
            parameters,
            outputs["ConnectionsPath"],
            now=now,
            api_tokens=SsmApiTokens(parameters, outputs["ApiTokensPath"], now=now),
        ),
        named_secrets=SsmRuleSecrets(parameters, outputs["SecretsPath"], now=now),
        parked=SqsRetryQueue(
            queues, outputs["ParkedQueueUrl"], bucket, outputs.get("ParkedDeadLettersUrl", "")
        ),
        rejected=S3RejectedRequests(bucket),
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
        webhooks=webhooks.rstrip("/"),
        senders=SesSenders(lambda: client("sesv2", client_config.QUEUES)),
        version=outputs.get("Version"),
    )


def _patient() -> Config:
    """A person at a desk may be far from the region, and waits longer than a webhook does."""
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": 2}
    return Config(connect_timeout=5, read_timeout=15, retries=retries)
