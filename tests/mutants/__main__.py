"""``make mutants``: random small changes, each in a copy of the package; the tests must fail."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from countersign.local.progress import interruptible
from tests.mutants.equivalents import EQUIVALENT
from tests.mutants.judging import (
    Judged,
    judge,
    judge_in_forks,
    judge_without_tests,
    loaded_copies,
    tests_of,
)
from tests.mutants.mutant import Mutant
from tests.mutants.operators import mutants_of
from tests.mutants.touched import TestFile, collect
from tests.package_copy import PACKAGE, ROOT, copy_workers

WHERE = (
    "engine/**/*.py",
    "use_cases/**/*.py",
    "adapters/dynamodb/**/*.py",
    "providers/base.py",
    "providers/_toolkit/*.py",
)
LEAST_KILLED = 0.95
"""Of those that are not equivalent."""


def main() -> int:
    """Sample mutants and judge them; 1 where too many stay alive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="which ones are drawn")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="of files with this in their name")
    parser.add_argument("--few", type=int, help="of functions that so few tests call")
    parser.add_argument(
        "--only-tests", action="store_true", help="do not ask the types and the crash test"
    )
    options = parser.parse_args()
    sources = {
        str(path.relative_to(ROOT / PACKAGE)): path.read_bytes()
        for pattern in WHERE
        for path in sorted((ROOT / PACKAGE).glob(pattern))
        if options.only in str(path)
    }
    every = [one for file, source in sources.items() for one in mutants_of(file, source)]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="countersign-mutants-") as made:
        copies = loaded_copies(Path(made), options.jobs, for_all=not options.only_tests)
        files = collect(copies)
        if options.few is not None:
            every = _of_few_tests(every, files, options.few)
        drawn = _drawn(every, sources, options.seed, options.count)
        real = [mutant for mutant in drawn if not _is_equivalent(mutant, sources[mutant.file])]
        print(f"seed {options.seed}: {len(drawn)} of {len(every)} mutants, ", end="")
        print(f"{len(drawn) - len(real)} known to be equivalent; ", end="")
        print(f"{sum(len(one.tests) for one in files)} tests judge them", flush=True)
        judged = _judged(real, copies, files, sources, for_all=not options.only_tests)
    dead = [outcome for outcome in judged if outcome.killed_by is not None]
    killed, by_tests = len(dead), sum(outcome.by_tests for outcome in dead)
    share = killed / len(real) if real else 1.0
    print(
        f"sampled {len(drawn)}, equivalent {len(drawn) - len(real)}, killed {killed}, "
        f"{killed - by_tests} of them by types or the crash test alone, "
        f"alive {len(real) - killed}: {share:.1%} killed, in {time.monotonic() - begun:.0f} s"
    )
    return 0 if share >= LEAST_KILLED else 1


def _of_few_tests(mutants: Sequence[Mutant], files: Sequence[TestFile], most: int) -> list[Mutant]:
    """Those of functions that some tests call, and at most so many."""
    tests: dict[tuple[str, str, bool], int] = {}
    called_by_few = []
    for mutant in mutants:
        place = (mutant.file, mutant.function, mutant.called)
        if place not in tests:
            tests[place] = tests_of(mutant, files)
        if 0 < tests[place] <= most:
            called_by_few.append(mutant)
    return called_by_few


def _drawn(
    every: Sequence[Mutant], sources: Mapping[str, bytes], seed: int, count: int
) -> list[Mutant]:
    # Which ones are drawn need not be hard to guess.
    order = random.Random(seed).sample(every, len(every))  # noqa: S311
    return list(islice((one for one in order if one.is_python(sources[one.file])), count))


def _is_equivalent(mutant: Mutant, source: bytes) -> bool:
    return any(one.is_of(mutant, source) for one in EQUIVALENT)


def _judged(
    mutants: Sequence[Mutant],
    copies: Sequence[Path],
    files: Sequence[TestFile],
    sources: Mapping[str, bytes],
    *,
    for_all: bool,
) -> list[Judged]:
    """``for_all``: whether the types and the crash test judge what the tests leave alive."""
    shares = [mutants[place :: len(copies)] for place in range(len(copies))]

    def judged(copy: Path, share: Sequence[Mutant]) -> list[Judged]:
        outcomes = []
        alive = []
        for outcome in _by_tests(share, copy, files):
            if outcome.killed_by is None:
                alive.append(outcome)
            else:
                outcomes.append(outcome)
                _print(outcome, sources)
        for outcome in alive:
            outcomes.append(judge_without_tests(outcome, copy) if for_all else outcome)
            _print(outcomes[-1], sources)
        return outcomes

    with copy_workers(len(copies)) as pool:
        return [one for some in pool.map(judged, copies, shares) for one in some]


def _by_tests(mutants: Sequence[Mutant], copy: Path, files: Sequence[TestFile]) -> Iterator[Judged]:
    unsure = []
    for mutant, outcome in zip(mutants, judge_in_forks(mutants, copy, files), strict=True):
        if outcome is None:
            unsure.append(mutant)
        else:
            yield outcome
    for mutant in unsure:
        yield judge(mutant, copy, files)


def _print(one: Judged, sources: Mapping[str, bytes]) -> None:
    where = f"{one.mutant.file}:{one.mutant.line} {one.mutant.function}"
    if one.killed_by is not None:
        print(f"  killed {where}\n    by {one.killed_by}", flush=True)
    else:
        shown = one.mutant.diff(sources[one.mutant.file]).replace("\n", "\n      ")
        print(f"  ALIVE  {where}, {one.tests} tests\n      {shown}", flush=True)


if __name__ == "__main__":
    sys.exit(interruptible(main))
