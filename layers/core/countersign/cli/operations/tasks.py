"""Tasks: listed, shown and changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from countersign.cli.context import CliContext
from countersign.cli.operations.read import task_of
from countersign.cli.remote.session import ApiSession, path
from countersign.model.task import Task, TaskKey, by_deadline, in_order
from countersign.use_cases.documents import tasks as use_cases
from countersign.use_cases.queries import tasks as queries
from countersign.use_cases.queries.tasks import TaskDetails


class StackTasks:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    @property
    def user(self) -> str:
        """Who acts."""
        return str(self._context.actor)

    def open(self, whose: str | None) -> tuple[Task, ...]:
        """The open tasks by deadline: of a user with the user's groups, or everybody's."""
        context = self._context
        return queries.open_tasks(
            context.cloud.documents, context.programs, context.cloud.pipelines, whose
        )

    def of_document(self, document: str) -> tuple[Task, ...]:
        """All tasks of a document, as they were made."""
        return queries.document_tasks(self._context.cloud.documents, document)

    def show(self, key: TaskKey) -> TaskDetails:
        """One task; NotFoundError."""
        return queries.show_task(self._context.cloud.documents, self._context.programs, key)

    def complete(self, key: TaskKey, *, as_operator: bool) -> Task:
        """The task once it is completed."""
        actor = replace(self._context.actor, as_operator=as_operator)
        return use_cases.complete(self._context.store, key, actor)

    def withdraw(self, key: TaskKey, reason: str | None) -> Task:
        """The task once it is withdrawn."""
        return use_cases.withdraw(self._context.store, key, self._context.actor, reason=reason)

    def tick(self, key: TaskKey, point: int, *, done: bool) -> Task:
        """The task once a point of its checklist is done, or is not."""
        return use_cases.tick(self._context.store, key, point, self._context.actor, done=done)

    def assign(self, key: TaskKey, assignee: str) -> Task:
        """The task once it is given to somebody else."""
        return use_cases.assign(self._context.store, key, assignee, self._context.actor)


class ApiTasks:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    @property
    def user(self) -> str:
        """Who acts."""
        return self._api.user

    def open(self, whose: str | None) -> tuple[Task, ...]:
        """The open tasks by deadline: of a user with the user's groups, or everybody's."""
        tasks = map(task_of, self._api.items("/tasks", {"assignee": whose}))
        return tuple(sorted(tasks, key=by_deadline))

    def of_document(self, document: str) -> tuple[Task, ...]:
        """All tasks of a document, as they were made."""
        tasks: Iterable[Task] = map(task_of, self._api.items(path("documents", document, "tasks")))
        return tuple(sorted(tasks, key=lambda task: (*in_order(task), task.repeat)))

    def show(self, key: TaskKey) -> TaskDetails:
        """One task; NotFoundError."""
        reply = self._api.get(path("tasks", key))
        return TaskDetails(task_of(reply), ZoneInfo(reply["time_zone"]))

    def complete(self, key: TaskKey, *, as_operator: bool) -> Task:
        """The task once it is completed."""
        return self._post(key, "complete", {"as_operator": as_operator})

    def withdraw(self, key: TaskKey, reason: str | None) -> Task:
        """The task once it is withdrawn."""
        return self._post(key, "withdraw", {"reason": reason})

    def tick(self, key: TaskKey, point: int, *, done: bool) -> Task:
        """The task once a point of its checklist is done, or is not."""
        return self._post(key, "check", {"point": point, "done": done})

    def assign(self, key: TaskKey, assignee: str) -> Task:
        """The task once it is given to somebody else."""
        return self._post(key, "assign", {"assignee": assignee})

    def _post(self, key: TaskKey, change: str, body: dict[str, Any]) -> Task:
        return task_of(self._api.post(path("tasks", key, change), body))


def tasks_of(context: CliContext) -> StackTasks | ApiTasks:
    """Tasks, the way that commands go."""
    return StackTasks(context) if context.api is None else ApiTasks(context.api)
