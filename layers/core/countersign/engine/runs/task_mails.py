"""The mail to the assignee of a task: a run of its own, planned in the task's transaction."""

from __future__ import annotations

from datetime import datetime

from countersign.model.run import Run
from countersign.model.run_purpose import TaskMailRun
from countersign.model.task import Task, TaskKey

BEHIND = 9_999
"""Their place in the plan of their entry: behind its rules."""


def mail_of(task: Task, *, now: datetime, cause: str | None) -> Run:
    """The run that mails the task's assignee, ready at once."""
    return Run(
        document=task.document,
        entry=task.entry,
        rule=TaskMailRun(rule=task.rule, version=task.assigned_in).name,
        repeat=task.run.repeat,
        position=BEHIND,
        pipeline=task.pipeline,
        pipeline_version=task.pipeline_version,
        stage=task.stage,
        kind="task_mail",
        lane="email",
        state="ready",
        planned_at=now,
        due=now,
        on_leave="keep",
        cause=cause,
    )


def task_of(run: Run, purpose: TaskMailRun) -> TaskKey:
    """The task that such a run is about."""
    return TaskKey.of(run.key.model_copy(update={"rule": purpose.rule}))
