"""What people do with tasks: one at a time, two at once, and while the document moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import save
from countersign.use_cases.documents.tasks import assign, complete, existing_task, tick, withdraw
from tests.builders import (
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    timeline,
    trigger,
)

BEN, CARLA = "ben@acme.example", "carla@acme.example"
CHECK = {
    "id": "check",
    "kind": "create_task",
    "settings": {"title": "Check", "assignee": BEN, "wait": True, "checklist": ["Read", "Call"]},
}


class Meanwhile(MemoryDocuments):
    """Lets something happen ahead of a write, or after a task was read."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.at_commit: list[Callable[[], object]] = []
        self.after_task: list[Callable[[], object]] = []

    def task(self, key: TaskKey) -> Task | None:
        there = super().task(key)
        if self.after_task:
            self.after_task.pop()()
        return there

    def commit(self, change: Transaction) -> None:
        if self.at_commit:
            self.at_commit.pop()()
        super().commit(change)


def start(*more: dict[str, Any]) -> tuple[World, Meanwhile, Document]:
    """A document whose first rule waits for Ben's task."""
    here = World()
    documents = Meanwhile(here.state)
    here.documents = documents
    stages = (stage("draft", CHECK, mail("below")), *more)
    here.publish(pipeline(*stages, senders=["contracts@acme.example"]))
    here.connect(connection())
    return here, documents, here.tell("docusign", [event("document.sent", state=envelope())])


def key_of(document: Document) -> TaskKey:
    return TaskKey(document=document.id, id="1.check")


def completed(here: World, document: Document, by: str) -> Task:
    return complete(here.store, key_of(document), user(by, as_operator=by != BEN))


def withdrawn(here: World, document: Document, by: str) -> Task:
    return withdraw(here.store, key_of(document), user(by))


def test_what_is_ticked_off_and_opened_again_stands_on_the_task_and_the_timeline() -> None:
    here, documents, document = start()
    key = key_of(document)
    for point, done in ((1, True), (2, True), (1, False)):
        tick(here.store, key, point, user(BEN), done=done)
    task = existing_task(documents, key)
    assert ([one.done for one in task.checklist], task.version) == ([False, True], 4)
    assert [one.text for one in documents.timeline(document.id) if one.by == BEN] == [
        f'{BEN} ticked off "Read" of the task "Check"',
        f'{BEN} ticked off "Call" of the task "Check"',
        f'{BEN} opened again "Read" of the task "Check"',
    ]


def test_whatever_people_do_with_a_task_is_a_line_of_the_timeline() -> None:
    here, _, document = start()
    before = len(here.documents.timeline(document.id))
    tick(here.store, key_of(document), 1, user(BEN), done=True)
    assign(here.store, key_of(document), CARLA, user(BEN))
    withdraw(here.store, key_of(document), user(BEN), reason="not needed any more")
    line = {"kind": "task", "by": BEN, "entry": 1, "cause": BEN}
    assert timeline(here, document, before) == [
        {**line, "text": f'{BEN} ticked off "Read" of the task "Check"'},
        {**line, "text": f'{BEN} gave the task "Check" of {BEN} to {CARLA}'},
        {
            **line,
            "text": f'{BEN} withdrew the task "Check" of {CARLA}',
            "reason": "not needed any more",
        },
    ]


def test_a_task_that_is_handed_over_is_found_with_its_new_owner() -> None:
    here, documents, document = start()
    assign(here.store, key_of(document), CARLA, user(BEN))
    assert ([*documents.open_tasks(BEN)], [one.id for one in documents.open_tasks(CARLA)]) == (
        [],
        ["1.check"],
    )


def test_a_completed_task_says_who_completed_it_and_when() -> None:
    here, documents, document = start()
    tick(here.store, key_of(document), 2, user(BEN), done=True)
    task = completed(here, document, CARLA)
    assert (task.state, task.concluded_by, task.concluded_at) == ("done", CARLA, here.now)
    assert documents.task(task.key) == task
    line = next(one for one in documents.timeline(document.id) if one.event == "task.completed")
    assert line.text == f'{CARLA} completed as an operator the task "Check" (1 of 2 points)'


@pytest.mark.parametrize("end", [completed, withdrawn])
def test_nothing_can_be_done_with_a_concluded_task(
    end: Callable[[World, Document, str], Task],
) -> None:
    here, documents, document = start()
    task = end(here, document, BEN)
    told = f"the task {task.key} is {task.state} already, by {BEN}"
    timeline = documents.timeline(document.id)
    tries: list[Callable[[], object]] = [
        lambda: completed(here, document, CARLA),
        lambda: withdrawn(here, document, CARLA),
        lambda: tick(here.store, task.key, 1, user(CARLA), done=True),
        lambda: assign(here.store, task.key, CARLA, user(CARLA)),
    ]
    for attempt in tries:
        with pytest.raises(PermanentError) as raised:
            attempt()
        assert str(raised.value) == told
    assert documents.timeline(document.id) == timeline


