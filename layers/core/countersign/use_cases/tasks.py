"""What people do with tasks: complete, withdraw, tick off a point, hand over to somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from countersign.engine.decide import happen
from countersign.engine.program import Program
from countersign.engine.runs import conclude
from countersign.engine.tasks import (
    after_task,
    assigned,
    completion,
    concluded,
    points_done,
    ticked,
)
from countersign.errors import ConflictError, NotFoundError, PermanentError, StaleRunError
from countersign.model.change import Change, RunUpdate
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.task import Task, TaskKey
from countersign.model.values import quoted
from countersign.ports import Documents
from countersign.text.addresses import is_address
from countersign.use_cases.programs import Programs
from countersign.use_cases.settle import settled

TRIES = 8
"""How often it is decided anew when the document changes meanwhile."""

Decide = Callable[[Task, Document], tuple[Task, Change]]


def complete(
    documents: Documents, programs: Programs, key: TaskKey, *, by: str, now: datetime
) -> Task:
    """The task is done. Triggers hear of it, and the run that waits for it goes on, all at once.

    NotFoundError where there is no such task, PermanentError where it is concluded already,
    ConflictError when its document keeps changing.
    """

    def decide(task: Task, document: Document) -> tuple[Task, Change]:
        after = concluded(task, "done", by=by, now=now)
        points = points_done(task)
        text = f"{by} completed the task {quoted(task.title)}{points and f' ({points})'}"
        program = programs.current(document.pipeline)
        happening = completion(after, now=now)
        cause = f"{by} > {task.rule}"
        decision = happen(
            program, document, happening, text, by=by, cause=cause, now=now, anew=True
        )
        change = decision.change().model_copy(
            update={
                "tasks": (after,),
                "updates": _of_run(documents, programs, after, decision.document, now=now),
            }
        )
        program_of = programs.of(document.pipeline)
        return after, settled(change, decision, program, documents, program_of, now=now)

    return _decided(documents, key, decide)


def withdraw(
    documents: Documents,
    programs: Programs,
    key: TaskKey,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> Task:
    """The task is not to be done any more; a run that waits for it is cancelled, its chain goes on.

    No trigger hears of it. Raises as ``complete`` does.
    """

    def decide(task: Task, document: Document) -> tuple[Task, Change]:
        after = concluded(task, "withdrawn", by=by, now=now)
        text = f"{by} withdrew the task {quoted(task.title)} of {task.assignee}"
        change = _noted(after, document, text, by=by, now=now, reason=reason)
        updates = _of_run(documents, programs, after, change.document or document, now=now)
        return after, change.model_copy(update={"updates": updates})

    return _decided(documents, key, decide)


def tick(
    documents: Documents, key: TaskKey, point: int, *, done: bool, by: str, now: datetime
) -> Task:
    """A point of the checklist, from 1, is done, or open again. Raises as ``complete`` does, and
    PermanentError where there is no such point."""

    def decide(task: Task, document: Document) -> tuple[Task, Change]:
        after = ticked(task, point, done)
        word = "ticked off" if done else "opened again"
        what = f"{quoted(task.checklist[point - 1].text)} of the task {quoted(task.title)}"
        text = f"{by} {word} {what}"
        return after, _noted(after, document, text, by=by, now=now)

    return _decided(documents, key, decide)


def assign(documents: Documents, key: TaskKey, assignee: str, *, by: str, now: datetime) -> Task:
    """Hand the task to somebody else. Raises as ``complete`` does, and PermanentError for what is
    no user's address."""
    if not is_address(assignee):
        msg = f"{quoted(assignee)} is no user's address; expected one such as anna@acme.example"
        raise PermanentError(msg)

    def decide(task: Task, document: Document) -> tuple[Task, Change]:
        after = assigned(task, assignee)
        text = f"{by} gave the task {quoted(task.title)} of {task.assignee} to {assignee}"
        return after, _noted(after, document, text, by=by, now=now)

    return _decided(documents, key, decide)


def found(documents: Documents, key: TaskKey) -> Task:
    """The task as it is now; NotFoundError where there is none."""
    task = documents.task(key)
    if task is None:
        raise NotFoundError(f"there is no task {key}; expected document.entry.rule")
    return task


def _decided(documents: Documents, key: TaskKey, decide: Decide) -> Task:
    for _ in range(TRIES):
        task, document = found(documents, key), documents.get(key.document)
        if document is None:
            raise NotFoundError(f"there is no document {key.document}")
        after, change = decide(task, document)
        try:
            documents.commit(change)
        except (ConflictError, StaleRunError):
            continue
        return after
    msg = f"the document {key.document} changed {TRIES} times meanwhile; try again"
    raise ConflictError(msg)


def _noted(
    task: Task,
    document: Document,
    text: str,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> Change:
    """A person's doing that changes the task alone, and stands on the document's timeline."""
    known = document.model_copy(update={"version": document.version + 1, "automatic_moves": 0})
    told = LogEntry(
        at=now, kind="task", text=text, by=by, entry=document.entry, reason=reason, cause=by
    )
    return Change(document=known, was_version=document.version, log=(told,), tasks=(task,))


def _of_run(
    documents: Documents, programs: Programs, task: Task, document: Document, *, now: datetime
) -> tuple[RunUpdate, ...]:
    """What the task's conclusion means for the run that waits for it, and for those below."""
    run = documents.run(task.run) if task.waits else None
    if run is None or run.state != "awaiting":
        return ()
    program: Program = programs.get(run.pipeline, run.pipeline_version)
    entry = documents.runs(run.document, run.entry)
    after = after_task(run, task, now=now)
    return conclude(run, after, program, document, entry, now=now).updates
