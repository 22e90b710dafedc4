"""AWS calls of receive_webhook, counted on the wire, its AWS played by moto.

Needs the function's environment.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3
from moto import mock_aws

from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.scene import (
    ADDRESS_KEY,
    CONNECTION,
    ROOT,
    SECRETS,
    Context,
    gateway_event,
    message,
    three_rules,
)
from tests.template_file import read_template

TABLE = os.environ["TABLE_NAME"]
PREFIX = os.environ["CONNECTIONS_PATH"]
NOW = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)


@mock_aws
def main(output: Path) -> None:
    """Measure, and keep the figures."""
    from countersign.wiring import stack
    from functions.receive_webhook.handler import handler

    _set_up()
    asked: list[str] = []
    for service in ("dynamodb", "ssm", "sqs"):
        stack.client(service).meta.events.register(
            "before-send", lambda event_name, **_: asked.append(event_name.rpartition(".")[2])
        )

    def calls(name: str, envelope: str) -> list[str]:
        asked.clear()
        event = gateway_event(message(name, envelope, NOW, size=6_000))
        answer = handler(event, Context())
        assert answer["statusCode"] == 200, answer
        return list(asked)

    cold = calls("envelope-created", "00000000-0000-4000-8000-000000000001")
    created = calls("envelope-created", "00000000-0000-4000-8000-000000000002")
    moved = calls("envelope-sent", "00000000-0000-4000-8000-000000000002")
    again = calls("envelope-sent", "00000000-0000-4000-8000-000000000002")
    assert _planned() == 3
    write_figures(
        output,
        [
            Figure(name="a webhook that moves a document, 3 rules", value=len(moved), target=2),
            Figure(name="a webhook that creates a document", value=len(created), target=2),
            Figure(name="a webhook that comes a second time", value=len(again), target=2),
            Figure(name="the first webhook of a new function instance", value=len(cold)),
        ],
    )


def _set_up() -> None:
    from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
    from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines

    client = boto3.client("dynamodb")
    properties = read_template(ROOT / "template.yaml")["Resources"]["State"]["Properties"]
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client.create_table(TableName=TABLE, **{name: properties[name] for name in wanted})
    DynamoPipelines(client, TABLE).publish(three_rules(), at=NOW, by="anna")
    DynamoConnections(client, TABLE).put(CONNECTION)
    for name, value in (
        (f"{PREFIX}/{SECRETS.connection}", SECRETS.model_dump_json()),
        (os.environ["ADDRESS_KEY_PATH"], ADDRESS_KEY),
    ):
        boto3.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")


def _planned() -> int:
    """The runs in the table."""
    found = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    return sum(item["type"] == {"S": "run"} for item in found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
