"""``make faults``: plants each fault in a copy of the package and says what catches it."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.package_copy import PACKAGE, copy_project, run_python
from tests.simulation.planted import FAST_TESTS, OF_AWS, PLANTED, Planted

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
        copy_project(copy)
        if planted is not None:
            planted.apply(copy / PACKAGE)
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


def _python(copy: Path, *arguments: str) -> tuple[int | None, str]:
    return run_python(copy, *arguments, longest=LONGEST)


if __name__ == "__main__":
    sys.exit(main())
