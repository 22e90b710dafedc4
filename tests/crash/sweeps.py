"""When the sweep runs: every five minutes, where it could find anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.model.job import Job
from countersign.model.run import Run
from countersign.use_cases.grace import GRACE, grace
from countersign.use_cases.runs.sweep import SweepReport
from tests.crash.kernel import MOMENT, Kernel
from tests.crash.poison import Poison

EVERY = timedelta(minutes=5)
MAX_IDLE = 24
"""Sweeps in a row that find nothing, after which none is worth waiting for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """What else than runs a sweep may find."""

    messages: Callable[[], bool]
    """Whether any are left over from a pause."""
    jobs: Callable[[], list[Job]]
    """Those that are open."""


class Sweeps:
    """Plans the sweep. Those that can find nothing are left out: there are very many of them."""

    def __init__(
        self,
        kernel: Kernel,
        sweep: Callable[[], SweepReport],
        left_over: LeftOver,
        poison: Poison,
    ) -> None:
        self._kernel = kernel
        self._sweep = sweep
        self._left_over = left_over.messages
        self._open_jobs = left_over.jobs
        self._must_count, self._keeps = poison.is_counted, poison.keeps
        self.last = kernel.now
        """When it ran last."""
        self._planned = False
        self._idle = 0
        self._known: tuple[int, datetime | None] | None = None
        self._first: datetime | None = None
        self._found: Counter[str] = Counter()
        self.calm = False
        """Whether faults have stopped, so that a sweep that finds nothing is a sign of rest."""

    def plan(self) -> None:
        """The next sweep, if it comes before everything else."""
        at = self.last + EVERY * 2 ** min(self._idle, 6)
        coming = self._kernel.agenda.next()
        if self._planned or (coming is not None and coming.at < at):
            return
        wanted = self._wanted()
        if wanted is None or (self.calm and self._idle > MAX_IDLE):
            return
        at = max(wanted, at)
        if coming is None or at <= coming.at:
            self._planned = True
            self._kernel.agenda.add(at, "sweep", self._run)

    def begin_calm(self) -> None:
        """Faults have stopped."""
        self.calm = True
        self._idle = 0
        self._found.clear()

    def _wanted(self) -> datetime | None:
        """From when on there may be something to find."""
        moments = [self._kernel.now] if self._left_over() else []
        state = self._kernel.state
        known = (len(state.written), state.last_report)
        if known != self._known:
            self._known, self._first = known, self._of_runs()
        moments += [self._first] if self._first is not None else []
        moments += [job.updated_at + grace(job.swept) + MOMENT for job in self._open_jobs()]
        return min(moments, default=None)

    def _of_runs(self) -> datetime | None:
        """From when on there may be a run to find; only a change or a report makes it another."""
        moments = []
        for run in self._kernel.state.runs.values():
            match run.state:
                case "ready" if run.due is not None:
                    moments.append(run.due + GRACE + MOMENT)
                case "running" if run.lease_until is not None:
                    moments.append(run.lease_until + MOMENT)
                case "in_doubt" if run.doubt_until is not None and self._is_answered(run):
                    moments.append(run.doubt_until)
        return min(moments, default=None)

    def _is_answered(self, run: Run) -> bool:
        """Whether a sweep may do more about a run in doubt than let it wait on for reports."""
        state = self._kernel.state
        rule = state.program_of(run).rule(run.stage, run.rule)
        if rule is None or rule.on_doubt == "stay" or run.repeatable or run.doubt_until is None:
            return True
        heard = state.last_report
        return heard is not None and heard >= run.doubt_until - timedelta(hours=1)

    def _run(self) -> None:
        kernel = self._kernel
        self.last, self._planned = kernel.now, False
        before = self._must_count()
        outcome = kernel.invoke("sweep", self._sweep)
        if kernel.failed("sweep", outcome, excusable=False):
            return
        if before and self._must_count() and self.calm and outcome.unreadable == 0:
            kernel.state.broken("poison", "a sweep counted nothing that it could not read")
        for problem in outcome.problems if self.calm else ():
            if not kernel.is_excused(problem):
                kernel.state.broken("surprise", f"the sweep met a problem: {problem}")
        self._look_at(outcome)
        busy = (
            outcome.messages
            or outcome.jobs
            or any(finding != "waits_on" for _, finding in outcome.runs)
        )
        self._idle = 0 if busy else self._idle + 1
        kernel.tell(f"swept: {outcome.runs}")

    def _kept(self) -> set[str]:
        """Runs that wait for what cannot be read."""
        return {str(run.key) for run in self._kernel.state.runs.values() if self._keeps(run)}

    def _look_at(self, swept: SweepReport) -> None:
        """Once faults have stopped, what is sent again is performed, and not found once more."""
        for run, finding in swept.runs if self.calm else ():
            self._found[run] += finding in ("lost", "failed")
            if self._found[run] > 1 and run not in self._kept():
                self._kernel.state.broken("waits", f"{run} was sent again and not performed")
