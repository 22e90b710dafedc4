"""Jobs that people start, and the laws of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from countersign.adapters.memory.tables.operations.jobs import MemoryJobs
from countersign.model.job import Job
from countersign.model.run import RunKey
from countersign.model.transaction import Transaction


class WatchedJobs(MemoryJobs):
    """Looks at every job as it is written."""

    def __init__(self, broken: Callable[[str, str], None]) -> None:
        super().__init__()
        self._broken = broken
        self.changed: Counter[tuple[str, RunKey]] = Counter()
        """How often a job has changed a run."""

    def note(self, change: Transaction) -> None:
        """Look at what was written: whether a job has changed a run."""
        for line in change.log:
            job = (line.cause or "").removeprefix("job ")
            if line.kind not in ("run", "resolved") or job == line.cause or not job:
                continue
            run = change.updates[0].run
            self.changed[job, run.key] += 1
            if self.changed[job, run.key] > 1:
                self._broken("jobs", f"{job} has changed {run.key} twice")
            if run.job != job:
                self._broken("jobs", f"{run.key} was changed by {job}, and says {run.job}")

    def put(self, job: Job, part: Sequence[str] | None = None) -> None:
        before = self.jobs.get(job.id)
        super().put(job, part)
        if before is None:
            return
        if not before.is_open and job.state != before.state:
            self._broken("jobs", f"{job.id} was {before.state}, and is {job.state}")
        for name in ("matched", "done", "refused", "parts"):
            if getattr(job, name) < getattr(before, name):
                self._broken("jobs", f"{job.id}: {name} went back")

    def faults_at_end(self) -> Iterator[str]:
        """What is wrong with the jobs, once all is quiet."""
        for job in self.jobs.values():
            changed = sum(name == job.id for name, _ in self.changed)
            if job.is_open:
                yield f"{job.id} is {job.state} still, in its {job.version}. version"
            if job.state == "done" and job.left:
                yield f"{job.id} has {job.matched} runs, of which {job.left} are neither"
            # A person may have changed one again, before the slice that had died was finished.
            most = changed if job.state != "done" else min(changed, job.matched)
            if not (job.done <= most and changed <= job.done + job.refused + _lost(job)):
                yield f"{job.id} counts {job.done} done, and has changed {changed} runs"


def _lost(job: Job) -> int:
    """How many of those it changed it need not have counted: what was under way at its end."""
    return 0 if job.state == "done" else job.matched
