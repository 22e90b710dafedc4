"""Writes the extract of AWS's service descriptions that the functions' clients are made from.

To be run when an adapter calls another operation, and after botocore has changed:
``python -m countersign.local.service_models``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

import botocore
from botocore.loaders import Loader

from countersign.adapters.aws.service_models import EXTRACT

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "cognito-idp": (
        "AdminAddUserToGroup",
        "AdminCreateUser",
        "AdminDeleteUser",
        "AdminGetUser",
        "AdminListGroupsForUser",
        "AdminRemoveUserFromGroup",
        "DescribeUserPoolClient",
        "ListUsers",
        "ListUsersInGroup",
    ),
    "dynamodb": (
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    ),
    "events": ("PutEvents",),
    "logs": ("FilterLogEvents",),
    "s3": ("CopyObject", "DeleteObject", "GetObject", "ListObjectsV2", "PutObject"),
    "scheduler": ("CreateSchedule", "DeleteSchedule"),
    "sesv2": ("GetAccount", "GetEmailIdentity", "SendEmail"),
    "sns": ("Publish",),
    "sqs": (
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "ReceiveMessage",
        "SendMessage",
        "SendMessageBatch",
    ),
    "ssm": ("DeleteParameter", "GetParameter", "GetParametersByPath", "PutParameter"),
}
"""What the adapters call, by the service's name in botocore."""
NOTICE = """\
Extracts of the service descriptions of botocore {version}, which is
Copyright Amazon.com, Inc. or its affiliates, and under the Apache License, Version 2.0.
Changed: operations that Countersign does not call are left out, and all documentation is emptied.
Written by `python -m countersign.local.service_models`; not to be edited.
"""


def main() -> None:
    """Write the extract anew."""
    shutil.rmtree(EXTRACT, ignore_errors=True)
    for name, text in extract().items():
        path = EXTRACT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def extract() -> dict[str, str]:
    """The files of the extract, by their paths in its folder, from the installed botocore."""
    loader = Loader()
    files = {"NOTICE": NOTICE.format(version=botocore.__version__)}
    prefixes = set()
    for service, operations in OPERATIONS.items():
        version = loader.determine_latest_version(service, "service-2")
        model = loader.load_service_model(service, "service-2", version)
        prefixes.add(model["metadata"]["endpointPrefix"])
        files[f"{service}/{version}/service-2.json"] = _written(_model(model, operations))
    files["endpoints.json"] = _written(_endpoints(loader.load_data("endpoints"), prefixes))
    return files


def _endpoints(endpoints: Mapping[str, Any], prefixes: Container[str]) -> dict[str, Any]:
    """Every partition and region, with the endpoints of the services with these prefixes."""
    partitions = [
        partition
        | {"services": {name: of for name, of in partition["services"].items() if name in prefixes}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _model(model: Mapping[str, Any], operations: Iterable[str]) -> dict[str, Any]:
    """A service's description with these operations and the shapes that they lead to."""
    called = {name: model["operations"][name] for name in operations}
    shapes: dict[str, Any] = {}
    pending = set(_shapes_in(called))
    while pending:
        name = pending.pop()
        shapes[name] = model["shapes"][name]
        pending |= set(_shapes_in(shapes[name])) - shapes.keys()
    kept = {name: shape for name, shape in model["shapes"].items() if name in shapes}
    return {**model, "operations": called, "shapes": kept}


def _shapes_in(value: Any) -> Iterator[str]:
    """The names of the shapes that a description refers to."""
    if isinstance(value, Mapping):
        if isinstance(name := value.get("shape"), str):
            yield name
        for inner in value.values():
            yield from _shapes_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _shapes_in(inner)


def _written(value: Any) -> str:
    return json.dumps(_undocumented(value), separators=(",", ":")) + "\n"


def _undocumented(value: Any) -> Any:
    """The same with empty documentation: botocore wants it to be there in places."""
    if isinstance(value, Mapping):
        return {
            name: "" if name == "documentation" and isinstance(inner, str) else _undocumented(inner)
            for name, inner in value.items()
        }
    return [_undocumented(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
