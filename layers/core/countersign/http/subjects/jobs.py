"""Jobs: work on many things that a person starts, and that goes on by itself."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.callers import require
from countersign.http.routes import Routes
from countersign.http.started_jobs import started_job, tagged
from countersign.http.subjects.runs import change_of
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.runs import JobView, NewJobBody, job_view
from countersign.use_cases.jobs.kinds import JOBS
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.start import abort_job
from countersign.use_cases.queries.operations import jobs as queries
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.runs import RunFilter

routes = Routes("jobs")


@routes.get("/jobs")
def list_jobs(cursor: Cursor = None, limit: Limit = 50) -> PageOf[JobView]:
    """List the jobs of the last 30 days, the newest first."""
    listed = PagedList(subject="jobs")
    page = queries.list_jobs(current().services.cloud.jobs, listed.request(cursor, limit))
    return page_of(listed.page(page), job_view)


@routes.post("/jobs", role="operator", status=202)
def start_job_on_runs(body: NewJobBody) -> JobView:
    """Run now, shift, skip, retry or accept every run that the filter matches, in the background.

    What is found at the start is changed once; a run that has changed since is refused.
    """
    change = change_of(body.action, body.shift)
    wanted = ChangeRuns(change=change, filter=RunFilter(**body.filter.model_dump()))
    return started_job(current(), wanted)


@routes.get("/jobs/<job>")
def get_job(job: str) -> JobView:
    """Show a job: how far it is, and what was refused."""
    call = current()
    return tagged(call, queries.show_job(call.services.cloud.jobs, job))


@routes.post("/jobs/<job>/abort", role="operator")
def abort_job_on_runs(job: str) -> JobView:
    """End a job where it is; what it has done stays done.

    One that only administrators may start, they alone may abort.
    """
    call = current()
    services, cloud = call.services, call.services.cloud
    kind = queries.show_job(cloud.jobs, job).kind
    require(call.caller, JOBS.get(kind).role, call.language)
    aborted = abort_job(cloud.jobs, job, call.actor, now=services.now(), audit=cloud.audit)
    return tagged(call, aborted)
