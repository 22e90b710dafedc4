"""`make load`: many webhooks on the local stack, and whether the last cost more than the first.

Over eight connections, with as many under way as are finished: queues do not grow. At the end it
is looked whether every accepted webhook has one concluded run and one mail. Ctrl-C ends it with
what was found so far.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

from countersign.local.progress import INTERRUPTED, Progress, interruptible
from tests.benchmarks.following import EVERY, PATIENCE, Following
from tests.benchmarks.load import Posted, Webhook, post
from tests.benchmarks.local_scene import Target, arrivals, local_target, signed
from tests.benchmarks.processes import CLOUD, Usage, megabytes, spent, usage

CONNECTIONS = 8
UNDER_WAY = 64
"""Webhooks that are accepted and not finished yet, at most."""
WARM_UP = 40
REST = 30.0
"""Seconds without anything new after which what is under way at the end is lost."""
STEP = 5_000
"""Finished webhooks between two lines."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How far the load was at a moment."""

    at: float
    """Seconds, by a clock that only goes forward."""
    accepted: int
    finished: int
    cpu: Usage | None = None
    memory: Mapping[str, float] | None = None
    """In megabytes, by name."""


class Stretch(NamedTuple):
    """What the webhooks between two samples cost."""

    accepted: float
    """A second."""
    finished: float
    """A second."""
    ours: float
    """CPU milliseconds of our functions a finished webhook."""
    cloud: float
    """The same of the local cloud, and of what else it started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of the webhooks that were accepted."""

    accepted: int
    finished: int
    lost: Sequence[str]
    """Those of which no mail came, or whose run is not concluded by it."""
    twice: Sequence[str]
    """Those of which more than one mail came."""
    dead: Mapping[str, int] = field(default_factory=dict)
    """Messages in queues of dead letters."""

    @property
    def good(self) -> bool:
        """Whether nothing was lost and nothing done twice."""
        return not (self.lost or self.twice or self.dead)


def main() -> int:
    """Load the stack; 1 where something was lost or done twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.flat", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="webhooks; 100,000 by default")
    count: int = parser.parse_args().count
    if count < 10:
        parser.error("--count must be at least 10: its first and last tenth are compared")
    with ExitStack() as opened:
        with Progress("building and deploying"):
            at = opened.enter_context(local_target("load"))
        return _run(at, opened.enter_context(Following(at)), count)


def _run(at: Target, following: Following, count: int) -> int:
    load = _Loading(at, following)
    samples: list[Sample] = []
    interrupted = False
    with load, Progress("webhooks finished", total=count) as progress:
        try:
            load.begin("W", WARM_UP)
            load.wait_for(WARM_UP)
            load.begin("F", count)
            for sample in load.samples(count, min(STEP, count // 10), progress):
                samples.append(sample)
                if len(samples) > 1:
                    progress.say(line(samples[-2], sample))
        except KeyboardInterrupt:
            interrupted = True
            if samples:
                samples.append(load.sample())
    for told in summary(samples, count):
        print(told)
    check = load.check()
    print(verdict(check))
    return INTERRUPTED if interrupted else 0 if check.good else 1


class _Loading:
    """Posts in a thread of its own; the block's end waits for it."""

    def __init__(self, at: Target, following: Following) -> None:
        self._at, self._following = at, following
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._posting: Future[list[Posted]] | None = None
        self._before = Sample(0.0, 0, 0)

    def __enter__(self) -> _Loading:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown()

    def begin(self, prefix: str, count: int) -> None:
        """Post so many in the background."""
        following, webhooks = self._following, self._feed(prefix, count)
        self._before = Sample(time.monotonic(), following.accepted, following.finished)
        self._posting = self._pool.submit(
            post, self._at.url, webhooks, CONNECTIONS, accepted=self._following.add
        )

    def _feed(self, prefix: str, count: int) -> Iterator[Webhook]:
        """The webhooks, each when there is room for it."""
        for number in range(count):
            while self._following.under_way >= UNDER_WAY and not self._stop.is_set():
                time.sleep(EVERY / 20)
            if self._stop.is_set():
                return
            yield signed(f"{prefix}-{number:07}")

    def wait_for(self, finished: int) -> None:
        """Until so many are finished in all, or nothing happens any more."""
        self._following.latest = time.time()
        while self._following.finished < finished and not self._given_up():
            time.sleep(EVERY / 4)

    def samples(self, count: int, step: int, progress: Progress) -> Iterator[Sample]:
        """One before the first of ``count`` webhooks, and one after each ``step`` of them, until
        all are finished or nothing happens any more."""
        shown = 0
        for mark in [*range(0, count, step), count]:
            while (done := self._following.finished - self._before.finished) < mark:
                progress.advance(done - shown)
                shown = done
                if self._given_up():
                    return
                time.sleep(EVERY / 4)
            yield self.sample()

    def sample(self) -> Sample:
        """How far the load is now that was begun last."""
        following, before = self._following, self._before
        return Sample(
            time.monotonic(),
            following.accepted - before.accepted,
            following.finished - before.finished,
            usage(),
            megabytes(),
        )

    def _given_up(self) -> bool:
        """Whether nothing was finished for long; raises what went wrong with posting."""
        if self._posting is not None and self._posting.done():
            self._posting.result()
            if self._following.under_way == 0:
                return True
        return time.time() > self._following.latest + PATIENCE

    def check(self) -> Check:
        """What came of all that were accepted; nothing is posted any more."""
        following = self._following
        with Progress("waiting for what is under way"):
            following.wait(patience=REST)
        came = arrivals(self._at.cloud)
        mailed = following.concluded & came.keys()
        return Check(
            accepted=following.accepted,
            finished=following.finished,
            lost=sorted(following.followed - mailed),
            twice=[number for number, times in came.items() if len(times) > 1],
            dead=self._at.dead_letters(),
        )


