"""What publishing and planning over the API work with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from countersign.http.call import ApiCall
from countersign.http.problems import Problem
from countersign.model.actor import Origin, done_by
from countersign.use_cases.pipelines.plan import Planner
from countersign.use_cases.pipelines.publish import Publisher, PublishResult
from countersign.use_cases.pipelines.publish_warnings import publish_warnings

if TYPE_CHECKING:
    from countersign.http.views.pipelines import PublishView
    from countersign.model.pipeline import Pipeline
    from countersign.use_cases.entitlements import NotIncludedError
    from countersign.use_cases.pipelines.validate import PlacedProblem


def origin(call: ApiCall) -> Origin:
    """Who publishes, and when."""
    return done_by(call.actor, call.services.now())


def publisher(call: ApiCall, *, of_file: bool = False) -> Publisher:
    """What publishing needs; ``of_file`` where it is a file, as the command line publishes it."""
    return call.services.publisher(call.auditor, from_command_line=of_file)


def planner(call: ApiCall, *, of_file: bool = False) -> Planner:
    """What planning a publication needs."""
    services = call.services
    publisher = services.publisher(None, from_command_line=of_file)
    return Planner(publisher=publisher, stack=services.stack)


def published(call: ApiCall, pipeline: Pipeline, done: PublishResult) -> PublishView:
    """What was published, with what the stack lacks for it."""
    from countersign.http.views.pipelines import publish_view

    warnings = publish_warnings(call.services.stack, pipeline) if done.diff else ()
    return publish_view(pipeline.pipeline, done, warnings)


def invalid(
    problems: Iterable[PlacedProblem], detail: str = "the draft cannot be published as it is"
) -> Problem:
    """What is wrong with a pipeline, with the place of each error."""
    errors = tuple(
        {"pointer": problem.pointer, "detail": problem.text}
        for problem in problems
        if problem.severity == "error"
    )
    return Problem(name="invalid", detail=detail, errors=errors)


def not_included(error: NotIncludedError) -> Problem:
    """What of a pipeline the deployment's plan does not include, with the places."""
    from countersign.use_cases.pipelines.validate import placed

    places = map(placed, error.problems)
    errors = tuple({"pointer": problem.pointer, "detail": problem.text} for problem in places)
    return Problem(name="not-allowed", detail=str(error), errors=errors)
