"""Published pipelines: shown with their versions, rolled back, paused and resumed."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from countersign.http.call import ApiCall, current
from countersign.http.publishing import invalid, not_included, origin, planner, published, publisher
from countersign.http.routes import Routes
from countersign.http.views.backfill import BackfillPreviewView, backfill_preview_view
from countersign.http.views.base import CountView
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.pipelines import (
    BackTestFileBody,
    BackTestView,
    ContentBody,
    DiffView,
    DocumentsView,
    ListedPipelineView,
    MigrationsView,
    PipelineFileBody,
    PipelineProblemView,
    PipelineRow,
    PipelineView,
    PlanView,
    PublishFileBody,
    PublishView,
    RemovalView,
    ResumeView,
    RollBackBody,
    RuleBody,
    SimulationBody,
    SimulationView,
    ValidationView,
    VersionRowView,
    VersionView,
    YamlView,
    difference_views,
    listed_pipeline_view,
    migrations_view,
    plan_view,
    simulation_view,
)
from countersign.http.views.runs import JobView
from countersign.model.job import Job
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.use_cases.queries.operations.entitlements import unincluded_parts
from countersign.use_cases.queries.operations.messages import held_messages
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pipelines import (
    compare_versions,
    published_head,
    show_version,
)

routes = Routes("pipelines")


@routes.get("/pipelines")
def list_published_pipelines(
    counts: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> PageOf[ListedPipelineView]:
    """List the published pipelines, by id; with `counts`, how many documents each has."""
    from countersign.use_cases.queries.statistics import documents_present

    listed = PagedList(subject="pipelines")
    cloud = current().services.cloud
    page = cloud.pages.pipelines(listed.request(cursor, limit))
    included = cloud.entitlements.get()

    def row(head: Head) -> ListedPipelineView:
        parts = unincluded_parts(included, cloud.pipelines, head).parts
        number = documents_present(cloud.statistics, head.pipeline) if counts else None
        return listed_pipeline_view(head, parts, number)

    return page_of(listed.page(page), row)


@routes.post("/pipelines/validate", role="operator", reads=True)
def validate_pipeline(body: ContentBody) -> ValidationView:
    """Check a pipeline that is given as plain values; nothing is kept.

    An editor checks with it what is being typed, before it saves the draft.
    """
    from countersign.use_cases.pipelines.validate import validate

    today = current().services.now().date()
    validation = validate(body.content, today=today, pipeline=body.pipeline)
    problems = tuple(map(PipelineProblemView.model_validate, validation.problems))
    return ValidationView(valid=validation.valid, problems=problems)


@routes.post("/pipelines/plan", role="operator", reads=True)
def plan_file(body: PipelineFileBody) -> PlanView:
    """Show what publishing a pipeline file would change; no draft is made of it."""
    from countersign.use_cases.pipelines.plan import plan

    call = current()
    return plan_view(plan(planner(call, of_file=True), _checked(call, body)))


@routes.post("/pipelines/publish", role="administrator", confirmed=True)
def publish_file(body: PublishFileBody) -> PublishView:
    """Publish a pipeline file as the next version of its pipeline.

    It is how the file of a pipeline is published that is managed by git. Nothing is published where
    the same is published already.
    """
    from countersign.use_cases.entitlements import NotIncludedError
    from countersign.use_cases.pipelines.publish import publish

    call = current()
    pipeline = _checked(call, body)
    try:
        done = publish(publisher(call, of_file=True), pipeline, origin(call), note=body.note)
    except NotIncludedError as error:
        raise not_included(error) from error
    return published(call, pipeline, done)


@routes.post("/pipelines/backtest", role="operator", reads=True)
def back_test_file(body: BackTestFileBody) -> BackTestView:
    """Play a pipeline file against the events of the last days of some real documents; no draft is
    made of it, and nothing has an effect.

    One page of documents at a time: go on with `next`, as often as it takes.
    """
    from countersign.http.back_test import back_test

    call = current()
    return back_test(call, _checked(call, body), body)


@routes.get("/pipelines/<pipeline>")
def get_pipeline(pipeline: str) -> PipelineView:
    """Show a published pipeline with what its current version says."""
    call = current()
    cloud = call.services.cloud
    head = published_head(cloud.pipelines, pipeline)
    version = cloud.pipelines.version(pipeline, head.version)
    held = held_messages(cloud.held, head)
    call.tag(_tag(head))
    return PipelineView(
        pipeline=head.pipeline,
        name=head.name,
        version=head.version,
        paused=head.paused,
        automation=head.automation,
        not_included=unincluded_parts(cloud.entitlements.get(), cloud.pipelines, head).parts,
        managed_by=version.pipeline.managed_by,
        published_at=version.published_at,
        published_by=version.published_by,
        note=version.note,
        held_messages=None if held is None else CountView.model_validate(held),
        content=_content(version),
    )


@routes.delete("/pipelines/<pipeline>", role="administrator", status=204, confirmed=True)
def remove_published_pipeline(pipeline: str) -> None:
    """Remove a pipeline that has no documents, and to which no connection leads."""
    from countersign.use_cases.pipelines.remove import remove_pipeline

    call = current()
    for _ in remove_pipeline(call.services.remover(call.auditor), pipeline):
        pass


@routes.get("/pipelines/<pipeline>/removal", role="administrator")
def preview_removal(pipeline: str) -> RemovalView:
    """Show what is lost with a pipeline, and what stands in the way of removing it."""
    from countersign.use_cases.pipelines.remove import removal_of

    call = current()
    return RemovalView.model_validate(removal_of(call.services.remover(call.auditor), pipeline))


@routes.post("/pipelines/<pipeline>/removal", role="administrator", status=202, confirmed=True)
def remove_pipeline_and_documents(pipeline: str) -> JobView:
    """Remove a pipeline with all its documents, in the background and for good.

    With their timelines, runs, tasks and files, and the messages that wait for it. No connection
    may lead to it. The job counts documents; one that is aborted leaves the pipeline, and the
    documents that are left.
    """
    from countersign.http.started_jobs import started
    from countersign.use_cases.jobs.start_removal import start_removal
    from countersign.use_cases.pipelines.remove import removal_of

    call = current()
    jobs = call.services.cloud.jobs

    def start(job_id: str) -> Job:
        removal = removal_of(call.services.remover(call.auditor), pipeline)
        return start_removal(jobs, call.auditor, removal, job_id, call.actor)

    return started(call, start)


@routes.get("/pipelines/<pipeline>/versions")
def list_versions_of_pipeline(
    pipeline: str, cursor: Cursor = None, limit: Limit = 50
) -> PageOf[VersionRowView]:
    """List the versions of a pipeline, the newest first, with author, time and note."""
    cloud = current().services.cloud
    listed = PagedList(subject="versions", filters={"pipeline": pipeline})
    request = listed.request(cursor, limit)
    head = published_head(cloud.pipelines, pipeline)
    page = cloud.pages.versions(pipeline, request)
    return page_of(listed.page(page), lambda version: _row(version, head))


@routes.get("/pipelines/<pipeline>/versions/<number>")
def get_version(pipeline: str, number: int) -> VersionView:
    """Show a published version."""
    cloud = current().services.cloud
    head = published_head(cloud.pipelines, pipeline)
    version = show_version(cloud.pipelines, pipeline, number)
    row = _row(version, head)
    shown = Head(pipeline=pipeline, version=number)
    return VersionView(
        **row.model_dump(),
        pipeline=pipeline,
        not_included=unincluded_parts(cloud.entitlements.get(), cloud.pipelines, shown).parts,
        content=_content(version),
    )


@routes.get("/pipelines/<pipeline>/versions/<number>/yaml")
def get_version_as_yaml(pipeline: str, number: int) -> YamlView:
    """Give a published version as a pipeline file."""
    from countersign.pipeline_files.writer import pipeline_yaml

    version = show_version(current().services.cloud.pipelines, pipeline, number)
    return YamlView(yaml=pipeline_yaml(version.pipeline))


@routes.get("/pipelines/<pipeline>/versions/<number>/diff")
def compare_with_version(
    pipeline: str, number: int, to: Annotated[int | None, Query(ge=1)] = None
) -> DiffView:
    """Show what version `to`, the published one unless given, changes against this version."""
    cloud = current().services.cloud
    return DiffView(items=difference_views(compare_versions(cloud.pipelines, pipeline, number, to)))


@routes.post("/pipelines/<pipeline>/rollback", role="administrator", confirmed=True)
def roll_back_pipeline(pipeline: str, body: RollBackBody) -> PublishView:
    """Publish an older version again, as a new one. Runs under way stay on theirs."""
    from countersign.use_cases.pipelines.publish import roll_back

    call = current()
    _check_version(call, pipeline)
    done = roll_back(publisher(call), pipeline, body.version, origin(call), note=body.note)
    version = call.services.cloud.pipelines.version(pipeline, done.number)
    return published(call, version.pipeline, done)


@routes.post("/pipelines/<pipeline>/pause", role="administrator")
def pause_pipeline(pipeline: str) -> PipelineRow:
    """Pause a pipeline: messages are held, and no run is performed."""
    from countersign.use_cases.pipelines.pause import pause

    call = current()
    paused = pause(call.services.cloud.pipelines, pipeline, call.auditor)
    return PipelineRow.model_validate(paused)


@routes.post("/pipelines/<pipeline>/resume", role="administrator")
def resume_pipeline(pipeline: str) -> ResumeView:
    """Resume a pipeline: what was held is applied, and runs that are due are performed."""
    from countersign.use_cases.pipelines.pause import resume

    call = current()
    services = call.services
    done = resume(services.receiver, services.cloud.pipelines, pipeline, call.auditor)
    return ResumeView(
        pipeline=pipeline, messages=done.messages, runs=done.runs, problems=done.problems
    )


@routes.post("/pipelines/<pipeline>/backfill", role="administrator")
def backfill_rule(pipeline: str, body: RuleBody) -> DocumentsView:
    """Plan a rule that was added later for the documents that are in its stage.

    For a few documents: it answers when all is planned. Any number takes a job (`backfills`).
    """
    from countersign.use_cases.runs.backfill import backfill

    call = current()
    services = call.services
    program = services.programs.current(pipeline)
    return DocumentsView(documents=backfill(services.store, program, body.rule, call.actor))


@routes.get("/pipelines/<pipeline>/backfill", role="operator")
def preview_backfill(
    pipeline: str,
    rule: Annotated[str, Query(min_length=1, max_length=200)],
    cursor: Cursor = None,
) -> BackfillPreviewView:
    """Show for how many documents a rule would be planned; the numbers of the pages add up."""
    from countersign.use_cases.runs.backfill import backfill_of, page_backfill

    call = current()
    services = call.services
    listed = PagedList(subject="backfill", filters={"pipeline": pipeline, "rule": rule})
    request = listed.request(cursor)
    head = published_head(services.cloud.pipelines, pipeline)
    wanted = backfill_of(services.programs.current(pipeline), rule)
    page = page_backfill(services.store, services.cloud.pages, wanted, request)
    following = listed.cursor(page.next)
    return backfill_preview_view(page, paused=head.paused, following=following)


@routes.post("/pipelines/<pipeline>/backfills", role="administrator", status=202)
def start_backfill(pipeline: str, body: RuleBody) -> JobView:
    """Plan a rule that was added later for the documents in its stage, in the background."""
    from countersign.http.started_jobs import started_job
    from countersign.use_cases.jobs.kinds.backfill import BackfillRule

    call = current()
    published_head(call.services.cloud.pipelines, pipeline)
    wanted = BackfillRule(pipeline=pipeline, rule=body.rule)
    wanted.wanted(call.services.store)
    return started_job(call, wanted)


@routes.post("/pipelines/<pipeline>/migrate-runs", role="administrator")
def migrate_waiting_runs(pipeline: str) -> MigrationsView:
    """Have the waiting runs of a pipeline go on with the published version."""
    from countersign.use_cases.runs.migrate_runs import migrate_runs

    services = current().services
    published_head(services.cloud.pipelines, pipeline)
    return migrations_view(migrate_runs(services.store, services.programs.current(pipeline)))


@routes.get("/pipelines/<pipeline>/migrate-runs", role="operator")
def preview_migration(pipeline: str) -> MigrationsView:
    """Show what migrating the waiting runs of a pipeline would change; nothing is written."""
    from countersign.use_cases.runs.migrate_runs import migrations

    services = current().services
    published_head(services.cloud.pipelines, pipeline)
    return migrations_view(migrations(services.store, services.programs.current(pipeline)))


@routes.post("/pipelines/<pipeline>/simulate", role="operator", reads=True)
def simulate_pipeline(
    pipeline: str, body: SimulationBody, version: Annotated[int | None, Query(ge=1)] = None
) -> SimulationView:
    """Play a script on the published version, or an earlier one; nothing is sent or kept."""
    from countersign.simulation.simulate import simulate

    played = show_version(current().services.cloud.pipelines, pipeline, version)
    return simulation_view(simulate(played.pipeline, body.script))


def _checked(call: ApiCall, body: PipelineFileBody | BackTestFileBody) -> Pipeline:
    """The pipeline of a file; Problem with the places where it is wrong."""
    from countersign.use_cases.pipelines.drafts import yaml_content
    from countersign.use_cases.pipelines.validate import validate

    validation = validate(yaml_content(body.yaml), today=call.services.now().date())
    if validation.pipeline is None:
        raise invalid(validation.problems, "the file cannot be published as it is")
    return validation.pipeline


def _check_version(call: ApiCall, pipeline: str) -> None:
    head = published_head(call.services.cloud.pipelines, pipeline)
    call.expected_version_if_given(_tag(head))


def _tag(head: Head) -> str:
    return f"{head.version}{'-paused' * head.paused}"


def _row(version: Version, head: Head) -> VersionRowView:
    return VersionRowView(
        number=version.number,
        published_at=version.published_at,
        published_by=version.published_by,
        note=version.note,
        current=version.number == head.version,
    )


def _content(version: Version) -> dict[str, object]:
    from countersign.pipeline_files.writer import plain_pipeline

    return plain_pipeline(version.pipeline)
