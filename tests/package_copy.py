"""A copy of the package with its tests, to spoil one and to run Python in it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = Path("layers/core/countersign")
"""In the project, and in a copy of it."""
PARTS = ("layers/core", "tests", "events", "functions", "pyproject.toml", "template.yaml")
"""What a copy needs of the project."""
MOST_MEMORY = 4 << 30
"""Bytes: a fault that makes a loop endless must not take the machine's memory."""


def copy_project(to: Path) -> None:
    """Copy what tests need."""
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for part in PARTS:
        source, target = ROOT / part, to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=leave_out)
        else:
            shutil.copy2(source, target)


def run_python(
    copy: Path, *arguments: str, longest: float, environment: Mapping[str, str] | None = None
) -> tuple[int | None, str]:
    """The exit code and the output of Python in the copy; no code after so many seconds."""
    paths = f"{copy / 'layers' / 'core'}{os.pathsep}{copy}"
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=longest,
            check=False,
            preexec_fn=_bound_memory,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
