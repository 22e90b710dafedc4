"""``make crash-test``: as many seeds as time allows, and the story of the first that fails."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import countersign
from countersign.local.progress import Progress, interruptible
from tests.crash.acts import FILE_RATES, RATES, TIME_RATES, WEB_RATES
from tests.crash.laws import LAWS
from tests.crash.run import live, live_seed
from tests.crash.scenario import scenario
from tests.crash.shrink import shrink
from tests.crash.story import story

AT_ONCE = 20
"""Seeds that a process runs before it reports."""


@dataclass(slots=True)
class Tally:
    """What many seeds came to."""

    seeds: int = 0
    changes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, str, str]] = field(default_factory=list)
    """Seed, law and text of each that broke one."""

    def add(self, other: Tally) -> None:
        """Count these too."""
        self.seeds += other.seeds
        self.changes += other.changes
        self.faults += other.faults
        self.failed += other.failed


def main() -> int:
    """Simulate as the command line says; 1 where a law was broken."""
    options = _options()
    root = Path(__file__).parents[2]
    if not Path(countersign.__file__).is_relative_to(root):
        print(f"this would simulate {countersign.__file__}, which is not in {root}")
        return 2
    if options.seed is not None:
        return _one(options.seed)
    if options.seeds is not None:
        first, end = (int(part) for part in options.seeds.split(":"))
        seeds = iter(range(first, end))
    else:
        seeds = _from(secrets.randbelow(10**12))
    started = time.monotonic()
    tally = Tally()
    until = None if options.seeds else started + options.seconds
    with _progress(options) as progress:
        for part in _parts(seeds, options.jobs, until):
            tally.add(part)
            progress.advance(part.seeds, f"{sum(tally.faults.values()):,} faults")
            if tally.failed:
                break
    _report(tally, time.monotonic() - started)
    if tally.failed and not options.brief:
        print(story(shrink(live_seed(tally.failed[0][0]))))
    return 1 if tally.failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, help="tell the story of one seed")
    parser.add_argument("--seeds", help="these seeds instead of a time, FIRST:END")
    parser.add_argument("--brief", action="store_true", help="do not shorten a failing seed")
    return parser.parse_args()


def _progress(options: argparse.Namespace) -> Progress:
    if options.seeds is None:
        return Progress("crash test, seeds", seconds=options.seconds)
    first, end = (int(part) for part in options.seeds.split(":"))
    return Progress("crash test, seeds", total=end - first)


def _one(seed: int) -> int:
    outcome = live(scenario(seed), tell=True)
    print(story(shrink(outcome) if outcome.law else outcome))
    return 1 if outcome.law else 0


def _from(first: int) -> Iterator[int]:
    while True:
        yield first
        first += 1


def _parts(seeds: Iterator[int], jobs: int, until: float | None) -> Iterator[Tally]:
    """The tallies of the seeds, by so many processes, until the time is up or all are done."""
    if jobs == 1:
        while (batch := list(islice(seeds, AT_ONCE))) and _in_time(until):
            yield tally_of(batch)
        return
    with ProcessPoolExecutor(jobs, initializer=_leave_signals_to_the_parent) as pool:
        running: set[Future[Tally]] = set()
        try:
            while True:
                while len(running) < 2 * jobs and _in_time(until):
                    batch = list(islice(seeds, AT_ONCE))
                    if not batch:
                        break
                    running.add(pool.submit(tally_of, batch))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        except KeyboardInterrupt:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _leave_signals_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _in_time(until: float | None) -> bool:
    return until is None or time.monotonic() < until


def tally_of(seeds: list[int]) -> Tally:
    """What these seeds come to."""
    # Collecting after each batch, and looking only at what is new, saves a third of the time.
    gc.disable()
    tally = Tally()
    for seed in seeds:
        outcome = live_seed(seed)
        tally.seeds += 1
        tally.changes += outcome.changes
        tally.faults += outcome.faults
        tally.failed += [(seed, one.law, one.text) for one in outcome.violations]
        if tally.failed:
            break
    gc.collect()
    gc.freeze()
    return tally


def _report(tally: Tally, seconds: float) -> None:
    rate = tally.seeds / seconds if seconds else 0
    print(f"{tally.seeds:,} seeds in {seconds:.0f} s, {rate:.0f} a second")
    print(f"{tally.changes:,} changes of the state")
    print(f"{sum(tally.faults.values()):,} faults injected")
    for sort in (*RATES, *WEB_RATES, *FILE_RATES, *TIME_RATES, "outage"):
        print(f"  {tally.faults[sort]:>9,}  {sort}")
    print("invariants checked")
    broken = Counter(law for _, law, _ in tally.failed)
    for law, text in LAWS.items():
        print(f"  {'BROKEN' if broken[law] else 'held':>9}  {law}: {text}")
    for seed, law, text in tally.failed:
        print(f"seed {seed} breaks {law}: {text}")


if __name__ == "__main__":
    sys.exit(interruptible(main))
