"""semantics, section 3, task management: what a task does to the rules around it, and triggers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.task import ChecklistItem, Task
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.documents.tasks import complete, withdraw
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.queries.show import show
from tests.builders import (
    ANNA,
    envelope,
    event,
    mail,
    pipeline,
    stage,
    states,
    subjects,
    to_stage,
    trigger,
    world,
)

SENDERS = ["contracts@acme.example"]
BEN, CARLA = "ben@acme.example", "carla@acme.example"
HOUR = timedelta(hours=1)


def task(rule_id: str = "check", *, wait: bool = True, **more: Any) -> dict[str, Any]:
    """A rule that gives Ben a task."""
    given = more.pop("settings", {})
    settings = {"title": f"Do {rule_id}", "assignee": BEN, "wait": wait, **given}
    return {"id": rule_id, "kind": "create_task", "settings": settings, **more}


def start(*stages: dict[str, Any], **more: Any) -> tuple[World, Document]:
    """A world whose document is in the first stage, its envelope sent."""
    here = world(pipeline(*stages, senders=SENDERS, **more))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def the_task(here: World, document: Document) -> Task:
    """The document's newest task."""
    return here.documents.tasks(document.id)[-1]


def done(here: World, document: Document, by: str = BEN) -> Document:
    """Somebody completes the newest task."""
    return here.complete_task(the_task(here, document).key, by=by)


def withdrawn(here: World, document: Document, reason: str | None = None) -> None:
    """Carla withdraws the newest task."""
    key = the_task(here, document).key
    withdraw(here.store, key, user(CARLA), reason=reason)
    here.settle()


def last_line(here: World, document: Document) -> LogEntry:
    return here.documents.timeline(document.id)[-1]


# --- making


def test_a_task_is_made_with_its_rule_its_stage_and_its_deadline() -> None:
    settings = {
        "title": "Check {{ document.title }}",
        "text": "for {{ client.name }}",
        "deadline": {"after": {"working_days": 1}, "at": "12:00"},
        "checklist": ["Read", "Call"],
    }
    here, document = start(stage("draft", task(wait=False, settings=settings)))
    assert here.documents.tasks(document.id) == (
        Task(
            document=document.id,
            id="1.check",
            entry=1,
            rule="check",
            pipeline="contracts",
            pipeline_version=1,
            stage="draft",
            title="Check Service agreement",
            text="for Klara",
            assignee=BEN,
            deadline=datetime(2026, 3, 3, 11, tzinfo=UTC),
            checklist=(ChecklistItem(text="Read"), ChecklistItem(text="Call")),
            created_at=START,
        ),
    )
    line = last_line(here, document)
    assert (line.kind, line.by, line.text) == (
        "task",
        "rule:check",
        'rule:check made the task "Check Service agreement" of ben@acme.example '
        "(due 2026-03-03 12:00 Europe/Berlin)",
    )


@pytest.mark.parametrize(
    ("end", "deadline"),
    [
        ("2026-03-10", datetime(2026, 3, 7, 23, tzinfo=UTC)),
        (None, None),
        ("2026-03-01", START),
    ],
    ids=["counted back from the field", "none where the field is empty", "passed: at once"],
)
def test_a_deadline_may_hang_on_a_date_field(end: str | None, deadline: datetime | None) -> None:
    before = {"before": {"field": "end", "days": 2}}
    here, document = start(
        stage("draft"),
        stage("check", task(settings={"deadline": before})),
        fields={"end": {"type": "date"}},
    )
    here.edit(document.id, Edit(values={"end": end}, stage="check"), by=BEN)
    assert the_task(here, document).deadline == deadline
    lines = [one.text for one in here.documents.timeline(document.id) if one.kind == "task"]
    missing = [text.endswith(", without a deadline: the field end is empty") for text in lines]
    assert missing == [deadline is None]


def test_each_arrival_makes_a_task_of_its_own() -> None:
    here, document = start(stage("draft", task(wait=False)), stage("sent"))
    here.edit(document.id, Edit(stage="sent"), by=BEN)
    here.edit(document.id, Edit(stage="draft"), by=BEN)
    assert [one.id for one in here.documents.tasks(document.id)] == ["1.check", "3.check"]


