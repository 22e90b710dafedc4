"""The layer of third-party packages is small, and lacks nothing that the product can use."""

from __future__ import annotations

import json
import subprocess
import sysconfig
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest

from countersign.local.project import Project

USES = Path(__file__).with_name("uses.py")
RUNTIME = ("boto3", "botocore", "s3transfer")
"""What Lambda's runtime brings beside its Python; the layer's urllib3 goes before its own."""
ENVIRONMENT = {"LANG": "en_US.UTF-8"}
"""As in Lambda; holidays would translate names into it.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""
Uses = dict[str, dict[str, Any] | list[str]]


@pytest.fixture(scope="module")
def uses(project: Project, local_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Uses:
    """With what is built, and with the whole packages that are installed for the tests."""
    runtime = tmp_path_factory.mktemp("runtime")
    [installed] = (project.root / ".venv-cloud" / "lib").glob("python*/site-packages")
    for name in RUNTIME:
        (runtime / name).symlink_to(installed / name)
    layers = [local_build / name / "python" for name in ("CoreLayer", "DependenciesLayer")]
    whole = [project.root / "layers" / "core", Path(sysconfig.get_path("purelib"))]
    python = project.cloud_python
    started = [
        _start(python, local_build, [*layers, runtime]),
        _start(project.program(".venv", "python"), project.root / "functions", whole),
    ]
    built, expected = (_answer(process) for process in started)
    return {"built": built, "expected": expected}


def _start(python: Path, functions: Path, paths: list[Path]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-I", "-S", USES, functions, *paths],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _answer(process: subprocess.Popen[str]) -> Any:
    output, errors = process.communicate(timeout=600)
    assert (process.returncode, errors) == (0, "")
    return json.loads(output)


def test_every_module_and_function_is_loaded_from_the_layers_alone(uses: Any) -> None:
    aside = {"countersign.local", "countersign.cli"}
    assert len(uses["built"]["modules"]) > 250
    assert set(uses["built"]["modules"]) == set(uses["expected"]["modules"]) - aside


@pytest.mark.parametrize(("kind", "least"), [("filters", 25), ("locales", 1000), ("holidays", 900)])
def test_everything_comes_out_as_with_the_whole_packages(uses: Any, kind: str, least: int) -> None:
    built, expected = uses["built"][kind], uses["expected"][kind]
    differing = [
        name for name in built.keys() | expected.keys() if built.get(name) != expected.get(name)
    ]
    assert len(built) > least
    assert differing == []


def test_the_layer_is_small(cloud_build: Path, tmp_path: Path) -> None:
    """Each function downloads and unpacks it before it starts for the first time."""
    layer = cloud_build / "DependenciesLayer"
    files = [path for path in layer.rglob("*") if path.is_file()]
    with zipfile.ZipFile(tmp_path / "layer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(layer))
    assert sum(path.stat().st_size for path in files) < 30_000_000
    assert (tmp_path / "layer.zip").stat().st_size < 11_000_000


def test_every_package_is_there_with_its_metadata_and_licence(
    project: Project, cloud_build: Path
) -> None:
    lock = (project.root / "layers" / "dependencies" / "requirements.txt").read_text()
    pinned = {line.split(" ")[0] for line in lock.splitlines() if not line.startswith(" ")}
    found = set()
    for folder in (cloud_build / "DependenciesLayer" / "python").glob("*.dist-info"):
        about = HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8"))
        found.add(f"{about['Name'].lower().replace('_', '-')}=={about['Version']}")
        assert list(folder.rglob("*LICEN[CS]E*")) + list(folder.rglob("COPYING*")), folder.name
    assert found == pinned
