"""Statistics of pipelines, from counters alone."""

from __future__ import annotations

from datetime import date

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.statistics import StatisticsView
from countersign.use_cases.queries.pipelines import list_programs
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
