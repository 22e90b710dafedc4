"""The functions' clients, made from the extract, call AWS as clients made from all of botocore."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session

import countersign.adapters
from countersign.adapters.aws import client_config
from countersign.adapters.aws.service_models import EXTRACT, ExtractLoader
from countersign.local.service_models import extract

SERVICES = sorted(client_config.OF)
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "cognito-idp": ("admin_get_user", {"UserPoolId": "eu-central-1_a", "Username": "b"}),
    "dynamodb": ("get_item", {"TableName": "state", "Key": {"pk": {"S": "a"}}}),
    "events": ("put_events", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]}),
    "logs": ("filter_log_events", {"logGroupName": "/a/b", "startTime": 1}),
    "s3": ("put_object", {"Bucket": "a-bucket", "Key": "a/b", "Body": b"text"}),
    "scheduler": ("delete_schedule", {"Name": "a", "GroupName": "b", "ClientToken": "c"}),
    "sesv2": (
        "send_email",
        {"Content": {"Raw": {"Data": b"text"}}, "FromEmailAddress": "a@acme.example"},
    ),
    "sns": ("publish", {"PhoneNumber": "+491701234567", "Message": "text"}),
    "sqs": (
        "send_message",
        {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/a", "MessageBody": "text"},
    ),
    "ssm": ("get_parameter", {"Name": "/a/b", "WithDecryption": True}),
}
"""A call of each service."""


def test_the_extract_is_what_the_installed_botocore_says() -> None:
    found = {
        path.relative_to(EXTRACT).as_posix(): path.read_text(encoding="utf-8")
        for path in EXTRACT.rglob("*")
        if path.is_file()
    }
    wanted = extract()
    differing = sorted(
        name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)
    )
    assert differing == [], "run python -m countersign.local.service_models"


def test_the_extract_has_the_operations_that_the_adapters_call_and_no_others() -> None:
    whole, ours = Loader(), ExtractLoader()
    known = {name for service in SERVICES for name in operations(whole, service)}
    kept = {name for service in SERVICES for name in operations(ours, service)}
    assert set(called()) & known == kept


def test_the_extract_has_the_services_that_clients_are_made_of() -> None:
    assert sorted(ExtractLoader().list_available_services("service-2")) == SERVICES


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
def test_a_call_is_sent_as_a_client_of_the_whole_description_sends_it(
    service: str, region: str
) -> None:
    assert sent(ExtractLoader(), service, region) == sent(Loader(), service, region)


@pytest.mark.parametrize("name", ["partitions", "ssm/2014-11-06/paginators-1"])
def test_what_the_extract_lacks_is_found_in_botocore(name: str) -> None:
    assert ExtractLoader().load_data(name) == Loader().load_data(name)


def test_what_is_nowhere_is_not_found() -> None:
    with pytest.raises(UnknownServiceError):
        ExtractLoader().load_service_model("ec2", "service-2")
    with pytest.raises(DataNotFoundError):
        ExtractLoader().load_data("sqs/2012-11-05/anything-1")


def operations(loader: Loader, service: str) -> list[str]:
    """The names of a client's methods."""
    return [
        xform_name(name) for name in loader.load_service_model(service, "service-2")["operations"]
    ]


def called() -> Iterator[str]:
    """Whatever the adapters call by a name, or name for a paginator."""
    for root in countersign.adapters.__path__:
        for path in Path(root).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                        yield name


def sent(loader: Loader, service: str, region: str) -> dict[str, Any]:
    """What a client sends for a call; nothing leaves."""
    session = Session()
    session.register_component("data_loader", loader)
    client: Any = session.create_client(
        service,
        region_name=region,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=client_config.OF[service].merge(Config(user_agent="test")),
    )
    seen: dict[str, Any] = {"retries": client.meta.config.retries}

    def keep(request: Any, **_: Any) -> None:
        signed = request.headers["Authorization"].decode()
        seen.update(
            method=request.method,
            url=request.url,
            body=request.body.read() if hasattr(request.body, "read") else request.body,
            type=request.headers.get("Content-Type"),
            target=request.headers.get("X-Amz-Target"),
            signed_for=signed.partition(",")[0].split("/")[2:],
        )
        raise ConnectionAbortedError

    client.meta.events.register_last("before-send", keep)
    name, arguments = CALLS[service]
    with pytest.raises(ConnectionAbortedError):
        getattr(client, name)(**arguments)
    return seen
