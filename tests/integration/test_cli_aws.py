"""The command line against AWS: a deployed stack is found by its outputs, errors are one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner, Result
from moto import mock_aws

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.stack import ENDPOINTS, StackChoice, open_context, outputs_of, tell_unreadable
from countersign.errors import PermanentError, UnavailableError
from countersign.wiring.cloud import adapters, credentials_identity

REGION = "eu-central-1"
FOREIGN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "COUNTERSIGN_STACK",
    "COUNTERSIGN_USER",
)
OUTPUTS = {
    "Stage": "dev",
    "TableName": "state",
    "AuditTableName": "audit",
    "StatisticsTableName": "statistics",
    "ConnectionsPath": "/countersign/dev/connections",
    "SecretsPath": "/countersign/dev/secrets",
    "ApiTokensPath": "/countersign/dev/api-tokens",
    "AddressKeyPath": "/countersign/dev/address-key",
    "WebhookBucket": "webhooks",
    "ParkedQueueUrl": "https://sqs.example/parked",
    "WebhooksUrl": "https://api.example/webhooks",
}
EXAMPLE = Path(__file__).parents[2] / "events" / "pipelines" / "contracts.yaml"


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(countersign, arguments, env=environment)


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No keys, no settings of whoever runs the tests, in a folder where no local stack runs."""
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def aws(apart: None) -> Iterator[None]:
    """AWS in memory."""
    with mock_aws():
        yield


class Command:
    """Runs commands as Anna against the tables in memory."""

    def __init__(self) -> None:
        self.context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: adapters(
                boto3.Session(),
                None,
                OUTPUTS,
                webhooks="https://api.example/webhooks/",
                unreadable=tell_unreadable,
            ),
        )

    def __call__(self, *arguments: str) -> Result:
        runner = CliRunner(mix_stderr=False)
        return runner.invoke(countersign, arguments, obj=self.context)


@pytest.fixture
def command(
    aws: None,
    table_definition: dict[str, Any],
    audit_table_definition: dict[str, Any],
    statistics_table_definition: dict[str, Any],
) -> Command:
    client = boto3.client("dynamodb")
    client.create_table(TableName="state", **table_definition)
    client.create_table(TableName="audit", **audit_table_definition)
    client.create_table(TableName="statistics", **statistics_table_definition)
    return Command()


def test_a_pipeline_is_published_and_connected_on_aws(command: Command) -> None:
    published = command("pipelines", "publish", str(EXAMPLE))
    assert (published.exit_code, published.stderr) == (0, "")
    assert published.stdout.startswith("contracts version 1 is published\n")
    assert command("pipelines", "publish", str(EXAMPLE)).stdout == (
        "contracts is published like this already, as version 1\n"
    )
    assert command("pipelines").stdout.splitlines()[1] == (
        "contracts  Contracts  1        0          running"
    )
    connected = command(
        "connections", "create", "docusign", "--pipeline", "contracts", "--secret", "s"
    )
    assert (connected.exit_code, connected.stderr) == (0, "")
    address = connected.stdout.splitlines()[1].split()[1]
    front, _, token = address.rpartition(".")
    assert front == "https://api.example/webhooks/docusign"
    assert len(token) == 52
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyz234567")
    kept = boto3.client("ssm").get_parameter(
        Name="/countersign/dev/connections/docusign", WithDecryption=True
    )["Parameter"]
    assert kept["Type"] == "SecureString"
    secrets = json.loads(kept["Value"])
    assert (secrets["tokens"], secrets["secrets"]) == ([token], ["s"])
    assert command("connections").stdout.splitlines()[1] == "docusign    docusign  contracts"
    assert command("documents").stdout == "there are no documents\n"
    listed = json.loads(command("audit", "list", "--output", "json").stdout)
    assert [(one["action"], one["outcome"]) for one in listed] == [
        ("connection.created", "done"),
        ("pipeline.published", "done"),
    ]


def test_on_aws_one_is_who_the_credentials_belong_to(aws: None) -> None:
    cloud = CliContext(
        user="anna@acme.example",
        open_cloud=lambda: replace(
            Command().context.cloud,
            identity=lambda: credentials_identity(boto3.Session(), None),
        ),
    )
    who = "iam:arn:aws:sts::123456789012:user/moto"
    actor = cloud.actor
    assert (actor.name, actor.id, actor.signed_in_by, actor.user) == (who, who, "iam", None)


def test_nobody_says_who_he_is_on_aws(apart: None) -> None:
    says = (
        "Error: --as, or COUNTERSIGN_USER, says who acts on the stack of `make run`; on AWS it is "
        "who the credentials belong to: leave it out\n"
    )
    named = run("--as", "anna@acme.example", "pipelines")
    assert (named.exit_code, named.stdout, named.stderr) == (3, "", says)
    assert run("pipelines", COUNTERSIGN_USER="anna@acme.example").stderr == says


