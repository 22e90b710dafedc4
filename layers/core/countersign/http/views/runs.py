"""Runs, their calendar and jobs, as the API has them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from countersign.http.views.base import Body, Id, View
from countersign.http.views.message import Message
from countersign.http.views.names import NamedRow
from countersign.model.condition import Verdict
from countersign.model.job import Job, JobState
from countersign.model.run import Lane, Run, RunState
from countersign.model.run_change import RunAction
from countersign.use_cases.queries.pages.names import RowNames


class RunMailView(View):
    """One of the mails of a run that sends several."""

    to: str
    state: str
    reason: Message | None


class RunView(View):
    """A rule, or a trigger's timer, for one stage entry of one document."""

    run: str
    """``document.entry.rule``."""
    document: str
    entry: int
    rule: str
    pipeline: str
    pipeline_version: int
    stage: str
    kind: str
    lane: Lane
    state: RunState
    generation: int
    planned_at: datetime
    due: datetime | None
    date_field: str | None
    after: str | None
    """The rule above it in its chain."""
    attempts: int
    started_at: datetime | None
    concluded_at: datetime | None
    reason: Message | None
    verdict: Verdict | None
    mails: tuple[RunMailView, ...]
    result: dict[str, str]


class RunRow(RunView, NamedRow):
    """A run of a list, with what people call what it is about."""


class ChangedRunView(View):
    """A run after it was changed."""

    run: RunView
    after_leaving: bool
    """Whether it is carried out though its stage was left."""


class ShiftBody(Body):
    """When a run is due: a moment, or so many seconds from now."""

    to: AwareDatetime | None = None
    seconds: int | None = Field(default=None, ge=-31_536_000, le=31_536_000)


class DueDayView(View):
    """How many runs are due on a day."""

    day: date
    runs: int


class CalendarView(View):
    """Days on which runs are due; the numbers of one day on several pages add up."""

    time_zone: str
    """Of the days."""
    items: tuple[DueDayView, ...]
    next: str | None


class RunFilterBody(Body):
    """Which runs a job changes: those that failed or are in doubt, where no state is given."""

    states: tuple[RunState, ...] = Field(default=(), max_length=10)
    pipeline: Id | None = None
    rule: Id | None = None
    document: Id | None = None
    due_after: AwareDatetime | None = None
    due_before: AwareDatetime | None = None


class NewJobBody(Body):
    """Work on many runs, which goes on by itself."""

    kind: Literal["change_runs"] = "change_runs"
    action: RunAction
    shift: ShiftBody | None = None
    """With the action ``shift``."""
    filter: RunFilterBody


class JobRefusalView(View):
    """One of the things that a job could not do, and why."""

    item: str
    reason: Message


class JobView(View):
    """A job, and how far it is."""

    id: str
    kind: str
    arguments: str
    """What it was asked to do, as JSON; empty for a ``private`` one."""
    private: bool
    """Whether its settings say whom it is about: they are shown to nobody."""
    by: str
    state: JobState
    matched: int
    """How many things it has found to work on."""
    done: int
    refused: int
    refusals: tuple[JobRefusalView, ...]
    """The first of those that were refused."""
    left: int
    reason: Message | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


def run_view(run: Run) -> RunView:
    """The run as the API has it."""
    plain = {name: getattr(run, name) for name in RunView.model_fields if name != "run"}
    return RunView.model_validate({**plain, "run": str(run.key)})


def run_row(run: Run, names: RowNames) -> RunRow:
    """A run of a list as the API has it."""
    shown = run_view(run)
    plain = {name: getattr(shown, name) for name in RunView.model_fields}
    return RunRow.model_validate({**plain, **asdict(names)})


def job_view(job: Job) -> JobView:
    """The job as the API has it."""
    shown = job.model_copy(update={"arguments": ""}) if job.private else job
    return JobView.model_validate(shown)
