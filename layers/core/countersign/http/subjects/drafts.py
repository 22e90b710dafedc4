"""Drafts: pipelines that are edited on the server until they are published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from countersign.errors import PermanentError
from countersign.http.call import ApiCall, current, etag
from countersign.http.once import once_noted
from countersign.http.problems import Problem
from countersign.http.publishing import invalid, not_included, origin, planner, published, publisher
from countersign.http.routes import Routes
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.pipelines import (
    BackTestBody,
    BackTestView,
    DraftBody,
    DraftRow,
    DraftView,
    NewDraftBody,
    NoteBody,
    PipelineProblemView,
    PlanView,
    PublishView,
    SimulationBody,
    SimulationView,
    ValidationView,
    YamlView,
    draft_view,
    plan_view,
    simulation_view,
)
from countersign.http.views.rule_preview import PreviewBody, RulePreviewView
from countersign.model.draft import Draft, StaleDraftError
from countersign.model.page import Page
from countersign.model.pipeline import Pipeline
from countersign.use_cases.entitlements import NotIncludedError
from countersign.use_cases.pipelines import drafts as use_cases
from countersign.use_cases.pipelines.drafts import Workbench
from countersign.use_cases.pipelines.templates import SENDER, NewPipeline
from countersign.use_cases.queries.pages.cursors import PagedList

routes = Routes("drafts")


@routes.get("/drafts")
def list_drafts(cursor: Cursor = None, limit: Limit = 50) -> PageOf[DraftRow]:
    """List the drafts, by the ids of their pipelines."""
    listed = PagedList(subject="drafts")
    request = listed.request(cursor, limit)
    page = current().services.cloud.drafts.list(after=request.after or "", limit=request.limit)
    return page_of(listed.page(Page(page.cards, page.next)), DraftRow.model_validate)


@routes.post("/drafts", role="administrator", status=201)
def create_draft(body: NewDraftBody) -> DraftView:
    """Make a draft from plain values, a pipeline file's text, a template, or a published version.

    A pipeline has one draft at most. A template is filled in with the names and mails of the
    language that Accept-Language prefers.
    """
    call = current()

    def act() -> DraftView:
        with _draft_problems():
            return _located(call, _made(call, body))

    def show(path: str) -> DraftView:
        return _located(call, _existing(call, path.rpartition("/")[2]))

    return once_noted(call, f"/drafts/{_named(body)}", act, show)


@routes.get("/drafts/<pipeline>")
def get_draft(pipeline: str, optional: bool = False) -> DraftView | None:
    """Show a draft; where there is none, null if it is `optional`, and otherwise 404."""
    call = current()
    draft = call.services.cloud.drafts.get(pipeline) if optional else _existing(call, pipeline)
    return None if draft is None else _shown(call, draft)


@routes.put("/drafts/<pipeline>", role="administrator", versioned=True)
def save_draft(pipeline: str, body: DraftBody) -> DraftView:
    """Save a draft over the one that was read; it may be incomplete or wrong."""
    call = current()
    read = _expected(call, pipeline)
    content = use_cases.yaml_content(body.yaml) if body.yaml is not None else body.content
    edit = use_cases.DraftEdit(
        pipeline=pipeline, tag=read.tag, content=content, base_version=body.base_version
    )
    with _draft_problems():
        return _shown(call, use_cases.save_draft(_workbench(call), edit, origin(call)))


@routes.delete("/drafts/<pipeline>", role="administrator", status=204, versioned=True)
def discard_draft(pipeline: str) -> None:
    """Forget a draft; what is published stays as it is."""
    call = current()
    read = _expected(call, pipeline)
    with _draft_problems():
        use_cases.discard_draft(_workbench(call), pipeline, read.tag)


@routes.get("/drafts/<pipeline>/yaml")
def get_draft_as_yaml(pipeline: str) -> YamlView:
    """Give a draft as a pipeline file."""
    from countersign.pipeline_files.writer import content_yaml

    return YamlView(yaml=content_yaml(_existing(current(), pipeline).content))


@routes.post("/drafts/<pipeline>/validate", role="operator", reads=True)
def validate_draft(pipeline: str) -> ValidationView:
    """Check a draft: each problem with a pointer to its place."""
    call = current()
    draft = _existing(call, pipeline)
    call.tag(draft.tag)
    validation = use_cases.validate_draft(draft, today=call.services.now().date())
    problems = tuple(map(PipelineProblemView.model_validate, validation.problems))
    return ValidationView(valid=validation.valid, problems=problems)


@routes.post("/drafts/<pipeline>/preview", role="operator", reads=True)
def preview_rule_of_draft(pipeline: str, body: PreviewBody) -> RulePreviewView:
    """Show what a rule of a draft would write for a document as it is now; nothing is sent.

    Of a rule that sends mails: who gets them, and their subject and text; of another one the texts
    of its settings. What is wrong with the rest of the draft does not matter.
    """
    from countersign.use_cases.queries.previews.rule_preview import preview_rule

    call = current()
    content = body.content if body.content is not None else _existing(call, pipeline).content
    document = call.services.store.document(body.document)
    shown = preview_rule(content, body.rule, document, now=call.services.now())
    return RulePreviewView.model_validate(shown)


@routes.post("/drafts/<pipeline>/plan", role="operator", reads=True)
def plan_draft(pipeline: str) -> PlanView:
    """Show what publishing a draft would change: documents and waiting runs that it touches."""
    from countersign.use_cases.pipelines.plan import plan

    call = current()
    draft, checked = _checked(call, pipeline)
    call.tag(draft.tag)
    return plan_view(plan(planner(call), checked))


@routes.post("/drafts/<pipeline>/publish", role="administrator", versioned=True, confirmed=True)
def publish_draft(pipeline: str, body: NoteBody) -> PublishView:
    """Publish the draft that was read as the next version; the draft is gone then."""
    call = current()
    read = _expected(call, pipeline)
    with _draft_problems():
        done = use_cases.publish_draft(
            _workbench(call), publisher(call), read, origin(call), note=body.note
        )
    version = call.services.cloud.pipelines.version(pipeline, done.number)
    return published(call, version.pipeline, done)


@routes.post("/drafts/<pipeline>/simulate", role="operator", reads=True)
def simulate_draft(pipeline: str, body: SimulationBody) -> SimulationView:
    """Play a script on a draft; nothing is sent, and nothing is kept."""
    from countersign.simulation.simulate import simulate

    _, checked = _checked(current(), pipeline)
    return simulation_view(simulate(checked, body.script))


@routes.post("/drafts/<pipeline>/backtest", role="operator", reads=True)
def back_test_draft(pipeline: str, body: BackTestBody) -> BackTestView:
    """Play a draft against the events of the last days of some real documents, without any effect.

    One page of documents at a time: go on with `next`, as often as it takes.
    """
    from countersign.http.back_test import back_test

    call = current()
    _, checked = _checked(call, pipeline)
    return back_test(call, checked, body)


def _workbench(call: ApiCall) -> Workbench:
    cloud = call.services.cloud
    return Workbench(drafts=cloud.drafts, pipelines=cloud.pipelines)


def _existing(call: ApiCall, pipeline: str) -> Draft:
    return use_cases.existing_draft(call.services.cloud.drafts, pipeline)


def _expected(call: ApiCall, pipeline: str) -> Draft:
    """The draft, in the version that the change is made to."""
    draft = _existing(call, pipeline)
    try:
        call.expected_version(draft.tag)
    except Problem as problem:
        if problem.name == "stale-version":
            raise _stale(StaleDraftError(pipeline, draft)) from problem
        raise
    return draft


def _named(body: NewDraftBody) -> str:
    """The pipeline whose draft it becomes, as far as the request says it without being read."""
    if body.new is not None:
        return body.new.pipeline
    written = (body.content or {}).get("pipeline")
    return body.from_pipeline or (written if isinstance(written, str) else "")


def _made(call: ApiCall, body: NewDraftBody) -> Draft:
    bench, by = _workbench(call), origin(call)
    ways: dict[str, Callable[[], Draft]] = {}
    content, text, template, new = body.content, body.yaml, body.template, body.new
    source = body.from_pipeline
    if content is not None:
        named = _named(body)
        ways["content"] = lambda: use_cases.create_draft(bench, named, content, by)
    if text is not None:
        ways["yaml"] = lambda: use_cases.create_from_yaml(bench, text, by)
    if template is not None and new is not None:
        wanted = NewPipeline(
            id=new.pipeline,
            name=new.name,
            sender=new.sender or SENDER,
            time_zone=new.time_zone,
            language=call.language,
        )
        ways["template"] = lambda: use_cases.create_from_template(bench, template, wanted, by)
    if source is not None:
        number = body.from_version
        ways["from_pipeline"] = lambda: use_cases.create_from_version(
            bench, source, by, number=number
        )
    if len(ways) != 1:
        sources = ", ".join(ways) or "none of them"
        raise PermanentError(
            "give exactly one of content, yaml, template with new, and from_pipeline; "
            f"found {sources}"
        )
    (make,) = ways.values()
    return make()


def _checked(call: ApiCall, pipeline: str) -> tuple[Draft, Pipeline]:
    """A draft that can be published; Problem with the places where it cannot."""
    draft = _existing(call, pipeline)
    validation = use_cases.validate_draft(draft, today=call.services.now().date())
    if validation.pipeline is None:
        raise invalid(validation.problems)
    return draft, validation.pipeline


@contextmanager
def _draft_problems() -> Iterator[None]:
    """What is wrong with a draft, as problems that a program can use."""
    try:
        yield
    except StaleDraftError as error:
        raise _stale(error) from error
    except use_cases.DraftExistsError as error:
        members = {"present": etag(error.present.tag)}
        raise Problem(name="conflict", detail=str(error), members=members) from error
    except use_cases.InvalidDraftError as error:
        raise invalid(error.problems) from error
    except NotIncludedError as error:
        raise not_included(error) from error


def _stale(error: StaleDraftError) -> Problem:
    present = error.present
    if present is None:
        return Problem(name="stale-version", detail=str(error))
    members: dict[str, Any] = {
        "present": etag(present.tag),
        "draft": draft_view(present).model_dump(mode="json"),
    }
    headers = {"etag": etag(present.tag)}
    return Problem(name="stale-version", detail=str(error), members=members, headers=headers)


def _located(call: ApiCall, draft: Draft) -> DraftView:
    call.locate(f"/drafts/{draft.pipeline}")
    return _shown(call, draft)


def _shown(call: ApiCall, draft: Draft) -> DraftView:
    call.tag(draft.tag)
    return draft_view(draft)