def test_a_table_that_is_not_there_is_told_in_a_line(aws: None) -> None:
    result = Command()("pipelines")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: DynamoDB refused ")
    assert len(result.stderr.splitlines()) == 1


def described(stack: str, answer: Callable[[Stubber], None]) -> dict[str, str]:
    client = boto3.client("cloudformation", REGION)
    with Stubber(client) as stubber:
        answer(stubber)
        return outputs_of(client, stack)


def told(outputs: dict[str, str]) -> Callable[[Stubber], None]:
    listed = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
    stack = {
        "StackName": "s",
        "CreationTime": datetime(2026, 3, 2, tzinfo=UTC),
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": listed,
    }
    return lambda stubber: stubber.add_response("describe_stacks", {"Stacks": [stack]})


def refused(code: str, text: str) -> Callable[[Stubber], None]:
    return lambda stubber: stubber.add_client_error("describe_stacks", code, text, 400)


def test_a_deployed_stack_tells_where_everything_is(aws: None) -> None:
    assert described("countersign", told(OUTPUTS)) == OUTPUTS


STACKS = {
    "not there": (
        refused("ValidationError", "Stack with id other does not exist"),
        'there is no stack "other" in eu-central-1; deploy it with `sam deploy --guided`, '
        "or name yours with --stack and --region",
    ),
    "somebody else's": (
        told({"TableName": "theirs"}),
        'the stack "other" has no output Stage, AuditTableName, ConnectionsPath, '
        "ApiTokensPath, AddressKeyPath, SecretsPath, ParkedQueueUrl, WebhookBucket, WebhooksUrl; "
        "it is not a Countersign stack",
    ),
    "not for us to see": (
        refused("AccessDenied", "User anna is not authorized"),
        "CloudFormation refused DescribeStacks: AccessDenied: User anna is not authorized; "
        "this is a bug or a misconfigured deployment",
    ),
}


@pytest.mark.parametrize(("answer", "text"), STACKS.values(), ids=STACKS)
def test_a_stack_that_does_not_serve_is_told_with_what_to_do(
    aws: None, answer: Callable[[Stubber], None], text: str
) -> None:
    with pytest.raises(PermanentError) as error:
        described("other", answer)
    assert str(error.value) == text


def test_missing_keys_and_a_missing_region_are_told(
    apart: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("pipelines").stderr == (
        "Error: there are no AWS credentials; set AWS_PROFILE or run `aws configure`, "
        "or use --local for the stack of `make run`\n"
    )
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert run("pipelines").stderr == (
        "Error: no region is set; give --region, or set AWS_REGION\n"
    )


def test_a_profile_that_is_not_there_is_told_in_a_line(apart: None) -> None:
    result = run("pipelines", AWS_PROFILE="work")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: the AWS configuration cannot be used: "
        "The config profile (work) could not be found\n"
    )


def test_an_endpoint_that_does_not_answer_is_told_in_a_line(aws: None) -> None:
    context = open_context(
        StackChoice(endpoint="http://127.0.0.1:1", region=REGION),
        folder=Path(),
        tell=lambda text: None,
    )
    with pytest.raises(UnavailableError, match="CloudFormation gave no answer: Could not connect"):
        _ = context.cloud


def test_a_local_stack_that_does_not_run_is_told_with_how_to_start_it(aws: None) -> None:
    assert run("--local", "pipelines").stderr == (
        "Error: the local stack is not running: there is no .local/endpoints.json here; "
        "start it: make run\n"
    )


def test_the_local_stack_is_taken_while_it_runs_unless_another_is_named(
    aws: None, tmp_path: Path
) -> None:
    (tmp_path / ENDPOINTS).parent.mkdir()
    found = {
        "aws_endpoint": "http://127.0.0.1:1",
        "region": REGION,
        "webhooks": "http://127.0.0.1:1/hooks/",
        "outputs": OUTPUTS,
    }
    (tmp_path / ENDPOINTS).write_text(json.dumps(found))
    heard: list[str] = []
    local = open_context(StackChoice(), folder=tmp_path, tell=heard.append)
    assert local.cloud.webhooks == "http://127.0.0.1:1/hooks"
    assert heard == ["(the local stack, by .local/endpoints.json; --no-local for AWS)"]
    nowhere = "http://127.0.0.1:2"
    for elsewhere in (StackChoice(endpoint=nowhere), StackChoice(endpoint=nowhere, local=False)):
        with pytest.raises(UnavailableError, match="CloudFormation gave no answer"):
            _ = open_context(elsewhere, folder=tmp_path, tell=heard.append).cloud
    (tmp_path / ENDPOINTS).write_text("{}")
    with pytest.raises(PermanentError, match=r"cannot be read .* start the local stack again"):
        _ = open_context(StackChoice(local=True), folder=tmp_path, tell=heard.append).cloud
