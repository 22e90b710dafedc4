"""``make faults``: plants each fault in a copy of the package and says what catches it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.simulation.planted import FAST_TESTS, OF_AWS, PLANTED, Planted

ROOT = Path(__file__).parents[2]
PARTS = ("layers/core", "tests", "events", "functions", "pyproject.toml", "template.yaml")
"""What a copy needs of the project."""

SEEDS = 1500
LONGEST = 300
"""Seconds that the simulation, or the tests, may take on a faulty package; more is a catch."""


def main() -> int:
    """Plant the faults; 1 where one was not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.plant", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="faults with this in their name")
    options = parser.parse_args()
    chosen = [one for one in PLANTED if options.only in one.name]
    if (found := caught_by(None)) is not None:
        print(f"without any fault, something is wrong already: {found}")
        return 2
    missed = 0
    print(f"{len(chosen)} planted faults, each caught by")
    with ThreadPoolExecutor(options.jobs) as pool:
        for planted, caught in zip(chosen, pool.map(caught_by, chosen), strict=True):
            missed += caught is None
            print(f"  {planted.name}\n    {caught or 'NOT CAUGHT'}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} were caught")
    return 1 if missed else 0


def caught_by(planted: Planted | None) -> str | None:
    """What catches the fault, a law and a seed or a test; None where nothing does."""
    with tempfile.TemporaryDirectory(prefix="countersign-fault-") as made:
        copy = Path(made)
        _copy(copy)
        if planted is not None:
            planted.apply(copy / "layers" / "core" / "countersign")
        return next(_catches(copy, planted), None)


def _catches(copy: Path, planted: Planted | None) -> Iterator[str]:
    if planted is None or not planted.is_in_aws:
        yield from _simulated(copy)
    tests = OF_AWS if planted is not None and planted.is_in_aws else FAST_TESTS
    yield from _tested(copy, tests)


def _simulated(copy: Path) -> Iterator[str]:
    simulation = ("-m", "tests.simulation", "--seeds", f"0:{SEEDS}", "--jobs", "1", "--brief")
    code, printed = _python(copy, *simulation)
    if code is None:
        yield f"the simulation, which did not end within {LONGEST} s"
    if found := re.search(r"^seed (\d+) breaks ([^:]+):", printed, re.MULTILINE):
        yield f'the law "{found[2]}", by seed {found[1]}'
    elif code:
        yield f"the simulation, which broke: {_last_line(printed)}"


def _tested(copy: Path, tests: Iterable[str]) -> Iterator[str]:
    command = ("-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests)
    code, printed = _python(copy, *command)
    if code is None:
        yield f"the tests, which did not end within {LONGEST} s"
    if found := re.search(r"^(?:FAILED|ERROR) (\S+)", printed, re.MULTILINE):
        yield found[1].removeprefix("tests/")
    elif code:
        yield f"the tests, which broke: {_last_line(printed)}"


def _last_line(printed: str) -> str:
    lines = printed.strip().splitlines()
    return lines[-1][:120] if lines else "nothing was said"


def _copy(to: Path) -> None:
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for part in PARTS:
        source, target = ROOT / part, to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=leave_out)
        else:
            shutil.copy(source, target)


def _python(copy: Path, *arguments: str) -> tuple[int | None, str]:
    """The exit code and the output of Python in the copy; no code where it took too long."""
    environment = {**os.environ, "PYTHONPATH": f"{copy / 'layers' / 'core'}{os.pathsep}{copy}"}
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
