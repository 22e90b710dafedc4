"""How many things need somebody."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.base import CountView
from countersign.http.views.troubles import TroublesView
from countersign.model.page import Counted
from countersign.model.person import includes
from countersign.use_cases.queries.operations import troubles as queries

routes = Routes("troubles")


@routes.get("/troubles")
def count_troubles() -> TroublesView:
    """Count what needs somebody: failed runs, runs in doubt, dead letters, rejected webhooks.

    Each is counted up to 99, whatever there is. Messages are for operators alone.
    """
    call = current()
    cloud = call.services.cloud
    runs = queries.count_runs(cloud.pages)
    operates = includes(call.caller.role, "operator")
    return TroublesView(
        failed=_view(runs.failed),
        in_doubt=_view(runs.in_doubt),
        dead_letters=_view(queries.count_dead_letters(cloud.dead_letters)) if operates else None,
        rejected_requests=_view(queries.count_rejected(cloud.rejected)) if operates else None,
    )


def _view(counted: Counted) -> CountView:
    return CountView.model_validate(counted)
