"""The plan of a publication: what it changes, whom that touches, and what stands against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.validation.diff import Difference, diff
from countersign.engine.validation.pipeline import Problem
from countersign.model.pipeline import Pipeline, Version
from countersign.ports import Documents
from countersign.use_cases.entitlements import problems_of
from countersign.use_cases.pipelines.publish import (
    ManagedByGitError,
    Publisher,
    check_may_publish,
    included_in,
    missing_secrets,
    occupied,
    propose,
)
from countersign.use_cases.pipelines.publish_warnings import Stack, publish_warnings
from countersign.use_cases.pipelines.version_losses import VersionLosses


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """What planning a publication needs from outside."""

    publisher: Publisher
    stack: Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDocuments:
    """The documents of a stage that a publication touches."""

    stage: str
    documents: int
    """How many are in it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What publishing a checked pipeline would do."""

    pipeline: str
    version: int | None
    """The version that is published now; None for a new pipeline."""
    diff: tuple[Difference, ...]
    """What it changes; nothing where it is published like this already."""
    stages: tuple[StageDocuments, ...]
    """The stages with documents for which something changes: a rule of theirs, a trigger that may
    move them from there, the stage itself, or a setting of the whole pipeline."""
    left_behind: tuple[VersionLosses, ...]
    """Waiting runs and values that it takes something from. All other waiting runs stay on the
    version that they were planned with."""
    refusals: tuple[str, ...]
    """Why it cannot be published now, each as a sentence."""
    warnings: tuple[Problem, ...]
    """What the stack lacks for it, each with its place."""


def plan(planner: Planner, pipeline: Pipeline) -> Plan:
    """What publishing this checked pipeline would change.

    Reads the card of every document of the pipeline where anything changes (about 8,000 a
    megabyte), and what ``version_losses.left_behind`` reads.
    """
    publisher = planner.publisher
    proposal = propose(publisher.pipelines, publisher.documents, pipeline)
    secrets, refusals = publisher.secrets, []
    try:
        check_may_publish(
            pipeline, proposal.published, from_command_line=publisher.from_command_line
        )
    except ManagedByGitError as error:
        refusals.append(str(error))
    excluded = problems_of(included_in(publisher), publisher.pipelines, pipeline)
    refusals += [problem.text for problem in excluded]
    if secrets is not None:
        refusals += missing_secrets(secrets, pipeline)
    if proposal.occupied:
        refusals.append(occupied(proposal.occupied))
    touched = touched_stages(proposal.published, pipeline)
    return Plan(
        pipeline=pipeline.pipeline,
        version=None if proposal.head is None else proposal.head.version,
        diff=proposal.diff,
        stages=tuple(_counted(publisher.documents, pipeline.pipeline, touched)),
        left_behind=proposal.left_behind,
        refusals=tuple(refusals),
        warnings=publish_warnings(planner.stack, pipeline),
    )


UNNOTICED = ("name: ", "managed_by: ")
"""How the details begin of a change of the whole pipeline that means nothing to documents."""


def touched_stages(old: Pipeline | None, new: Pipeline) -> tuple[str, ...]:
    """The stages of the old version for whose documents the new one changes something, in order."""
    if old is None:
        return ()
    differences = diff(old, new)
    if any(
        difference.part == "pipeline"
        and not all(detail.startswith(UNNOTICED) for detail in difference.details)
        for difference in differences
    ):
        return tuple(stage.id for stage in old.stages)
    touched = {difference.id for difference in differences if difference.part == "stage"}
    rules = {difference.id for difference in differences if difference.part == "rule"}
    # Those whose mails have another text.
    rules |= {rule for difference in differences for rule in difference.rules}
    touched |= {
        stage.id
        for pipeline in (old, new)
        for stage in pipeline.stages
        for rule in stage.rules
        if rule.id in rules
    }
    triggers = {difference.id for difference in differences if difference.part == "trigger"}
    touched |= set(_sources(old, triggers)) | set(_sources(new, triggers))
    return tuple(stage.id for stage in old.stages if stage.id in touched)


def _sources(pipeline: Pipeline, triggers: set[str]) -> Iterator[str]:
    """The stages from which these triggers may move documents."""
    program = CompiledPipeline(Version(number=0, pipeline=pipeline))
    for candidate in program.candidates:
        if candidate.trigger.id in triggers:
            for place, stage in enumerate(pipeline.stages):
                if candidate.holds(place, stage) is None:
                    yield stage.id


def _counted(
    documents: Documents, pipeline: str, stages: Iterable[str]
) -> Iterator[StageDocuments]:
    wanted = tuple(stages)
    counts = Counter(card.stage for card in documents.cards(pipeline)) if wanted else Counter()
    for stage in wanted:
        if counts[stage]:
            yield StageDocuments(stage=stage, documents=counts[stage])
