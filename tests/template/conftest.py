"""The template's parts by kind."""

from __future__ import annotations

from typing import Any

import pytest

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> Resources:
    """Properties of every resource by logical id, with the type under ``Type``."""
    return {
        name: {**resource.get("Properties", {}), "Type": resource["Type"]}
        for name, resource in template["Resources"].items()
    }


@pytest.fixture(scope="session")
def functions(template: dict[str, Any], resources: Resources) -> Resources:
    """Every function, with what it inherits from Globals."""
    shared = template["Globals"]["Function"]
    return {
        name: {**shared, **properties}
        for name, properties in resources.items()
        if properties["Type"] == "AWS::Serverless::Function"
    }


@pytest.fixture(scope="session")
def queues(resources: Resources) -> Resources:
    return {name: it for name, it in resources.items() if it["Type"] == "AWS::SQS::Queue"}


@pytest.fixture(scope="session")
def roles(resources: Resources) -> Resources:
    return {name: it for name, it in resources.items() if it["Type"] == "AWS::IAM::Role"}
