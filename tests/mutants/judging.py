"""Judges a mutant: the tests that call what it changes, the most fitting first, until one fails.

What they leave alive is judged by the type checker, then by seeds of the crash test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.mutants.choosing import NAMED_BY
from tests.mutants.forking import JOBS, NO_FUNCTION, OUTCOMES
from tests.mutants.mutant import Mutant
from tests.mutants.touched import PLUGINS, SUITES, TestFile, calling
from tests.package_copy import PACKAGE, copy_project, copy_workers, run_python

FIRST_FILES = 6
FIRST_OF_A_FILE = 25
"""What is tried before the rest: so many files, and so many tests of each, the fastest."""
A_DAY = 24 * 3600
STARTING = 30
"""Seconds that the start of pytest, and a machine that does other work, may take besides."""
TYPES = ("-m", "mypy", "--no-error-summary", str(PACKAGE))
SEEDS = ("-m", "tests.crash", "--seeds", "0:300", "--jobs", "1", "--brief")
"""Seeds that `make test` lives through too."""
LONGEST_LAST = 900
"""Seconds that the type checker, or these seeds, may take."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a mutant."""

    mutant: Mutant
    killed_by: str | None
    tests: int
    """How many were asked at most."""
    by_tests: bool = True
    """Whether a test killed it, or else the type checker or a seed of the crash test."""


def loaded_copies(folder: Path, count: int, *, for_all: bool = False) -> list[Path]:
    """Copies of the project, with everything compiled; ``for_all``: for all judges, not only for
    the tests. RuntimeError where one of them finds fault already."""
    first = folder / "0"
    copy_project(first)
    run_python(first, "-m", "pytest", "-q", "--collect-only", *SUITES, longest=300)
    for judge_of_the_rest in (TYPES, SEEDS) if for_all else ():
        code, printed = run_python(first, *judge_of_the_rest, longest=LONGEST_LAST)
        if code:
            msg = f"the package fails already: {printed[-2000:]}"
            raise RuntimeError(msg)
    copies = [first, *(folder / str(number) for number in range(1, count))]
    for other in copies[1:]:
        shutil.copytree(first, other)
    return copies


def tests_of(mutant: Mutant, files: Sequence[TestFile]) -> int:
    """How many tests are asked about it."""
    return sum(len(tests) for tests in _asked(mutant, files).values())


def judge_in_forks(
    mutants: Sequence[Mutant], copy: Path, files: Sequence[TestFile]
) -> Iterator[Judged | None]:
    """Judge them in forks of one process, each as soon as it is known; None where that cannot be.

    A mutant in a function that is called at import is only known to be dead here: what the test
    files made of it was made before.
    """
    asked = [_asked(mutant, files) for mutant in mutants]
    jobs = copy / "mutants.json"
    with jobs.open("w") as written:
        for mutant, tests in zip(mutants, asked, strict=True):
            source = (copy / PACKAGE / mutant.file).read_bytes()
            ordered = {one: took for part in _parts(mutant, tests) for one, took in part.items()}
            job = {
                "file": mutant.file,
                "before": source.decode(),
                "after": mutant.applied_to(source).decode(),
                "tests": list(ordered),
                "seconds": STARTING + 5 * sum(ordered.values()),
            }
            written.write(json.dumps(job) + "\n")
    at_import = frozenset[str]().union(*(one.at_import for one in files))
    outcomes = _outcomes(copy, jobs)
    for mutant, tests, outcome in zip(mutants, asked, outcomes, strict=True):
        unsure = outcome is None and calling(mutant)(at_import)
        if unsure or outcome == NO_FUNCTION:
            yield None
        else:
            yield Judged(mutant, outcome, sum(len(some) for some in tests.values()))


def judge(mutant: Mutant, copy: Path, files: Sequence[TestFile]) -> Judged:
    """Change the copy, ask the tests, and change it back."""
    asked = _asked(mutant, files)
    with _changed(copy, mutant):
        caught = (_caught(copy, part) for part in _parts(mutant, asked))
        killed_by = next((test for test in caught if test is not None), None)
    return Judged(mutant, killed_by, sum(len(tests) for tests in asked.values()))


