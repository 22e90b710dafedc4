"""``make faults``: plants each fault in a copy of the package and says what catches it."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from countersign.local.progress import Progress, interruptible
from tests.crash.planted import FAST_TESTS, OF_AWS, PLANTED, Planted
from tests.mutants.judging import judge_in_forks, loaded_copies
from tests.mutants.touched import collect
from tests.package_copy import PACKAGE, STARTED, copy_project, copy_workers, run_python

FIRST_SEEDS = 150
SEEDS = 1500
LONGEST = 1200
"""Seconds that the simulation, or the tests, may take on a faulty package; more is a catch."""


def main() -> int:
    """Plant the faults; 1 where one was not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.plant", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="faults with this in their name")
    options = parser.parse_args()
    chosen = [one for one in PLANTED if options.only in one.name]
    try:
        with Progress("testing without any fault"):
            trouble = caught_by(None)
        if trouble is not None:
            print(f"without any fault, something is wrong already: {trouble}")
            return 2
        print(f"{len(chosen)} planted faults, each caught by", flush=True)
        missed = _plant(chosen, options.jobs)
    finally:
        STARTED.end()
    print(f"{len(chosen) - missed} of {len(chosen)} were caught")
    return 1 if missed else 0


def _plant(chosen: Sequence[Planted], jobs: int) -> int:
    """How many of the faults nothing catches."""
    missed = 0
    with (
        Progress("planting faults", total=len(chosen)) as progress,
        copy_workers(jobs) as pool,
    ):
        left = _left_by_tests(chosen, jobs, progress)

        def judged(planted: Planted) -> str | None:
            caught = caught_by(planted)
            progress.advance(note=planted.name)
            return caught

        for planted, caught in zip(left, pool.map(judged, left), strict=True):
            missed += caught is None
            progress.say(f"  {planted.name}\n    {caught or 'NOT CAUGHT'}")
    return missed


def _left_by_tests(chosen: Sequence[Planted], jobs: int, progress: Progress) -> list[Planted]:
    """Those that no unit or contract test catches, tried in forks of one loaded process each."""
    with tempfile.TemporaryDirectory(prefix="countersign-faults-") as made:
        copies = loaded_copies(Path(made), jobs)
        files = collect(copies)
        shares = [chosen[place::jobs] for place in range(jobs)]

        def judged(copy: Path, share: Sequence[Planted]) -> list[Planted]:
            left = []
            mutants = [one.mutant(copy / PACKAGE) for one in share]
            for planted, outcome in zip(share, judge_in_forks(mutants, copy, files), strict=True):
                if outcome is None or outcome.killed_by is None:
                    left.append(planted)
                else:
                    progress.advance(note=planted.name)
                    progress.say(f"  {planted.name}\n    {outcome.killed_by}")
            return left

        with copy_workers(jobs) as pool:
            return [one for left in pool.map(judged, copies, shares) for one in left]


def caught_by(planted: Planted | None) -> str | None:
    """What catches the fault, a law and a seed or a test; None where nothing does."""
    with tempfile.TemporaryDirectory(prefix="countersign-fault-") as made:
        copy = Path(made)
        copy_project(copy)
        if planted is not None:
            planted.apply(copy / PACKAGE)
        return next(_catches(copy, planted), None)


def _catches(copy: Path, planted: Planted | None) -> Iterator[str]:
    """What catches it, the quickest first: few seeds, the tests of its module, then the rest."""
    in_aws = planted is not None and planted.is_in_aws
    suites = OF_AWS if in_aws else FAST_TESTS
    if not in_aws:
        yield from _simulated(copy, range(FIRST_SEEDS))
    if planted is not None and (nearest := _nearest_tests(copy, planted, suites)):
        yield from _tested(copy, nearest)
    if not in_aws:
        yield from _simulated(copy, range(FIRST_SEEDS, SEEDS))
    yield from _tested(copy, suites)


def _nearest_tests(copy: Path, planted: Planted, suites: Iterable[str]) -> list[str]:
    """The test files of these suites that import the changed module or are named after it."""
    module = Path(planted.file).with_suffix("")
    package = re.escape(".".join(("countersign", *module.parts[:-1])))
    imports = re.compile(rf"{package}\.{module.name}\b|from {package} import .*\b{module.name}\b")
    files = (file for suite in suites for file in _test_files(copy / suite))
    return [
        str(file.relative_to(copy))
        for file in files
        if module.name.strip("_") in file.name or imports.search(file.read_text())
    ]


def _test_files(suite: Path) -> list[Path]:
    return [suite] if suite.is_file() else sorted(suite.rglob("test_*.py"))


def _simulated(copy: Path, seeds: range) -> Iterator[str]:
    chosen = f"{seeds.start}:{seeds.stop}"
    simulation = ("-m", "tests.crash", "--seeds", chosen, "--jobs", "1", "--brief")
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
    sys.exit(interruptible(main))
