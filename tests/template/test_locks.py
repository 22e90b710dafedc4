"""What is installed is pinned to the byte, and from nowhere in particular."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

LOCKS = (
    "layers/dependencies/requirements.txt",
    "requirements/cloud.txt",
    "requirements/dev.txt",
    "requirements/uv.txt",
)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_its_hashes(project_root: Path, lock: str) -> None:
    for package in _packages(project_root / lock):
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+ ", package), package
        assert "--hash=sha256:" in package


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_address(project_root: Path, lock: str) -> None:
    text = (project_root / lock).read_text()
    assert [word for word in ("://", "--index", "--find-links", " @ ") if word in text] == []


def test_the_layer_has_what_the_tests_run_with(project_root: Path) -> None:
    layer = set(_packages(project_root / "layers/dependencies/requirements.txt"))
    tested = set(_packages(project_root / "requirements/dev.txt"))
    assert layer - tested == set()


def test_the_layer_leaves_aws_own_client_to_the_runtime(project_root: Path) -> None:
    layer = _packages(project_root / "layers/dependencies/requirements.txt")
    names = {package.partition("==")[0] for package in layer}
    assert names & {"boto3", "botocore", "s3transfer"} == set()


def _packages(lock: Path) -> list[str]:
    """One logical line a package, as pip reads them."""
    return [line for line in lock.read_text().replace("\\\n", " ").splitlines() if line.strip()]
