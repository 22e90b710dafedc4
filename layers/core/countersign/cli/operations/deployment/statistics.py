"""Statistics of pipelines, the way that commands go."""

from __future__ import annotations

from pydantic import TypeAdapter

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession, path
from countersign.use_cases.queries.pipelines import list_programs
from countersign.use_cases.queries.statistics import Period, PipelineStatistics, statistics_of


class StackStatistics:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def show(self, pipeline: str | None, period: Period) -> tuple[PipelineStatistics, ...]:
        """The statistics of one pipeline, or of all by id; NotFoundError."""
        cloud = self._context.cloud
        programs = list_programs(cloud.pipelines, self._context.programs, pipeline)
        return tuple(statistics_of(cloud.statistics, program, period) for program in programs)


class ApiStatistics:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def show(self, pipeline: str | None, period: Period) -> tuple[PipelineStatistics, ...]:
        """The statistics of one pipeline, or of all by id; NotFoundError."""
        if pipeline is not None:
            return (self._of(pipeline, period),)
        ids = [one["pipeline"] for one in self._api.items("/pipelines")]
        return tuple(self._of(one, period) for one in ids)

    def _of(self, pipeline: str, period: Period) -> PipelineStatistics:
        query = {"first": period.first.isoformat(), "last": period.last.isoformat()}
        told = self._api.get(path("statistics", pipeline), query)
        return TypeAdapter(PipelineStatistics).validate_python(told)


def statistics_by(context: CliContext) -> StackStatistics | ApiStatistics:
    """Statistics, the way that commands go."""
    return StackStatistics(context) if context.api is None else ApiStatistics(context.api)
