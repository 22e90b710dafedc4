"""Pipelines: listed, shown, planned, published and operated."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from countersign.cli.context import CliContext
from countersign.cli.operations.jobs import Watch
from countersign.cli.operations.read import job_of
from countersign.cli.remote.session import ApiSession, path
from countersign.http.views.pipelines import (
    DifferenceView,
    ListedPipelineView,
    PlanView,
    PublishView,
    ResumeView,
    VersionView,
    difference_views,
    listed_pipeline_view,
    plan_view,
    publish_view,
)
from countersign.model.actor import Origin, done_by
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.pipeline_files.writer import content_yaml, pipeline_yaml, plain_pipeline
from countersign.use_cases.pipelines.drafts import existing_draft
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.pipelines.plan import Planner, plan
from countersign.use_cases.pipelines.publish import Publisher, PublishResult, publish, roll_back
from countersign.use_cases.pipelines.publish_warnings import publish_warnings
from countersign.use_cases.pipelines.remove import Removal, removal_of, remove_pipeline
from countersign.use_cases.queries import pipelines as queries
from countersign.use_cases.queries.operations.entitlements import unincluded_parts
from countersign.use_cases.queries.pipelines import VersionList, VersionRow
from countersign.use_cases.queries.statistics import documents_present
from countersign.use_cases.runs.backfill import backfill


class ShownVersion(NamedTuple):
    """A published version, and its file."""

    version: VersionView
    yaml: str


class VersionDiff(NamedTuple):
    """What a version changes against another one."""

    to: int
    """The number of the version that changes it."""
    items: tuple[DifferenceView, ...]


class StackPipelines:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def published(self) -> tuple[ListedPipelineView, ...]:
        """The published pipelines by id, with how many documents each has."""
        cloud = self._context.cloud
        return tuple(
            listed_pipeline_view(
                head, self._not_included(head), documents_present(cloud.statistics, head.pipeline)
            )
            for head in queries.list_pipelines(cloud.pipelines)
        )

    def versions(self, pipeline: str, newest: int) -> VersionList:
        """The last so many versions, newest first."""
        return queries.list_versions(self._context.cloud.pipelines, pipeline, newest)

    def show(self, pipeline: str, number: int | None) -> ShownVersion:
        """A version, the current one unless a number is given; NotFoundError."""
        stored = self._version(pipeline, number)
        version = VersionView(
            pipeline=pipeline,
            number=stored.number,
            published_at=stored.published_at,
            published_by=stored.published_by,
            note=stored.note,
            current=number is None,
            not_included=self._not_included(Head(pipeline=pipeline, version=stored.number)),
            content=plain_pipeline(stored.pipeline),
        )
        return ShownVersion(version, pipeline_yaml(stored.pipeline))

    def yaml(self, pipeline: str, number: int | None) -> str:
        """A version as a file."""
        return pipeline_yaml(self._version(pipeline, number).pipeline)

    def draft_yaml(self, pipeline: str) -> str:
        """The draft of a pipeline as a file."""
        return content_yaml(existing_draft(self._context.cloud.drafts, pipeline).content)

    def diff(self, pipeline: str, old: int, new: int | None) -> VersionDiff:
        """What a version, the current one unless a number is given, changes against another."""
        store = self._context.cloud.pipelines
        head = queries.published_head(store, pipeline)
        differences = queries.compare_versions(store, pipeline, old, new)
        return VersionDiff(new or head.version, difference_views(differences))

    def plan(self, pipeline: Pipeline) -> PlanView:
        """What publishing a file would change."""
        publisher = self._context.publisher(None, from_command_line=True)
        return plan_view(plan(Planner(publisher=publisher, stack=self._context.stack), pipeline))

    def publish(self, pipeline: Pipeline, note: str) -> PublishView:
        """What was published of a file."""
        done = publish(self._publisher, pipeline, self._origin, note=note)
        return self._published(pipeline, done)

    def roll_back(self, pipeline: str, number: int, note: str) -> PublishView:
        """What was published again."""
        done = roll_back(self._publisher, pipeline, number, self._origin, note=note)
        return self._published(self._context.programs.current(pipeline).pipeline, done)

    def pause(self, pipeline: str) -> None:
        """Hold messages and start no rule from now on; NotFoundError."""
        store = self._context.cloud.pipelines
        queries.published_head(store, pipeline)
        pause(store, pipeline, self._context.auditor)

    def resume(self, pipeline: str) -> ResumeView:
        """What followed when a pipeline went on; NotFoundError."""
        store = self._context.cloud.pipelines
        queries.published_head(store, pipeline)
        done = resume(self._context.receiver, store, pipeline, self._context.auditor)
        return ResumeView(
            pipeline=pipeline, messages=done.messages, runs=done.runs, problems=done.problems
        )

    def backfill(self, pipeline: str, rule: str) -> tuple[str, ...]:
        """The documents for which a rule was planned; NotFoundError."""
        context = self._context
        queries.published_head(context.cloud.pipelines, pipeline)
        program = context.programs.current(pipeline)
        return backfill(context.store, program, rule, context.actor)

    def _version(self, pipeline: str, number: int | None) -> Version:
        return queries.show_version(self._context.cloud.pipelines, pipeline, number)

    def removable(self, pipeline: str, *, and_documents: bool) -> int:
        """How many documents would be removed with a pipeline; NotFoundError."""
        removal = removal_of(self._context.remover(self._context.auditor), pipeline)
        removal.check(and_documents=and_documents)
        return removal.documents

    def remove(self, pipeline: str, watch: Watch, *, and_documents: bool) -> int | None:
        """How many documents were removed with a pipeline."""
        remover = self._context.remover(self._context.auditor)
        return sum(1 for _ in remove_pipeline(remover, pipeline, and_documents=and_documents))

    def _published(self, pipeline: Pipeline, done: PublishResult) -> PublishView:
        warnings = publish_warnings(self._context.stack, pipeline) if done.diff else ()
        return publish_view(pipeline.pipeline, done, warnings)

    @property
    def _origin(self) -> Origin:
        return done_by(self._context.actor, self._context.now())

    def _not_included(self, head: Head) -> tuple[str, ...]:
        cloud = self._context.cloud
        return unincluded_parts(cloud.entitlements.get(), cloud.pipelines, head).parts

    @property
    def _publisher(self) -> Publisher:
        return self._context.publisher(self._context.auditor, from_command_line=True)


class ApiPipelines:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def published(self) -> tuple[ListedPipelineView, ...]:
        """The published pipelines by id, with how many documents each has."""
        rows = self._api.items("/pipelines", {"counts": "true"})
        return tuple(map(ListedPipelineView.model_validate, rows))

    def versions(self, pipeline: str, newest: int) -> VersionList:
        """The last so many versions, newest first."""
        listed = self._api.items(path("pipelines", pipeline, "versions"))
        versions = [version for _, version in zip(range(newest), listed, strict=False)]
        rows = tuple(
            VersionRow(
                **{**version, "published_at": datetime.fromisoformat(version["published_at"])}
            )
            for version in versions
        )
        return VersionList(rows, older=rows[0].number - len(rows) if rows else 0)

    def show(self, pipeline: str, number: int | None) -> ShownVersion:
        """A version, the current one unless a number is given; NotFoundError."""
        number = number or self._current(pipeline)
        reply = self._api.get(path("pipelines", pipeline, "versions", number))
        return ShownVersion(VersionView.model_validate(reply), self.yaml(pipeline, number))

    def yaml(self, pipeline: str, number: int | None) -> str:
        """A version as a file."""
        number = number or self._current(pipeline)
        place = path("pipelines", pipeline, "versions", number, "yaml")
        return str(self._api.get(place)["yaml"])

    def draft_yaml(self, pipeline: str) -> str:
        """The draft of a pipeline as a file."""
        return str(self._api.get(path("drafts", pipeline, "yaml"))["yaml"])

    def diff(self, pipeline: str, old: int, new: int | None) -> VersionDiff:
        """What a version, the current one unless a number is given, changes against another."""
        to = new or self._current(pipeline)
        place = path("pipelines", pipeline, "versions", old, "diff")
        rows = self._api.get(place, {"to": to})["items"]
        return VersionDiff(to, tuple(map(DifferenceView.model_validate, rows)))

    def plan(self, pipeline: Pipeline) -> PlanView:
        """What publishing a file would change."""
        body = {"yaml": pipeline_yaml(pipeline)}
        return PlanView.model_validate(self._api.post("/pipelines/plan", body))

    def publish(self, pipeline: Pipeline, note: str) -> PublishView:
        """What was published of a file."""
        body = {"yaml": pipeline_yaml(pipeline), "note": note}
        return PublishView.model_validate(self._api.post("/pipelines/publish", body))

    def roll_back(self, pipeline: str, number: int, note: str) -> PublishView:
        """What was published again."""
        body = {"version": number, "note": note}
        return PublishView.model_validate(self._post(pipeline, "rollback", body))

    def pause(self, pipeline: str) -> None:
        """Hold messages and start no rule from now on; NotFoundError."""
        self._post(pipeline, "pause")

    def resume(self, pipeline: str) -> ResumeView:
        """What followed when a pipeline went on; NotFoundError."""
        return ResumeView.model_validate(self._post(pipeline, "resume"))

    def backfill(self, pipeline: str, rule: str) -> tuple[str, ...]:
        """The documents for which a rule was planned; NotFoundError."""
        return tuple(self._post(pipeline, "backfill", {"rule": rule})["documents"])

    def _current(self, pipeline: str) -> int:
        return int(self._api.get(path("pipelines", pipeline))["version"])

    def _post(self, pipeline: str, change: str, body: object = None) -> Any:
        return self._api.post(path("pipelines", pipeline, change), body)

    def removable(self, pipeline: str, *, and_documents: bool) -> int:
        """How many documents would be removed with a pipeline; NotFoundError."""
        reply = self._api.get(path("pipelines", pipeline, "removal"))
        removal = Removal(**{**reply, "connections": tuple(reply["connections"])})
        removal.check(and_documents=and_documents)
        return removal.documents

    def remove(self, pipeline: str, watch: Watch, *, and_documents: bool) -> int | None:
        """How many documents were removed with a pipeline, by a job; None where nobody watches it
        any more."""
        if not and_documents:
            self._api.delete(path("pipelines", pipeline))
            return 0
        ended = watch(job_of(self._post(pipeline, "removal")))
        return None if ended is None else ended.done


def pipelines_of(context: CliContext) -> StackPipelines | ApiPipelines:
    """Pipelines, the way that commands go."""
    return StackPipelines(context) if context.api is None else ApiPipelines(context.api)
