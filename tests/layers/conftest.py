"""The layers and functions as they are built: for the local cloud, and for AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.local.build import build
from countersign.local.project import Project


@pytest.fixture(scope="session")
def project(project_root: Path) -> Project:
    return Project(project_root)


@pytest.fixture(scope="session")
def local_build(project: Project) -> Path:
    """The folder of what the local cloud runs, and the end-to-end tests."""
    return build(project).parent


@pytest.fixture(scope="session")
def cloud_build(project: Project) -> Path:
    """The folder of what is deployed to AWS."""
    return build(project, for_cloud=True).parent
