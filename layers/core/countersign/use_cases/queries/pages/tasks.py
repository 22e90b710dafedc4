"""Tasks a page at a time: open ones by deadline, concluded ones by pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from countersign.errors import PermanentError
from countersign.model.page import Page, PageRequest, TaskQuery
from countersign.model.task import Task
from countersign.ports import Pages, Pipelines
from countersign.text.folding import fold_address
from countersign.use_cases.queries.pipelines import published_head

TaskFilterState = Literal["open", "overdue", "done", "withdrawn"]
"""``overdue``: open, and the deadline has passed."""
CONCLUDED: frozenset[TaskFilterState] = frozenset({"done", "withdrawn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSearch:
    """Which tasks are wanted: everybody's open ones where nothing is given."""

    assignees: tuple[str, ...] | None = None
    """Users and ``group:<name>``; None for everybody's."""
    state: TaskFilterState = "open"
    pipeline: str | None = None
    due_after: datetime | None = None
    """Only those whose deadline is then or later."""
    due_before: datetime | None = None
    """Only those whose deadline is before then."""
    without_deadline: bool = False
    """Only those that have no deadline."""

    def query(self, now: datetime) -> TaskQuery:
        """The same as the lists of tasks take it."""
        return TaskQuery(
            assignees=self.assignees,
            due_by=now if self.state == "overdue" else None,
            due_after=self.due_after,
            due_before=self.due_before,
            without_deadline=self.without_deadline,
        )


def page_tasks(
    pages: Pages, pipelines: Pipelines, wanted: TaskSearch, request: PageRequest, *, now: datetime
) -> Page[Task]:
    """A page of the tasks that are wanted.

    Open ones stand by deadline, those without one last; the pipeline is compared with what was
    read. Concluded ones are listed by pipeline alone, document by document, 25 documents a page.
    So a page may be short, or empty, and yet have a ``next``. Eventually consistent.

    NotFoundError for a pipeline that is not published, PermanentError for concluded ones without
    a pipeline.
    """
    pipeline = wanted.pipeline
    if pipeline is not None:
        published_head(pipelines, pipeline)
    query = wanted.query(now)
    if wanted.state not in CONCLUDED:
        matches = None if pipeline is None else lambda task: task.pipeline == pipeline
        return pages.open_tasks(query, request, matches)
    if pipeline is None:
        msg = f"tasks in the state {wanted.state} are listed by pipeline; give a pipeline"
        raise PermanentError(msg)
    names = None if query.assignees is None else set(map(fold_address, query.assignees))

    def is_wanted(task: Task) -> bool:
        mine = names is None or fold_address(task.assignee) in names
        return task.state == wanted.state and mine and query.is_due(task.deadline)

    return pages.tasks_of_pipeline(pipeline, request, is_wanted)
