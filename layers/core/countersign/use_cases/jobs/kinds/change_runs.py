"""The job that changes every run a filter matches: found first, then changed one by one."""

from __future__ import annotations

from typing import Literal

from countersign.errors import PermanentError
from countersign.model.actor import user
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.model.run import RunKey
from countersign.model.run_change import RunChange
from countersign.use_cases.jobs.kinds._shared.select_first import (
    JobItem,
    JobPart,
    OneByOne,
)
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.queries.runs import RunFilter, list_runs
from countersign.use_cases.runs.change_run import RunRequest, change_run

PAGE_SIZE = 100
"""Runs that are found in one slice."""


class ChangeRuns(OneByOne):
    """Runs now, shifts, skips, retries or accepts every run that the filter matches at the start.

    A run that has changed since it was found is refused, so that nothing is done to it twice. What
    failed in a stage that was left since is not tried again.
    """

    kind: Literal["change_runs"] = "change_runs"
    change: RunChange
    filter: RunFilter

    def find(self, services: JobServices, job: Job, after: str | None) -> JobPart:
        """Runs that the filter matches, each in its generation."""
        page = list_runs(
            services.store.documents,
            services.pipelines,
            self.filter,
            PageRequest(after, PAGE_SIZE),
        )
        items = (str(JobItem(str(run.key), str(run.generation))) for run in page.items)
        return JobPart(tuple(items), page.next)

    def carry_out(self, services: JobServices, job: Job, item: JobItem) -> None:
        """Change one run; the run says which job it was."""
        key = RunKey.read(item.id)
        if key is None:
            raise PermanentError(f'"{item.id}" is not a valid run')
        change_run(
            services.store,
            RunRequest(
                run=key,
                change=self.change,
                by=user(job.by),
                even_if_left=False,
                job=job.id,
                generation=int(item.state),
            ),
        )