def test_a_task_without_an_assignee_fails_and_the_chain_goes_on() -> None:
    create = task(settings={"assignee": "field:lawyer"})
    here, document = start(
        stage("draft", create, mail("below")), fields={"lawyer": {"type": "user"}}
    )
    assert states(here, document) == {"check": "failed", "below": "done"}
    assert here.documents.tasks(document.id) == ()


# --- waiting


def test_a_rule_that_does_not_wait_is_done_with_the_making() -> None:
    here, document = start(stage("draft", task(wait=False), mail("below")))
    assert states(here, document) == {"check": "done", "below": "done"}
    assert the_task(here, document).state == "open"


def test_the_chain_waits_until_the_task_is_completed() -> None:
    here, document = start(
        stage("draft", task(), mail("below"), mail("beside", execution="independent"))
    )
    here.advance(timedelta(days=100))
    assert here.sweep().counts == {}
    assert states(here, document) == {"check": "awaiting", "below": "waiting", "beside": "done"}
    done(here, document)
    assert states(here, document) == {"check": "done", "below": "done", "beside": "done"}
    assert subjects(here) == ["beside", "below"]


def test_the_delay_of_the_rule_below_counts_from_the_completion() -> None:
    here, document = start(stage("draft", task(), mail("below", time={"after": {"hours": 1}})))
    here.advance(timedelta(days=2))
    done(here, document)
    here.advance(HOUR - timedelta(seconds=1))
    assert subjects(here) == []
    here.advance(timedelta(seconds=1))
    assert subjects(here) == ["below"]


def test_a_withdrawn_task_cancels_its_rule_and_the_chain_goes_on() -> None:
    here, document = start(stage("draft", task(), mail("below")))
    withdrawn(here, document, "no longer needed")
    check = here.documents.runs(document.id)[0]
    assert (check.state, check.reason) == ("cancelled", f'{CARLA} withdrew its task "Do check"')
    assert subjects(here) == ["below"]
    line = next(one for one in here.documents.timeline(document.id) if one.by == CARLA)
    assert (line.kind, line.text, line.reason) == (
        "task",
        f'{CARLA} withdrew the task "Do check" of {BEN}',
        "no longer needed",
    )


def test_leaving_the_stage_does_not_cancel_a_rule_whose_task_is_open() -> None:
    here, document = start(
        stage("draft", task(), mail("dead"), mail("kept", on_leave="keep")), stage("sent")
    )
    here.edit(document.id, Edit(stage="sent"), by=BEN)
    assert states(here, document, 1) == {"check": "awaiting", "dead": "waiting", "kept": "waiting"}
    done(here, document)
    assert states(here, document, 1) == {"check": "done", "dead": "cancelled", "kept": "done"}
    assert subjects(here) == ["kept"]


def test_stopping_the_rules_leaves_the_task_and_cancels_what_waits_below() -> None:
    here, document = start(stage("draft", task(), mail("below")))
    here.edit(document.id, Edit(stop_rules=True), by=CARLA)
    assert states(here, document) == {"check": "awaiting", "below": "cancelled"}
    done(here, document)
    assert states(here, document) == {"check": "done", "below": "cancelled"}


def test_a_rule_below_that_hangs_on_a_date_field_is_armed_by_the_completion() -> None:
    here, document = start(
        stage("draft", task(), mail("below", time={"on": {"field": "end"}, "at": "09:00"})),
        fields={"end": {"type": "date"}},
    )
    done(here, document)
    assert states(here, document) == {"check": "done", "below": "no_date"}
    here.edit(document.id, Edit(values={"end": "2026-03-09"}), by=BEN)
    here.advance(timedelta(days=8))
    assert subjects(here) == ["below"]


