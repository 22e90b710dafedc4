"""What publishing and planning over the API work with."""

from __future__ import annotations

from countersign.http.call import ApiCall
from countersign.model.actor import Origin, done_by
from countersign.use_cases.pipelines.plan import Planner
from countersign.use_cases.pipelines.publish import Publisher
from countersign.use_cases.pipelines.publish_warnings import Stack


def origin(call: ApiCall) -> Origin:
    """Who publishes, and when."""
    return done_by(call.actor, call.services.now())


def publisher(call: ApiCall) -> Publisher:
    """What publishing needs."""
    cloud = call.services.cloud
    return Publisher(
        pipelines=cloud.pipelines, documents=cloud.documents, secrets=cloud.named_secrets
    )


def planner(call: ApiCall) -> Planner:
    """What planning a publication needs."""
    cloud = call.services.cloud
    stack = Stack(connections=cloud.connections, secrets=cloud.secrets, senders=cloud.senders)
    return Planner(publisher=publisher(call), stack=stack)
