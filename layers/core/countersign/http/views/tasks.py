"""Tasks, as the API has them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from countersign.http.views.base import Body, Comment, Id, View
from countersign.http.views.names import NamedRow
from countersign.model.task import Task, TaskState

if TYPE_CHECKING:
    from countersign.use_cases.queries.pages.names import RowNames
    from countersign.use_cases.queries.tasks import TaskDetails


class ChecklistItemView(View):
    """A point of a checklist."""

    text: str
    done: bool


class TaskView(View):
    """Something that a person has to do for a document."""

    task: str
    """``document.entry.rule``."""
    document: str
    version: int
    pipeline: str
    pipeline_version: int
    """The version of the rule that asked for it."""
    stage: str
    entry: int
    rule: str
    repeat: int
    """Of the run that made it."""
    title: str
    text: str
    assignee: str
    """A user, or ``group:<name>``."""
    deadline: datetime | None
    no_deadline: str | None
    """The date field that the deadline was to be counted from, where it was empty."""
    checklist: tuple[ChecklistItemView, ...]
    state: TaskState
    waits: bool
    """Whether rules wait for it."""
    mail: bool
    """Whether the assignee gets a mail."""
    assigned_in: int
    """The version that gave it to its assignee."""
    created_at: datetime
    concluded_at: datetime | None
    concluded_by: str | None


class TaskRow(TaskView, NamedRow):
    """A task of a list, with what people call what it is about."""


class TaskDetailsView(TaskView):
    """A task, and how its times are shown."""

    time_zone: str
    """Of the version of the pipeline that asked for it."""


class CompleteBody(Body):
    """How a task is completed."""

    as_operator: bool = False
    """Completes a task of somebody else; the timeline records it."""


class WithdrawBody(Body):
    """Why a task is withdrawn."""

    reason: Comment | None = None


class AssignBody(Body):
    """Whom a task is given to."""

    assignee: Id
    """A user, or ``group:<name>``."""


class CheckBody(Body):
    """Whether a point of the checklist is done."""

    done: bool
    point: int = Field(ge=1)
    """Its number, from 1."""


def task_view(task: Task) -> TaskView:
    """The task as the API has it."""
    plain = {name: getattr(task, name) for name in TaskView.model_fields if name != "task"}
    return TaskView.model_validate({**plain, "task": str(task.key)})


def task_row(task: Task, names: RowNames) -> TaskRow:
    """A task of a list as the API has it."""
    return TaskRow(**task_view(task).model_dump(), **asdict(names))


def task_details_view(details: TaskDetails) -> TaskDetailsView:
    """The task with its time zone, as the API has it."""
    return TaskDetailsView(**task_view(details.task).model_dump(), time_zone=details.zone.key)
