"""Starting jobs over the API: once for an idempotency key, and shown where they are found."""

from __future__ import annotations

from collections.abc import Callable

from countersign.http.call import ApiCall
from countersign.http.once import once_noted
from countersign.http.views.runs import JobView, job_view
from countersign.model.job import Job
from countersign.use_cases.jobs.kinds.base import JobKind
from countersign.use_cases.jobs.start import start_job
from countersign.use_cases.queries.operations.jobs import show_job


def started_job(call: ApiCall, wanted: JobKind) -> JobView:
    """The job, which is worked on from now on; the one of before where its key was used."""
    services = call.services

    def start(job_id: str) -> Job:
        return start_job(services.cloud.jobs, job_id, wanted, call.actor, now=services.now())

    return started(call, start)


def started(call: ApiCall, start: Callable[[str], Job]) -> JobView:
    """The job that ``start`` starts with the id that it is given; the one of before where its key
    was used."""
    services = call.services
    job_id = f"j-{services.token()}"

    def show(path: str) -> JobView:
        return _located(call, show_job(services.cloud.jobs, path.rpartition("/")[2]))

    return once_noted(call, f"/jobs/{job_id}", lambda: _located(call, start(job_id)), show)


def tagged(call: ApiCall, job: Job) -> JobView:
    """The job, with its version in the answer."""
    call.tag(job.version)
    return job_view(job)


def _located(call: ApiCall, job: Job) -> JobView:
    call.locate(f"/jobs/{job.id}")
    return tagged(call, job)
