"""Nothing is compiled when a function starts: everything has its bytecode, of the right Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from countersign.local.project import Project

MAGIC = {"3.13": 3571}
"""The first two bytes of bytecode by the Python that reads it.

https://github.com/python/cpython/blob/main/Include/internal/pycore_magic_number.h
"""
UNCHECKED_HASH = 0b01
"""Python then takes the bytecode without a look at the source: https://peps.python.org/pep-0552/"""


@pytest.fixture(scope="module")
def target(template: dict[str, dict[str, dict[str, str]]]) -> str:
    """The Python that the functions run with in AWS: ``3.13``."""
    return template["Globals"]["Function"]["Runtime"].removeprefix("python")


def test_everything_that_is_deployed_has_bytecode_that_lambda_takes(
    cloud_build: Path, target: str
) -> None:
    sources = list(cloud_build.rglob("*.py"))
    for source in sources:
        tag = f"cpython-{target.replace('.', '')}"
        compiled = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        header = compiled.read_bytes()[:8]
        assert header[:4] == MAGIC[target].to_bytes(2, "little") + b"\r\n", compiled
        assert int.from_bytes(header[4:], "little") == UNCHECKED_HASH, compiled
    assert len(sources) > 1000
    assert len(list(cloud_build.rglob("*.pyc"))) == len(sources)


def test_the_local_cloud_has_as_much_bytecode(project: Project, local_build: Path) -> None:
    tag = subprocess.run(
        [project.cloud_python, "-c", "import sys; print(sys.implementation.cache_tag)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    named = {
        source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        for source in local_build.rglob("*.py")
    }
    assert set(local_build.rglob("*.pyc")) == named


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("CoreLayer/python/countersign", "/opt/python/countersign/errors.py"),
        ("Sweep", "/var/task/handler.py"),
    ],
)
def test_tracebacks_name_the_files_as_they_lie_in_lambda(
    cloud_build: Path, place: str, path: str
) -> None:
    name = Path(path).stem
    [compiled] = (cloud_build / place / "__pycache__").glob(f"{name}.*.pyc")
    assert path.encode() in compiled.read_bytes()


@pytest.mark.parametrize(
    ("settings", "succeeds", "said"),
    [
        (["TARGET_PYTHON=3.99"], False, "make build BYTECODE=no"),
        (["TARGET_PYTHON=3.99", "BYTECODE=no"], True, ""),
        (["BYTECODE=none"], False, "expected yes or no"),
    ],
)
def test_bytecode_is_left_out_on_request_alone(
    project: Project, tmp_path: Path, settings: list[str], succeeds: bool, said: str
) -> None:
    """There will be no Python 3.99 on any machine, nor to download."""
    makefile = project.root / "layers" / "Makefile"
    made = subprocess.run(
        ["make", "-f", makefile, "build-Sweep", f"ARTIFACTS_DIR={tmp_path}", *settings],
        cwd=project.root / "functions" / "sweep",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (made.returncode == 0) is succeeds
    assert said in made.stderr
    assert not list(tmp_path.rglob("*.pyc"))