def stretch(before: Sample, after: Sample) -> Stretch:
    """What was done between two samples."""
    seconds, finished = after.at - before.at, after.finished - before.finished
    cpu = spent(before.cpu, after.cpu)
    each = 1e3 / finished if finished else 0.0
    return Stretch(
        (after.accepted - before.accepted) / seconds,
        finished / seconds,
        sum(cpu.functions.values()) * each if cpu else 0.0,
        (cpu.cloud + cpu.rest) * each if cpu else 0.0,
    )


def line(before: Sample, after: Sample) -> str:
    """What was done between two samples, and the memory at the end."""
    found = stretch(before, after)
    memory = dict(after.memory or {})
    cloud = memory.pop(CLOUD, 0.0)
    return (
        f"{after.finished:>9,}  accepted {found.accepted:.1f}, finished {found.finished:.1f} "
        f"a second; CPU a webhook {found.ours:.1f} ms ours, {found.cloud:.1f} ms the cloud's; "
        f"memory {sum(memory.values()):,.0f} MB ours, {cloud:,.0f} MB the cloud's"
    )


def tenths(samples: Sequence[Sample], count: int) -> tuple[Stretch, Stretch] | None:
    """The first and the last tenth of ``count`` webhooks; None where there are not both."""
    first = next((one for one in samples if one.finished * 10 >= count), None)
    early = [one for one in samples if one.finished * 10 <= count * 9]
    if first is None or not early or samples[-1].finished < count or early[-1].at < first.at:
        return None
    return stretch(samples[0], first), stretch(early[-1], samples[-1])


def summary(samples: Sequence[Sample], count: int) -> Iterator[str]:
    """The first tenth against the last; of a load that was ended early, all of it."""
    if len(samples) < 2:
        return
    both = tenths(samples, count)
    if both is None:
        yield f"ended after {samples[-1].finished:,} of {count:,}"
        yield f"in all   {line(samples[0], samples[-1])}"
        return
    names = "accepted a second", "finished a second", "our CPU a webhook", "the cloud's CPU"
    for name, first, last in zip(names, *both, strict=True):
        slope = f"{(last / first - 1) * 100:+.1f} %" if first else "unknown"
        yield f"{name:<20} first tenth {first:8.1f}   last tenth {last:8.1f}   {slope}"


def verdict(check: Check) -> str:
    """One line: what was lost or done twice."""
    told = [
        f"{check.accepted:,} accepted",
        f"{check.finished:,} finished",
        f"{len(check.lost)} lost {check.lost[:3] or ''}".strip(),
        f"{len(check.twice)} done twice {check.twice[:3] or ''}".strip(),
        f"{sum(check.dead.values())} dead letters {dict(check.dead) or ''}".strip(),
    ]
    return ", ".join(told)


if __name__ == "__main__":
    sys.exit(interruptible(main))
