"""What tests of every kind start from: the project's folder and its template, read as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.template_file import Template, read_template

# What is searched is the same in every run, so that a change is judged by what it changed.
# --hypothesis-profile=default searches elsewhere each time, =thorough (make fuzz) for long as well.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("thorough", max_examples=5_000, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def template(project_root: Path) -> Template:
    """template.yaml with its loops and short tags written out: ``!Ref it`` is ``{"Ref": "it"}``."""
    return read_template(project_root / "template.yaml")


@pytest.fixture(scope="session")
def table_definition(template: Template) -> dict[str, Any]:
    """The table as the template has it, for ``create_table`` of a test's own DynamoDB."""
    properties = template["Resources"]["State"]["Properties"]
    taken = (
        "AttributeDefinitions",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "StreamSpecification",
    )
    definition = {name: properties[name] for name in taken}
    definition["StreamSpecification"] = {**definition["StreamSpecification"], "StreamEnabled": True}
    return definition


@pytest.fixture(scope="session")
def statistics_table_definition(template: Template) -> dict[str, Any]:
    """The same of the statistics' table."""
    properties = template["Resources"]["Statistics"]["Properties"]
    taken = ("AttributeDefinitions", "BillingMode", "KeySchema")
    return {name: properties[name] for name in taken}


@pytest.fixture(scope="session")
def audit_table_definition(template: Template) -> dict[str, Any]:
    """The same of the audit log's table."""
    properties = template["Resources"]["Audit"]["Properties"]
    taken = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    return {name: properties[name] for name in taken}
