"""The benchmarks can start every function: nothing runs them in between."""

from __future__ import annotations

from pathlib import Path

from countersign.settings.environment import read_settings
from tests.benchmarks.__main__ import environment
from tests.benchmarks.imports import BUILT
from tests.function_settings import SETTINGS


def test_their_environment_has_what_every_function_reads() -> None:
    given = environment()
    assert len(SETTINGS) > 5
    for model in SETTINGS.values():
        assert read_settings(model, given) is not None


def test_they_start_every_function(project_root: Path) -> None:
    functions = {path.parent.name for path in project_root.glob("functions/*/handler.py")}
    assert set(BUILT) == functions - {"serve_console"}  # it builds nothing
