"""Statistics of pipelines, the way that commands go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import TypeAdapter

from countersign.cli.context import CliContext
from countersign.cli.operations.jobs import Watch
from countersign.cli.operations.read import job_of
from countersign.cli.remote.session import ApiSession, path
from countersign.use_cases.jobs.kinds.rebuild_statistics import PipelineDifference
from countersign.use_cases.queries.pipelines import list_pipelines, list_programs
from countersign.use_cases.queries.statistics import Period, PipelineStatistics, statistics_of
from countersign.use_cases.statistics.rebuild import rebuild


class Rebuilt(NamedTuple):
    """What a step of a rebuild has done."""

    pipeline: str | None
    """None for all of them."""
    documents: int
    """How many were compared."""
    differences: tuple[PipelineDifference, ...] = ()


class StackStatistics:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def show(self, pipeline: str | None, period: Period) -> tuple[PipelineStatistics, ...]:
        """The statistics of one pipeline, or of all by id; NotFoundError."""
        cloud = self._context.cloud
        programs = list_programs(cloud.pipelines, self._context.programs, pipeline)
        return tuple(statistics_of(cloud.statistics, program, period) for program in programs)

    def rebuild(
        self, pipeline: str | None, watch: Watch, *, replace: bool
    ) -> Iterable[Rebuilt] | None:
        """Compare the statistics of one pipeline, or of all, step by step; NotFoundError."""
        heads = list_pipelines(self._context.cloud.pipelines, pipeline)
        return (step for head in heads for step in self._steps(head.pipeline, replace=replace))

    def _steps(self, pipeline: str, *, replace: bool) -> Iterator[Rebuilt]:
        for step in rebuild(self._context.rebuilder, pipeline, replace=replace):
            differences = tuple(
                PipelineDifference(
                    pipeline=pipeline,
                    what=difference.what,
                    name=difference.name,
                    text=difference.text,
                )
                for difference in step.differences
            )
            yield Rebuilt(pipeline, step.documents, differences)
            if step.wait:
                self._context.wait(step.wait.total_seconds())


class ApiStatistics:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def show(self, pipeline: str | None, period: Period) -> tuple[PipelineStatistics, ...]:
        """The statistics of one pipeline, or of all by id; NotFoundError."""
        if pipeline is not None:
            return (self._of(pipeline, period),)
        ids = [row["pipeline"] for row in self._api.items("/pipelines")]
        return tuple(self._of(pipeline_id, period) for pipeline_id in ids)

    def _of(self, pipeline: str, period: Period) -> PipelineStatistics:
        query = {"first": period.first.isoformat(), "last": period.last.isoformat()}
        reply = self._api.get(path("statistics", pipeline), query)
        return TypeAdapter(PipelineStatistics).validate_python(reply)

    def rebuild(
        self, pipeline: str | None, watch: Watch, *, replace: bool
    ) -> Iterable[Rebuilt] | None:
        """What a job has compared once it has ended; None where nobody watches it any more."""
        body = {"pipeline": pipeline, "replace": replace}
        ended = watch(job_of(self._api.post("/statistics/rebuilds", body)))
        if ended is None:
            return None
        rows = self._api.items(path("statistics", "rebuilds", ended.id, "differences"))
        differences = dict.fromkeys(map(PipelineDifference.model_validate, rows))
        return (Rebuilt(None, ended.done, tuple(differences)),)


def statistics_by(context: CliContext) -> StackStatistics | ApiStatistics:
    """Statistics, the way that commands go."""
    return StackStatistics(context) if context.api is None else ApiStatistics(context.api)
