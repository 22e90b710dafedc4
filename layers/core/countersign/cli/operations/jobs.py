"""Jobs: started, listed, shown and aborted."""

from __future__ import annotations

from collections.abc import Callable

from countersign.cli.context import CliContext
from countersign.cli.operations.read import job_of
from countersign.cli.operations.runs import shift_body
from countersign.cli.remote.session import ApiSession, path
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.use_cases.jobs.kinds.base import JobKind
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.queries.operations import jobs as queries

Watch = Callable[[Job], Job | None]
"""Waits until a job has done what it is for: how it ended, or None where nobody waits any more."""


def started_on_stack(context: CliContext, wanted: JobKind) -> Job:
    """The job, which the stack's functions work on from now on."""
    job_id = f"j-{context.token()}"
    return start_job(context.cloud.jobs, job_id, wanted, context.actor, now=context.now())


class StackJobs:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def start(self, wanted: ChangeRuns) -> Job:
        """A job that changes runs."""
        return started_on_stack(self._context, wanted)

    def newest(self, limit: int) -> tuple[Job, ...]:
        """The jobs of the last 30 days, the newest first, up to so many."""
        return queries.list_jobs(self._context.cloud.jobs, PageRequest(limit=limit)).items

    def show(self, job: str) -> Job:
        """One job; NotFoundError."""
        return queries.show_job(self._context.cloud.jobs, job)

    def abort(self, job: str) -> Job:
        """The job once it is ended."""
        context = self._context
        cloud, now = context.cloud, context.now()
        return abort_job(cloud.jobs, job, context.actor, now=now, audit=cloud.audit)


class ApiJobs:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def start(self, wanted: ChangeRuns) -> Job:
        """A job that changes runs."""
        runs = wanted.filter
        body = {
            "action": wanted.change.action,
            "shift": shift_body(wanted.change),
            "filter": {
                **runs.model_dump(mode="json", exclude={"failed", "in_doubt"}),
                "states": sorted(runs.wanted_states),
            },
        }
        return job_of(self._api.post("/jobs", body))

    def newest(self, limit: int) -> tuple[Job, ...]:
        """The jobs of the last 30 days, the newest first, up to so many."""
        return tuple(map(job_of, self._api.get("/jobs", {"limit": limit})["items"]))

    def show(self, job: str) -> Job:
        """One job; NotFoundError."""
        return job_of(self._api.get(path("jobs", job)))

    def abort(self, job: str) -> Job:
        """The job once it is ended."""
        return job_of(self._api.post(path("jobs", job, "abort")))


def jobs_of(context: CliContext) -> StackJobs | ApiJobs:
    """Jobs, the way that commands go."""
    return StackJobs(context) if context.api is None else ApiJobs(context.api)
