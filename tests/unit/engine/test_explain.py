"""Each state of a run reads as a sentence; a run whose document has left reads as cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.explain import DocumentHistory, explain
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.model.run import Run
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage, trigger

PIPELINE = pipeline(
    stage(
        "sent",
        mail("ask", name="Ask the client"),
        mail("remind", name="Remind", time={"after": {"days": 3}, "at": "09:00"}),
        mail("call", time={"before": {"field": "end", "days": 30}}),
    ),
    stage(
        "late",
        name="Overdue",
        triggers=[
            trigger(
                "no_reaction", name="Too slow", settings={"stage": "sent", "after": {"days": 9}}
            )
        ],
    ),
    fields={"end": {"type": "date"}},
)
PROGRAM = CompiledPipeline(Version(number=1, pipeline=PIPELINE))


def run(rule: str, state: str, *, entry: int = 2, **more: Any) -> Run:
    given = {
        "document": "d",
        "entry": entry,
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


DUE = START + timedelta(days=3)
MAILS = ({"signer": "1", "state": "sent"}, {"signer": "2", "state": "open"})
CASES = {
    "for the rule above, by its name": (
        run("remind", "waiting", after="ask"),
        "waits for Ask the client",
    ),
    "at once": (run("ask", "ready", due=START), "ready, due 2026-03-02 10:00 Europe/Berlin"),
    "at its time, with what it hangs on": (
        run("remind", "ready", due=DUE, reason="…"),
        "ready, due 2026-03-05 10:00 Europe/Berlin: 3 days after its turn, at 09:00",
    ),
    "before a date": (
        run("call", "ready", due=DUE, date_field="end"),
        "ready, due 2026-03-05 10:00 Europe/Berlin: 30 days before end",
    ),
    "for another try": (
        run("ask", "ready", due=DUE, attempts=1, reason="try 1 failed temporarily: throttled"),
        "ready, due 2026-03-05 10:00 Europe/Berlin: try 1 failed temporarily: throttled",
    ),
    "for its turn, where nothing is said of when": (
        run("remind", "ready"),
        "ready: 3 days after its turn, at 09:00",
    ),
    "for the next of its mails, before any try": (
        run("ask", "ready", due=DUE, mails=MAILS, reason="the mail service is throttled"),
        "ready, due 2026-03-05 10:00 Europe/Berlin: the mail service is throttled",
    ),
    "for nothing": (run("ask", "waiting"), "waits"),
    "no_date": (
        run("call", "no_date", date_field="end", reason="the field end is empty"),
        "no date: the field end is empty",
    ),
    "running": (
        run("ask", "running", attempts=2, started_at=START),
        "running since 2026-03-02 10:00 Europe/Berlin, try 2",
    ),
    "running for the first time": (
        run("ask", "running", attempts=1, started_at=START),
        "running since 2026-03-02 10:00 Europe/Berlin",
    ),
    "running since nobody knows when": (run("ask", "running"), "running"),
    "running, with some of its mails sent": (
        run("ask", "running", attempts=2, started_at=START, mails=MAILS),
        "running since 2026-03-02 10:00 Europe/Berlin, try 2; 1 of 2 mails are sent",
    ),
    "awaiting a task that cannot be read": (
        run("ask", "awaiting", reason="waits until its task is concluded"),
        "awaiting: waits until its task is concluded",
    ),
    "done": (run("ask", "done", concluded_at=DUE), "done 2026-03-05 10:00 Europe/Berlin"),
    "done with all it says of its mails": (
        run("ask", "done", concluded_at=DUE, mails=MAILS, reason="klara: the mail failed: full"),
        "done 2026-03-05 10:00 Europe/Berlin: klara: the mail failed: full",
    ),
    "done, whatever it says": (run("ask", "done", reason="counted as done by anna"), "done"),
    "skipped": (
        run("ask", "skipped", reason="amount 3,200 is not greater than 5,000"),
        "skipped: amount 3,200 is not greater than 5,000",
    ),
    "failed": (
        run("ask", "failed", reason="the client signer has no e-mail address"),
        "failed: the client signer has no e-mail address",
    ),
    "in_doubt": (
        run("ask", "in_doubt", reason="SES gave no answer"),
        "in doubt: SES gave no answer; it is not known whether it took effect",
    ),
    "in_doubt of one of its mails": (
        run("ask", "in_doubt", reason="SES gave no answer", mails=MAILS),
        "in doubt: SES gave no answer; 1 of 2 mails are sent; it is not known whether it took "
        "effect",
    ),
    "cancelled": (
        run("ask", "cancelled", reason="the chain was stopped: ask failed"),
        "cancelled: the chain was stopped: ask failed",
    ),
    "left behind, though nobody wrote it down": (
        run("remind", "ready", entry=1, due=DUE),
        "cancelled: the document left the stage sent before it began",
    ),
    "kept past the leaving": (
        run("remind", "ready", entry=1, due=DUE, on_leave="keep"),
        "ready, due 2026-03-05 10:00 Europe/Berlin: 3 days after its turn, at 09:00",
    ),
    "begun before the leaving": (
        run("ask", "done", entry=1, concluded_at=START),
        "done 2026-03-02 10:00 Europe/Berlin",
    ),
    "a timer of a trigger": (
        run("trigger.no-reaction", "ready", due=DUE, kind="no_reaction", lane="document"),
        "ready, due 2026-03-05 10:00 Europe/Berlin: 9 days after its turn",
    ),
}
DOCUMENT = Document(
    id="d", pipeline="contracts", stage="sent", entry=2, since=START, created_at=START
)


@pytest.mark.parametrize(("planned", "words"), CASES.values(), ids=CASES)
def test_a_state_reads_as_a_sentence(planned: Run, words: str) -> None:
    found = explain(
        DocumentHistory(document=DOCUMENT, runs=(planned,)), PROGRAM, lambda version: PROGRAM
    )
    ((entry,),) = (found.entries,)
    (explained,) = entry.runs
    assert explained.words == words
    assert words.startswith(("waits", explained.state.replace("_", " ")))


def test_a_run_says_when_it_is_due_and_which_field_its_time_hangs_on() -> None:
    planned = (
        run("call", "ready", due=DUE, date_field="end"),
        run("remind", "no_date", date_field="end"),
        run("ask", "done", due=START, concluded_at=START),
    )
    (entry,) = explain(
        DocumentHistory(document=DOCUMENT, runs=planned), PROGRAM, lambda version: PROGRAM
    ).entries
    assert [(one.rule, one.due, one.date_field) for one in entry.runs] == [
        ("call", DUE, "end"),
        ("remind", None, "end"),
        ("ask", None, None),
    ]


def test_stages_rules_and_triggers_are_called_by_their_names() -> None:
    runs = (run("ask", "done"), run("call", "no_date"), run("trigger.no-reaction", "ready"))
    found = explain(
        DocumentHistory(
            document=DOCUMENT.model_copy(update={"stage": "late", "entry": 3}), runs=runs
        ),
        PROGRAM,
        lambda version: PROGRAM,
        paused=True,
    )
    assert (found.pipeline, found.stage, found.time_zone, found.paused) == (
        "contracts",
        "Overdue",
        "Europe/Berlin",
        True,
    )
    (entry,) = found.entries
    assert (entry.entry, entry.stage, entry.name, entry.current) == (2, "sent", "sent", False)
    assert [one.name for one in entry.runs] == ["Ask the client", "call", "Too slow"]
