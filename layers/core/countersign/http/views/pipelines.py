"""Pipelines, their versions and drafts, as the API has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from countersign.engine.validation.diff import Difference, PipelinePart
from countersign.engine.validation.pipeline import Problem
from countersign.http.views.base import Body, CountView, Id, View
from countersign.http.views.message import Message
from countersign.model.draft import Content, Draft
from countersign.model.pipeline import MAX_NOTE, Head
from countersign.simulation.backtest.differences import EffectDifference
from countersign.simulation.simulate import Simulation
from countersign.use_cases.pipelines.plan import Plan
from countersign.use_cases.pipelines.publish import PublishResult
from countersign.use_cases.pipelines.validate import placed
from countersign.use_cases.runs.migrate_runs import RunMove

Note = Field(default="", max_length=MAX_NOTE)
MAX_YAML = 1_500_000
"""Characters of a pipeline file."""


class PipelineRow(View):
    """A published pipeline of a list."""

    pipeline: str
    name: str
    version: int
    """The number of the published version."""
    paused: bool
    automation: bool
    """Whether triggers fire and rules are planned: what the deployment's plan includes."""


class ListedPipelineView(PipelineRow):
    """A published pipeline, and what the deployment's plan does not include of it."""

    not_included: tuple[str, ...]
    """Triggers and rules that the deployment's plan no longer includes; they go on until the
    pipeline is published again."""
    documents: int | None = None
    """How many it has, as counted seconds ago; null where that was not asked for."""


class PipelineView(ListedPipelineView):
    """A published pipeline."""

    managed_by: Literal["console", "git"]
    """``git``: only the command line publishes it, from its file."""
    published_at: str
    published_by: str
    note: str
    held_messages: CountView | None
    """Messages that wait until it is resumed, counted up to 100; null where it is not paused."""
    content: Content
    """What a pipeline file says, as plain values, without what is assumed."""


class VersionRowView(View):
    """A published version of a list."""

    number: int
    published_at: str
    published_by: str
    note: str
    current: bool
    """Whether it is the version that is published now."""


class VersionView(VersionRowView):
    """A published version."""

    pipeline: str
    not_included: tuple[str, ...]
    """Triggers and rules that the deployment's plan does not include."""
    content: Content


class YamlView(View):
    """A pipeline file."""

    yaml: str


class ValueChangeView(View):
    """A value of a part that is not as it was, whole."""

    pointer: str
    """Where it stands in the part (RFC 6901): ``/settings/subject``. The order of what is in the
    part is at ``/stages``, ``/triggers`` and ``/rules``, as ids."""
    before: Any
    """Without what is empty in it; null where there was nothing."""
    after: Any


class DifferenceView(View):
    """A part of a pipeline that is new, gone or not as it was."""

    change: Literal["added", "removed", "changed"]
    part: PipelinePart
    id: str
    stage: str | None
    details: tuple[str, ...]
    """What is not as it was: ``on_leave: cancel -> keep``. Long values are cut."""
    values: tuple[ValueChangeView, ...]
    """The same, one for one, with whole values; of a part that changed."""
    rules: tuple[str, ...]
    warnings: tuple[Message, ...]
    """What the change means for documents that are there already."""


class DiffView(View):
    """What a version changes against another one."""

    items: tuple[DifferenceView, ...]


class LossView(View):
    """Waiting runs or values that a publication takes something from."""

    text: str
    number: int
    example: str
    at_least: bool


class PipelineProblemView(View):
    """Something to fix, or to look at, in a pipeline as it is written."""

    pointer: str
    """Where it stands (RFC 6901)."""
    text: Message
    severity: Literal["error", "warning"]
    of_key: bool
    """Whether the key itself is wrong, not what it holds."""


class PublishView(View):
    """What was published."""

    pipeline: str

    number: int
    """The version that is published now."""
    diff: tuple[DifferenceView, ...]
    """Nothing where the same was published already, and no version was made."""
    left_behind: tuple[LossView, ...]
    warnings: tuple[PipelineProblemView, ...]
    """What the stack lacks for it."""


class ValidationView(View):
    """What was found in a pipeline as it is written."""

    valid: bool
    """Whether it can be published."""
    problems: tuple[PipelineProblemView, ...]


class StageDocumentsView(View):
    """The documents of a stage that a publication touches."""

    stage: str
    documents: int


