"""The ways through a pipeline: which stages can be reached, and circles that never end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from countersign.model.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A rule that moves a document from its own stage to another."""

    rule: str
    start: str
    end: str
    free: bool
    """Whether nothing can hold it up: no condition, and not once per document."""


def cycles(ways: Iterable[Edge], pipeline: Pipeline) -> Iterator[tuple[Edge, ...]]:
    """The circles that free ways make, each once and by its shortest way round."""
    out: dict[str, list[Edge]] = {}
    for way in ways:
        if way.free and way.start != way.end:
            out.setdefault(way.start, []).append(way)
    reported: set[frozenset[str]] = set()
    for stage in pipeline.stages:
        circle = _round_trip(stage.id, out)
        stages = frozenset(way.start for way in circle)
        if circle and stages not in reported:
            reported.add(stages)
            yield circle


def _round_trip(stage: str, out: Mapping[str, list[Edge]]) -> tuple[Edge, ...]:
    """The shortest way from a stage back to it, or nothing."""
    queue: deque[tuple[Edge, ...]] = deque((way,) for way in out.get(stage, ()))
    seen: set[str] = set()
    while queue:
        path = queue.popleft()
        end = path[-1].end
        if end == stage:
            return path
        if end not in seen:
            seen.add(end)
            queue.extend((*path, way) for way in out.get(end, ()))
    return ()


def unreachable(
    pipeline: Pipeline, ways: Iterable[Edge], triggered: Mapping[str, frozenset[str]]
) -> tuple[str, ...]:
    """Stages that no trigger and no rule can bring a document into, whatever happens.

    ``triggered`` tells for a stage from which stages its triggers can move documents.
    """
    ways = tuple(ways)
    reached = {pipeline.stages[0].id}
    while True:
        next_stages = {way.end for way in ways if way.start in reached} - reached
        for stage, sources in triggered.items():
            if stage not in reached and sources & reached:
                next_stages.add(stage)
        if not next_stages:
            break
        reached |= next_stages
    return tuple(stage.id for stage in pipeline.stages if stage.id not in reached)
