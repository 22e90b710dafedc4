"""Publishing: what a new version would change, making it, and going back to an older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countersign.engine.compiled_pipeline import kind_with_settings
from countersign.engine.validation.diff import Difference, diff
from countersign.errors import PermanentError
from countersign.model.actor import Origin
from countersign.model.audit import AuditSubject, Values
from countersign.model.entitlements import EVERYTHING
from countersign.model.pipeline import Head, Pipeline
from countersign.ports import Documents, EntitlementStore, Pipelines, RuleSecrets
from countersign.use_cases.auditor import Auditor, Change, entry_of
from countersign.use_cases.entitlements import check_included
from countersign.use_cases.pipelines.version_losses import VersionLosses, left_behind
from countersign.use_cases.queries.pipelines import published_head

MOST_RECORDED = 200_000
"""Bytes of the differences that an audit entry holds."""


class MissingSecretError(PermanentError):
    """A rule names a secret that is not kept."""


class OccupiedStageError(PermanentError):
    """A stage that would be removed holds documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """What publishing needs from outside."""

    pipelines: Pipelines
    documents: Documents
    secrets: RuleSecrets | None = None
    """Those that rules may name; they are not looked for if None."""
    entitlements: EntitlementStore | None = None
    """What the deployment's plan includes: everything for None."""
    auditor: Auditor | None = None
    """Records who publishes; nobody does for None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPlan:
    """What publishing a pipeline would do."""

    head: Head | None
    """The version that is published now; None for a new pipeline."""
    diff: tuple[Difference, ...]
    occupied: dict[str, int]
    """Stages that would go but hold documents, with how many: they forbid publishing."""
    left_behind: tuple[VersionLosses, ...] = ()
    """Waiting runs and values that it takes something from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """The version that is published now."""

    number: int
    diff: tuple[Difference, ...]
    """What it changed; nothing where the same was published already, and no version was made."""
    left_behind: tuple[VersionLosses, ...] = ()
    """Waiting runs and values that it took something from."""


def propose(pipelines: Pipelines, documents: Documents, pipeline: Pipeline) -> PublishPlan:
    """What publishing this checked pipeline would change."""
    head = pipelines.head(pipeline.pipeline)
    old = pipelines.version(head.pipeline, head.version).pipeline if head is not None else None
    gone = [stage.id for stage in old.stages if pipeline.index(stage.id) < 0] if old else []
    counts = {stage: sum(1 for _ in documents.in_stage(pipeline.pipeline, stage)) for stage in gone}
    return PublishPlan(
        head=head,
        diff=diff(old, pipeline),
        occupied={stage: count for stage, count in counts.items() if count},
        left_behind=left_behind(pipelines, documents, head, pipeline) if head else (),
    )


def missing_secrets(secrets: RuleSecrets, pipeline: Pipeline) -> tuple[str, ...]:
    """Each secret that a rule of a checked pipeline names and that is not kept, as a sentence."""
    wanted: dict[str, list[str]] = {}
    for stage in pipeline.stages:
        for rule in stage.rules:
            for name in sorted(kind_with_settings(rule).secrets):
                wanted.setdefault(name, []).append(rule.id)
    return tuple(
        f'the secret "{name}" of {", ".join(rules)} is not kept; '
        f"keep it first: countersign secrets set {name}"
        for name, rules in wanted.items()
        if secrets.get(name) is None
    )


def publish(publisher: Publisher, pipeline: Pipeline, origin: Origin) -> PublishResult:
    """Publish a checked pipeline as its next version, unless it is published as it is.

    Raises NotIncludedError for what the deployment's plan does not include, MissingSecretError
    where a secret that a rule names is not kept, OccupiedStageError where it would remove a stage
    that holds documents, ConflictError when somebody else published at the same time.
    """
    return _publish(publisher, pipeline, origin)


def _publish(
    publisher: Publisher, pipeline: Pipeline, origin: Origin, *, again: int | None = None
) -> PublishResult:
    """``again``: the number of the version that is published again."""
    secrets, pipelines = publisher.secrets, publisher.pipelines
    entitlements = publisher.entitlements.get() if publisher.entitlements else EVERYTHING
    check_included(entitlements, pipelines, pipeline)
    missing = missing_secrets(secrets, pipeline) if secrets is not None else ()
    if missing:
        raise MissingSecretError("; ".join(missing))
    proposal = propose(pipelines, publisher.documents, pipeline)
    if proposal.head is not None and not proposal.diff:
        return PublishResult(number=proposal.head.version, diff=())
    if proposal.occupied:
        raise OccupiedStageError(occupied(proposal.occupied))
    version = pipelines.publish(
        pipeline,
        at=origin.at,
        by=str(origin.by),
        replaces=proposal.head.version if proposal.head else 0,
        entry=entry_of(publisher.auditor, _recorded_change(proposal, pipeline, again)),
    )
    if proposal.head is None and not entitlements.automation:
        pipelines.set_automation(pipeline.pipeline, False)
    return PublishResult(
        number=version.number,
        diff=proposal.diff,
        left_behind=proposal.left_behind,
    )


def _recorded_change(proposal: PublishPlan, pipeline: Pipeline, again: int | None) -> Change:
    """The version numbers and what changed between them."""
    before = proposal.head.version if proposal.head else None
    changes = tuple(_recorded_changes(proposal.diff))
    after: Values = {"version": (before or 0) + 1, "changes": list(changes)}
    if len(changes) < len(proposal.diff):
        after["more_changes"] = len(proposal.diff) - len(changes)
    if again is not None:
        after["published_again"] = again
    return Change(
        action="pipeline.published" if again is None else "pipeline.rolled_back",
        subject=AuditSubject(kind="pipeline", id=pipeline.pipeline),
        before=None if before is None else {"version": before},
        after=after,
    )


def _recorded_changes(diff: tuple[Difference, ...]) -> Iterator[Values]:
    """The differences as they are recorded, as long as there is room for them."""
    room = MOST_RECORDED
    for one in diff:
        room -= len(one.model_dump_json().encode())
        if room < 0:
            return
        yield {
            "change": one.change,
            "part": one.part,
            "id": one.id,
            "stage": one.stage,
            "details": list(one.details),
        }


def roll_back(publisher: Publisher, pipeline: str, number: int, origin: Origin) -> PublishResult:
    """Publish an older version again, as a new one. Runs under way stay on theirs.

    Raises NotFoundError where there is no such version, otherwise as ``publish``.
    """
    pipelines = publisher.pipelines
    published_head(pipelines, pipeline)
    older = pipelines.version(pipeline, number).pipeline
    return _publish(publisher, older, origin, again=number)


def occupied(stages: dict[str, int]) -> str:
    """Why those stages cannot go yet."""
    counts = ", ".join(
        f'"{stage}" holds {count} document{"s" * (count != 1)}' for stage, count in stages.items()
    )
    return f"a stage that holds documents cannot be removed: {counts}; move them first"
