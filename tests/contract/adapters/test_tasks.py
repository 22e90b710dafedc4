"""What ``ports.Documents`` promises about tasks, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.errors import ConflictError, PermanentError
from countersign.model.document import Document
from countersign.model.task import ChecklistItem, Task, TaskKey, TaskState
from countersign.model.transaction import Transaction
from countersign.ports import Documents

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DOCUMENT = Document(id="d1", pipeline="sales", stage="sent", since=NOON, created_at=NOON)
BEN, CARLA = "ben@acme.example", "carla@acme.example"
TASK = Task(
    document="d1",
    id="1.check",
    entry=1,
    rule="check",
    pipeline="sales",
    pipeline_version=3,
    stage="sent",
    title="Check the lease",
    text="2nd floor\nand cellar",
    assignee=BEN,
    deadline=NOON + DAY,
    checklist=(ChecklistItem(text="Read"), ChecklistItem(text="Call", done=True)),
    waits=True,
    created_at=NOON,
)


def a_task(rule: str = "check", entry: int = 1, **members: Any) -> Task:
    return TASK.model_copy(
        update={"id": f"{entry}.{rule}", "rule": rule, "entry": entry, **members}
    )


def put(documents: Documents, *tasks: Task, document: Document = DOCUMENT) -> None:
    """Make or change tasks of one document."""
    there = documents.get(document.id)
    version = there.version + 1 if there else 1
    after = document.model_copy(update={"version": version})
    was = there.version if there else None
    documents.commit(Transaction(document=after, was_version=was, tasks=tasks))


def changed(task: Task, **members: Any) -> Task:
    return task.model_copy(update={"version": task.version + 1, **members})


def concluded(task: Task, state: TaskState = "done") -> Task:
    return changed(task, state=state, concluded_at=NOON, concluded_by=CARLA)


def test_a_task_is_read_back_whole(documents: Documents) -> None:
    plain = Task(
        document="d1",
        id="2.call",
        entry=2,
        rule="call",
        pipeline="sales",
        pipeline_version=3,
        stage="sent",
        title="Call",
        assignee=BEN,
        created_at=NOON,
    )
    put(documents, TASK, plain)
    assert documents.task(TaskKey(document="d1", id="1.check")) == TASK
    assert documents.tasks("d1") == (TASK, plain)
    assert (documents.task(TaskKey(document="d1", id="9.check")), documents.tasks("d2")) == (
        None,
        (),
    )


def test_the_tasks_of_a_document_stand_by_entry_and_in_the_order_they_were_made(
    documents: Documents,
) -> None:
    later = a_task("a", created_at=NOON + DAY)
    first, tenth = a_task("b"), a_task("check", entry=10)
    second = a_task("check", entry=2, created_at=NOON + 9 * DAY)
    put(documents, tenth, later)
    put(documents, first, second)
    assert documents.tasks("d1") == (first, later, second, tenth)


def test_tasks_are_not_among_the_runs_the_timeline_or_the_events(documents: Documents) -> None:
    put(documents, TASK)
    assert (documents.runs("d1"), documents.timeline("d1"), documents.events("d1")) == ((), (), ())


def test_a_changed_task_takes_the_place_of_the_old_one(documents: Documents) -> None:
    put(documents, TASK)
    after = changed(TASK, assignee=CARLA, checklist=())
    put(documents, after)
    assert documents.tasks("d1") == (after,)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        (None, changed(TASK)),
        (TASK, TASK),
        (TASK, changed(changed(TASK))),
        (changed(TASK, title="Else"), changed(TASK)),
    ],
    ids=["does not exist", "exists", "is older", "is as new"],
)
def test_a_task_in_another_version_is_a_conflict_and_nothing_is_written(
    documents: Documents, before: Task | None, change: Task
) -> None:
    put(documents, *([TASK] if before else []))
    if before is not None and before.version > 1:
        put(documents, before)
    document, tasks = documents.get("d1"), documents.tasks("d1")
    with pytest.raises(ConflictError, match=r"task d1\.1\.check was changed by somebody else"):
        put(documents, a_task("other"), change)
    assert (documents.get("d1"), documents.tasks("d1")) == (document, tasks)


def test_the_open_tasks_of_a_person_stand_by_deadline_those_without_one_at_the_end(
    documents: Documents,
) -> None:
    later, never = a_task("later", deadline=NOON + 9 * DAY), a_task("never", deadline=None)
    of_carla = a_task("hers", assignee=CARLA)
    ended = a_task("ended")
    put(documents, never, later, of_carla, TASK, ended, a_task("gone"))
    put(documents, concluded(ended), concluded(a_task("gone"), "withdrawn"))
    other = Task(**{**TASK.model_dump(), "document": "d2", "deadline": NOON + 2 * DAY})
    put(documents, other, document=DOCUMENT.model_copy(update={"id": "d2"}))
    assert list(documents.open_tasks(BEN)) == [TASK, other, later, never]
    assert list(documents.open_tasks(CARLA)) == [of_carla]
    assert list(documents.open_tasks("anna@acme.example")) == []


def test_a_task_is_found_whatever_the_case_of_its_assignee(documents: Documents) -> None:
    task = a_task(assignee="Ben@Acme.example")
    put(documents, task)
    assert list(documents.open_tasks("bEN@acme.example")) == [task]


def test_everybody_s_open_tasks_stand_by_deadline(documents: Documents) -> None:
    tasks = [
        a_task(f"r{n}", assignee=who, deadline=None if n == 3 else NOON + (9 - n) * DAY)
        for n, who in enumerate((BEN, CARLA, "group:legal", BEN, "Max"))
    ]
    put(documents, *tasks)
    put(documents, concluded(tasks[0]))
    assert [task.rule for task in documents.open_tasks()] == ["r4", "r2", "r1", "r3"]


@pytest.mark.parametrize(
    ("assignee", "asked"),
    [
        ("group:Recht", "group:recht "),
        ("mia@süd.example", "mia@xn--sd-xka.example"),
        ("Ju\u0308rgen Weiß", "jürgen\u00a0WEISS"),
        ("x" * 400 + "@acme.example", "X" * 400 + "@acme.example"),
    ],
)
def test_a_task_is_found_however_its_assignee_is_written(
    documents: Documents, assignee: str, asked: str
) -> None:
    task = a_task(assignee=assignee)
    put(documents, task)
    assert list(documents.open_tasks(asked)) == [task]
    assert list(documents.open_tasks("other@acme.example")) == []


def test_a_name_that_begins_like_another_s_place_is_not_taken_for_it(documents: Documents) -> None:
    put(documents, a_task(assignee="a#2026@acme.example"))
    assert list(documents.open_tasks("a")) == []


def test_a_task_that_is_handed_over_is_found_with_its_new_assignee_alone(
    documents: Documents,
) -> None:
    put(documents, TASK)
    after = changed(TASK, assignee=CARLA)
    put(documents, after)
    assert (list(documents.open_tasks(BEN)), list(documents.open_tasks(CARLA))) == ([], [after])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Transaction(tasks=(TASK,)), "a change with tasks must change its document"),
        (
            Transaction(document=DOCUMENT.model_copy(update={"id": "d2"}), tasks=(TASK,)),
            "every task of a change must be of its document, d2",
        ),
        (
            Transaction(document=DOCUMENT, tasks=(TASK, TASK)),
            r"the task d1\.1\.check more than once",
        ),
        (
            Transaction(document=DOCUMENT, tasks=tuple(a_task(f"r{n}") for n in range(100))),
            "101 items",
        ),
    ],
    ids=["without its document", "of another document", "twice", "too many"],
)
def test_a_change_of_tasks_that_can_be_no_transaction_is_refused_for_good(
    documents: Documents, change: Transaction, told: str
) -> None:
    with pytest.raises(PermanentError, match=told):
        documents.commit(change)
    assert (documents.get("d1"), documents.tasks("d1")) == (None, ())