def judge_without_tests(alive: Judged, copy: Path) -> Judged:
    """Ask the type checker and then the crash test about what the tests left alive."""
    with _changed(copy, alive.mutant):
        killed_by = _refused(copy) or _broken_law(copy)
    return replace(alive, killed_by=killed_by, by_tests=False)


def _refused(copy: Path) -> str | None:
    """The type checker's first error; None also where it was ended before it had said anything."""
    _, printed = run_python(copy, *TYPES, longest=LONGEST_LAST)
    error = re.search(r": error: (.+)", printed)
    return f"the types: {error[1]}" if error else None


def _broken_law(copy: Path) -> str | None:
    code, printed = run_python(copy, *SEEDS, longest=LONGEST_LAST)
    if code is None:
        return "the crash test, which did not end"
    broken = re.search(r"^seed (\d+) breaks ([^:]+)", printed, re.MULTILINE)
    if code and broken is None:
        return "the crash test, which broke"
    return f"the crash test: seed {broken[1]}, law {broken[2]}" if broken else None


@contextmanager
def _changed(copy: Path, mutant: Mutant) -> Iterator[None]:
    """The copy has the change meanwhile."""
    path = copy / PACKAGE / mutant.file
    before, times = path.read_bytes(), path.stat()
    mutant.apply(copy / PACKAGE)
    # Python takes compiled code for current by the second of its file.
    os.utime(path, (times.st_atime + 3600, times.st_mtime + 3600))
    try:
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _asked(mutant: Mutant, files: Sequence[TestFile]) -> dict[TestFile, dict[str, float]]:
    """The tests that call what the mutant changes."""
    wanted = calling(mutant)
    asked = {one: found for one in files if (found := one.touching(wanted))}
    if not asked:  # a function that is younger than what is known of the tests, it may be
        wanted = calling(replace(mutant, called=False))
        asked = {one: found for one in files if (found := one.touching(wanted))}
    return asked


def _parts(
    mutant: Mutant, asked: Mapping[TestFile, Mapping[str, float]]
) -> Iterator[dict[str, float]]:
    """Few tests that are to the point, then all others."""
    stem = Path(mutant.file).stem
    ranked = sorted(asked, key=lambda one: (stem not in one.name, one.breadth(asked[one])))
    first = {
        test: seconds
        for file in ranked[:FIRST_FILES]
        for test, seconds in list(asked[file].items())[:FIRST_OF_A_FILE]
    }
    yield first
    yield {
        test: seconds
        for file in sorted(asked, key=lambda one: sum(asked[one].values()))
        for test, seconds in asked[file].items()
        if test not in first
    }


def _outcomes(copy: Path, jobs: Path) -> Iterator[str | None]:
    """What the forking process says of one mutant after the other."""
    path = jobs.with_suffix(OUTCOMES)
    path.write_text("")
    with copy_workers(1) as pool, path.open() as outcomes:
        running = pool.submit(
            run_python,
            copy,
            *("-m", "pytest", "-q", "--no-header", "--assert=plain"),
            *("-p", "tests.mutants.forking", *PLUGINS),
            *SUITES,
            longest=A_DAY,
            environment={JOBS: str(jobs)},
        )
        while True:
            ended = running.done()
            if line := outcomes.readline():
                yield json.loads(line)
            elif ended:
                break
            else:
                time.sleep(0.1)
        code, printed = running.result()
    if code:
        msg = f"the tests cannot be loaded: {printed[-2000:]}"
        raise RuntimeError(msg)


def _caught(copy: Path, tests: Mapping[str, float]) -> str | None:
    if not tests:
        return None
    named = copy / "chosen.json"
    named.write_text(json.dumps(list(tests)))
    files = sorted({test.partition("::")[0] for test in tests})
    code, printed = run_python(
        copy,
        *("-m", "pytest", "-x", "-q", "--no-header", "--tb=no", *PLUGINS, *files),
        longest=STARTING + 5 * sum(tests.values()),
        environment={NAMED_BY: str(named), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if code is None:
        return "the tests, which did not end"
    if not code:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", printed, re.MULTILINE)
    return found[1].removeprefix("tests/") if found else f"the tests, which broke ({code})"
