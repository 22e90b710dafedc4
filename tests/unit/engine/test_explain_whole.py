"""All that is told of a document: each run with what it left behind, and what came later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.explain import AddedLater, DocumentHistory, ExplainedRun, explain
from countersign.model.condition import Verdict
from countersign.model.document import Document, PendingUpdates
from countersign.model.pipeline import Pipeline, Version
from countersign.model.run import Run
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage, trigger

SLOW = {"stage": "sent", "after": {"days": 9}}
PIPELINE = pipeline(
    stage("draft", mail("ask")),
    stage("sent", mail("ask", name="Ask the client"), mail("call"), mail("off", enabled=False)),
    stage(
        "late",
        triggers=[
            trigger("no_reaction", "slow", name="Too slow", settings=SLOW),
            trigger("no_reaction", "asleep", settings=SLOW),
            trigger("no_reaction", "drafty", settings={**SLOW, "stage": "draft"}),
            trigger("no_reaction", "idle", settings=SLOW, enabled=False),
        ],
    ),
    name="Contracts",
)
DOCUMENT = Document(
    id="d", pipeline="contracts", stage="sent", entry=2, since=START, created_at=START
)
DUE = START + timedelta(days=3)


def compiled(wanted: Pipeline, number: int = 1) -> CompiledPipeline:
    return CompiledPipeline(Version(number=number, pipeline=wanted))


PROGRAM = compiled(PIPELINE)


def run(rule: str, state: str = "done", **more: Any) -> Run:
    given = {
        "document": "d",
        "entry": 2,
        "rule": rule,
        "pipeline": "contracts",
        "pipeline_version": 1,
        "stage": "sent",
        "kind": "send_email",
        "lane": "email",
        "state": state,
        "planned_at": START,
    }
    return Run.model_validate(given | more)


def explained(*runs: Run, document: Document = DOCUMENT) -> list[ExplainedRun]:
    """The runs as they are told, of all entries in turn."""
    found = explain(DocumentHistory(document=document, runs=runs), PROGRAM, lambda version: PROGRAM)
    return [one for entry in found.entries for one in entry.runs]


def test_a_run_is_told_with_its_reason_its_verdict_and_what_it_left_behind() -> None:
    verdict = Verdict(outcome="true", reason="amount 7 is greater than 5")
    done = run(
        "ask",
        repeat=2,
        reason="the mail service reported the mail as delivered",
        verdict=verdict,
        result={"message_id": "m-1"},
        due=START,
        date_field="end",
    )
    assert explained(done) == [
        ExplainedRun(
            rule="ask",
            repeat=2,
            name="Ask the client (repeat 2)",
            kind="send_email",
            state="done",
            words="done",
            due=None,
            date_field="end",
            reason="the mail service reported the mail as delivered",
            verdict=verdict,
            result={"message_id": "m-1"},
        )
    ]


def test_a_run_that_ended_says_when() -> None:
    for state in ("done", "skipped", "failed", "cancelled"):
        (told,) = explained(run("ask", state, concluded_at=START, reason="…"))
        assert told.concluded_at == START
    (left,) = explained(run("ask", "ready", entry=1, due=DUE, reason="…"))
    assert (left.state, left.concluded_at) == ("cancelled", None)


def test_a_run_whose_stage_was_left_is_told_as_cancelled_and_is_due_no_more() -> None:
    (told,) = explained(run("ask", "ready", entry=1, due=DUE, reason="…"))
    reason = "the document left the stage sent before it began"
    assert (told.state, told.words, told.due, told.reason) == (
        "cancelled", f"cancelled: {reason}", None, reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("ask", "Ask the client"),
        ("call", "call"),
        ("gone", "gone"),
        ("trigger.slow", "Too slow"),
        ("trigger.asleep", "asleep"),
        ("trigger.gone", "gone"),
        ("_task-2-check", "mail about the task of check"),
        ("_keep-7-signed_pdf", "keeping the signed PDF"),
        ("_keep-7-audit_trail", "keeping the audit trail"),
    ],
)
def test_a_run_is_called_by_what_people_know_it_by(rule: str, name: str) -> None:
    assert [told.name for told in explained(run(rule))] == [name]


def test_what_writes_the_rest_of_a_change_is_not_told() -> None:
    assert explained(run("_backlog", "ready", entry=0, kind="backlog", lane="document")) == []


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        (run("ask", "ready", due=DUE, not_after=START, reason="before end"),
         "will be skipped: its time has passed: before end"),
        (run("ask", "ready", due=DUE, not_after=DUE),
         "ready, due 2026-03-05 10:00 Europe/Berlin"),
        (run("ask", "skipped", due=DUE, not_after=START, reason="its time has passed: before end"),
         "skipped: its time has passed: before end"),
        (run("ask", "ready", due=DUE + timedelta(seconds=1.5)),
         "ready, due 2026-03-05 10:00:01 Europe/Berlin"),
    ],
)  # fmt: skip
def test_a_time_that_has_passed_for_good_is_told_before_the_run_is_skipped(
    planned: Run, words: str
) -> None:
    assert [told.words for told in explained(planned)] == [words]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ready", "will be rescheduled: the field end has changed"),
        ("no_date", "will be rescheduled: the field end has changed"),
        ("done", "done"),
        ("failed", "failed"),
    ],
)
def test_only_what_has_not_begun_is_told_to_be_rescheduled(state: str, words: str) -> None:
    changed = DOCUMENT.model_copy(update={"pending_updates": PendingUpdates(fields={"end": 5})})
    planned = run("ask", state, date_field="end", date_field_version=4)
    assert [told.words for told in explained(planned, document=changed)] == [words]


def added_later(current: CompiledPipeline, document: Document, *runs: Run) -> list[AddedLater]:
    found = explain(DocumentHistory(document=document, runs=runs), current, lambda number: current)
    return list(found.added_later)


def test_what_an_arrival_would_plan_today_and_its_own_did_not_is_told_with_what_changes_it() -> (
    None
):
    words = (
        "for this document, because it was added after its arrival; "
        "`countersign pipelines backfill contracts {}` changes that"
    )
    expected = [
        AddedLater(rule="ask", name="Ask the client", words=f"does not run {words.format('ask')}"),
        AddedLater(rule="call", name="call", words=f"does not run {words.format('call')}"),
        AddedLater(
            rule="trigger.slow",
            name="Too slow",
            words=f"is not armed {words.format('trigger.slow')}",
        ),
        AddedLater(
            rule="trigger.asleep",
            name="asleep",
            words=f"is not armed {words.format('trigger.asleep')}",
        ),
    ]
    assert added_later(PROGRAM, DOCUMENT) == expected
    # What an earlier entry has planned does not count for this one.
    assert added_later(PROGRAM, DOCUMENT, run("ask", entry=1)) == expected
    assert added_later(PROGRAM, DOCUMENT, run("call"), run("trigger.slow")) == [
        expected[0],
        expected[3],
    ]
    assert added_later(PROGRAM, DOCUMENT.model_copy(update={"stage": "gone"})) == []


def test_a_stage_entry_is_called_as_when_the_document_arrived() -> None:
    renamed = compiled(pipeline(stage("sent", name="On its way")), 2)
    versions = {1: PROGRAM, 2: renamed}
    runs = (run("ask"), run("call", "ready", pipeline_version=2))
    history = DocumentHistory(document=DOCUMENT, runs=runs)
    found = explain(history, renamed, versions.__getitem__)
    assert [(one.stage, one.name) for one in found.entries] == [("sent", "sent")]
    assert (found.pipeline, found.stage, found.paused) == ("contracts", "On its way", False)
    assert explain(history, PROGRAM, versions.__getitem__).pipeline == "Contracts"
