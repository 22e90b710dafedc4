"""Published pipelines and their versions: as lists, and as what other lists are filtered by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from countersign.engine.validation.diff import Difference, diff
from countersign.errors import NotFoundError
from countersign.model.pipeline import Head, Version
from countersign.ports import Pipelines

if TYPE_CHECKING:
    from countersign.engine.compiled_pipeline import CompiledPipeline
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One published version, without its pipeline."""

    number: int
    published_at: datetime
    published_by: str
    note: str
    """What it is for; empty where nothing was said."""
    current: bool
    """Whether it is the version that is published now."""


@dataclass(frozen=True, slots=True)
class VersionList:
    """The newest versions of a pipeline."""

    rows: tuple[VersionRow, ...]
    older: int
    """How many older ones there are."""


def list_pipelines(pipelines: Pipelines, pipeline: str | None = None) -> tuple[Head, ...]:
    """The published pipelines by id, or the one of that id; NotFoundError where it is not there."""
    if pipeline is not None:
        return (published_head(pipelines, pipeline),)
    return tuple(sorted(pipelines.list(), key=lambda head: head.pipeline))


def published_head(pipelines: Pipelines, pipeline: str) -> Head:
    """Which version of the pipeline is published; NotFoundError names the pipelines there are."""
    head = pipelines.head(pipeline)
    if head is None:
        ids = ", ".join(head.pipeline for head in list_pipelines(pipelines))
        raise NotFoundError(f'there is no pipeline "{pipeline}"; published are {ids or "none"}')
    return head


def list_programs(
    pipelines: Pipelines, programs: CompiledPipelines, pipeline: str | None = None
) -> tuple[CompiledPipeline, ...]:
    """The published version of each pipeline, as ``list_pipelines`` lists them."""
    heads = list_pipelines(pipelines, pipeline)
    return tuple(programs.get(head.pipeline, head.version) for head in heads)


def list_versions(pipelines: Pipelines, pipeline: str, newest: int) -> VersionList:
    """The last so many versions, newest first. NotFoundError where there is no such pipeline."""
    head = published_head(pipelines, pipeline)
    rows = [
        VersionRow(
            number=version.number,
            published_at=datetime.fromisoformat(version.published_at),
            published_by=version.published_by,
            note=version.note,
            current=version.number == head.version,
        )
        for version in pipelines.versions(pipeline, newest)
    ]
    rows.sort(key=lambda row: row.number, reverse=True)
    return VersionList(tuple(rows), older=max(0, head.version - len(rows)))


def show_version(pipelines: Pipelines, pipeline: str, number: int | None = None) -> Version:
    """A published version, the current one unless a number is given. NotFoundError if none."""
    head = published_head(pipelines, pipeline)
    return pipelines.version(pipeline, number or head.version)


def compare_versions(
    pipelines: Pipelines, pipeline: str, old: int, new: int | None = None
) -> tuple[Difference, ...]:
    """What a version changes against another one, the current version unless a number is given.
    NotFoundError if there is no such version."""
    before = show_version(pipelines, pipeline, old)
    return diff(before.pipeline, show_version(pipelines, pipeline, new).pipeline)
