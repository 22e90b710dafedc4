"""Jobs: work on many things that a person starts, and that goes on by itself."""

from __future__ import annotations

from countersign.http.call import ApiCall, current
from countersign.http.callers import require
from countersign.http.once import once_noted
from countersign.http.routes import Routes
from countersign.http.subjects.runs import change_of
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.runs import JobView, NewJobBody, job_view
from countersign.model.job import Job
from countersign.use_cases.jobs.kinds import JOBS
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.queries.operations import jobs as queries
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.runs import RunFilter

routes = Routes("jobs")


@routes.get("/jobs")
def list_jobs(cursor: Cursor = None, limit: Limit = 50) -> PageOf[JobView]:
    """List the jobs of the last 30 days, the newest first."""
    listed = PagedList(subject="jobs")
    found = queries.list_jobs(current().services.cloud.jobs, listed.request(cursor, limit))
    return page_of(listed.page(found), job_view)


@routes.post("/jobs", role="operator", status=202)
def start_job_on_runs(body: NewJobBody) -> JobView:
    """Run now, shift, skip, retry or accept every run that the filter matches, in the background.

    What is found at the start is changed once; a run that has changed since is refused.
    """
    call = current()
    services = call.services
    job_id = f"j-{services.token()}"
    change = change_of(body.action, body.shift)
    wanted = ChangeRuns(change=change, filter=RunFilter(**body.filter.model_dump()))

    def act() -> JobView:
        jobs = services.cloud.jobs
        return _located(call, start_job(jobs, job_id, wanted, call.actor, now=services.now()))

    def show(path: str) -> JobView:
        return _located(call, queries.show_job(services.cloud.jobs, path.rpartition("/")[2]))

    return once_noted(call, f"/jobs/{job_id}", act, show)


@routes.get("/jobs/<job>")
def get_job(job: str) -> JobView:
    """Show a job: how far it is, and what was refused."""
    call = current()
    return _shown(call, queries.show_job(call.services.cloud.jobs, job))


@routes.post("/jobs/<job>/abort", role="operator")
def abort_job_on_runs(job: str) -> JobView:
    """End a job where it is; what it has done stays done.

    One that only administrators may start, they alone may abort.
    """
    call = current()
    services = call.services
    kind = queries.show_job(services.cloud.jobs, job).kind
    require(call.caller, JOBS.get(kind).role, call.language)
    return _shown(call, abort_job(services.cloud.jobs, job, call.actor, now=services.now()))


def _located(call: ApiCall, job: Job) -> JobView:
    call.locate(f"/jobs/{job.id}")
    return _shown(call, job)


def _shown(call: ApiCall, job: Job) -> JobView:
    call.tag(job.version)
    return job_view(job)
