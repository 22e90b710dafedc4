"""A document's life is played again from what is stored of it, and comes out the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.engine.validation.pipeline import check as check_pipeline
from countersign.model.actor import user
from countersign.model.connection import Connection
from countersign.model.http import WebAnswer
from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.reader import check_file, read_file
from countersign.rules.base import Edit
from countersign.simulation.backtest.effects import moves
from countersign.simulation.backtest.inputs import History, Notes, failed_calls
from countersign.simulation.backtest.messages import Source
from countersign.simulation.backtest.replay import Life, Period, Programs, Replay, replay
from countersign.simulation.backtest.slices import inputs
from countersign.simulation.play import play_recorded
from countersign.simulation.script_reader import check
from countersign.simulation.simulate import read_messages
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.tasks import withdraw
from tests.builders import ANNA, KLARA, envelope, event, mail, pipeline, stage, trigger, world
from tests.unit.cli.desk import EVENTS, Desk
from tests.unit.simulation.backtest_scene import OWN

SCRIPTS = sorted((EVENTS / "pipelines").glob("*.script.yaml"))
NOT_KEPT = "a message is not kept any more, or cannot be read; the timeline says what it reported"


def history_of(here: World, document: str) -> History:
    """All that is stored of a document."""
    return History(
        document=here.document(document),
        timeline=here.documents.timeline(document),
        events=here.documents.events(document),
        runs=here.documents.runs(document),
        tasks=here.documents.tasks(document),
    )


def again(here: World, published: Pipeline, document: str) -> tuple[Replay, tuple[str, ...]]:
    """The document's life played again as it was published, and what of it is not known exactly."""
    history, notes = history_of(here, document), Notes()
    sources = {
        one.id: Source(connection=one, options=known.options if known else {})
        for one in here.connections.list()
        for known in [here.secrets.get(one.id)]
    }
    life = Life(
        document=document,
        steps=inputs(history, sources, published, notes),
        connections={name: source.connection for name, source in sources.items()},
        failed=failed_calls(history),
    )
    start = history.timeline[0].at
    played = replay(life, Programs(published), Period(start=start, end=here.now))
    return played, notes.sentences()


def require_same(here: World, published: Pipeline, document: str) -> tuple[str, ...]:
    """Played again it moves, mails and runs as it did; returns what is not known exactly."""
    played, notes = again(here, published, document)
    history = history_of(here, document)
    assert played.ignored == ()
    assert [one for one in played.effects if one.kind == "move"] == list(moves(history.timeline))
    assert [(one.to, one.text) for one in played.effects if one.kind == "mail"] == [
        ((*sent.to, *sent.cc, *sent.bcc), sent.subject)
        for sent in here.mailbox.sent
        if sent.run.document == document
    ]
    assert [(run.key, run.state, run.due) for run in played.runs] == [
        (run.key, run.state, run.due) for run in history.runs
    ]
    assert [(one.by, one.to, one.text) for one in played.effects if one.kind == "task"] == [
        (task.rule, (task.assignee,), task.title) for task in history.tasks
    ]
    assert played.document is not None
    assert played.document.stage == history.document.stage
    return notes


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_what_the_examples_do_happens_again_without_their_messages(path: Path) -> None:
    """Messages, edits, tasks, calls, files, reports on mails: read off the timeline alone."""
    file = path.with_name(f"{path.name.partition('.')[0]}.yaml")
    published = check_file(file, today=date(2026, 3, 2)).pipeline
    assert published is not None
    script, problems = check(read_file(path)[0], published)
    assert script is not None, problems
    messages, _ = read_messages(script, lambda name: (path.parent / name).read_bytes())
    _, here = play_recorded(published, script, messages)
    documents = list(here.state.documents)
    assert documents
    for document in documents:
        notes = require_same(here, published, document)
        assert len(notes) == 1
        assert notes[0].startswith(NOT_KEPT)


def test_messages_that_are_kept_are_read_again_exactly() -> None:
    desk = Desk()
    for name in (
        "recipient-completed-director",
        "recipient-completed-client",
        "envelope-completed",
    ):
        desk.world.now += timedelta(hours=1)
        path = EVENTS / "docusign" / f"{name}.json"
        assert desk("events", "send", str(path), "--connection", "docusign").exit_code == 0
    desk.world.advance(timedelta(days=20))
    published = desk.world.pipelines.version("contracts", 1).pipeline
    assert len(desk.world.documents.events(desk.document)) == 4
    assert require_same(desk.world, published, desk.document) == ()


