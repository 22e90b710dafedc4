"""How a run ends that changes its document."""

from __future__ import annotations

from datetime import timedelta

from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from tests.builders import connection, envelope, event, pipeline, stage, trigger

SILENT = {"stage": "sent", "after": {"days": 4}}


def test_a_timer_that_moves_its_document_is_done() -> None:
    here = World(START)
    here.publish(
        pipeline(
            stage("draft"),
            stage("sent", triggers=[trigger("sent")]),
            stage("late", triggers=[trigger("no_reaction", "silent", settings=SILENT)]),
        )
    )
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert here.document(document.id).stage == "sent"
    here.advance(timedelta(days=5))
    assert here.document(document.id).stage == "late"
    (timer,) = [run for run in here.state.runs.values() if run.rule == "trigger.silent"]
    assert (timer.state, timer.reason) == ("done", None)
    assert [(ended.result, ended.kind) for ended in here.performed] == [("done", "no_reaction")]


def test_a_rule_that_changes_its_document_once_does_not_on_a_second_arrival() -> None:
    here = World(START)
    settings = {"values": {"number": "K-1"}}
    rule = {"id": "set", "kind": "change_fields", "settings": settings, "on_reentry": "once"}
    here.publish(pipeline(stage("draft", rule), stage("sent")))
    here.connect(connection())
    document = here.tell("docusign", [event("document.viewed", state=envelope())])
    assert here.document(document.id).number == "K-1"
    here.edit(document.id, Edit(stage="sent", values={"number": "K-2"}), by="ben@acme.example")
    here.edit(document.id, Edit(stage="draft"), by="ben@acme.example")
    first, second = sorted(here.state.runs.values(), key=lambda run: run.entry)
    assert (first.state, second.state) == ("done", "skipped")
    assert second.reason == "it runs once per document, and ran for an earlier stage entry"
    assert here.document(document.id).number == "K-2"
