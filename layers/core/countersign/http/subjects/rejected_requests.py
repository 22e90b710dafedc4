"""Genuine webhooks that could not be read."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.base import Id
from countersign.http.views.message_lists import RejectedRequestsView
from countersign.http.views.messages import (
    RejectedRequestRow,
    RejectedRequestView,
    RejectedRetryView,
    rejected_retry_view,
    rejected_view,
)
from countersign.http.views.page import Cursor, Limit
from countersign.use_cases.messages.rejected_requests import find, retry
from countersign.use_cases.queries.operations import rejected as queries
from countersign.use_cases.queries.pages.cursors import PagedList

routes = Routes("rejected-requests")


@routes.get("/rejected-requests", role="operator")
def list_rejected_requests(
    connection: Id | None = None, cursor: Cursor = None, limit: Limit = 100
) -> RejectedRequestsView:
    """List the webhooks that could not be read, by connection; a page has its newest first."""
    cloud = current().services.cloud
    listed = PagedList(subject="rejected-requests", filters={"connection": connection})
    request = listed.request(cursor, limit)
    page, place = queries.page_rejected(cloud.rejected, cloud.connections, connection, request)
    rows = tuple(map(RejectedRequestRow.model_validate, page.requests))
    following = listed.cursor(place)
    return RejectedRequestsView(items=rows, next=following, unreadable=page.unreadable)


@routes.get("/rejected-requests/<rejected_id>", role="operator")
def get_rejected_request(rejected_id: str) -> RejectedRequestView:
    """Show a webhook that could not be read, as it came, without secrets."""
    cloud = current().services.cloud
    details = queries.show_rejected(cloud.rejected, cloud.secrets, rejected_id)
    return rejected_view(details)


@routes.post("/rejected-requests/<rejected_id>/retry", role="operator")
def retry_rejected_request(rejected_id: str) -> RejectedRetryView:
    """Take a webhook again, by the code as it is now; what is applied is removed from the list."""
    services = current().services
    find(services.cloud.rejected, rejected_id)
    (done,) = retry(services.receiver, [rejected_id])
    return rejected_retry_view(done)