def test_a_task_can_be_completed_while_the_pipeline_is_paused() -> None:
    here, document = start(stage("draft", task(), mail("below")))
    pause(here.pipelines, "contracts")
    done(here, document)
    assert states(here, document) == {"check": "done", "below": "ready"}
    resume(here.receiver, here.pipelines, "contracts")
    here.settle()
    assert subjects(here) == ["below"]


def test_a_task_asked_for_while_paused_is_made_on_resume() -> None:
    here, document = start(stage("draft"), stage("sent", task()))
    pause(here.pipelines, "contracts")
    here.edit(document.id, Edit(stage="sent"), by=BEN)
    assert here.documents.tasks(document.id) == ()
    resume(here.receiver, here.pipelines, "contracts")
    here.settle()
    assert [one.id for one in here.documents.tasks(document.id)] == ["2.check"]


def test_show_says_whose_task_is_waited_for_and_lists_the_tasks() -> None:
    settings = {"deadline": {"after": {"days": 1}}}
    here, document = start(stage("draft", task(settings=settings), mail("below")))
    found = show(here.documents, here.pipelines, here.programs, document.id)
    assert [run.words for entry in found.entries for run in entry.runs] == [
        f'waits for the task "Do check" of {BEN} (due 2026-03-03 10:00 Europe/Berlin)',
        "waits for check",
    ]
    assert found.tasks == here.documents.tasks(document.id)


# --- triggers


@pytest.mark.parametrize(("waited_for", "moves"), [(None, True), ("check", True), ("other", False)])
def test_a_trigger_waits_for_the_tasks_of_one_rule_or_of_any(
    waited_for: str | None, moves: bool
) -> None:
    waiting = trigger("task_completed", settings={"task": waited_for})
    here, document = start(
        stage("draft", task(wait=False)), stage("checked", mail("told"), triggers=[waiting])
    )
    after = done(here, document)
    assert (after.stage, after.previous_stage) == (
        ("checked", "draft") if moves else ("draft", None)
    )
    assert subjects(here) == (["told"] if moves else [])
    line = [one for one in here.documents.timeline(document.id) if one.event][-1]
    assert (line.event, line.by, line.text) == (
        "task.completed",
        BEN,
        f'{BEN} completed the task "Do check"',
    )
    assert [one.reason for one in line.passed] == (
        [] if moves else ["it is about the task of check, not of other"]
    )


def test_a_completed_task_that_moves_the_document_ends_the_chain_of_its_stage() -> None:
    waiting = trigger("task_completed")
    here, document = start(
        stage("draft", task(), mail("below")),
        stage("checked", mail("told"), triggers=[waiting]),
    )
    done(here, document)
    assert states(here, document, 1) == {"check": "done", "below": "cancelled"}
    assert subjects(here) == ["told"]


def test_a_withdrawn_task_fires_nothing() -> None:
    here, document = start(
        stage("draft", task()), stage("checked", triggers=[trigger("task_completed")])
    )
    withdrawn(here, document)
    assert here.document(document.id).stage == "draft"


def test_a_completed_task_is_a_person_s_doing_so_automatic_moves_are_counted_anew() -> None:
    here, document = start(
        stage("draft", to_stage("go", "checked")),
        stage("checked", task()),
    )
    assert here.document(document.id).automatic_moves == 1
    done(here, document)
    assert here.document(document.id).automatic_moves == 0


def test_the_condition_of_a_trigger_is_judged_when_the_task_is_completed() -> None:
    only_large = {"field": "amount", "op": "greater", "value": 100}
    waiting = trigger("task_completed", condition=only_large)
    here, document = start(stage("draft", task(wait=False)), stage("checked", triggers=[waiting]))
    here.edit(document.id, Edit(values={"amount": 500}), by=ANNA)
    assert done(here, document).stage == "checked"


def test_a_task_can_be_completed_after_its_rule_is_gone_from_the_pipeline() -> None:
    here, document = start(stage("draft", task(), mail("below")))
    here.publish(pipeline(stage("draft"), senders=SENDERS))
    key = the_task(here, document).key
    complete(here.store, key, user(BEN))
    here.settle()
    assert states(here, document) == {"check": "done", "below": "done"}
