"""The life of a task, each step as a whole value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.task_mails import mail_of, task_of
from countersign.engine.runs.tasks import (
    after_task,
    assigned,
    completion,
    concluded,
    made_task,
    may_complete,
    opened,
    points_done,
    refuse_completion,
    task_text,
    ticked,
    without_deadline,
)
from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import Version
from countersign.model.run import Run, RunKey
from countersign.model.run_purpose import TaskMailRun
from countersign.model.task import ChecklistItem, NewTask, Task, TaskKey
from countersign.model.timing import Timing
from countersign.simulation.world import START
from tests.builders import pipeline, stage

KEY = RunKey(document="d", entry=2, rule="call", repeat=1)
PIPELINE = pipeline(
    stage("s"), fields={"end": {"type": "date"}}, groups={"sales": ["ben", "Anna@acme.example"]}
)
PROGRAM = CompiledPipeline(Version(number=7, pipeline=PIPELINE))
HOME = Document(id="d", pipeline="contracts", stage="s", since=START, created_at=START)


def new(**more: Any) -> NewTask:
    given = {
        "run": KEY, "pipeline_version": 7, "stage": "s", "title": "Call", "text": "Ask.",
        "assignee": "ben", "checklist": ("one", "two"), "waits": True, "mail": True, **more,
    }  # fmt: skip
    return NewTask.model_validate(given)


def task(**more: Any) -> Task:
    given = {
        "document": "d", "id": "2.call~1", "entry": 2, "rule": "call", "repeat": 1,
        "pipeline": "contracts", "pipeline_version": 7, "stage": "s", "title": "Call",
        "text": "Ask.", "assignee": "ben", "waits": True, "mail": True, "created_at": START,
        "checklist": (ChecklistItem(text="one"), ChecklistItem(text="two")), **more,
    }  # fmt: skip
    return Task.model_validate(given)


@pytest.mark.parametrize(
    ("written", "fields", "deadline", "empty"),
    [
        (None, {}, None, None),
        ({"after": {"days": 1}}, {}, START + timedelta(days=1), None),
        ({"on": {"field": "end"}}, {}, None, "end"),
        ({"on": {"field": "end"}}, {"end": "2026-03-03"}, START + timedelta(hours=14), None),
        ({"on": {"field": "end"}}, {"end": "2026-02-01"}, START, None),
    ],
)
def test_a_task_is_made_with_all_that_its_rule_says(
    written: Any, fields: Any, deadline: Any, empty: str | None
) -> None:
    when = None if written is None else Timing.model_validate(written)
    home = HOME.model_copy(update={"fields": fields})
    assert opened(new(deadline=when), PROGRAM, home, now=START) == task(
        deadline=deadline, no_deadline=empty
    )


def run(state: str, **more: Any) -> Run:
    given = {
        "document": "d", "entry": 2, "rule": "call", "repeat": 1, "pipeline": "contracts",
        "pipeline_version": 7, "stage": "s", "kind": "create_task", "lane": "document",
        "state": state, "planned_at": START, **more,
    }  # fmt: skip
    return Run.model_validate(given)


def test_a_run_awaits_its_task_or_is_done() -> None:
    begun = run("running", lease_until=START, result={"a": "b"})
    result = {"a": "b", "task": "2.call~1"}
    assert made_task(begun, task(), now=START) == run(
        "awaiting", reason="waits until its task is concluded", result=result
    )
    assert made_task(begun, task(waits=False), now=START) == run(
        "done", concluded_at=START, result=result
    )


def test_a_task_is_concluded_once() -> None:
    done = concluded(task(), "done", by="ben", now=START)
    assert done == task(state="done", version=2, concluded_at=START, concluded_by="ben")
    changes: tuple[Callable[[], Task], ...] = (
        lambda: concluded(done, "withdrawn", by="anna", now=START),
        lambda: ticked(done, 1, True),
        lambda: assigned(done, "anna"),
    )
    for again in changes:
        with pytest.raises(PermanentError) as raised:
            again()
        assert str(raised.value) == "the task d.2.call~1 is done already, by ben"
    awaiting = run("awaiting")
    assert after_task(awaiting, done, now=START) == run("done", concluded_at=START)
    withdrawn = concluded(task(), "withdrawn", by="ben", now=START)
    assert after_task(awaiting, withdrawn, now=START) == run(
        "cancelled", concluded_at=START, reason='ben withdrew its task "Call"'
    )


def test_points_are_ticked_one_by_one_and_counted() -> None:
    one = ticked(task(), 2, True)
    assert one == task(
        version=2, checklist=(ChecklistItem(text="one"), ChecklistItem(text="two", done=True))
    )
    assert points_done(one) == "1 of 2 points"
    assert points_done(ticked(ticked(one, 1, True), 2, False)) == "1 of 2 points"
    assert points_done(task(checklist=())) == ""
    for point in (0, 3):
        with pytest.raises(PermanentError) as raised:
            ticked(task(), point, True)
        assert str(raised.value) == (
            f"the task d.2.call~1 has no point {point} on its checklist; there are 1 to 2"
        )
    with pytest.raises(PermanentError, match="there are none"):
        ticked(task(checklist=()), 1, True)


def test_a_task_that_is_handed_over_knows_in_which_version() -> None:
    assert assigned(task(version=4), "anna") == task(version=5, assignee="anna", assigned_in=5)


@pytest.mark.parametrize(
    ("assignee", "by", "may"),
    [
        ("ben", "ben", True),
        ("ben", "BEN", True),
        ("ben", "anna@acme.example", False),
        ("group:sales", "ben", True),
        ("group:sales", "anna@ACME.example", True),
        ("group:sales", "clara", False),
        ("group:gone", "ben", False),
    ],
)
def test_a_task_is_completed_by_whom_it_is_assigned_to(assignee: str, by: str, may: bool) -> None:
    one = task(assignee=assignee)
    assert may_complete(one, by, PIPELINE) is may
    if may:
        refuse_completion(one, by, PIPELINE)
        return
    with pytest.raises(PermanentError) as raised:
        refuse_completion(one, by, PIPELINE)
    assert str(raised.value) == (
        f"the task d.2.call~1 is assigned to {assignee}, not to {by}; hand it over with tasks "
        "assign, or complete it as an operator with --as-operator"
    )


def test_triggers_hear_of_a_task_that_is_done() -> None:
    assert completion(task(), now=START) == DocumentEvent(
        kind="task.completed", at=START, detail={"task": "2.call~1", "rule": "call"}
    )


def test_a_task_is_told_with_its_assignee_and_deadline() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert task_text(task(), zone) == '"Call" of ben'
    at = START + timedelta(microseconds=7)
    assert (
        task_text(task(deadline=at), zone) == '"Call" of ben (due 2026-03-02 10:00 Europe/Berlin)'
    )
    assert without_deadline("end") == "without a deadline: the field end is empty"


def test_the_assignee_s_mail_is_a_run_of_its_own_that_stays_when_the_stage_is_left() -> None:
    mailed = mail_of(task(assigned_in=3), now=START, cause="anna > rule:call")
    assert mailed == Run(
        document="d",
        entry=2,
        rule="_task-3-call",
        repeat=1,
        position=9_999,
        pipeline="contracts",
        pipeline_version=7,
        stage="s",
        kind="task_mail",
        lane="email",
        state="ready",
        planned_at=START,
        due=START,
        on_leave="keep",
        cause="anna > rule:call",
    )
    assert isinstance(mailed.purpose, TaskMailRun)
    assert task_of(mailed, mailed.purpose) == TaskKey.of(KEY)
