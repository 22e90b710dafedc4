"""Tasks, as the API has them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from countersign.http.views.base import Body, Comment, Id, View
from countersign.model.task import Task, TaskState


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
    stage: str
    entry: int
    rule: str
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
    created_at: datetime
    concluded_at: datetime | None
    concluded_by: str | None


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
