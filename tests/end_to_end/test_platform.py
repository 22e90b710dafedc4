"""The template deploys, and its parts are joined."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.end_to_end.conftest import Running

UNREADABLE = {
    "SQS": {"messageId": "m1", "eventSource": "aws:sqs", "body": "unreadable"},
    "DynamoDB": {
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": "m1", "NewImage": {"type": {"S": "unreadable"}}},
    },
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["nobody.token", "nobody.token/slot"])
def test_both_addresses_reach_the_function_that_refuses_who_it_does_not_know(
    running: Running, method: str, path: str
) -> None:
    """A route that is missing would be the gateway's own 404."""
    request = urllib.request.Request(  # noqa: S310 - the local cloud's own address
        f"{running.stack.webhooks}/{path}",
        data=b"{}" if method == "POST" else None,
        headers={"Content-Type": "application/json"},
        method=method,
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)  # noqa: S310 - see above
    refused.value.close()
    assert refused.value.code == 401


@pytest.mark.parametrize(
    ("function", "source"),
    [
        ("ReceiveWebhook", "SQS"),
        ("DispatchRuns", "DynamoDB"),
        ("RunEmail", "SQS"),
        ("RunDocument", "SQS"),
        ("RecordFeedback", "SQS"),
    ],
)
def test_a_function_starts_with_its_layers_alone_and_tells_back_what_it_cannot_read(
    running: Running, function: str, source: str
) -> None:
    """The local cloud's interpreter has neither our package nor powertools, Liquid, holidays."""
    functions = running.cloud.session().client("lambda", endpoint_url=running.cloud.endpoint)
    answer = functions.invoke(
        FunctionName=running.physical(function),
        Payload=json.dumps({"Records": [UNREADABLE[source]]}),
    )
    assert json.load(answer["Payload"]) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_no_process_of_a_function_has_a_copy_of_the_layers(running: Running) -> None:
    functions = running.cloud.session().client("lambda", endpoint_url=running.cloud.endpoint)
    functions.invoke(
        FunctionName=running.physical("RunEmail"),
        Payload=json.dumps({"Records": [UNREADABLE["SQS"]]}),
    )
    started = list((running.cloud.folder / "tmp").glob("ministack-lambda-*-RunEmail-*"))
    files = [path.name for folder in started for path in folder.rglob("*") if path.is_file()]
    assert started
    assert {"handler.py", "DependenciesLayer.pth", "CoreLayer.pth"} <= set(files)
    assert not {"pydantic", "countersign"} & {
        path.name for folder in started for path in folder.rglob("*") if path.is_dir()
    }


def test_a_taken_port_is_told_before_anything_is_built_or_started(running: Running) -> None:
    port = running.cloud.endpoint.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "countersign.local", "run"],
        cwd=running.project.root,
        env={"COUNTERSIGN_PORT": port},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert f"port {port} cannot be had" in second.stderr
    assert "COUNTERSIGN_PORT" in second.stderr