def test_a_document_that_was_made_by_hand_gets_its_envelope_again() -> None:
    published = pipeline(
        stage("draft", mail("note", settings={**mail("x")["settings"], "to": ["responsible"]})),
        stage("sent", mail("hello"), triggers=[trigger("sent")]),
        fields={"region": {"type": "text"}},
        **OWN,
    )
    here = world(published)
    new = NewDocument(id="d-1", pipeline="contracts", values={"title": "Lease", "region": "north"})
    make(here.store, new, user(ANNA))
    here.settle()
    here.now += timedelta(hours=1)
    state = envelope(custom_fields={"countersign_document": "d-1"})
    document = here.tell("docusign", [event("document.sent", minute=60, state=state)])
    assert (document.id, document.stage) == ("d-1", "sent")
    here.advance(timedelta(days=1))
    require_same(here, published, "d-1")


def test_what_was_saved_together_is_saved_together_again() -> None:
    """A field that is changed fires no trigger of its own where the save also asks for a stage."""
    fires = trigger("field_changed", "changed", settings={"fields": ["number"]})
    published = pipeline(stage("draft"), stage("review"), stage("changed", triggers=[fires]), **OWN)
    here = World()
    here.publish(published)
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.now += timedelta(hours=1)
    here.edit("d-1", Edit(values={"title": "New"}, stage="review", comment="look"), by=KLARA)
    here.now += timedelta(hours=1)
    here.edit("d-1", Edit(values={"number": "17"}), by=ANNA)
    assert here.document("d-1").stage == "changed"
    assert require_same(here, published, "d-1") == ()


def test_rules_that_were_stopped_are_stopped_again() -> None:
    published = pipeline(stage("draft", mail("later", time={"after": {"days": 2}})), **OWN)
    here = World()
    here.publish(published)
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.advance(timedelta(days=1))
    here.edit("d-1", Edit(stop_rules=True), by=ANNA)
    here.advance(timedelta(days=5))
    assert require_same(here, published, "d-1") == ()


CHECK: dict[str, Any] = {
    "id": "check",
    "kind": "create_task",
    "settings": {"title": "Check", "assignee": ANNA, "wait": True},
}


def test_a_task_that_was_withdrawn_is_withdrawn_again() -> None:
    published = pipeline(stage("draft", CHECK, mail("below", on_failure="continue")), **OWN)
    here = World()
    here.publish(published)
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.settle()
    (task,) = here.documents.tasks("d-1")
    here.advance(timedelta(hours=3))
    withdraw(here.store, task.key, user(KLARA))
    here.settle()
    assert require_same(here, published, "d-1") == ()


def test_an_answer_is_given_again() -> None:
    fetch = {
        "id": "fetch",
        "kind": "call_web_address",
        "settings": {"url": "https://crm.acme.example", "answer": {"number": "id"}},
    }
    numbered = trigger("field_changed", "numbered", settings={"fields": ["number"]})
    published = pipeline(stage("draft", fetch), stage("done", triggers=[numbered]), **OWN)
    valid, problems = check_pipeline(published.model_dump(mode="json"), today=date(2026, 3, 2))
    assert valid is not None, problems
    answer = WebAnswer(status=200, body=b'{"id": "C-7"}')
    here = World(web=MemoryHttpClient(lambda _: answer))
    here.publish(published)
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.settle()
    assert (here.document("d-1").number, here.document("d-1").stage) == ("C-7", "done")
    assert require_same(here, published, "d-1") == ()


def test_what_a_removed_connection_told_is_read_off_the_timeline() -> None:
    published = pipeline(
        stage("draft"), stage("sent", mail("hello"), triggers=[trigger("sent")]), **OWN
    )
    here = world(published)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert [one.subject for one in here.mailbox.sent] == ["hello"]
    history = history_of(here, document.id)
    known = Connection(id="docusign", provider="docusign", pipeline="contracts", responsible=ANNA)
    source = {"docusign": Source(connection=known, options={})}
    life = Life(
        document=document.id,
        steps=inputs(history, source, published, Notes()),
        connections={"docusign": known},
    )
    period = Period(start=here.now - timedelta(days=1), end=here.now)
    played = replay(life, Programs(published), period)
    assert [(one.kind, one.by) for one in played.effects] == [
        ("move", "trigger:sent"),
        ("mail", "hello"),
    ]
