"""Messages of a pause that could not be applied and were set aside."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.base import Id
from countersign.http.views.messages import (
    DroppedView,
    HeldMessageRetryView,
    HeldMessageView,
    PipelineBody,
    held_message_retry_view,
    held_message_view,
)
from countersign.http.views.page import PageOf
from countersign.use_cases.messages.held_messages import drop_set_aside, retry_set_aside
from countersign.use_cases.queries.operations import messages as queries

routes = Routes("held-messages")


@routes.get("/held-messages", role="operator")
def list_held_messages(pipeline: Id | None = None) -> PageOf[HeldMessageView]:
    """List the messages that were set aside, with the reasons, oldest first."""
    cloud = current().services.cloud
    messages = queries.set_aside_messages(cloud.held, cloud.pipelines, pipeline)
    return PageOf[HeldMessageView](items=tuple(map(held_message_view, messages)))


@routes.post("/held-messages/retry", role="operator")
def retry_held_messages(body: PipelineBody) -> PageOf[HeldMessageRetryView]:
    """Apply the messages of a pipeline that were set aside."""
    services = current().services
    tried = tuple(
        held_message_retry_view(tried)
        for pipeline in queries.pipeline_ids(services.cloud.pipelines, body.pipeline)
        for tried in retry_set_aside(services.receiver, pipeline)
    )
    return PageOf[HeldMessageRetryView](items=tried)


@routes.post("/held-messages/drop", role="administrator")
def drop_held_messages(body: PipelineBody) -> DroppedView:
    """Forget the messages of a pipeline that were set aside."""
    services = current().services
    queries.pipeline_ids(services.cloud.pipelines, body.pipeline)
    return DroppedView(dropped=len(drop_set_aside(services.receiver, body.pipeline)))


@routes.post("/held-messages/<pipeline>/<message>/retry", role="operator")
def retry_held_message(pipeline: str, message: str) -> HeldMessageRetryView:
    """Apply one message that was set aside; it stays, with the new reason, where it cannot be."""
    (tried,) = retry_set_aside(current().services.receiver, pipeline, message)
    return held_message_retry_view(tried)


@routes.post("/held-messages/<pipeline>/<message>/drop", role="administrator")
def drop_held_message(pipeline: str, message: str) -> HeldMessageView:
    """Forget one message that was set aside."""
    (dropped,) = drop_set_aside(current().services.receiver, pipeline, message)
    return held_message_view(dropped)
