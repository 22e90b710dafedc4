"""The audit log: who changed the configuration, when and from where."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.audit import AuditEntryView
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.model.audit import AuditAction, AuditFilter
from countersign.model.base import Instant
from countersign.use_cases.queries.operations.audit import audit_page, subject_filter
from countersign.use_cases.queries.pages.cursors import PagedList

routes = Routes("audit")
Subject = Annotated[
    str | None,
    Query(max_length=400, description="A kind, or a kind with an id: `pipeline:contracts`."),
]
Actor = Annotated[
    str | None, Query(max_length=400, description="An id, or a person's address at that time.")
]


@routes.get("/audit", role="administrator")
def list_changes(
    subject: Subject = None,
    actor: Actor = None,
    action: AuditAction | None = None,
    since: Instant | None = None,
    until: Instant | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[AuditEntryView]:
    """List changes of the configuration, newest first. Nothing changes or removes one.

    From `since` on, before `until`.
    """
    services = current().services
    kind, name = (None, None) if subject is None else subject_filter(subject)
    wanted = AuditFilter(
        subject_kind=kind, subject_id=name, actor=actor, action=action, since=since, until=until
    )
    listed = PagedList(subject="audit", filters=wanted.model_dump(mode="json"))
    request = listed.request(cursor, limit)
    page = audit_page(
        services.cloud.audit, wanted, request.limit, now=services.now(), cursor=request.after
    )
    return page_of(listed.page(page), AuditEntryView.model_validate)
