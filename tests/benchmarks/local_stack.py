"""The deployed template on the local cloud: webhooks a second, answers, mails, CPU and memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import MappingProxyType

from countersign.local.progress import interruptible
from tests.benchmarks.figures import Figure, percentile, write_figures
from tests.benchmarks.following import Following
from tests.benchmarks.load import Load, lateness, paced, post
from tests.benchmarks.local_scene import Target, local_target, mails, signed
from tests.benchmarks.processes import megabytes, spent, usage
from tests.benchmarks.scene import ROOT
from tests.template_file import read_template

CONNECTIONS = 8
WARM_UP = ((1, 1), (4, 2), (40, CONNECTIONS))
"""How many webhooks over how many connections, one load after the other."""
RUNS = 3
"""Of each load; a figure is the median of its runs."""
SINGLE = 150
"""Webhooks over one connection, one after the other."""
AT_ONCE = 400
"""Webhooks over ``CONNECTIONS`` connections."""
PACE = 15
"""Webhooks a second over as many connections, which is all that n8n finishes."""
PACED = 20 * PACE
TIMES = MappingProxyType({50: 60.0, 99: 150.0})
"""Milliseconds that are aimed at, by percentile: of answers at once, of mails when paced."""
FINISHED = 3 * PACE
LAST_MAIL = 7.0
"""Seconds until all mails of a load at once are sent."""
NO_TARGETS: Mapping[int, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Runs:
    """The same load several times."""

    loads: Sequence[Load]

    def median(self, of: Callable[[Load], float]) -> float:
        """The middle one of a value of each."""
        return median(map(of, self.loads))


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    with local_target("bench") as at, Following(at) as following:
        line = _Line(at, following)
        warm_up = [
            line.load(f"W{step}", count, connections)
            for step, (count, connections) in enumerate(WARM_UP)
        ]
        single = Runs([line.load(f"S{run}", SINGLE, 1) for run in range(RUNS)])
        steady = Runs([line.load(f"P{run}", PACED, CONNECTIONS, PACE) for run in range(RUNS)])
        at_once = Runs([line.load(f"M{run}", AT_ONCE, CONNECTIONS) for run in range(RUNS)])
        dead = at.dead_letters()
    figures = [
        *_first(warm_up[0]),
        *_rates(single, "1 connection"),
        *_times(single, "1 connection"),
        *_times(steady, f"{PACE} a second", mail_targets=TIMES),
        *_rates(at_once, f"{CONNECTIONS} connections", FINISHED),
        *_times(at_once, f"{CONNECTIONS} connections", answer_targets=TIMES),
        *_ends(at_once),
        *cpu_figures(at_once, folders(ROOT / "template.yaml")),
        *_memory(at_once),
        *lateness([*warm_up, *single.loads, *steady.loads, *at_once.loads]),
        Figure(name="messages in queues of dead letters", value=sum(dead.values()), target=0),
    ]
    write_figures(output, figures)


def _first(load: Load) -> list[Figure]:
    """Of the first webhook after the deployment, when no function has started."""
    return [
        Figure(name=f"POST to {what}, every function cold", value=taken / 1e3, unit="s")
        for what, times in (("answer", load.answers), ("mail", load.mails))
        for taken in times
    ]


def _rates(runs: Runs, at: str, finished: float | None = None) -> list[Figure]:
    """``finished`` is how many a second are aimed at."""
    accepted, ended = runs.median(lambda one: one.rate), runs.median(lambda one: one.finish_rate)
    return [
        Figure(name=f"accepted at {at}", value=accepted, unit="a second", target=20, least=True),
        Figure(name=f"finished at {at}", value=ended, unit="a second", target=finished, least=True),
    ]


def _times(
    runs: Runs,
    at: str,
    *,
    answer_targets: Mapping[int, float] = NO_TARGETS,
    mail_targets: Mapping[int, float] = NO_TARGETS,
) -> list[Figure]:
    """Answers and mails of the loads, with the targets of each by percentile."""
    asked: list[tuple[str, Callable[[Load], list[float]], Mapping[int, float]]] = [
        ("answer", lambda load: load.answers, answer_targets),
        ("mail", lambda load: load.mails, mail_targets),
    ]
    return [
        Figure(
            name=f"POST to {what} at {at}, {'median' if percent == 50 else f'{percent}th'}",
            value=median(percentile(taken(load), percent) for load in runs.loads),
            unit="ms",
            target=targets.get(percent),
        )
        for what, taken, targets in asked
        if all(len(taken(load)) > 1 for load in runs.loads)
        for percent in (50, 95, 99)
    ]


def _ends(runs: Runs) -> list[Figure]:
    """When a load at once was through."""
    name = f"{AT_ONCE} at once: first POST to last"
    mail, report = runs.median(lambda one: one.last_mail), runs.median(lambda one: one.last_report)
    return [
        Figure(name=f"{name} mail", value=mail, unit="s", target=LAST_MAIL),
        Figure(name=f"{name} report recorded", value=report, unit="s"),
    ]


def cpu_figures(runs: Runs, names: Mapping[str, str]) -> list[Figure]:
    """CPU a finished webhook; ``names`` has the functions' by logical id."""
    known = [
        (load.cpu, load.finished)
        for load in runs.loads
        if load.cpu is not None and load.finished > 0
    ]
    if not known:
        return []

    def a_webhook(seconds: Iterable[float]) -> float:
        return median(one / load[1] * 1e3 for one, load in zip(seconds, known, strict=True))

    used = {name for cpu, _ in known for name in cpu.functions}
    functions = {
        names.get(name, name): a_webhook(cpu.functions.get(name, 0.0) for cpu, _ in known)
        for name in sorted(used)
    }
    whole = a_webhook(cpu.whole for cpu, _ in known)
    ours = a_webhook(sum(cpu.functions.values()) for cpu, _ in known)
    cloud, rest = a_webhook(c.cloud for c, _ in known), a_webhook(c.rest for c, _ in known)
    return [
        Figure(name="CPU of the whole stack a finished webhook", value=whole, unit="ms", target=58),
        Figure(name="... of the functions", value=ours, unit="ms"),
        *(Figure(name=f"...... {name}", value=v, unit="ms") for name, v in functions.items() if v),
        Figure(name="... of the local cloud", value=cloud, unit="ms"),
        Figure(name="... of processes that ended", value=rest, unit="ms"),
    ]


