"""Tasks: those that are open, by deadline, and those of one document."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from countersign.model.task import GROUP, Task, TaskKey, by_deadline, in_order
from countersign.model.users import groups_with
from countersign.ports import Documents, Pipelines
from countersign.use_cases.documents.tasks import existing_task
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.pipelines import list_programs
from countersign.use_cases.store import existing_document


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """One task, and the time zone in which its times are shown."""

    task: Task
    zone: ZoneInfo
    """Of the version of the pipeline that asked for it."""


def open_tasks(
    documents: Documents, programs: CompiledPipelines, pipelines: Pipelines, user: str | None = None
) -> tuple[Task, ...]:
    """The open tasks of a user and of the groups that the user is in, or everybody's.

    By deadline, those without one at the end, then by key. Who is in a group is what the published
    pipelines say now. ``user`` may also be ``group:<name>``. Eventually consistent.
    """
    tasks = {task.key: task for task in documents.open_tasks(user)}
    for program in list_programs(pipelines, programs) if user is not None else ():
        for group in groups_with(user or "", program.pipeline):
            for task in documents.open_tasks(f"{GROUP}{group}"):
                if task.pipeline == program.pipeline.pipeline:
                    tasks[task.key] = task
    return tuple(sorted(tasks.values(), key=by_deadline))


def document_tasks(documents: Documents, document: str) -> tuple[Task, ...]:
    """All tasks of a document, concluded ones included, in the order in which they were made.

    NotFoundError where there is no such document.
    """
    tasks = documents.tasks(existing_document(documents, document).id)
    return tuple(sorted(tasks, key=lambda task: (*in_order(task), task.repeat)))


def show_task(documents: Documents, programs: CompiledPipelines, key: TaskKey) -> TaskDetails:
    """One task; NotFoundError where there is none."""
    task = existing_task(documents, key)
    program = programs.get(task.pipeline, task.pipeline_version)
    return TaskDetails(task, ZoneInfo(program.pipeline.time_zone))
