"""Deploys the built template to the local cloud with `sam deploy`, as anyone deploys it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from countersign.errors import PermanentError
from countersign.local.cloud import LocalCloud
from countersign.local.commands import local_environment, run_quietly
from countersign.local.layers import with_shared_layers
from countersign.local.project import Project

STACK = "countersign"
"""The stack's name, as in samconfig.toml."""
BUCKET = "countersign-builds"
"""The bucket that samconfig.toml sends the local builds to."""
EXAMPLE_SENDER = "contracts@acme.example"


@dataclass(frozen=True, slots=True)
class Stack:
    """The deployed template: its outputs by name, and the addresses on this machine."""

    outputs: dict[str, str]
    webhooks: str
    api: str


def deploy(project: Project, cloud: LocalCloud, template: Path) -> Stack:
    """Deploy; afterwards mails from the example's sender are accepted.

    The functions share the layers that lie in the cloud's folder from now on; links to files in
    mails, where people sign in and where files are sent to are on this machine.
    """
    _make_bucket(cloud)
    shared = with_shared_layers(template, cloud.folder / "deployed")
    run_quietly(
        [
            *(project.sam, "deploy", "--template-file", shared),
            *("--config-file", project.sam_settings, "--config-env", "local"),
            *(
                "--parameter-overrides",
                f"Stage=dev SenderAddress={EXAMPLE_SENDER} PrivateAddresses=allowed "
                "SignInPages=classic",  # the local cloud has no others
            ),
        ],
        cwd=project.root,
        environment=local_environment(
            PATH=os.environ.get("PATH", ""),
            AWS_ENDPOINT_URL=cloud.endpoint,
            # Seconds between two looks at the stack; the real cloud is slower than that.
            SAM_CLI_POLL_DELAY="0.5",
        ),
        log=cloud.folder / "deploy.log",
    )
    cloud_formation = cloud.session().client("cloudformation", endpoint_url=cloud.endpoint)
    stack_outputs = cloud_formation.describe_stacks(StackName=STACK)["Stacks"][0].get("Outputs", [])
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack_outputs}
    webhooks, api = (local_address(cloud, outputs, name) for name in ("WebhooksUrl", "ApiUrl"))
    override(cloud, "RunEmail", FILES_ADDRESS=f"{webhooks.removesuffix('/webhooks')}/files")
    for function in ("ServeApi", "ServeConsole"):
        override(cloud, function, SIGN_IN_URL=cloud.endpoint)
    override(cloud, "ServeConsole", FILES_URL=cloud.endpoint)
    return Stack(outputs, webhooks, api)


def local_address(cloud: LocalCloud, outputs: Mapping[str, str], name: str) -> str:
    """Where the local cloud answers for the output's address, which only AWS resolves."""
    address = outputs[name]
    parts = re.fullmatch(r"https://([0-9a-z]+)\.execute-api\.[^/]+(/.*)", address)
    if parts is None:
        raise PermanentError(
            f"the stack's {name} is {address!r}; expected an address of API Gateway"
        )
    return f"{cloud.endpoint}/_aws/execute-api/{parts[1]}/%24default{parts[2]}"


def override(cloud: LocalCloud, function: str, **variables: str) -> None:
    """Give a function of the template further environment variables, or others.

    For what only this machine can know: the template has the addresses of AWS.
    """
    session = cloud.session()
    cloud_formation = session.client("cloudformation", endpoint_url=cloud.endpoint)
    functions = session.client("lambda", endpoint_url=cloud.endpoint)
    resource = cloud_formation.describe_stack_resource(StackName=STACK, LogicalResourceId=function)
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**before, **variables}}
    )


def verify_senders(cloud: LocalCloud, senders: Iterable[str]) -> None:
    """Let SES take mails from these addresses; the local cloud asks nobody to confirm."""
    mail = cloud.session().client("sesv2", endpoint_url=cloud.endpoint)
    for sender in senders:
        try:
            mail.create_email_identity(EmailIdentity=sender)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise


def _make_bucket(cloud: LocalCloud) -> None:
    """SAM can make a bucket itself; with a stack of its own, that takes longer than the rest."""
    store = cloud.session().client("s3", endpoint_url=cloud.endpoint)
    try:
        store.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