class PlanView(View):
    """What publishing would do."""

    pipeline: str
    version: int | None
    """The version that is published now; null for a new pipeline."""
    diff: tuple[DifferenceView, ...]
    stages: tuple[StageDocumentsView, ...]
    """Stages with documents for which something changes."""
    left_behind: tuple[LossView, ...]
    refusals: tuple[Message, ...]
    """Why it cannot be published now."""
    warnings: tuple[PipelineProblemView, ...]
    """What the stack lacks for it."""


class ResumeView(View):
    """What followed when a pipeline was resumed."""

    pipeline: str
    messages: int
    """How many held messages were applied."""
    runs: int
    """How many runs were due."""
    problems: tuple[Message, ...]


class DocumentsView(View):
    """The documents that something was done for."""

    documents: tuple[str, ...]


class MigrationView(View):
    """A waiting run, and what the published version makes of it."""

    run: str
    text: str
    document: str
    stage: str
    rule: str
    """The id of its rule; ``trigger.`` and the trigger's id for a timer."""
    outcome: Literal["goes_on", "rescheduled", "cancelled"]
    """``cancelled``: the version has no such rule any more."""
    due: datetime | None
    """When it is due then; null where it waits for its turn or for its date field."""


class RuleMigrationView(View):
    """How many waiting runs of a rule go on with the published version, and how many are lost."""

    stage: str
    rule: str
    goes_on: int
    rescheduled: int
    cancelled: int


class MigrationsView(View):
    """The waiting runs that go on with the published version."""

    items: tuple[MigrationView, ...]
    rules: tuple[RuleMigrationView, ...]
    """The same, counted: by stage and rule, in the order of the first run of each."""
    next: None = None
    """There is no other page."""


class RollBackBody(Body):
    """Which version is published again."""

    version: int = Field(ge=1)
    note: str = Note


class RemovalView(View):
    """What is lost with a pipeline, and what stands in the way of removing it."""

    pipeline: str
    version: int
    """As many versions are lost."""
    documents: int
    """With their timelines, runs, tasks and files."""
    connections: tuple[str, ...]
    """Those whose messages go to it; they must be removed first."""


class RuleBody(Body):
    """Which rule is meant."""

    rule: Id


class ContentBody(Body):
    """A pipeline as plain values, as a file has them."""

    content: dict[str, Any]
    pipeline: Id | None = None
    """Whose draft it is: the id that it must have."""


class PipelineFileBody(Body):
    """A pipeline file."""

    yaml: str = Field(max_length=MAX_YAML)


class PublishFileBody(PipelineFileBody):
    """A pipeline file that becomes the next version."""

    note: str = Note


class SimulationBody(Body):
    """A script that is played, as a script's file says it."""

    script: dict[str, Any]


class DraftRow(View):
    """A draft of a list."""

    pipeline: str
    name: str
    base_version: int | None
    """The published version that it changes; null for a new pipeline."""
    saved_at: datetime
    saved_by: str


class DraftView(DraftRow):
    """A draft: a pipeline that is being edited, right or wrong."""

    version: int
    created_at: datetime
    content: Content


class TemplateRow(View):
    """A pipeline to begin with."""

    template: str
    en: str
    de: str


class NewPipelineBody(Body):
    """What is filled into a template."""

    pipeline: Id
    name: str = Field(default="", max_length=200)
    sender: str = Field(default="", max_length=320)
    time_zone: str = Field(default="UTC", max_length=100)


class NewDraftBody(Body):
    """Where a draft comes from: exactly one of these."""

    content: dict[str, Any] | None = None
    """Plain values; ``pipeline`` among them says whose draft it is."""
    yaml: str | None = Field(default=None, max_length=MAX_YAML)
    """The text of a pipeline file."""
    template: Id | None = None
    """With ``new``."""
    new: NewPipelineBody | None = None
    from_pipeline: Id | None = None
    """A published pipeline."""
    from_version: int | None = Field(default=None, ge=1)
    """With ``from_pipeline``; the published version unless given."""


class DraftBody(Body):
    """What a draft says from now on."""

    content: dict[str, Any] | None = None
    yaml: str | None = Field(default=None, max_length=MAX_YAML)
    """The text of a pipeline file, in place of ``content``."""
    base_version: int | None = Field(default=None, ge=1)
    """The published version that it takes into account from now on."""


class NoteBody(Body):
    """What a version is for."""

    note: str = Note


class SimulationView(View):
    """What became of a script, or why it cannot be played."""

    problems: tuple[PipelineProblemView, ...]
    result: dict[str, Any] | None
    """What happened, what was sent, what is planned; as ``countersign pipelines simulate --output
    json`` prints it."""


