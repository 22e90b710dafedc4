"""What people do with tasks: complete, withdraw, tick off a point, hand over to somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.decisions.decide import happen
from countersign.engine.runs.lifecycle import Chain, conclude
from countersign.engine.runs.task_mails import mail_of
from countersign.engine.runs.tasks import (
    after_task,
    assigned,
    completion,
    concluded,
    points_done,
    refuse_completion,
    ticked,
)
from countersign.errors import ConflictError, NotFoundError, StaleRunError
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.task import GROUP, Task, TaskKey, by_deadline
from countersign.model.transaction import RunUpdate, Transaction
from countersign.model.users import groups_with
from countersign.model.values import quoted
from countersign.ports import Documents, Pipelines
from countersign.rules._shared.users import assignee_of
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.propagate import propagated

TRIES = 8
"""How often it is decided anew when the document changes meanwhile."""

Decide = Callable[[Task, Document], tuple[Task, Transaction]]


def complete(
    documents: Documents,
    programs: CompiledPipelines,
    key: TaskKey,
    *,
    by: str,
    now: datetime,
    as_operator: bool = False,
) -> Task:
    """The task is done. Triggers hear of it, and the run that waits for it goes on, all at once.

    NotFoundError where there is no such task, PermanentError where it is concluded already, or
    is neither the user's nor of a group of the user's, unless the user acts ``as_operator``, which
    the timeline says; ConflictError when its document keeps changing.
    """

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        after = concluded(task, "done", by=by, now=now)
        program = programs.current(document.pipeline)
        if not as_operator:
            refuse_completion(task, by, program.pipeline)
        points = points_done(task)
        role = " as an operator" if as_operator else ""
        text = f"{by} completed{role} the task {quoted(task.title)}{points and f' ({points})'}"
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
        return after, propagated(change, decision, program, documents, program_of, now=now)

    return _decided(documents, key, decide)


def withdraw(
    documents: Documents,
    programs: CompiledPipelines,
    key: TaskKey,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> Task:
    """The task is not to be done any more; a run that waits for it is cancelled, its chain goes on.

    No trigger hears of it. Raises as ``complete`` does.
    """

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
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

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        after = ticked(task, point, done)
        word = "ticked off" if done else "opened again"
        what = f"{quoted(task.checklist[point - 1].text)} of the task {quoted(task.title)}"
        text = f"{by} {word} {what}"
        return after, _noted(after, document, text, by=by, now=now)

    return _decided(documents, key, decide)


def assign(
    documents: Documents,
    programs: CompiledPipelines,
    key: TaskKey,
    assignee: str,
    *,
    by: str,
    now: datetime,
) -> Task:
    """Hand the task to another user or group. Raises as ``complete`` does, and PermanentError for
    what is neither."""

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        to = assignee_of(assignee, programs.current(document.pipeline).pipeline)
        after = assigned(task, to)
        text = f"{by} gave the task {quoted(task.title)} of {task.assignee} to {to}"
        change = _noted(after, document, text, by=by, now=now)
        mails = (mail_of(after, now=now, cause=by),) if after.mail else ()
        return after, change.model_copy(update={"planned": mails})

    return _decided(documents, key, decide)


def open_tasks(
    documents: Documents, programs: CompiledPipelines, pipelines: Pipelines, user: str | None = None
) -> tuple[Task, ...]:
    """The open tasks of a user and of the groups that the user is in, or everybody's.

    By deadline, those without one at the end. Who is in a group is what the published pipelines
    say now.
    """
    tasks = {task.key: task for task in documents.open_tasks(user)}
    for head in pipelines.list() if user is not None else ():
        pipeline = programs.get(head.pipeline, head.version).pipeline
        for group in groups_with(user or "", pipeline):
            for task in documents.open_tasks(f"{GROUP}{group}"):
                if task.pipeline == head.pipeline:
                    tasks[task.key] = task
    return tuple(sorted(tasks.values(), key=by_deadline))


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
) -> Transaction:
    """A person's doing that changes the task alone, and stands on the document's timeline."""
    known = document.model_copy(update={"version": document.version + 1, "automatic_moves": 0})
    told = LogEntry(
        at=now, kind="task", text=text, by=by, entry=document.entry, reason=reason, cause=by
    )
    return Transaction(document=known, was_version=document.version, log=(told,), tasks=(task,))


def _of_run(
    documents: Documents,
    programs: CompiledPipelines,
    task: Task,
    document: Document,
    *,
    now: datetime,
) -> tuple[RunUpdate, ...]:
    """What the task's conclusion means for the run that waits for it, and for those below."""
    run = documents.run(task.run) if task.waits else None
    if run is None or run.state != "awaiting":
        return ()
    program: CompiledPipeline = programs.get(run.pipeline, run.pipeline_version)
    entry = documents.runs(run.document, run.entry)
    after = after_task(run, task, now=now)
    return conclude(run, after, Chain(program, document, entry), now=now).updates
