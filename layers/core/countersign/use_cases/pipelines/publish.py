"""Publishing: what a new version would change, making it, and going back to an older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from countersign.engine.compiled_pipeline import kind_with_settings
from countersign.engine.validation.diff import Difference, diff
from countersign.errors import NotAllowedError, PermanentError
from countersign.model.actor import Origin
from countersign.model.audit import AuditSubject, Values
from countersign.model.draft import Draft
from countersign.model.entitlements import EVERYTHING, Entitlements
from countersign.model.pipeline import MAX_NOTE, Head, Pipeline
from countersign.model.publication import Publication
from countersign.ports import Documents, EntitlementStore, Pipelines, RuleSecrets
from countersign.use_cases.auditor import Auditor, Change, entry_of
from countersign.use_cases.entitlements import check_included
from countersign.use_cases.pipelines.version_losses import VersionLosses, left_behind
from countersign.use_cases.queries.pipelines import published_head

MAX_RECORDED = 200_000
"""Bytes of the differences that an audit entry holds."""


class MissingSecretError(PermanentError):
    """A rule names a secret that is not kept."""


class OccupiedStageError(PermanentError):
    """A stage that would be removed holds documents."""


class ManagedByGitError(NotAllowedError):
    """The pipeline's file is its source: only the command line publishes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """What publishing needs from outside."""

    pipelines: Pipelines
    documents: Documents
    secrets: RuleSecrets | None = None
    """Those that rules may name; they are not looked for if None."""
    from_command_line: bool = False
    """Whether a person or a program publishes a file with the command line."""
    entitlements: EntitlementStore | None = None
    """What the deployment's plan includes: everything for None."""
    auditor: Auditor | None = None
    """Records who publishes; nobody does for None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPlan:
    """What publishing a pipeline would do."""

    head: Head | None
    """The version that is published now; None for a new pipeline."""
    published: Pipeline | None
    """The pipeline in that version."""
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
        published=old,
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


def publish(
    publisher: Publisher,
    pipeline: Pipeline,
    origin: Origin,
    *,
    note: str = "",
    draft: Draft | None = None,
) -> PublishResult:
    """Publish a checked pipeline as its next version, unless it is published as it is.

    ``note`` says what the version is for. ``draft`` is removed in the same transaction. Raises
    ManagedByGitError where only the command line may publish it, NotIncludedError for what the
    deployment's plan does not include, MissingSecretError where a secret that a rule names is not
    kept, OccupiedStageError where it would remove a stage that holds documents, ConflictError when
    somebody else published at the same time, PermanentError for a note of more than ``MAX_NOTE``
    characters; for a draft StaleDraftError and OutdatedDraftError.
    """
    return _publish(publisher, pipeline, origin, Publication(note=checked_note(note), draft=draft))


def included_in(publisher: Publisher) -> Entitlements:
    """What the deployment's plan includes."""
    return EVERYTHING if publisher.entitlements is None else publisher.entitlements.get()


def _publish(
    publisher: Publisher,
    pipeline: Pipeline,
    origin: Origin,
    publication: Publication,
    *,
    again: int | None = None,
) -> PublishResult:
    """``again``: the number of the version that is published again."""
    secrets, pipelines = publisher.secrets, publisher.pipelines
    entitlements = included_in(publisher)
    proposal = propose(pipelines, publisher.documents, pipeline)
    check_may_publish(pipeline, proposal.published, from_command_line=publisher.from_command_line)
    check_included(entitlements, pipelines, pipeline)
    missing = missing_secrets(secrets, pipeline) if secrets is not None else ()
    if missing:
        raise MissingSecretError("; ".join(missing))
    if proposal.head is not None and not proposal.diff:
        return PublishResult(number=proposal.head.version, diff=())
    if proposal.occupied:
        raise OccupiedStageError(occupied(proposal.occupied))
    version = pipelines.publish(
        pipeline,
        at=origin.at,
        by=str(origin.by),
        publication=replace(
            publication,
            replaces=proposal.head.version if proposal.head else 0,
            entry=entry_of(publisher.auditor, _recorded_change(proposal, pipeline, again)),
        ),
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
    room = MAX_RECORDED
    for difference in diff:
        room -= len(difference.model_dump_json(exclude={"values"}).encode())
        if room < 0:
            return
        yield {
            "change": difference.change,
            "part": difference.part,
            "id": difference.id,
            "stage": difference.stage,
            "details": list(difference.details),
        }


def roll_back(
    publisher: Publisher, pipeline: str, number: int, origin: Origin, *, note: str = ""
) -> PublishResult:
    """Publish an older version again, as a new one. Runs under way stay on theirs.

    Raises NotFoundError where there is no such version, otherwise as ``publish``.
    """
    pipelines = publisher.pipelines
    published_head(pipelines, pipeline)
    older = pipelines.version(pipeline, number).pipeline
    publication = Publication(note=checked_note(note))
    return _publish(publisher, older, origin, publication, again=number)


def may_publish(pipeline: Pipeline, published: Pipeline | None, *, from_command_line: bool) -> bool:
    """Whether the pipeline may be published in place of ``published``: not where either is managed
    by git, except from the command line."""
    managed = {
        definition.managed_by for definition in (pipeline, published) if definition is not None
    }
    return from_command_line or "git" not in managed


def check_may_publish(
    pipeline: Pipeline, published: Pipeline | None, *, from_command_line: bool
) -> None:
    """ManagedByGitError where ``may_publish`` is false."""
    if may_publish(pipeline, published, from_command_line=from_command_line):
        return
    name = pipeline.pipeline
    raise ManagedByGitError(
        f"the pipeline {name} is managed by git; commit it to its file and publish that with "
        "`countersign pipelines publish`, or publish it once with managed_by: console"
    )


def checked_note(note: str) -> str:
    """The note without blanks around it; PermanentError where it is too long to be kept."""
    note = note.strip()
    if len(note) > MAX_NOTE:
        text = f"the note has {len(note):,} characters; expected at most {MAX_NOTE:,}"
        raise PermanentError(text)
    return note


def occupied(stages: dict[str, int]) -> str:
    """Why those stages cannot go yet."""
    counts = ", ".join(
        f'"{stage}" holds {count} document{"s" * (count != 1)}' for stage, count in stages.items()
    )
    return f"a stage that holds documents cannot be removed: {counts}; move them first"
