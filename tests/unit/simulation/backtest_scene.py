"""Documents with a history, as the tests of back-testing meet them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from countersign.model.pipeline import Pipeline
from countersign.simulation.backtest.slices import (
    Backtest,
    BacktestServices,
    DocumentBacktest,
    backtest_slice,
    candidates,
    prepare,
)
from countersign.simulation.world import World

OWN: dict[str, Any] = {"senders": ["contracts@acme.example"]}


def services(world: World) -> BacktestServices:
    """What a back-test reads of a world."""
    return BacktestServices(
        documents=world.documents,
        pipelines=world.pipelines,
        connections=world.connections,
        credentials=world.secrets,
    )


def prepared(world: World, draft: Pipeline, *, days: int = 30) -> Backtest:
    """A back-test of the draft over the last days of a world."""
    return prepare(services(world), draft, days=days, now=world.now)


def results_of(world: World, draft: Pipeline, *, days: int = 30) -> dict[str, DocumentBacktest]:
    """What goes otherwise with the draft, by document."""
    test = prepared(world, draft, days=days)
    return {one.document: one for one in backtest_slice(test, candidates(test))}


def told(results: Iterable[DocumentBacktest]) -> list[tuple[str, str, str, str]]:
    """Each difference: what changed, of which kind, by whom, and why."""
    return [
        (one.change, one.kind, one.by, one.reason)
        for result in results
        for one in result.differences
    ]
