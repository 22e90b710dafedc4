"""What publishing and planning over the API work with."""

from __future__ import annotations

from countersign.http.call import ApiCall
from countersign.model.actor import Origin, done_by
from countersign.use_cases.pipelines.plan import Planner
from countersign.use_cases.pipelines.publish import Publisher


def origin(call: ApiCall) -> Origin:
    """Who publishes, and when."""
    return done_by(call.actor, call.services.now())


def publisher(call: ApiCall) -> Publisher:
    """What publishing needs."""
    return call.services.publisher(call.auditor)


def planner(call: ApiCall) -> Planner:
    """What planning a publication needs."""
    return Planner(publisher=call.services.publisher(None), stack=call.services.stack)
