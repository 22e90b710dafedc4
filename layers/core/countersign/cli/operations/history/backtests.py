"""Back-tests of a pipeline file."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession
from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.writer import pipeline_yaml
from countersign.simulation.backtest.slices import (
    BacktestServices,
    DocumentBacktest,
    backtest_slice,
    candidates,
    prepare,
)


class StackBacktests:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def results(self, pipeline: Pipeline, days: int) -> Iterator[DocumentBacktest]:
        """What would have gone otherwise for each document; NotFoundError."""
        cloud = self._context.cloud
        services = BacktestServices(
            documents=cloud.documents,
            pipelines=cloud.pipelines,
            connections=cloud.connections,
            credentials=cloud.secrets,
        )
        test = prepare(services, pipeline, days=days, now=self._context.now())
        return backtest_slice(test, candidates(test))


class ApiBacktests:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def results(self, pipeline: Pipeline, days: int) -> Iterator[DocumentBacktest]:
        """What would have gone otherwise for each document; NotFoundError."""
        body = {"yaml": pipeline_yaml(pipeline), "days": days, "include_same": True}
        rows = self._api.posted("/pipelines/backtest", body)
        return map(DocumentBacktest.model_validate, rows)


def backtests_of(context: CliContext) -> StackBacktests | ApiBacktests:
    """Back-tests, the way that commands go."""
    return StackBacktests(context) if context.api is None else ApiBacktests(context.api)
