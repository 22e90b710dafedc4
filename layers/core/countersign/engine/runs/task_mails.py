"""The mail to whoever is given a task: a run of its own, planned in the task's transaction."""

from __future__ import annotations

import re
from datetime import datetime

from countersign.model.run import Run
from countersign.model.task import Task, TaskKey

TASK_MAIL = "_task-"
"""What the rules of such runs begin with. No rule of a pipeline can: ids begin with a letter or a
digit. SES's tags take the letters."""
BEHIND = 9_999
"""Their place in the plan of their entry: behind its rules."""
_RULE = re.compile(rf"{TASK_MAIL}(?P<version>\d+)-(?P<rule>.+)")


def mail_of(task: Task, *, now: datetime, cause: str | None) -> Run:
    """The run that mails the task's assignee, ready at once.

    Its rule names the version of the task that gave it to the assignee, so that each assignment
    is told once.
    """
    return Run(
        document=task.document,
        entry=task.entry,
        rule=f"{TASK_MAIL}{task.assigned_in}-{task.rule}",
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


def is_task_mail(run: Run) -> bool:
    """Whether the run mails the assignee of a task."""
    return run.rule.startswith(TASK_MAIL)


def task_of(run: Run) -> tuple[TaskKey, int]:
    """The task that such a run is about, and the version that gave it to its assignee."""
    parts = _RULE.fullmatch(run.rule)
    if parts is None:
        msg = f"the run {run.key} is not about a task"
        raise LookupError(msg)
    made_by = run.key.model_copy(update={"rule": parts["rule"]})
    return TaskKey.of(made_by), int(parts["version"])
