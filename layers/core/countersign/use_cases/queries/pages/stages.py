"""Stages by what people call them."""

from __future__ import annotations

from collections.abc import Iterable

from countersign.errors import NotFoundError
from countersign.model.pipeline import Pipeline
from countersign.text.folding import same
from countersign.text.suggestions import close_or_all


def stage_of(pipelines: Iterable[Pipeline], wanted: str) -> dict[str, str]:
    """The stage of that id or name, in each of the pipelines that has it.

    NotFoundError, with the names that are close, where none has it.
    """
    pipelines = tuple(pipelines)
    by_pipeline = {
        pipeline.pipeline: stage for pipeline in pipelines if (stage := _stage(pipeline, wanted))
    }
    if by_pipeline:
        return by_pipeline
    stages = [stage for pipeline in pipelines for stage in pipeline.stages]
    ids = dict.fromkeys(stage.id for stage in stages)
    names = dict.fromkeys(stage.name for stage in stages if stage.name)
    hint = close_or_all(wanted, (*ids, *names))
    if not hint.startswith("did you mean"):
        hint = close_or_all(wanted, ids)
    where = ", ".join(pipeline.pipeline for pipeline in pipelines) or "any pipeline"
    raise NotFoundError(f'there is no stage "{wanted}" in {where}; {hint}')


def _stage(pipeline: Pipeline, wanted: str) -> str | None:
    if pipeline.stage(wanted) is not None:
        return wanted
    named = [stage.id for stage in pipeline.stages if same(stage.name, wanted)]
    return named.pop() if len(named) == 1 else None
