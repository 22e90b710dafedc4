"""How a run ends that changes its document."""

from __future__ import annotations

from datetime import timedelta

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
