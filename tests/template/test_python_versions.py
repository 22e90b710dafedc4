"""Which Pythons the functions could run with: those that everything locked is ready for."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from samcli.lib.utils.architecture import SUPPORTED_RUNTIMES

READY = ("3.13", "3.14")
"""A move to another one is a line of template.yaml; decision 89 says what else it takes.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""
FUNCTION = """
Resources:
  Any:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python{version}
      Handler: handler.handler
      Code: {{S3Bucket: any, S3Key: any}}
      Role: arn:aws:iam::123456789012:role/any
"""


def test_the_functions_and_their_layers_run_with_one_that_is_ready(
    template: dict[str, Any], resources: dict[str, dict[str, Any]]
) -> None:
    runtime = template["Globals"]["Function"]["Runtime"]
    layers = [it for it in resources.values() if it["Type"] == "AWS::Serverless::LayerVersion"]
    assert runtime in {f"python{version}" for version in READY}
    assert [layer["CompatibleRuntimes"] for layer in layers] == [[runtime], [runtime]]


@pytest.mark.parametrize("version", READY)
def test_each_locked_package_has_a_wheel_for_it(project_root: Path, version: str) -> None:
    looked = _wheels(project_root, version)
    assert (looked.returncode, looked.stderr) == (0, "")


def test_a_missing_wheel_is_found(project_root: Path) -> None:
    """There is no Python 3.99, and some packages are compiled for each."""
    assert "has no usable wheels" in _wheels(project_root, "3.99").stderr


@pytest.mark.parametrize(
    ("version", "accepted"), [*((version, True) for version in READY), ("3.99", False)]
)
def test_the_locked_tools_know_it(version: str, accepted: bool) -> None:
    assert (f"python{version}" in SUPPORTED_RUNTIMES) is accepted
    assert (lint(FUNCTION.format(version=version)) == []) is accepted


def _wheels(project_root: Path, version: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-C", project_root / "layers", "wheels", f"TARGET_PYTHON={version}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
