"""The console as it is in the sources, and as the build leaves it."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Answer = dict[str, Any]


def module(path: Path) -> ModuleType:
    """A module of a function, which is in no package."""
    spec = importlib.util.spec_from_file_location(f"console_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="session")
def console(project_root: Path) -> Path:
    """The folder of the function."""
    return project_root / "functions" / "serve_console"


@pytest.fixture(scope="session")
def built(console: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function as it is deployed."""
    target = tmp_path_factory.mktemp("console")
    shutil.copy(console / "handler.py", target)
    module(console / "build.py").build(console / "site", target / "site")
    return target


@pytest.fixture
def get(built: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Asks the deployed function for a path, with headers if given."""
    monkeypatch.setenv("SIGN_IN_URL", "https://sign-in.example")
    monkeypatch.setenv("FILES_URL", "https://files.example")
    handler = module(built / "handler.py").handler

    def ask(path: str, **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: Answer = handler({"rawPath": path, "headers": given}, None)
        return answer

    return ask
