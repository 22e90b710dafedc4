"""Functions of the local cloud share their layers, and find in them what they would find in copies.

The worker is MiniStack's own program: what it makes of a layer is what counts.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.local.layers import with_shared_layers

WORKER = "from ministack.core import lambda_runtime as it; print(it._PYTHON_WORKER_SCRIPT)"
HANDLER = """
import importlib, sys
def handler(event, context):
    found = {}
    for name in event:
        try:
            found[name] = importlib.import_module(name).SAYS
        except ImportError:
            found[name] = None
    return {"found": found, "path": sys.path}
"""
FILES = {
    "template.yaml": "Resources: {}  # as it was built\n",
    "SendLetters/handler.py": HANDLER,
    "SendLetters/letters/de.txt": "Sehr geehrte Frau Ünal",
    "CoreLayer/python/acme/__init__.py": "from acme.says import SAYS\n",
    "CoreLayer/python/acme/says.py": "SAYS = 'core'\n",
    "CoreLayer/python/both.py": "SAYS = 'core'\n",
    "DependenciesLayer/python/stamps/__init__.py": "SAYS = 'dependencies'\n",
    "DependenciesLayer/python/both.py": "SAYS = 'dependencies'\n",
    # The interpreter of the local cloud has packages of these names.
    "DependenciesLayer/python/pydantic/__init__.py": "SAYS = 'dependencies'\n",
    "DependenciesLayer/python/six.py": "SAYS = 'dependencies'\n",
}
LAYERS = ("DependenciesLayer", "CoreLayer")
"""As the template lists them: the last is looked in first."""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A built template of one function and two layers."""
    folder = tmp_path / "builds" / "4711"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def worker(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Sequence[str | Path]:
    """The command that MiniStack starts a Python function with."""
    python = project_root / ".venv-cloud" / "bin" / "python"
    told = subprocess.run([python, "-c", WORKER], capture_output=True, text=True, check=True)
    program = tmp_path_factory.mktemp("worker") / "_worker.py"
    program.write_text(told.stdout)
    return (python, program)


def call(
    worker: Sequence[str | Path], package: Path, scratch: Path, names: Sequence[str]
) -> dict[str, Any]:
    """What the function answers, its code and layers unpacked from `package` as MiniStack does."""
    copies = {name: scratch / name for name in ("SendLetters", *LAYERS)}
    for name, copy in copies.items():
        archive = shutil.make_archive(str(copy), "zip", package / name)
        shutil.unpack_archive(archive, copy)
    start = {"code_dir": str(copies["SendLetters"]), "module": "handler", "handler": "handler"}
    ended = subprocess.run(
        worker,
        env={"_LAMBDA_LAYERS_DIRS": os.pathsep.join(str(copies[name]) for name in LAYERS)},
        input=f"{json.dumps(start)}\n{json.dumps({'event': names})}\n",
        cwd=copies["SendLetters"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    ready, answer = map(json.loads, ended.stdout.splitlines())
    assert ready["status"] == "ready", ready
    assert answer["status"] == "ok", answer
    result: dict[str, Any] = answer["result"]
    return result


NAMES = ("acme", "stamps", "both", "pydantic", "six", "countersign", "holidays", "pytest")
EXPECTED = {
    "acme": "core",
    "stamps": "dependencies",
    "both": "core",
    "pydantic": "dependencies",
    "six": "dependencies",
    "countersign": None,
    "holidays": None,
    "pytest": None,
}


@pytest.mark.parametrize("way", ["each its own copy", "shared"])
def test_a_function_finds_its_layers_packages_before_the_interpreter_s_and_no_others(
    worker: Sequence[str | Path], build: Path, tmp_path: Path, way: str
) -> None:
    template = build / "template.yaml"
    if way == "shared":
        template = with_shared_layers(template, tmp_path / "deployed")
    answer = call(worker, template.parent, tmp_path / "scratch", NAMES)
    assert answer["found"] == EXPECTED


def test_the_path_is_that_of_copies_with_the_shared_folders_in_their_places(
    worker: Sequence[str | Path], build: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "deployed"
    own = call(worker, build, tmp_path / "own", [])["path"]
    template = with_shared_layers(build / "template.yaml", folder)
    shared = call(worker, template.parent, tmp_path / "shared", [])["path"]
    copies = [str(tmp_path / "shared" / name / "python") for name in LAYERS]
    # What is left in the copies has no module in it.
    assert [list(Path(copy).rglob("*.py")) for copy in copies] == [[], []]
    looked_in = [path for path in shared if not path.startswith(tuple(copies))]
    assert looked_in == [
        path.replace(f"{tmp_path}/own/", f"{folder}/layers/")
        if path.endswith("Layer/python")
        else path.replace(f"{tmp_path}/own/", f"{tmp_path}/shared/")
        for path in own
    ]


@pytest.mark.parametrize("name", ["with a space", 'Müller\'s "own"', "back\\slash", "日本"])
def test_any_folder_will_do(
    worker: Sequence[str | Path], build: Path, tmp_path: Path, name: str
) -> None:
    template = with_shared_layers(build / "template.yaml", tmp_path / name)
    answer = call(worker, template.parent, tmp_path / "scratch", ["both"])
    assert answer["found"] == {"both": "core"}


def test_the_build_may_be_removed_while_its_functions_run(
    worker: Sequence[str | Path], build: Path, tmp_path: Path
) -> None:
    template = with_shared_layers(build / "template.yaml", tmp_path / "deployed")
    shutil.rmtree(build)
    answer = call(worker, template.parent, tmp_path / "scratch", ["acme", "stamps"])
    assert answer["found"] == {"acme": "core", "stamps": "dependencies"}


@pytest.fixture
def another_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One file cannot have names on two."""

    def link(source: str, target: str) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), source, None, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", link)
        yield


def test_on_another_disk_the_layers_are_copied_once(
    another_disk: None, worker: Sequence[str | Path], build: Path, tmp_path: Path
) -> None:
    template = with_shared_layers(build / "template.yaml", tmp_path / "deployed")
    answer = call(worker, template.parent, tmp_path / "scratch", ["acme", "stamps"])
    assert answer["found"] == {"acme": "core", "stamps": "dependencies"}


def test_on_the_same_disk_they_take_no_space(build: Path, tmp_path: Path) -> None:
    with_shared_layers(build / "template.yaml", tmp_path / "deployed")
    built = build / "CoreLayer" / "python" / "both.py"
    shared = tmp_path / "deployed" / "layers" / "CoreLayer" / "python" / "both.py"
    assert shared.samefile(built)


def test_template_and_functions_are_deployed_as_they_were_built(
    build: Path, tmp_path: Path
) -> None:
    template = with_shared_layers(build / "template.yaml", tmp_path / "deployed")
    package = template.parent
    files = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    functions = {"template.yaml", "SendLetters/handler.py", "SendLetters/letters/de.txt"}
    site = "python/lib/python3.13/site-packages"
    assert files - functions == {f"{name}/{site}/{name}.pth" for name in LAYERS}
    assert {(package / name).read_bytes() for name in functions} == {
        (build / name).read_bytes() for name in functions
    }


def test_a_second_deployment_leaves_nothing_of_the_first(build: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deployed"
    with_shared_layers(build / "template.yaml", folder)
    (build / "CoreLayer" / "python" / "both.py").unlink()
    (build / "SendLetters" / "letters" / "de.txt").unlink()
    with_shared_layers(build / "template.yaml", folder)
    assert [path.parent.parent.name for path in folder.rglob("both.py")] == ["DependenciesLayer"]
    assert not list(folder.rglob("de.txt"))


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_layers_that_lambda_would_refuse_are_refused(
    build: Path, tmp_path: Path, more: int, fits: bool
) -> None:
    """The local cloud sees only what points to them."""
    used = sum(path.stat().st_size for name in LAYERS for path in (build / name).rglob("*.py"))
    with (build / "CoreLayer" / "python" / "large.bin").open("wb") as file:
        file.truncate(262_144_000 - used + more)
    if fits:
        assert with_shared_layers(build / "template.yaml", tmp_path / "deployed").is_file()
        return
    with pytest.raises(PermanentError, match=r"262,144,001 bytes unpacked.*262,144,000"):
        with_shared_layers(build / "template.yaml", tmp_path / "deployed")
