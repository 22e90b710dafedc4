"""What people do with tasks: complete, withdraw, tick off a point, hand over to somebody else."""

from __future__ import annotations

from collections.abc import Callable

from countersign.engine.decisions.decide import happen
from countersign.engine.runs.lifecycle import conclude
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
from countersign.errors import NotFoundError
from countersign.model.actor import Actor, Origin, done_by
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import RunUpdate, Transaction
from countersign.model.values import quoted
from countersign.ports import Documents
from countersign.rules._shared.users import assignee_of
from countersign.use_cases.runs.propagate import propagated
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

Decide = Callable[[Task, Document], tuple[Task, Transaction]]


def complete(store: Store, key: TaskKey, actor: Actor) -> Task:
    """The task is done. Triggers hear of it, and the run that waits for it goes on, all at once.

    NotFoundError where there is no such task, PermanentError where it is concluded already, or
    is neither the user's nor of a group of the user's, unless the user acts ``as_operator``, which
    the timeline says; ConflictError when its document keeps changing.
    """

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        now = store.clock()
        after = concluded(task, "done", by=str(actor), now=now)
        program = store.programs.current(document.pipeline)
        if not actor.as_operator:
            refuse_completion(task, str(actor), program.pipeline)
        points = points_done(task)
        role = " as an operator" if actor.as_operator else ""
        text = f"{actor} completed{role} the task {quoted(task.title)}{points and f' ({points})'}"
        origin = Origin(by=actor, at=now, cause=f"{actor} > {task.rule}")
        decision = happen(program, document, completion(after, now=now), text, origin)
        updates = _of_run(store, after, decision.document)
        change = decision.change().model_copy(update={"tasks": (after,), "updates": updates})
        return after, propagated(store, change, decision, program)

    return _decided(store, key, decide)


def withdraw(store: Store, key: TaskKey, actor: Actor, *, reason: str | None = None) -> Task:
    """The task is not to be done any more; a run that waits for it is cancelled, its chain goes on.

    No trigger hears of it. Raises as ``complete`` does.
    """

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        origin = done_by(actor, store.clock())
        after = concluded(task, "withdrawn", by=str(actor), now=origin.at)
        text = f"{actor} withdrew the task {quoted(task.title)} of {task.assignee}"
        change = _noted(after, document, _line(text, document, origin, reason=reason))
        updates = _of_run(store, after, change.document or document)
        return after, change.model_copy(update={"updates": updates})

    return _decided(store, key, decide)


def tick(store: Store, key: TaskKey, point: int, actor: Actor, *, done: bool) -> Task:
    """A point of the checklist, from 1, is done, or open again. Raises as ``complete`` does, and
    PermanentError where there is no such point."""

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        after = ticked(task, point, done)
        word = "ticked off" if done else "opened again"
        what = f"{quoted(task.checklist[point - 1].text)} of the task {quoted(task.title)}"
        text = f"{actor} {word} {what}"
        return after, _noted(after, document, _line(text, document, done_by(actor, store.clock())))

    return _decided(store, key, decide)


def assign(store: Store, key: TaskKey, assignee: str, actor: Actor) -> Task:
    """Hand the task to another user or group. Raises as ``complete`` does, and PermanentError for
    what is neither."""

    def decide(task: Task, document: Document) -> tuple[Task, Transaction]:
        to = assignee_of(assignee, store.programs.current(document.pipeline).pipeline)
        after = assigned(task, to)
        origin = done_by(actor, store.clock())
        text = f"{actor} gave the task {quoted(task.title)} of {task.assignee} to {to}"
        change = _noted(after, document, _line(text, document, origin))
        mails = (mail_of(after, now=origin.at, cause=str(actor)),) if after.mail else ()
        return after, change.model_copy(update={"planned": mails})

    return _decided(store, key, decide)


def existing_task(documents: Documents, key: TaskKey) -> Task:
    """The task as it is now; NotFoundError where there is none."""
    task = documents.task(key)
    if task is None:
        raise NotFoundError(f"there is no task {key}; expected document.entry.rule")
    return task


def _decided(store: Store, key: TaskKey, decide: Decide) -> Task:
    def propose() -> Proposal[Task]:
        task = existing_task(store.documents, key)
        after, change = decide(task, store.document(key.document))
        return Proposal(change, after)

    return transact(store, propose, subject=f"the document {key.document}").outcome


def _line(text: str, document: Document, origin: Origin, *, reason: str | None = None) -> LogEntry:
    by = str(origin.by)
    return LogEntry(
        at=origin.at,
        kind="task",
        text=text,
        by=by,
        entry=document.entry,
        reason=reason,
        cause=origin.cause,
    )


def _noted(task: Task, document: Document, line: LogEntry) -> Transaction:
    """A person's doing that changes the task alone, and stands on the document's timeline."""
    after = document.after_user_action()
    return Transaction(document=after, was_version=document.version, log=(line,), tasks=(task,))


def _of_run(store: Store, task: Task, document: Document) -> tuple[RunUpdate, ...]:
    """What the task's conclusion means for the run that waits for it, and for those below."""
    run = store.documents.run(task.run) if task.waits else None
    if run is None or run.state != "awaiting":
        return ()
    now = store.clock()
    after = after_task(run, task, now=now)
    return conclude(run, after, store.whole_chain(run, document), now=now).updates
