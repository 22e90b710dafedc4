"""The life of a task: made by a run, changed by people, concluded once, and its run with it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.conditions.display import shown_field
from countersign.engine.runs.lifecycle import finished
from countersign.engine.schedule.due import due
from countersign.errors import NotAllowedError, PermanentError
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.task import GROUP, ChecklistItem, NewTask, Task, TaskKey
from countersign.model.users import group_of, is_same_user
from countersign.model.values import quoted

Ending = Literal["done", "withdrawn"]


def opened(new: NewTask, program: CompiledPipeline, document: Document, *, now: datetime) -> Task:
    """The task as it is made. Its deadline is counted from ``now``, or from a date field.

    A field that is empty leaves it without one; a deadline that has passed is ``now``.
    """
    deadline, empty = None, None
    if new.deadline is not None:
        value_of = partial(fields.read, document)
        counted = due(new.deadline, now, program.working, value_of)
        deadline, empty = counted.at, counted.date_field if counted.at is None else None
    return Task(
        document=new.run.document,
        id=TaskKey.of(new.run).id,
        entry=new.run.entry,
        rule=new.run.rule,
        repeat=new.run.repeat,
        pipeline=document.pipeline,
        pipeline_version=new.pipeline_version,
        stage=new.stage,
        title=new.title,
        text=new.text,
        assignee=new.assignee,
        deadline=deadline,
        no_deadline=empty,
        checklist=tuple(ChecklistItem(text=text) for text in new.checklist),
        waits=new.waits,
        mail=new.mail,
        created_at=now,
    )


def made_task(begun: Run, task: Task, *, now: datetime) -> Run:
    """The run after it made the task: done, or awaiting its conclusion."""
    result = {"task": task.id}
    if not task.waits:
        return finished(begun, "done", None, now=now, result=result)
    return begun.model_copy(
        update={
            "state": "awaiting",
            "lease_until": None,
            "reason": "waits until its task is concluded",
            "result": {**begun.result, **result},
        }
    )


def concluded(task: Task, state: Ending, *, by: str, now: datetime) -> Task:
    """The task done or withdrawn; PermanentError where it is concluded already."""
    return _changed(task, state=state, concluded_at=now, concluded_by=by)


def ticked(task: Task, point: int, done: bool) -> Task:
    """The task with a point of its checklist, from 1, done or open again.

    PermanentError where there is no such point, or the task is concluded.
    """
    if not 1 <= point <= len(task.checklist):
        there = f"1 to {len(task.checklist)}" if task.checklist else "none"
        msg = f"the task {task.key} has no point {point} on its checklist; there are {there}"
        raise PermanentError(msg)
    points = list(task.checklist)
    points[point - 1] = points[point - 1].model_copy(update={"done": done})
    return _changed(task, checklist=tuple(points))


def assigned(task: Task, assignee: str) -> Task:
    """The task in another person's hands; PermanentError where it is concluded."""
    return _changed(task, assignee=assignee, assigned_in=task.version + 1)


def _changed(task: Task, **update: object) -> Task:
    if task.state != "open":
        msg = f"the task {task.key} is {task.state} already, by {task.concluded_by}"
        raise PermanentError(msg)
    return task.model_copy(update={**update, "version": task.version + 1})


def after_task(run: Run, task: Task, *, now: datetime) -> Run:
    """The awaiting run when its task is concluded: done, or cancelled with a withdrawn one."""
    if task.state == "done":
        return finished(run, "done", None, now=now)
    reason = f"{task.concluded_by} withdrew its task {quoted(task.title)}"
    return finished(run, "cancelled", reason, now=now)


def completion(task: Task, *, now: datetime) -> DocumentEvent:
    """What triggers hear of a task that is done."""
    return DocumentEvent(kind="task.completed", at=now, detail={"task": task.id, "rule": task.rule})


def may_complete(task: Task, by: str, pipeline: Pipeline) -> bool:
    """Whether the task is this user's, or of a group that the user is in."""
    if not task.assignee.startswith(GROUP):
        return is_same_user(task.assignee, by)
    members = group_of(task.assignee.removeprefix(GROUP), pipeline) or ()
    return any(is_same_user(member, by) for member in members)


def refuse_completion(task: Task, by: str, pipeline: Pipeline) -> None:
    """NotAllowedError unless the user may complete the task."""
    if may_complete(task, by, pipeline):
        return
    msg = (
        f"the task {task.key} is assigned to {task.assignee}, not to {by}; hand it over with "
        "tasks assign, or complete it as an operator with --as-operator"
    )
    raise NotAllowedError(msg)


# --- in words


def task_text(task: Task, zone: ZoneInfo) -> str:
    """Which task, whose and until when: ``"Check it" of ben@acme.example (due …)``."""
    due_at = f" (due {shown_deadline(task.deadline, zone)})" if task.deadline else ""
    return f"{quoted(task.title)} of {task.assignee}{due_at}"


def without_deadline(field: str) -> str:
    """That a task has no deadline, and why."""
    return f"without a deadline: the field {field} is empty"


def shown_deadline(deadline: datetime, zone: ZoneInfo) -> str:
    """The deadline as the clock in the zone shows it."""
    return shown_field(deadline.replace(microsecond=0), "datetime", zone)


def points_done(task: Task) -> str:
    """How much of the checklist is done: ``2 of 3 points``; empty where there is none."""
    if not task.checklist:
        return ""
    return f"{sum(point.done for point in task.checklist)} of {len(task.checklist)} points"
