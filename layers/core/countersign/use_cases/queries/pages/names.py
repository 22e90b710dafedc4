"""What people call the things that the rows of a list have by their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.explain import stage_name
from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.model.run import Run
from countersign.model.run_purpose import (
    BacklogRun,
    KeepFileRun,
    RuleRun,
    TaskMailRun,
    TimerRun,
    purpose_of,
)
from countersign.model.task import Task
from countersign.ports import Pages
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

MAX_VERSIONS = 10
"""Versions of pipelines that are read for one page: those that most of its rows are of."""

Versions = Mapping[tuple[str, int], CompiledPipeline]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNames:
    """What people call what a run or a task is about."""

    document_title: str | None
    document_number: str | None
    document_entry: int | None
    """The number of its document's present stage entry; None where the document is gone."""
    pipeline_name: str
    stage_name: str
    rule_name: str | None
    """Of the rule, or of the trigger whose timer a run is; None for a run of neither."""


def names_of(
    pages: Pages, programs: CompiledPipelines, rows: Sequence[Run | Task]
) -> tuple[RowNames, ...]:
    """What the rows are about, in their order; of 100 at most.

    The documents come in one round trip, as they are now. Pipelines, stages and rules are called
    what they are called in the version that a row is of, ``MAX_VERSIONS`` of them at most: those
    of further ones, and of a pipeline that is gone, are called by their ids.
    """
    documents = pages.documents({row.document for row in rows}) if rows else {}
    versions = _versions(programs, rows)
    return tuple(_named(row, documents.get(row.document), versions) for row in rows)


def _versions(programs: CompiledPipelines, rows: Iterable[Run | Task]) -> Versions:
    counted = Counter((row.pipeline, row.pipeline_version) for row in rows)
    by_version: dict[tuple[str, int], CompiledPipeline] = {}
    for version, _ in counted.most_common(MAX_VERSIONS):
        with suppress(NotFoundError):
            by_version[version] = programs.get(*version)
    return by_version


def _named(row: Run | Task, document: Document | None, versions: Versions) -> RowNames:
    program = versions.get((row.pipeline, row.pipeline_version))
    return RowNames(
        document_title=None if document is None else document.title,
        document_number=None if document is None else document.number,
        document_entry=None if document is None else document.entry,
        pipeline_name=(program and program.pipeline.name) or row.pipeline,
        stage_name=row.stage if program is None else stage_name(program, row.stage),
        rule_name=_rule_name(row, program),
    )


def _rule_name(row: Run | Task, program: CompiledPipeline | None) -> str | None:
    match purpose_of(row.rule):
        case KeepFileRun() | BacklogRun():
            return None
        case TimerRun(trigger) as timer:
            candidate = program and program.timed_trigger(timer)
            return (candidate and candidate.trigger.name) or trigger
        case TaskMailRun(rule=rule_id) | RuleRun(rule_id):
            rule = program and program.rule(row.stage, rule_id)
            return (rule and rule.name) or rule_id