def folders(template: Path) -> Mapping[str, str]:
    """The functions' names, which are their folders', by logical id."""
    return {
        name: resource["Properties"]["CodeUri"].rpartition("/")[2]
        for name, resource in read_template(template)["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _memory(runs: Runs) -> list[Figure]:
    found = [load.memory for load in runs.loads if load.memory is not None]
    if not found:
        return []
    return [Figure(name="memory of the whole stack", value=max(found), unit="MB", target=1500)]


class _Line:
    """Where loads go, one after the other: each begins when all before it is finished."""

    def __init__(self, at: Target, following: Following) -> None:
        self._at, self._following = at, following

    def load(self, prefix: str, count: int, connections: int, pace: float | None = None) -> Load:
        """Post so many webhooks, each of an envelope of its own, and wait until all are finished.

        ``pace`` is how many a second at most. `RuntimeError` if none is accepted, or no mail comes.
        """
        at, following = self._at, self._following
        webhooks = [signed(f"{prefix}-{number:05}") for number in range(count)]
        before, done = usage(), following.finished
        posted = post(
            at.url,
            webhooks if pace is None else paced(webhooks, pace),
            connections,
            accepted=following.add,
        )
        accepted = {one.number for one in posted if one.accepted is not None}
        if not accepted:
            raise RuntimeError(f"none of {count} webhooks was accepted; see {at.cloud.folder}")
        following.wait()
        cpu, memory = spent(before, usage()), megabytes()
        mailed = {number: when for number, when in mails(at.cloud).items() if number in accepted}
        if not mailed:
            raise RuntimeError(f"no mail came of {count} webhooks; see {at.cloud.folder}")
        return Load(
            posted,
            mailed,
            finished=following.finished - done,
            ended=following.latest,
            cpu=cpu,
            memory=None if memory is None else sum(memory.values()),
        )


if __name__ == "__main__":
    sys.exit(interruptible(lambda: main(Path(sys.argv[1]))))
