"""Filling what is new in a table that has data, after a version was deployed that says so."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.started_jobs import started_job
from countersign.http.views.runs import JobView
from countersign.http.views.upgrade import UpgradeView
from countersign.use_cases.jobs.kinds.upgrade_table import UpgradeTable
from countersign.use_cases.queries.operations.upgrade import upgrade_is_due

routes = Routes("upgrade")


@routes.get("/upgrade", role="administrator")
def get_upgrade() -> UpgradeView:
    """Show how far the table has come whose data are of an earlier version."""
    cloud = current().services.cloud
    progress = cloud.upgrades.progress()
    due = upgrade_is_due(cloud.pages, cloud.pipelines, progress)
    return UpgradeView.model_validate({**progress.model_dump(exclude={"task"}), "due": due})


@routes.post("/upgrade", role="administrator", status=202)
def start_upgrade() -> JobView:
    """Write the words by which older documents are found, and list older tasks by deadline.

    In the background; messages may come meanwhile. It goes on where another was interrupted, and
    does nothing where it was done. The job counts documents.
    """
    return started_job(current(), UpgradeTable())
