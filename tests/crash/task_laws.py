"""What must be true of each change that makes or concludes a task, or a run that awaits one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from countersign.model.run import Run, RunKey
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import Transaction

ENDS = {"done": "done", "withdrawn": "cancelled"}
"""How the awaiting run ends when its task does."""


def task_faults(
    change: Transaction, runs: Mapping[RunKey, Run], tasks: Mapping[TaskKey, Task | None]
) -> Iterator[str]:
    """What is wrong with the change; ``runs`` and ``tasks`` are as they were before it."""
    after = {one.run.key: one.run for one in change.updates}
    written = {task.run: task for task in change.tasks}
    for task in change.tasks:
        before, run = tasks[task.key], after.get(task.run)
        if before is None:
            if run is None or run.state != ("awaiting" if task.waits else "done"):
                yield f"{task.key} was made, and its run is {run and run.state}"
        elif before.state != "open":
            yield f"{task.key} was {before.state}, and was changed to {task.state}"
        elif task.waits and task.state in ENDS and (run is None or run.state != ENDS[task.state]):
            yield f"{task.key} is {task.state}, and its run is {run and run.state}"
        elif before.version + 1 != task.version:
            yield f"{task.key} went from version {before.version} to {task.version}"
    for key, run in after.items():
        made = written.get(key)
        begins = run.state == "awaiting" and (made is None or made.version != 1)
        ends = runs[key].state == "awaiting" and (made is None or made.state not in ENDS)
        if begins or ends:
            yield f"{key}: {runs[key].state} -> {run.state}, and its task is {made and made.state}"
