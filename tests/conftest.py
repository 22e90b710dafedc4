"""What tests of every kind start from: the project's folder and its template, read as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.template_file import Template, read_template

# What is searched is the same in every run, so that a change is judged by what it changed.
# --hypothesis-profile=default searches elsewhere each time, =thorough (make fuzz) for long as well.
# How long an example takes says something of the machine alone.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", UNTIMED, derandomize=True)
settings.register_profile("thorough", UNTIMED, max_examples=5_000)
settings.load_profile("repeatable")

BUILDING = ("tests/end_to_end/", "tests/layers/")
"""What builds the project in its own folder, or has a stack that is made once: one process."""


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


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the tests between the processes by files."""
    return _ByFiles(config, log)


class _ByFiles(LoadScopeScheduling):
    """Gives a process one file at a time; those that build the project are one file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the build" if file.startswith(BUILDING) else file
