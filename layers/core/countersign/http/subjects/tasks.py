"""Tasks: what people have to do for documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import AwareDatetime

from countersign.errors import NotFoundError
from countersign.http.call import current
from countersign.http.once import once
from countersign.http.routes import Routes
from countersign.http.views.base import Id
from countersign.http.views.page import Cursor, Limit, PageOf
from countersign.http.views.tasks import (
    AssignBody,
    CheckBody,
    CompleteBody,
    TaskDetailsView,
    TaskRow,
    TaskView,
    WithdrawBody,
    task_details_view,
    task_row,
    task_view,
)
from countersign.model.actor import user
from countersign.model.task import GROUP, Task, TaskKey
from countersign.model.users import groups_with
from countersign.use_cases.documents import tasks as use_cases
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pages.names import names_of
from countersign.use_cases.queries.pages.tasks import TaskFilterState, TaskSearch, page_tasks
from countersign.use_cases.queries.pipelines import list_programs
from countersign.use_cases.store import Store

routes = Routes("tasks")
_KEY = re.compile(r"(?P<document>[^.]+)\.(?P<id>\d+\..+)")


@routes.get("/tasks")
def list_open_tasks(
    assignee: Id | None = None,
    overdue: bool = False,
    state: TaskFilterState = "open",
    pipeline: Id | None = None,
    due_after: AwareDatetime | None = None,
    due_before: AwareDatetime | None = None,
    without_deadline: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[TaskRow]:
    """List open tasks by deadline: everybody's, those of an assignee, or with `me` your own.

    A user's tasks include those of the groups that the user is in. `overdue`, or that state, lists
    those alone whose deadline has passed. Tasks that are done or withdrawn are listed by pipeline,
    document by document. Which pipeline a task is of, and whether it is concluded, is judged on
    what a page reads: it may be short, and yet have a next one.
    """
    services = current().services
    name = current().caller.named(assignee)
    wanted = TaskSearch(
        assignees=_assignees(name),
        state="overdue" if overdue and state == "open" else state,
        pipeline=pipeline,
        due_after=due_after,
        due_before=due_before,
        without_deadline=without_deadline,
    )
    listed = PagedList(subject="tasks", filters=_filters(wanted, name))
    cloud, request = services.cloud, listed.request(cursor, limit)
    page = page_tasks(cloud.pages, cloud.pipelines, wanted, request, now=services.now())
    names = names_of(cloud.pages, services.programs, page.items)
    rows = tuple(map(task_row, page.items, names))
    return PageOf(items=rows, next=listed.cursor(page.next))


@routes.get("/tasks/<task>")
def get_task(task: str) -> TaskDetailsView:
    """Show a task with its checklist."""
    from countersign.use_cases.queries.tasks import show_task

    call = current()
    services = call.services
    details = show_task(services.cloud.documents, services.programs, _key(task))
    call.tag(details.task.version)
    return task_details_view(details)


@routes.post("/tasks/<task>/complete", role="operator")
def complete_task(task: str, body: CompleteBody) -> TaskView:
    """Complete a task: rules that wait for it go on, and triggers may fire."""
    call = current()
    actor = user(call.caller.name, as_operator=body.as_operator)
    return _changed(task, lambda store, key: use_cases.complete(store, key, actor))


@routes.post("/tasks/<task>/withdraw", role="operator")
def withdraw_task(task: str, body: WithdrawBody) -> TaskView:
    """Withdraw a task: rules that wait for it go on, and no trigger fires."""
    by, reason = current().actor, body.reason
    return _changed(task, lambda store, key: use_cases.withdraw(store, key, by, reason=reason))


@routes.post("/tasks/<task>/check", role="operator")
def check_point(task: str, body: CheckBody) -> TaskView:
    """Check or uncheck a point of a task's checklist."""
    by, point, done = current().actor, body.point, body.done
    return _changed(task, lambda store, key: use_cases.tick(store, key, point, by, done=done))


@routes.post("/tasks/<task>/assign", role="operator")
def assign_task(task: str, body: AssignBody) -> TaskView:
    """Give a task to another user, or to a group."""
    by, assignee = current().actor, body.assignee
    return _changed(task, lambda store, key: use_cases.assign(store, key, assignee, by))


def _changed(task: str, change: Callable[[Store, TaskKey], Task]) -> TaskView:
    """The task once it is changed; once for an idempotency key."""
    call, key = current(), _key(task)

    def show(_: str) -> TaskView:
        return _shown(use_cases.existing_task(call.services.cloud.documents, key))

    return once(call, f"/tasks/{task}", lambda store: _shown(change(store, key)), show)


def _filters(wanted: TaskSearch, assignee: str | None) -> dict[str, object]:
    """What a cursor of the list belongs to; groups change without making it another list."""
    times = {"due_after": wanted.due_after, "due_before": wanted.due_before}
    return {
        "assignee": assignee,
        "state": wanted.state,
        "pipeline": wanted.pipeline,
        "without_deadline": wanted.without_deadline,
        **{name: at and at.isoformat() for name, at in times.items()},
    }


def _assignees(user: str | None) -> tuple[str, ...] | None:
    """The user with the user's groups, as the published pipelines say now."""
    if user is None or user.startswith(GROUP):
        return None if user is None else (user,)
    services = current().services
    programs = list_programs(services.cloud.pipelines, services.programs)
    groups = (name for program in programs for name in groups_with(user, program.pipeline))
    return (user, *dict.fromkeys(f"{GROUP}{name}" for name in groups))


def _key(text: str) -> TaskKey:
    parts = _KEY.fullmatch(text)
    if parts is None:
        raise NotFoundError(f'there is no task "{text}"; expected document.entry.rule')
    return TaskKey(document=parts["document"], id=parts["id"])


def _shown(task: Task) -> TaskView:
    current().tag(task.version)
    return task_view(task)
