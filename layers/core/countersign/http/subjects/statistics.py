"""Statistics of pipelines, from counters alone."""

from __future__ import annotations

from datetime import date

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.runs import JobView
from countersign.http.views.statistics import DifferenceView, RebuildBody, StatisticsView
from countersign.model.job import Job
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pipelines import list_programs, published_head
from countersign.use_cases.queries.statistics import period_of, statistics_of

routes = Routes("statistics")


@routes.get("/statistics/<pipeline>")
def get_statistics(
    pipeline: str, first: date | None = None, last: date | None = None
) -> StatisticsView:
    """Show a pipeline's statistics of a period: the last 30 days unless given.

    Documents and times per stage, funnel, completion and decline rate, time to sign, runs by rule,
    mails, and each day. Counted seconds after what happened.
    """
    services = current().services
    cloud = services.cloud
    period = period_of(first, last, today=services.now().date())
    (program,) = list_programs(cloud.pipelines, services.programs, pipeline)
    return StatisticsView.model_validate(statistics_of(cloud.statistics, program, period))


@routes.post("/statistics/rebuilds", role="administrator", status=202)
def start_rebuild(body: RebuildBody) -> JobView:
    """Compare the statistics of a pipeline, or of all, with the documents, in the background.

    Counting goes on meanwhile. It takes at least two minutes for each pipeline. The job counts
    documents.
    """
    from countersign.http.started_jobs import started
    from countersign.use_cases.jobs.kinds.rebuild_statistics import RebuildStatistics
    from countersign.use_cases.jobs.start import start_job

    call = current()
    services = call.services
    wanted = RebuildStatistics(pipeline=body.pipeline, replace=body.replace)

    def start(job_id: str) -> Job:
        if body.pipeline is not None:
            published_head(services.cloud.pipelines, body.pipeline)
        return start_job(services.cloud.jobs, job_id, wanted, call.actor, now=services.now())

    return started(call, start)


@routes.get("/statistics/rebuilds/<job>/differences", role="operator")
def list_differences_of_rebuild(
    job: str, cursor: Cursor = None, limit: Limit = 100
) -> PageOf[DifferenceView]:
    """List what was not counted as it should be, as far as the job has come.

    A page may be short, or empty, and yet have a next one. What changed while it was compared may
    stand there twice.
    """
    from countersign.use_cases.queries.operations.jobs import list_differences

    listed = PagedList(subject="differences", filters={"job": job})
    jobs = current().services.cloud.jobs
    page = list_differences(jobs, job, listed.request(cursor, limit))
    return page_of(listed.page(page), DifferenceView.model_validate)
