"""The texts of settings go where the code goes: into the core layer and into the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def texts(project_root: Path) -> set[str]:
    """The files with texts, below the package."""
    core = project_root / "layers" / "core"
    found = {path.relative_to(core).as_posix() for path in core.rglob("*.toml")}
    assert "countersign/rules/send_email.toml" in found
    return found


def test_the_core_layer_has_the_texts(local_build: Path, texts: set[str]) -> None:
    layer = local_build / "CoreLayer" / "python"
    assert {path.relative_to(layer).as_posix() for path in layer.rglob("*.toml")} == texts


def test_the_wheel_has_the_texts(project_root: Path, tmp_path: Path, texts: set[str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=project_root,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if name.endswith(".toml")} == texts
