"""What the command line speaks to: the API where somebody is signed in, a deployed stack by its
outputs, or the local one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.cli.context import CliContext
from countersign.errors import NotAllowedError, NotFoundError, PermanentError

if TYPE_CHECKING:
    import click
    from mypy_boto3_cloudformation import CloudFormationClient

    from countersign.cli.remote.session import ApiSession
    from countersign.cli.sign_in.signed_in import SignInTools
    from countersign.use_cases.services import Cloud

STACK = "countersign"
"""The stack's name where none is said, as in samconfig.toml."""
OUTPUTS = (
    "Stage",
    "TableName",
    "AuditTableName",
    "ConnectionsPath",
    "ApiTokensPath",
    "AddressKeyPath",
    "SecretsPath",
    "ParkedQueueUrl",
    "WebhookBucket",
    "WebhooksUrl",
)
"""The outputs that a stack must have; see template.yaml."""
ENDPOINTS = Path(".local") / "endpoints.json"
"""What `make run` leaves in the project's folder while it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackChoice:
    """What the options say about where to go and who goes."""

    stack: str | None = None
    endpoint: str | None = None
    region: str | None = None
    local: bool | None = None
    user: str | None = None
    api: str | None = None
    """The address of the API that is to be used."""
    no_api: bool = False
    """Whether AWS credentials are to be used though somebody is signed in."""
    names_user: bool = False
    """Whether the command line itself says who acts."""
    names_region: bool = False

    @property
    def names_stack(self) -> bool:
        """Whether a stack is named, so that it is reached with AWS credentials."""
        return bool(self.stack or self.endpoint or self.names_region or self.local is not None)


def context_of(root: click.Context, tell: Callable[[str], None]) -> CliContext:
    """The surroundings of a command line: those it was given, or what its options ask for."""
    if isinstance(root.obj, CliContext):
        return root.obj  # Given by the caller: a test, or another program.
    given = root.params
    choice = StackChoice(
        stack=given.get("stack"),
        endpoint=given.get("endpoint"),
        region=given.get("region"),
        local=given.get("local"),
        user=given.get("user"),
        api=given.get("api"),
        no_api=bool(given.get("no_api")),
        names_user=_is_typed(root, "user"),
        names_region=_is_typed(root, "region"),
    )
    return open_context(choice, folder=Path.cwd(), tell=tell)


def _is_typed(root: click.Context, name: str) -> bool:
    """Whether an option stands on the command line, not in the environment."""
    source = root.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def open_context(choice: StackChoice, *, folder: Path, tell: Callable[[str], None]) -> CliContext:
    """The surroundings that the options ask for; ``tell`` hears what was chosen unasked."""
    endpoints = folder / ENDPOINTS

    @cache
    def sign_in() -> SignInTools:
        from countersign.cli.sign_in.signed_in import SignInTools

        return SignInTools(local_api=lambda: _local_api(endpoints))

    @cache
    def api() -> ApiSession | None:
        return _api(choice, sign_in(), tell)

    def cloud() -> Cloud:
        if (session := api()) is not None:
            raise PermanentError(
                f"this needs AWS credentials, and commands go to {session.address}; use --no-api, "
                "with --stack and --region where they are not the usual ones"
            )
        return _open_cloud(choice, endpoints, tell)

    return CliContext(
        user=choice.user or _system_user(), open_cloud=cloud, open_api=api, open_sign_in=sign_in
    )


def _api(
    choice: StackChoice, sign_in: SignInTools, tell: Callable[[str], None]
) -> ApiSession | None:
    """The API that commands go over: the one that is named; otherwise, unless a stack is, that of
    the local stack or else the one where somebody signed in last."""
    from countersign.cli.sign_in.signed_in import api_address

    if choice.api is not None:
        if choice.no_api:
            raise PermanentError("--api and --no-api exclude each other; leave out one of them")
        if choice.names_stack:
            raise PermanentError("--api names what is used; leave out the options of AWS")
        address = api_address(choice.api)
    elif choice.no_api or choice.names_stack:
        return None
    else:
        local = sign_in.local_api()
        stored_sign_in = sign_in.kept.current() if local is None else sign_in.kept.get(local)
        if stored_sign_in is None:
            return None
        address = stored_sign_in.api
        tell(f"({stored_sign_in.name} at {address}; --no-api for AWS credentials)")
    if choice.names_user:
        msg = "over the API you act as who you signed in as; --as is for the stack of `make run`"
        raise PermanentError(msg)
    return sign_in.session(address)


def _local_api(endpoints: Path) -> str | None:
    """The address of the local stack's API; None where it does not run."""
    try:
        content = json.loads(endpoints.read_bytes())
    except (OSError, ValueError):
        return None
    api = content.get("api") if isinstance(content, dict) else None
    return api if isinstance(api, str) else None


