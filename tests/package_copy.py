"""A copy of the package with its tests, to spoil one and to run Python in it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from countersign.local.progress import end

ROOT = Path(__file__).parents[1]
PACKAGE = Path("layers/core/countersign")
"""In the project, and in a copy of it."""
PARTS = (
    "layers/core", "tests", "events", "functions", "docs", "pyproject.toml", "template.yaml",
)  # fmt: skip
"""What a copy needs of the project."""
MAX_MEMORY = 4 << 30
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


class ProcessGroups:
    """The processes that one run of work has started, each in a group of its own."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._over = False
        self._lock = threading.Lock()

    def start(self, begin: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """The process that `begin` starts; `InterruptedError` once all were ended."""
        with self._lock:
            if self._over:
                raise InterruptedError("the work was interrupted; nothing is started any more")
            process = begin()
            self._running.add(process)
        return process

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """It is over; what it left behind is ended."""
        end(process)
        with self._lock:
            self._running.discard(process)

    def end(self) -> None:
        """End all, with what they started; from now on none begins."""
        with self._lock:
            self._over = True
            running = list(self._running)
        for process in running:
            end(process)


STARTED = ProcessGroups()
"""What this process has started in copies."""


@contextmanager
def copy_workers(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that run Python in copies; an error or an interruption ends what they have started,
    and nothing is started any more."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            STARTED.end()
            raise


def run_python(
    copy: Path,
    *arguments: str,
    longest: float,
    environment: Mapping[str, str] | None = None,
    groups: ProcessGroups = STARTED,
) -> tuple[int | None, str]:
    """The exit code and the output of Python in the copy; no code after so many seconds.

    In a group of its own, which `groups` ends when the work is interrupted.
    """
    paths = f"{copy / 'layers' / 'core'}{os.pathsep}{copy}"
    process = groups.start(
        lambda: subprocess.Popen(
            [sys.executable, *arguments],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_bound_memory,
            start_new_session=True,
        )
    )
    try:
        printed, complained = process.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        groups.forget(process)
    return process.returncode, (printed + complained).decode("utf-8", "replace")


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