class BackTestBody(Body):
    """Which documents a draft is played against."""

    days: int = Field(ge=1, le=365)
    """How far back events are looked at."""
    cursor: str | None = Field(default=None, max_length=2000)
    """Where to go on: ``next`` of the page before."""
    limit: int = Field(default=25, ge=1, le=100)
    """Documents of a page."""
    include_same: bool = False
    """Whether documents are items too for which nothing would have gone otherwise."""


class BackTestFileBody(BackTestBody):
    """A pipeline file, and which documents it is played against."""

    yaml: str = Field(max_length=MAX_YAML)


class DocumentBackTestView(View):
    """What would have gone otherwise for one document."""

    document: str
    title: str | None
    differences: tuple[EffectDifference, ...]
    stage_published: str | None
    """Where it ends, as published."""
    stage_draft: str | None
    """Where it ends with the draft."""
    unfit: Message | None
    """Why the draft does not fit the document, so that nothing could be compared."""
    notes: tuple[Message, ...]
    """What is not known exactly, or could not happen again, each as a sentence."""


class BackTestView(View):
    """What would have gone otherwise for some documents."""

    published: int
    """The version that the draft is compared with."""
    items: tuple[DocumentBackTestView, ...]
    """Documents for which something would have gone otherwise, or that the draft does not fit; with
    ``include_same`` the others too."""
    same: int
    """Documents for which nothing would have."""
    next: str | None


def draft_view(draft: Draft) -> DraftView:
    """The draft as the API has it."""
    return DraftView.model_validate(draft)


def difference_views(differences: tuple[Difference, ...]) -> tuple[DifferenceView, ...]:
    """What changes, as the API has it."""
    return tuple(map(DifferenceView.model_validate, differences))


def listed_pipeline_view(
    head: Head, not_included: tuple[str, ...], documents: int | None = None
) -> ListedPipelineView:
    """A published pipeline of a list, as the API has it."""
    row = PipelineRow.model_validate(head).model_dump()
    return ListedPipelineView(**row, not_included=not_included, documents=documents)


def plan_view(plan: Plan) -> PlanView:
    """What publishing would do, as the API has it."""
    plain = {name: getattr(plan, name) for name in PlanView.model_fields}
    return PlanView.model_validate({**plain, "warnings": problem_views(plan.warnings)})


def publish_view(
    pipeline: str, done: PublishResult, warnings: Iterable[Problem] = ()
) -> PublishView:
    """What was published, as the API has it."""
    return PublishView.model_validate(
        {
            "pipeline": pipeline,
            "number": done.number,
            "diff": done.diff,
            "left_behind": done.left_behind,
            "warnings": problem_views(warnings),
        }
    )


def loss_text(loss: LossView) -> str:
    """What a publication takes something from, as people read it."""
    least = "at least " if loss.at_least else ""
    return f"{least}{loss.number} {loss.text} (for example document {loss.example})"


def problem_views(problems: Iterable[Problem]) -> tuple[PipelineProblemView, ...]:
    """What there is to fix, or to look at, with its places as the API has them."""
    return tuple(PipelineProblemView.model_validate(placed(problem)) for problem in problems)


def migrations_view(moves: Iterable[RunMove]) -> MigrationsView:
    """What becomes of waiting runs, as the API has it."""
    items = tuple(
        MigrationView(
            run=str(move.was.key),
            text=move.text,
            document=move.was.document,
            stage=move.was.stage,
            rule=move.was.rule,
            outcome=move.outcome,
            due=None if move.outcome == "cancelled" else move.run.due,
        )
        for move in moves
    )
    counts: dict[tuple[str, str], Counter[str]] = {}
    for migration in items:
        counts.setdefault((migration.stage, migration.rule), Counter())[migration.outcome] += 1
    rules = tuple(
        RuleMigrationView(
            stage=stage,
            rule=rule,
            goes_on=count["goes_on"],
            rescheduled=count["rescheduled"],
            cancelled=count["cancelled"],
        )
        for (stage, rule), count in counts.items()
    )
    return MigrationsView(items=items, rules=rules)


def simulation_view(simulation: Simulation) -> SimulationView:
    """What became of a script, as the API has it."""
    problems = tuple(map(PipelineProblemView.model_validate, simulation.problems))
    result = None if simulation.result is None else simulation.result.model_dump(mode="json")
    return SimulationView(problems=problems, result=result)
