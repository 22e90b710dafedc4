"""The real template on a local cloud, one for all tests, beside any `make run`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from countersign.local.build import build
from countersign.local.cloud import LocalCloud, free_port, running_cloud
from countersign.local.deploy import STACK, Stack, deploy
from countersign.local.mail_files import MailFolder, keeping_mails
from countersign.local.people import LocalPeople, make_people
from countersign.local.project import Project


@dataclass(frozen=True, slots=True)
class Running:
    """The cloud and what is deployed to it."""

    project: Project
    cloud: LocalCloud
    stack: Stack
    sent: MailFolder
    """The mails of rules as they left, with their attachments."""

    def physical(self, logical: str) -> str:
        """The name that a resource of the template got in the stack."""
        client = self.cloud.session().client("cloudformation", endpoint_url=self.cloud.endpoint)
        answer = client.describe_stack_resource(StackName=STACK, LogicalResourceId=logical)
        return answer["StackResourceDetail"]["PhysicalResourceId"]


@pytest.fixture(scope="session")
def running(project_root: Path) -> Iterator[Running]:
    """Built, started on a free port, deployed; stopped after the last test."""
    project = Project(project_root)
    template = build(project)
    port = free_port()
    name = f"test-{port}"
    with running_cloud(project, port=port, name=name) as cloud:
        stack = deploy(project, cloud, template)
        with keeping_mails(cloud) as sent:
            yield Running(project, cloud, stack, sent)
    # Only when nothing went wrong on the way; otherwise its log is of use.
    shutil.rmtree(cloud.folder)


@pytest.fixture(scope="session")
def people(running: Running) -> LocalPeople:
    """Somebody of each role, and the programs' clients."""
    return make_people(running.cloud, running.stack)
