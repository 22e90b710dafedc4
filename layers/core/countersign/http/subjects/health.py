"""What of the deployment needs attention."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from countersign import __version__
from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.health import FindingView, HealthView
from countersign.use_cases.queries.operations.health import check_health, health_stores

routes = Routes("health")
Version = Annotated[str | None, Query(min_length=1, max_length=100)]


@routes.get("/health", role="administrator")
def check_deployment(version: Version = None) -> HealthView:
    """Check the deployment, and say what to do about each problem.

    `version` is that of the program which asks; it is compared with the deployment's. A check that
    gets no answer is `failed`, one that cannot be made is `unknown`, and the others go on. What
    there is much of is counted up to 1,000.
    """
    services = current().services
    cloud = services.cloud
    stores = health_stores(
        cloud,
        command_version=version,
        stack_version=cloud.version or __version__,
        now=services.now(),
    )
    return HealthView(items=tuple(map(FindingView.model_validate, check_health(stores))))
