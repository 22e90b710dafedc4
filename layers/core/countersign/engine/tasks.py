"""The life of a task: made by a run, changed by people, concluded once, and its run with it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from countersign.engine.program import Program
from countersign.engine.runs import ended
from countersign.engine.timing import due
from countersign.engine.wording import shown_field
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.happening import Happening
from countersign.model.run import Run
from countersign.model.task import NewTask, Point, Task, TaskKey
from countersign.model.values import quoted

Ending = Literal["done", "withdrawn"]


def opened(new: NewTask, program: Program, document: Document, *, now: datetime) -> Task:
    """The task as it is made. Its deadline is counted from ``now``, or from a date field.

    A field that is empty leaves it without one; a deadline that has passed is ``now``.
    """
    deadline = None
    if new.deadline is not None:
        value_of = partial(fields.read, document)
        deadline = due(new.deadline, now, program.working, value_of).at
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
        checklist=tuple(Point(text=text) for text in new.checklist),
        waits=new.waits,
        created_at=now,
    )


def made_task(begun: Run, task: Task, *, now: datetime) -> Run:
    """The run after it made the task: done, or awaiting its conclusion."""
    result = {"task": task.id}
    if not task.waits:
        return ended(begun, "done", None, now=now, result=result)
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
    return _changed(task, assignee=assignee)


def _changed(task: Task, **update: object) -> Task:
    if task.state != "open":
        msg = f"the task {task.key} is {task.state} already, by {task.concluded_by}"
        raise PermanentError(msg)
    return task.model_copy(update={**update, "version": task.version + 1})


def after_task(run: Run, task: Task, *, now: datetime) -> Run:
    """The awaiting run when its task is concluded: done, or cancelled with a withdrawn one."""
    if task.state == "done":
        return ended(run, "done", None, now=now)
    reason = f"{task.concluded_by} withdrew its task {quoted(task.title)}"
    return ended(run, "cancelled", reason, now=now)


def completion(task: Task, *, now: datetime) -> Happening:
    """What triggers hear of a task that is done."""
    return Happening(kind="task.completed", at=now, detail={"task": task.id, "rule": task.rule})


# --- in words


def told(task: Task, zone: ZoneInfo) -> str:
    """Which task, whose and until when: ``"Check it" of ben@acme.example (due …)``."""
    due_at = f" (due {shown_deadline(task.deadline, zone)})" if task.deadline else ""
    return f"{quoted(task.title)} of {task.assignee}{due_at}"


def shown_deadline(deadline: datetime, zone: ZoneInfo) -> str:
    """The deadline as the clock in the zone shows it."""
    return shown_field(deadline.replace(microsecond=0), "datetime", zone)


def points_done(task: Task) -> str:
    """How much of the checklist is done: ``2 of 3 points``; empty where there is none."""
    if not task.checklist:
        return ""
    return f"{sum(point.done for point in task.checklist)} of {len(task.checklist)} points"