@pytest.mark.parametrize(
    ("attempt", "told"),
    [
        (
            lambda here, key: tick(here.store, key, 3, user(BEN), done=True),
            "has no point 3 on its checklist; there are 1 to 2",
        ),
        (
            lambda here, key: assign(here.store, key, "carla", user(BEN)),
            '"carla" is not a user; expected an e-mail address, or a name that the pipeline',
        ),
    ],
    ids=["a point", "a user"],
)
def test_what_is_not_there_is_refused(
    attempt: Callable[[World, TaskKey], object], told: str
) -> None:
    here, _, document = start()
    with pytest.raises(PermanentError, match=told):
        attempt(here, key_of(document))


def test_a_task_that_does_not_exist_is_not_found() -> None:
    here, _, document = start()
    with pytest.raises(NotFoundError, match=r"there is no task .*\.9\.check; expected document\."):
        complete(here.store, TaskKey(document=document.id, id="9.check"), user(BEN))


# --- races


@pytest.mark.parametrize("end", [completed, withdrawn])
def test_the_rule_below_is_timed_by_the_version_that_concluded_the_task(
    end: Callable[[World, Document, str], Task],
) -> None:
    here = World()
    timed = mail("below", time={"after": {"field": "expires", "days": 1}})
    here.publish(pipeline(stage("draft", CHECK, timed), senders=["contracts@acme.example"]))
    here.connect(connection())
    state = envelope(expires_at=here.now + timedelta(days=9))
    document = here.tell("docusign", [event("document.sent", state=state)])
    end(here, document, BEN)
    below = run_of(here, document, "below")
    assert (below.state, below.due) == ("ready", here.now + timedelta(days=10))
    assert below.date_field_version == here.store.document(document.id).version


@pytest.mark.parametrize("when", ["at_commit", "after_task"])
@pytest.mark.parametrize("first", [completed, withdrawn])
@pytest.mark.parametrize("second", [completed, withdrawn])
def test_of_two_who_conclude_a_task_at_once_one_is_told_that_it_was_the_other(
    when: str,
    first: Callable[[World, Document, str], Task],
    second: Callable[[World, Document, str], Task],
) -> None:
    here, documents, document = start()
    getattr(documents, when).append(lambda: first(here, document, CARLA))
    with pytest.raises(PermanentError, match=f"already, by {CARLA}"):
        second(here, document, BEN)
    here.settle()
    check = "done" if first is completed else "cancelled"
    assert states(here, document) == {"check": check, "below": "done"}
    assert subjects(here) == ["below"]


def test_a_task_completed_while_the_document_moves_is_completed_once_and_frees_no_dead_rule() -> (
    None
):
    here, documents, document = start(stage("sent"))
    move = Edit(stage="sent")
    documents.at_commit.append(lambda: save(here.store, document.id, move, user(CARLA)))
    assert completed(here, document, BEN).state == "done"
    here.settle()
    assert states(here, document) == {"check": "done", "below": "cancelled"}
    assert subjects(here) == []


def test_a_document_that_moves_while_its_task_is_completed_hears_of_it_where_it_is() -> None:
    waiting = trigger("task_completed")
    here, documents, document = start(stage("sent"), stage("checked", triggers=[waiting]))
    move = Edit(stage="checked")
    documents.at_commit.append(lambda: save(here.store, document.id, move, user(CARLA)))
    completed(here, document, BEN)
    after = here.document(document.id)
    assert (after.stage, after.entry) == ("checked", 2)
    line = next(one for one in documents.timeline(document.id) if one.event == "task.completed")
    assert [one.reason for one in line.passed] == ["the document is in the trigger's own stage"]


def test_rules_stopped_while_the_task_is_completed_stay_stopped() -> None:
    here, documents, document = start()
    stop = Edit(stop_rules=True)
    documents.at_commit.append(lambda: save(here.store, document.id, stop, user(CARLA)))
    completed(here, document, BEN)
    here.settle()
    assert states(here, document) == {"check": "done", "below": "cancelled"}


def test_a_document_that_never_rests_is_given_up_with_nothing_written() -> None:
    here, documents, document = start()

    def touch() -> None:
        values = {"number": str(len(documents.timeline(document.id)))}
        MemoryDocuments.commit(documents, _touched(documents, document, values))

    documents.at_commit.extend([touch] * 20)
    with pytest.raises(ConflictError, match="changed 8 times meanwhile; try again"):
        completed(here, document, BEN)
    assert existing_task(documents, key_of(document)).state == "open"


def _touched(documents: Meanwhile, document: Document, values: dict[str, str]) -> Transaction:
    there = MemoryDocuments.get(documents, document.id)
    assert there is not None
    after = there.model_copy(update={"version": there.version + 1, **values})
    return Transaction(document=after, was_version=there.version)