def _system_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def _open_cloud(choice: StackChoice, endpoints: Path, tell: Callable[[str], None]) -> Cloud:
    elsewhere = bool(choice.stack or choice.endpoint)
    local = choice.local if choice.local is not None else endpoints.is_file() and not elsewhere
    if not local:
        return _deployed(choice)
    if choice.local is None:
        tell(f"(the local stack, by {ENDPOINTS}; --no-local for AWS)")
    return _local(endpoints)


def _local(endpoints: Path) -> Cloud:
    import boto3

    from countersign.wiring.cloud import adapters

    try:
        content = json.loads(endpoints.read_bytes())
        region, url = content["region"], content["aws_endpoint"]
        outputs, webhooks = content["outputs"], content["webhooks"]
    except FileNotFoundError:
        msg = f"the local stack is not running: there is no {ENDPOINTS} here; start it: make run"
        raise PermanentError(msg) from None
    except (ValueError, KeyError) as error:
        msg = f"{ENDPOINTS} cannot be read ({error!r}); start the local stack again: make run"
        raise PermanentError(msg) from error
    # The local cloud takes any keys; real ones are none of its business.
    session = boto3.Session("local", "local", region_name=region)
    return adapters(session, url, outputs, webhooks=webhooks, unreadable=tell_unreadable)


def _deployed(choice: StackChoice) -> Cloud:
    import boto3
    from botocore.exceptions import BotoCoreError

    from countersign.wiring.cloud import adapters, credentials_identity, with_retries

    if choice.user is not None:
        msg = (
            "--as, or COUNTERSIGN_USER, says who acts on the stack of `make run`; on AWS it is who "
            "the credentials belong to: leave it out"
        )
        raise NotAllowedError(msg)
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
        client = session.client(
            "cloudformation", endpoint_url=choice.endpoint, config=with_retries()
        )
    except BotoCoreError as error:  # A profile that is not there, a file that cannot be read.
        raise PermanentError(f"the AWS configuration cannot be used: {error}") from error
    outputs = outputs_of(client, choice.stack or STACK)
    cloud = adapters(
        session,
        choice.endpoint,
        outputs,
        webhooks=outputs["WebhooksUrl"],
        unreadable=tell_unreadable,
    )
    return replace(cloud, identity=lambda: credentials_identity(session, choice.endpoint))


def outputs_of(client: CloudFormationClient, stack: str) -> dict[str, str]:
    """A deployed stack's outputs; NotFoundError where there is none, PermanentError where it is not
    a Countersign stack."""
    from botocore.exceptions import ClientError

    from countersign.adapters.aws.errors import AWS_ERRORS, our_error

    try:
        stack_outputs = client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    except AWS_ERRORS as error:
        if isinstance(error, ClientError) and "does not exist" in str(error):
            msg = (
                f'there is no stack "{stack}" in {client.meta.region_name}; deploy it with '
                "`sam deploy --guided`, or name yours with --stack and --region"
            )
            raise NotFoundError(msg) from error
        raise our_error("CloudFormation", error) from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack_outputs}
    missing = [name for name in OUTPUTS if name not in outputs]
    if missing:
        msg = (
            f'the stack "{stack}" has no output {", ".join(missing)}; it is not a Countersign stack'
        )
        raise PermanentError(msg)
    return outputs


def tell_unreadable(text: str) -> None:
    """Say of an item that it cannot be read, beside what the command prints."""
    import click

    from countersign.cli.output.terminal import one_line

    click.echo(one_line(text), err=True)
